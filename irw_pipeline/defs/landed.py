"""Landing is no step of Dagster's; its batches are reported so that the graph shows them."""

from collections.abc import Iterable

import dagster as dg

from irw_pipeline.steps.land_drop import batch_sizes
from irw_pipeline.steps.warehouse import LANDING_OBJECT, Warehouse


def report_landed(
    instance: dg.DagsterInstance, warehouse: Warehouse, batches: Iterable[str]
) -> None:
    """Report one materialization of `raw/landing_object` for each batch not reported yet."""
    key = dg.AssetKey(LANDING_OBJECT.key)
    reported = instance.get_materialized_partitions(key)
    sizes = batch_sizes(warehouse)
    for batch in sorted(set(batches) - reported):
        instance.report_runless_asset_event(
            dg.AssetMaterialization(
                key,
                partition=batch,
                metadata={
                    "dagster/partition_row_count": sizes.get(batch, 0),
                    "dagster/table_name": str(LANDING_OBJECT),
                },
            )
        )
