"""What the UI shows of a table, all of it from its contract and its publication."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from irw_pipeline.contracts.model import Contract, load_contract
from irw_pipeline.ids import TableName
from irw_pipeline.steps.publish_table import Publication, outcome_counts, require_open

CHECK = "contract_holds"


def asset_arguments(table: TableName) -> dict[str, Any]:
    """The keyword arguments that every table's asset or spec shares."""
    contract = load_contract(table)
    return {
        "key": table.key,
        "group_name": table.layer,
        "description": description(contract),
        "metadata": {
            "dagster/column_schema": column_schema(contract),
            "dagster/table_name": str(table),
            "contract": f"data_contracts/{table.layer}/{table.name}.odcs.yaml",
            "contract_version": contract.version,
        },
    }


def description(contract: Contract) -> str:
    """The table's purpose, which begins with its grain."""
    return contract.purpose


def column_schema(contract: Contract) -> dg.TableSchema:
    """The columns with type, PHI class and description."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=column.physical_type,
                description=column.description,
                constraints=dg.TableColumnConstraints(nullable=not column.required),
                tags={"classification": column.classification},
            )
            for column in contract.columns
        ]
    )


def check_spec(table: TableName) -> dg.AssetCheckSpec:
    """The blocking check that restates the gate's verdict for people."""
    return dg.AssetCheckSpec(
        CHECK,
        asset=dg.AssetKey(table.key),
        description="The last staged rows met every rule of the contract; counts only.",
        blocking=True,
    )


def gate_events(
    publication: Publication,
    table: TableName,
    *,
    is_partitioned: bool = False,
    extra: Mapping[str, Any] | None = None,
) -> Iterator[Any]:
    """Yield the check result and, if the gate was open, the materialization.

    Raises:
        GateClosedError: The gate refused the rows; the check result has been yielded by then.
    """
    verdict = publication.verdict
    refused = verdict.quarantined_by_rule
    yield dg.AssetCheckResult(
        check_name=CHECK,
        asset_key=dg.AssetKey(table.key),
        passed=verdict.passed,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={
            "rows_staged": verdict.rows_staged,
            "rows_kept": verdict.rows_kept,
            "rows_quarantined": publication.quarantined,
            "rules_checked": len(verdict.outcomes),
            "broken_rules": ", ".join(verdict.broken) or "none",
            "failed": dg.JsonMetadataValue(outcome_counts(verdict.outcomes)),
        },
    )
    require_open(publication)
    count = "dagster/partition_row_count" if is_partitioned else "dagster/row_count"
    metadata = {
        count: publication.rows,
        "dagster/table_name": str(table),
        "delta_version": -1 if publication.version is None else publication.version,
        "quarantined": publication.quarantined,
        "quarantined_by_rule": dg.JsonMetadataValue(refused),
        "changed": publication.is_changed,
        **(extra or {}),
    }
    yield dg.MaterializeResult(asset_key=dg.AssetKey(table.key), metadata=metadata)
