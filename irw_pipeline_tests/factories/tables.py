"""A DuckDB with every contracted table, empty, and the means to fill and to make some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

from irw_pipeline.contracts.arrow import conform
from irw_pipeline.contracts.model import contract_names, load_contract
from irw_pipeline.identity.broker import Broker, Key
from irw_pipeline.ids import TableName
from irw_pipeline.lake import macros
from irw_pipeline.omop.sql_file import SqlFile, table_sql

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

BROKER = Broker(Key(b"a secret of the tests"))
_SQL_TYPES = {
    "int64": "BIGINT",
    "int32": "INTEGER",
    "double": "DOUBLE",
    "string": "VARCHAR",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMPTZ",
}


def empty_lake() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    macros.install(connection, BROKER.hmac_pads(), "UTC")
    names = contract_names()
    for layer in sorted({name.layer for name in names}):
        connection.execute(f"CREATE SCHEMA {layer}")
    for name in names:
        columns = ", ".join(
            f'"{column.name}" {_SQL_TYPES[column.physical_type]}'
            for column in load_contract(name).columns
        )
        connection.execute(f"CREATE TABLE {name} ({columns})")
    return connection


def fill(connection: duckdb.DuckDBPyConnection, table: str, **values: Any) -> None:
    columns = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join("?" for _ in values)
    connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", [*values.values()])


def make(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    sql: SqlFile | None = None,
    frames: Mapping[str, pa.Table] | None = None,
) -> list[dict[str, Any]]:
    """Replace a table by what its SELECT makes, and return its rows; its contract fits."""
    name = TableName.parse(table)
    sql = sql or table_sql(name)
    for frame, rows in (frames or {}).items():
        connection.register(frame, rows)
    for view, text in sql.views:
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS {text}")
    made = connection.execute(sql.text).to_arrow_table()
    contract = load_contract(name)
    assert made.column_names == [column.name for column in contract.columns]
    fitted, misfits = conform(made, contract)
    assert fitted is not None, misfits
    connection.register("fitted", fitted)
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM fitted")
    connection.unregister("fitted")
    rows = connection.execute(f"SELECT * FROM {name}").to_arrow_table()
    records: list[dict[str, Any]] = rows.to_pylist()
    return records


def broken_table_rules(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    contract = load_contract(TableName.parse(table))
    broken = []
    for rule in contract.table_rules:
        if rule.query:
            row = connection.execute(rule.query.replace("{table}", table)).fetchone()
            if row is None or not rule.holds(row[0]):
                broken.append(rule.name)
    return broken
