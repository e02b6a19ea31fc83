"""Definitions of the deid group."""
