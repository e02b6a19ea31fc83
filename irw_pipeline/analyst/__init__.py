"""The analyst's front door: DuckDB over the research zone, and nothing but the research zone."""

from __future__ import annotations
