"""Definitions of the ops group."""
