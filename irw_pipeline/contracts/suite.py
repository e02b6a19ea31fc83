"""A contract as a Great Expectations suite, and its run without values. Nobody else imports GE.

Two batches are validated (ADR 0008): a bounded slice of the rows, on which every row rule is
restated, and one row of counts that DuckDB made over all rows. GE is imported on first use, since
that import alone costs 8 CPU-seconds. Results keep names and counts only (GE's default result
lists failing values).
"""

from __future__ import annotations

import logging
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from irw_pipeline.contracts.rules import (
    LengthBetween,
    Matches,
    NotNull,
    OneOf,
    RowRule,
    ValueBetween,
)
from irw_pipeline.contracts.verdict import CheckOutcome

if TYPE_CHECKING:
    import pyarrow as pa

    from irw_pipeline.contracts.model import Contract

SLICE_ROWS = 2_000
"""Rows of a table that GE itself looks at; DuckDB's counts cover all of them."""

_RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}


def slice_suite(contract: Contract) -> list[dict[str, Any]]:
    """The expectations on a slice of rows, as (type, arguments) in JSON form, in a stable order."""
    names = [column.name for column in contract.columns]
    suite: list[dict[str, Any]] = [
        {
            "type": "expect_table_columns_to_match_ordered_list",
            "kwargs": {"column_list": names},
            "name": "columns_match_contract",
        },
        _unique(contract.primary_key),
    ]
    suite.extend(filter(None, (_row_expectation(rule) for rule in contract.row_rules)))
    return suite


def counts_suite(contract: Contract) -> list[dict[str, Any]]:
    """The expectations on the one row of counts: a column for each table rule, within bounds."""
    return [
        {
            "type": "expect_column_values_to_be_between",
            "kwargs": {
                "column": rule.name,
                "min_value": rule.minimum,
                "max_value": rule.maximum,
            },
            "name": rule.name,
        }
        for rule in contract.table_rules
    ]


def validate(rows: pa.Table, suite: list[dict[str, Any]]) -> list[CheckOutcome]:
    """Return one blocking outcome for each expectation of the suite over the rows.

    Args:
        rows: A bounded slice, or the one row of counts; not modified.
        suite: Expectations as `slice_suite` or `counts_suite` give them.
    """
    if not suite:
        return []
    frame = rows.to_pandas(integer_object_nulls=True)
    batch = _definition().get_batch(batch_parameters={"dataframe": frame})
    result = batch.validate(_suite_object(suite), result_format=_RESULT_FORMAT)
    # GE lists what raised first: an outcome is found by its rule's name, not by its place
    found = {str(one.expectation_config.meta["rule"]): one for one in result.results}
    return [_outcome(str(entry["name"]), found[str(entry["name"])]) for entry in suite]


def _outcome(name: str, found: Any) -> CheckOutcome:
    info = found.exception_info or {}
    raised = any(isinstance(x, dict) and x.get("raised_exception") for x in (info, *info.values()))
    return CheckOutcome(
        name=name,
        passed=bool(found.success) and not raised,
        is_blocking=True,
        unexpected_count=found.result.get("unexpected_count"),
    )


def _row_expectation(rule: RowRule) -> dict[str, Any] | None:
    arguments: dict[str, Any] = {"column": rule.column}
    match rule.test:
        case NotNull():
            kind = "expect_column_values_to_not_be_null"
        case Matches(pattern):
            kind = "expect_column_values_to_match_regex"
            # searched, as DuckDB does, whichever way GE matches
            arguments["regex"] = pattern if pattern.startswith("^") else f".*(?:{pattern})"
        case LengthBetween(minimum, maximum):
            kind = "expect_column_value_lengths_to_be_between"
            arguments |= {"min_value": minimum, "max_value": maximum}
        case ValueBetween(minimum, maximum):
            kind = "expect_column_values_to_be_between"
            arguments |= {"min_value": minimum, "max_value": maximum}
        case OneOf(values):
            kind = "expect_column_values_to_be_in_set"
            arguments["value_set"] = list(values)
        case _:
            return None  # a key or a clock is needed: DuckDB alone can judge it
    return {"type": kind, "kwargs": arguments, "name": rule.name}


def _unique(key: tuple[str, ...]) -> dict[str, Any]:
    if len(key) == 1:
        return {
            "type": "expect_column_values_to_be_unique",
            "kwargs": {"column": key[0]},
            "name": "primary_key_is_unique",
        }
    return {
        "type": "expect_compound_columns_to_be_unique",
        "kwargs": {"column_list": list(key)},
        "name": "primary_key_is_unique",
    }


@lru_cache(maxsize=1)
def _definition() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # GE reads it at import, and reports by default
    import great_expectations as gx  # noqa: PLC0415 - costs 8 CPU-seconds, so on first use

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    bars = {"globally": False, "metric_calculations": False}
    context.variables.progress_bars = bars  # type: ignore[assignment]  # GE takes the dict
    source = context.data_sources.add_pandas("staged")
    asset = source.add_dataframe_asset("rows")
    return asset.add_batch_definition_whole_dataframe("all")


def _suite_object(suite: list[dict[str, Any]]) -> Any:
    import great_expectations as gx  # noqa: PLC0415 - as above

    kinds = gx.expectations
    expectations = [
        getattr(kinds, _class_name(entry["type"]))(**entry["kwargs"], meta={"rule": entry["name"]})
        for entry in suite
    ]
    return gx.ExpectationSuite(name="contract", expectations=expectations)


def _class_name(kind: str) -> str:
    return "".join(word.capitalize() for word in kind.split("_"))
