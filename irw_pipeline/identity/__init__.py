"""Pseudonyms, dates and the crosswalk: the one broker of identity and time. No DICOM, no SQL."""
