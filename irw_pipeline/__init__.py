"""Imaging Research Warehouse: images and EHR joined without identities."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

__version__ = "0.1.0"


def connect(lake: str | Path | None = None) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB connection over the published tables; see `analyst.connection.connect`."""
    from irw_pipeline.analyst import connection  # noqa: PLC0415 - DuckDB only when asked for

    return connection.connect(lake)
