"""raw/*: what was received, identified, in the restricted zone."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import dagster as dg

from irw_pipeline.contracts.model import load_contract
from irw_pipeline.defs.failures import RETRIES, guarded
from irw_pipeline.defs.metadata import asset_arguments, check_spec, gate_events
from irw_pipeline.defs.partitions import (
    CODE_VERSION,
    EHR_UNPARTITIONED,
    INGEST_BATCH,
    OWNERS,
)
from irw_pipeline.defs.table_asset import table_asset
from irw_pipeline.ids import TableName
from irw_pipeline.steps.load_tables import drop_tables, load_drop_table
from irw_pipeline.steps.publish_table import Publication
from irw_pipeline.steps.read_batch import DICOM_INSTANCE, read_batch
from irw_pipeline.steps.warehouse import LANDING_OBJECT, Warehouse


def _load(table: TableName, warehouse: Warehouse) -> Publication:
    return load_drop_table(warehouse, table)


@dg.asset(  # type: ignore[untyped-decorator]  # keyword dict hides Dagster's overload
    **asset_arguments(DICOM_INSTANCE),
    deps=[dg.AssetKey(LANDING_OBJECT.key)],
    partitions_def=INGEST_BATCH,
    kinds={"dicom", "deltalake"},
    owners=OWNERS,
    code_version=CODE_VERSION,
    check_specs=[check_spec(DICOM_INSTANCE)],
    output_required=False,
    retry_policy=RETRIES,
)
@guarded
def raw_dicom_instance(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> Iterator[Any]:
    """One row per received object of a batch, from its landed bytes; the deid step reads it."""
    publication = read_batch(warehouse, context.partition_key)
    yield from gate_events(publication, DICOM_INSTANCE, is_partitioned=True)


@dg.definitions
def raw_tables() -> dg.Definitions:
    """One asset per table of the EHR, MPI and biobank drops, and the manifest of landed objects."""
    landed = dg.AssetSpec(
        **asset_arguments(LANDING_OBJECT),
        partitions_def=INGEST_BATCH,
        kinds={"deltalake"},
        owners=OWNERS,
    )
    tables = [
        table_asset(
            table,
            partial(_load, table),
            load_contract(table).foreign_tables,
            kinds={"csv", "deltalake"},
            why_unpartitioned=EHR_UNPARTITIONED,
        )
        for table in drop_tables()
    ]
    return dg.Definitions(assets=[landed, raw_dicom_instance, *tables])
