"""vault/person_map and the de-identified catalogue with its quarantine and log."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from irw_pipeline.defs.failures import RETRIES, guarded
from irw_pipeline.defs.metadata import asset_arguments, check_spec, gate_events
from irw_pipeline.defs.partitions import CODE_VERSION, INGEST_BATCH, OWNERS
from irw_pipeline.defs.table_asset import table_asset
from irw_pipeline.ids import TableName
from irw_pipeline.steps.deidentify_batch import (
    ACTION_LOG,
    INSTANCE,
    QUARANTINED,
    deidentify_batch,
)
from irw_pipeline.steps.known_patients import EHR_PATIENT, MPI_ENTRY, SOURCES
from irw_pipeline.steps.map_persons import map_persons
from irw_pipeline.steps.read_batch import DICOM_INSTANCE
from irw_pipeline.steps.review_queue import REVIEW
from irw_pipeline.steps.warehouse import PERSON_MAP, Warehouse

_INPUTS = (PERSON_MAP, *SOURCES)
ACCOUNTED = "every_received_object_is_accounted_for"

vault_person_map = table_asset(
    PERSON_MAP,
    map_persons,
    [EHR_PATIENT, MPI_ENTRY, DICOM_INSTANCE],
    kinds={"deltalake", "vault"},
    why_unpartitioned="a person comes in many batches and extracts, and is one row",
)


def _spec(table: TableName) -> dg.AssetSpec:
    return dg.AssetSpec(
        **asset_arguments(table),
        deps=[dg.AssetKey(name.key) for name in _INPUTS],
        kinds={"dicom", "deltalake"},
        owners=OWNERS,
        code_version=CODE_VERSION,
        skippable=True,
    )


@dg.multi_asset(
    name="deidentify_batch",
    specs=[_spec(REVIEW), _spec(QUARANTINED), _spec(ACTION_LOG), _spec(INSTANCE)],
    check_specs=[
        check_spec(REVIEW),
        check_spec(QUARANTINED),
        check_spec(ACTION_LOG),
        check_spec(INSTANCE),
        dg.AssetCheckSpec(
            ACCOUNTED,
            asset=dg.AssetKey(INSTANCE.key),
            description="Released and quarantined add up to what the batch received.",
            blocking=True,
        ),
    ],
    partitions_def=INGEST_BATCH,
    retry_policy=RETRIES,
    pool="pixels",
)
@guarded
def deidentified_batch(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> Iterator[Any]:
    """One row per released instance; every other object is in quarantine.instance with a reason."""
    outcome = deidentify_batch(warehouse, context.partition_key)
    yield from gate_events(outcome.review, REVIEW, is_partitioned=True)
    yield from gate_events(outcome.quarantined, QUARANTINED, is_partitioned=True)
    yield from gate_events(outcome.action_log, ACTION_LOG, is_partitioned=True)
    waiting = outcome.quarantined.rows
    yield dg.AssetCheckResult(
        check_name=ACCOUNTED,
        asset_key=dg.AssetKey(INSTANCE.key),
        passed=outcome.received == waiting + outcome.instances.verdict.rows_kept,
        metadata={
            "received": outcome.received,
            "released": outcome.instances.rows,
            "quarantined": waiting,
        },
    )
    yield from gate_events(
        outcome.instances, INSTANCE, is_partitioned=True, extra={"objects_quarantined": waiting}
    )
