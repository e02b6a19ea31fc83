"""The factory of single-table assets: a step publishes, the asset says what came of it."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import dagster as dg

from irw_pipeline.defs.failures import RETRIES, guarded
from irw_pipeline.defs.metadata import asset_arguments, check_spec, gate_events
from irw_pipeline.defs.partitions import CODE_VERSION, OWNERS
from irw_pipeline.ids import TableName
from irw_pipeline.steps.publish_table import Publication
from irw_pipeline.steps.warehouse import Warehouse


def table_asset(
    table: TableName,
    step: Callable[[Warehouse], Publication],
    inputs: Iterable[TableName],
    *,
    kinds: set[str],
    why_unpartitioned: str,
) -> dg.AssetsDefinition:
    """Return the asset of a table that one step publishes whole.

    Args:
        table: The table; its contract gives description, columns and check.
        step: Publishes the table.
        inputs: The tables that it is made from.
        kinds: Shown on the asset.
        why_unpartitioned: The reason, stored on the asset.
    """
    arguments = asset_arguments(table)
    arguments["metadata"] |= {"unpartitioned_because": why_unpartitioned}

    @dg.asset(  # type: ignore[untyped-decorator]  # keyword dict hides Dagster's overload
        **arguments,
        deps=[dg.AssetKey(name.key) for name in sorted(set(inputs) - {table})],
        kinds=kinds,
        owners=OWNERS,
        code_version=CODE_VERSION,
        check_specs=[check_spec(table)],
        output_required=False,
        retry_policy=RETRIES,
        pool="delta_writer",
    )
    @guarded
    def asset(warehouse: dg.ResourceParam[Warehouse]) -> Iterator[Any]:
        yield from gate_events(step(warehouse), table)

    definition: dg.AssetsDefinition = asset
    return definition
