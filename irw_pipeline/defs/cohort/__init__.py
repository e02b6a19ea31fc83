"""Definitions of the cohort group."""
