"""A DuckDB session over the lake: published tables as views, frames by name."""

from __future__ import annotations

import importlib
import itertools
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import duckdb

from irw_pipeline.errors import LakeUnavailableError
from irw_pipeline.lake import macros
from irw_pipeline.lake.zones import ZONE_OF_LAYER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    import pyarrow as pa

    from irw_pipeline.ids import TableName
    from irw_pipeline.lake.tables import Lake

MEMORY_LIMIT = "6GB"


def load_extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load a DuckDB extension from its wheel, which needs no download and no home folder."""
    module = importlib.import_module(f"duckdb_extension_{name}")
    file = f"v{duckdb.__version__}/{name}.duckdb_extension"
    path = Path(str(module.__file__)).parent / "extensions" / file
    connection.execute(f"LOAD '{path}'")


def scan_sql(uri: str, version: int | None = None) -> str:
    """The table function that reads a Delta table, pinned to a version when one is given."""
    quoted = uri.replace("'", "''")
    pinned = f", version => {version}" if version is not None else ""
    return f"delta_scan('{quoted}'{pinned})"


def open_connection(storage_options: Mapping[str, str] | None = None) -> duckdb.DuckDBPyConnection:
    """Return an in-memory DuckDB in UTC that can read Delta tables, on S3 too when options say."""
    connection = duckdb.connect(config={"memory_limit": MEMORY_LIMIT})
    connection.execute("SET TimeZone = 'UTC'")
    load_extension(connection, "delta")
    if storage_options:
        load_extension(connection, "httpfs")
        _create_secret(connection, storage_options)
    return connection


def _create_secret(
    connection: duckdb.DuckDBPyConnection, storage_options: Mapping[str, str]
) -> None:
    endpoint = storage_options.get("aws_endpoint", "")
    parts = {
        "KEY_ID": storage_options.get("aws_access_key_id", ""),
        "SECRET": storage_options.get("aws_secret_access_key", ""),
        "REGION": storage_options.get("aws_region", "us-east-1"),
        "ENDPOINT": endpoint.split("://")[-1] or "s3.amazonaws.com",
        "URL_STYLE": "path" if endpoint else "vhost",
    }
    listed = ", ".join(f"{key} '{value.replace(chr(39), '')}'" for key, value in parts.items())
    ssl = "false" if endpoint.startswith("http://") else "true"
    connection.execute(f"CREATE SECRET lake (TYPE s3, {listed}, USE_SSL {ssl})")


@lru_cache(maxsize=4)
def _database(storage_options: tuple[tuple[str, str], ...]) -> duckdb.DuckDBPyConnection:
    """The process's database for one set of credentials; loading extensions costs 0.1 s or more."""
    return open_connection(dict(storage_options))


_NUMBERS = itertools.count()
"""Names the catalogs of this process's sessions; nothing of it is ever stored."""


class Session:
    """DuckDB over one lake. Use as a context manager; a mounted version never moves under it."""

    def __init__(
        self, lake: Lake, *, pads: tuple[bytes, bytes] | None = None, time_zone: str = "UTC"
    ) -> None:
        """Open the connection and create the macros; no table is read yet."""
        self._lake = lake
        self.connection = _database(tuple(sorted(lake.zones.storage_options.items()))).cursor()
        self._catalog = f"session_{next(_NUMBERS)}"
        self.connection.execute(f"ATTACH ':memory:' AS {self._catalog}")
        self.connection.execute(f"USE {self._catalog}")
        self.connection.execute("SET TimeZone = 'UTC'")
        macros.install(self.connection, pads, time_zone)
        for layer in ZONE_OF_LAYER:
            self.connection.execute(f"CREATE SCHEMA {layer}")
        self.versions: dict[TableName, int | None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.connection.execute("USE memory")
        self.connection.execute(f"DETACH {self._catalog}")
        self.connection.close()

    def mount(self, table: TableName, schema: pa.Schema) -> int | None:
        """Make a published table readable as `layer.table`, empty when it does not exist yet.

        Returns:
            The version that is read, which stays the same for the whole session.

        Raises:
            LakeUnavailableError: The table cannot be read.
        """
        if table in self.versions:
            return self.versions[table]
        version = self._lake.version(table)
        try:
            if version is None:
                frame = f"empty_{table.layer}_{table.name}"
                self.connection.register(frame, schema.empty_table())
                source = frame
            else:
                source = scan_sql(self._lake.uri(table), version)
            self.connection.execute(f"CREATE VIEW {table} AS SELECT * FROM {source}")
        except duckdb.Error as error:
            kind = type(error).__name__
        else:
            self.versions[table] = version
            return version
        raise LakeUnavailableError(str(table), kind)

    def register(self, name: str, frame: pa.Table) -> None:
        """Make a frame readable under a name of the main schema."""
        self.connection.register(name, frame)

    def create_view(self, name: str, select: str) -> None:
        """Make a SELECT readable under a name; its text comes from our own files."""
        self.connection.execute(f"CREATE TEMP VIEW {name} AS {select}")

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        """Return the whole result of one SELECT."""
        return self.connection.execute(sql, dict(parameters or {})).to_arrow_table()

    def scalar(self, sql: str) -> Any:
        """Return the first value of the first row; None when there is none."""
        row = self.connection.execute(sql).fetchone()
        return None if row is None else row[0]
