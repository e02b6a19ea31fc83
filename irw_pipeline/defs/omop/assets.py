"""Tables that a SELECT makes: omop/*, the imaging catalogue's series and study, genomics/*."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import dagster as dg

from irw_pipeline.contracts.model import load_contract
from irw_pipeline.defs.failures import RETRIES, guarded
from irw_pipeline.defs.metadata import asset_arguments, check_spec, gate_events
from irw_pipeline.defs.partitions import CODE_VERSION, OWNERS
from irw_pipeline.defs.table_asset import table_asset
from irw_pipeline.ids import TableName
from irw_pipeline.omop.sql_file import sql_tables, table_sql
from irw_pipeline.omop.vocabulary import VOCABULARY_TABLES
from irw_pipeline.steps.build_table import build_table
from irw_pipeline.steps.clean_notes import EHR_NOTE
from irw_pipeline.steps.known_patients import SOURCES
from irw_pipeline.steps.load_tables import load_vocabulary
from irw_pipeline.steps.publish_table import Publication
from irw_pipeline.steps.warehouse import PERSON_MAP, Warehouse

_WHY = "it is derived from the whole of its inputs by one SELECT"
_FRAME_INPUTS = {
    "cleaned_note": (
        EHR_NOTE,
        PERSON_MAP,
        *SOURCES,
    )
}


def _build(table: TableName, warehouse: Warehouse) -> Publication:
    return build_table(warehouse, table)


def inputs_of(table: TableName) -> set[TableName]:
    """What a table's SELECT and contract read, itself excluded."""
    sql = table_sql(table)
    framed = {name for frame in sql.frames for name in _FRAME_INPUTS[frame]}
    return {*sql.reads, *load_contract(table).foreign_tables, *framed} - {table}


@dg.multi_asset(
    name="load_vocabulary",
    specs=[
        dg.AssetSpec(
            **asset_arguments(table),
            kinds={"athena", "deltalake"},
            owners=OWNERS,
            code_version=CODE_VERSION,
            skippable=True,
        )
        for table in VOCABULARY_TABLES
    ],
    check_specs=[check_spec(table) for table in VOCABULARY_TABLES],
    retry_policy=RETRIES,
    pool="delta_writer",
)
@guarded
def omop_vocabulary(warehouse: dg.ResourceParam[Warehouse]) -> Iterator[Any]:
    """The vocabulary tables, from the current download or the starter bundle."""
    for publication in load_vocabulary(warehouse):
        yield from gate_events(publication, publication.table)


@dg.definitions
def sql_assets() -> dg.Definitions:
    """The vocabulary, and one asset per SQL file."""
    return dg.Definitions(
        assets=[
            omop_vocabulary,
            *(
                table_asset(
                    table,
                    partial(_build, table),
                    inputs_of(table),
                    kinds={"duckdb", "deltalake"},
                    why_unpartitioned=_WHY,
                )
                for table in sql_tables()
            ),
        ]
    )
