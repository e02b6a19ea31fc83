"""Definitions of the omop group."""
