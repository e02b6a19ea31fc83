"""cohort/*: one asset per declared cohort."""

from functools import partial

import dagster as dg

from irw_pipeline.cohort.definition import CohortDefinition, load_definitions
from irw_pipeline.contracts.model import load_contract
from irw_pipeline.defs.table_asset import table_asset
from irw_pipeline.steps.build_cohort import build_cohort
from irw_pipeline.steps.publish_table import Publication
from irw_pipeline.steps.warehouse import Warehouse


def _build(definition: CohortDefinition, warehouse: Warehouse) -> Publication:
    return build_cohort(warehouse, definition)


@dg.definitions
def cohort_assets() -> dg.Definitions:
    """One asset per definition; its inputs are what its SELECT and contract read."""
    return dg.Definitions(
        assets=[
            table_asset(
                definition.table,
                partial(_build, definition),
                {*definition.sql.reads, *load_contract(definition.table).foreign_tables},
                kinds={"duckdb", "deltalake"},
                why_unpartitioned="a cohort is defined over the whole warehouse",
            )
            for definition in load_definitions().values()
        ]
    )
