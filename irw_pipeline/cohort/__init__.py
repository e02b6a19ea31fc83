"""Cohorts: what a definition is, and the frames that its SQL reads. Publishing them is a step's."""

from __future__ import annotations
