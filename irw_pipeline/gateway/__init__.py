"""Doors to the hospital's network: what arrives is put in the landing zone, nothing more.

Does not de-identify, does not look into an object, does not know the lake.
"""
