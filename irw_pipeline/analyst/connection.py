"""The analyst's connection: DuckDB in memory with one view per published table.

Only the research zone is looked at, so a credential that opens nothing else is enough. The views
read the lake and cannot write to it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import duckdb

from irw_pipeline.errors import InputError, LakeUnavailableError
from irw_pipeline.ids import TableName
from irw_pipeline.lake.session import open_connection, scan_sql
from irw_pipeline.lake.zones import ZONE_OF_LAYER, Zones, local_path
from irw_pipeline.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

LAYERS = tuple(sorted(layer for layer, zone in ZONE_OF_LAYER.items() if zone == "research"))
_TABLE = re.compile(r"[a-z][a-z0-9_]*")


def connect(
    lake: str | Path | None = None, *, is_confined: bool = False
) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB connection with the schemas `omop`, `imaging`, `cohort` and `genomics`.

    Each published table is a view that reads its newest version whenever it is queried; times are
    in UTC. Close the connection, or use it as a context manager.

    Args:
        lake: Root of the lake, a path or an s3:// URI; None takes IRW_LAKE.
        is_confined: Let queries read files of the research zone only, whoever runs them. An
            analyst in Python wants own files too, and is held by the zone's credential.

    Raises:
        SettingsError: No lake is given, or a setting is wrong.
        InputError: Nothing is published there.
        LakeUnavailableError: A table cannot be opened.
    """
    settings = Settings.load(lake=str(lake) if lake else "")
    zones = Zones.under(settings.lake, settings.zone_overrides, settings.storage_options)
    connection = open_connection(zones.storage_options)
    try:
        _open_tables(connection, zones)
        if is_confined:
            _confine(connection, zones)
    except BaseException:
        connection.close()
        raise
    return connection


def _confine(connection: duckdb.DuckDBPyConnection, zones: Zones) -> None:
    uri = zones.uris["research"]
    folder = local_path(uri)
    allowed = [f"{uri}/"] if folder is None else [f"{uri}/", f"{folder}/"]
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in allowed)
    connection.execute(f"SET allowed_directories = [{listed}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _open_tables(connection: duckdb.DuckDBPyConnection, zones: Zones) -> None:
    tables = published_tables(connection, zones)
    if not tables:
        raise InputError(
            "nothing is published in this lake; run `irw demo` or `irw run` first, "
            "or correct the lake's URI"
        )
    for layer in LAYERS:
        connection.execute(f"CREATE SCHEMA {layer}")
    for table in tables:
        _create_view(connection, zones, table)


def published_tables(connection: duckdb.DuckDBPyConnection, zones: Zones) -> list[TableName]:
    """Return the Delta tables of the research zone, sorted; empty when there is no such zone.

    Raises:
        LakeUnavailableError: The zone cannot be listed.
    """
    root = zones.uris["research"]
    folder = local_path(root)
    found: set[TableName] = set()
    for layer in LAYERS:
        if folder is not None:
            names = {log.parent.parent.name for log in folder.glob(f"{layer}/*/_delta_log/*.json")}
        else:
            names = _listed(connection, f"{root}/{layer}/*/_delta_log/*.json")
        found |= {TableName(layer, name) for name in names if _TABLE.fullmatch(name)}
    return sorted(found)


def _listed(connection: duckdb.DuckDBPyConnection, pattern: str) -> set[str]:
    try:
        rows = connection.execute("SELECT file FROM glob(?)", [pattern]).fetchall()
    except duckdb.Error as error:
        kind = type(error).__name__
    else:
        return {str(file).split("/")[-3] for (file,) in rows}
    raise LakeUnavailableError("the research zone", kind)


def _create_view(connection: duckdb.DuckDBPyConnection, zones: Zones, table: TableName) -> None:
    source = scan_sql(zones.table_uri(table))
    try:
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM {source}")
    except duckdb.Error as error:
        kind = type(error).__name__
    else:
        return
    raise LakeUnavailableError(str(table), kind)
