"""Pixels: what may show text is looked at, and what shows text is blanked."""
