"""A table that one SELECT makes from published tables is built and published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irw_pipeline.contracts.model import load_contract
from irw_pipeline.omop.sql_file import SqlFile, table_sql
from irw_pipeline.steps.clean_notes import cleaned_note
from irw_pipeline.steps.publish_table import Publication, publish_table, require_fresh

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa

    from irw_pipeline.ids import TableName
    from irw_pipeline.steps.warehouse import Warehouse

FRAMES: Mapping[str, Callable[[Warehouse], pa.Table]] = {"cleaned_note": cleaned_note}
"""Frames that a SELECT may use, each made by a step in Python."""


def build_table(warehouse: Warehouse, table: TableName) -> Publication:
    """Publish the table that its SQL file makes.

    Raises:
        StaleInputError: An input's last gate refused it.
    """
    sql = table_sql(table)
    frames = {name: FRAMES[name](warehouse) for name in sql.frames}
    return build_from(warehouse, table, sql, frames)


def build_from(
    warehouse: Warehouse, table: TableName, sql: SqlFile, frames: Mapping[str, pa.Table]
) -> Publication:
    """Publish the table that a SELECT makes over published tables and the given frames.

    Raises:
        StaleInputError: An input's last gate refused it.
    """
    inputs = {*sql.reads, *load_contract(table).foreign_tables} - {table}
    require_fresh(warehouse.lake, table, inputs)
    with warehouse.session(sql.reads) as session:
        for name, frame in frames.items():
            session.register(name, frame)
        for name, select in sql.views:
            session.create_view(name, select)
        rows = session.query(sql.text)
        versions = {str(name): str(version) for name, version in session.versions.items()}
    return publish_table(warehouse.lake, table, rows, as_of=warehouse.as_of, lineage=versions)
