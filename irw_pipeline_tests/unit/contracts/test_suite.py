"""The two judges of a contract, DuckDB over all rows and GE over a slice, say the same."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pytest

from irw_pipeline.contracts.model import Contract, parse_contract
from irw_pipeline.contracts.suite import counts_suite, slice_suite, validate
from irw_pipeline.contracts.verdict import CheckOutcome, Verdict
from irw_pipeline.ids import TableName

if TYPE_CHECKING:
    from collections.abc import Sequence

CANARY = "DOE-CANARY"
AS_OF = date(2026, 1, 31)
TABLE = TableName("omop", "thing")
KINDS = {"string": "string", "int64": "integer", "double": "number", "date": "date"}


def contract(physical_type: str, **keys: Any) -> Contract:
    """A table of a key and one column with the given keys."""
    common = {"classification": "public", "description": "A column."}
    value = {"name": "value", "physicalType": physical_type, "logicalType": KINDS[physical_type]}
    key = {"name": "id", "physicalType": "int64", "logicalType": "integer", "primaryKey": True}
    body = {"name": "thing", "properties": [{**key, **common}, {**value, **common, **keys}]}
    document = {"apiVersion": "v3.1.0", "id": "omop.thing", "schema": [body]}
    return parse_contract(document, TABLE, "omop/thing.odcs.yaml")


def staged(physical_type: str, value: object) -> pa.Table:
    kind = {"string": pa.string(), "int64": pa.int64(), "double": pa.float64()}.get(
        physical_type, pa.date32()
    )
    return pa.table({"id": pa.array([1]), "value": pa.array([value], kind)})


ONE_OF = {
    "type": "library",
    "metric": "invalidValues",
    "arguments": {"validValues": ["it's", "B"]},
    "mustBe": 0,
}


@pytest.mark.parametrize(
    ("physical_type", "keys", "value", "is_good"),
    [
        ("string", {"required": True}, None, False),
        ("string", {"required": True}, "", True),
        ("string", {"logicalTypeOptions": {"pattern": "^[A-Z]+$"}}, "AB", True),
        ("string", {"logicalTypeOptions": {"pattern": "^[A-Z]+$"}}, "Ab", False),
        ("string", {"logicalTypeOptions": {"pattern": "^[A-Z]+$"}}, None, True),
        ("string", {"logicalTypeOptions": {"pattern": "B"}}, "ABA", True),
        ("string", {"logicalTypeOptions": {"pattern": "it's"}}, "so it's", True),
        ("string", {"logicalTypeOptions": {"minLength": 2, "maxLength": 3}}, "ééé", True),
        ("string", {"logicalTypeOptions": {"minLength": 2, "maxLength": 3}}, "é", False),
        ("string", {"logicalTypeOptions": {"maxLength": 3}}, "abcd", False),
        ("int64", {"logicalTypeOptions": {"minimum": 0, "maximum": 5}}, 5, True),
        ("int64", {"logicalTypeOptions": {"minimum": 0, "maximum": 5}}, 6, False),
        ("int64", {"logicalTypeOptions": {"minimum": 0}}, -1, False),
        ("double", {"logicalTypeOptions": {"minimum": 0.5}}, 0.5, True),
        ("double", {"logicalTypeOptions": {"minimum": 0.5}}, 0.49, False),
        ("double", {"logicalTypeOptions": {"minimum": 0.5}}, None, True),
        ("string", {"quality": [ONE_OF]}, "it's", True),
        ("string", {"quality": [ONE_OF]}, "b", False),
        ("string", {"quality": [ONE_OF]}, None, True),
    ],
)
def test_both_judges_agree(
    physical_type: str, keys: dict[str, Any], value: object, is_good: object
) -> None:
    """A row that DuckDB keeps and GE refuses would close the gate for a whole table."""
    tested = contract(physical_type, **keys)
    rows = staged(physical_type, value)
    [rule] = [rule for rule in tested.row_rules if rule.column == "value"]
    with duckdb.connect() as connection:
        connection.register("staged", rows)
        found = connection.execute(f"SELECT {rule.broken_sql(AS_OF)} FROM staged").fetchone()
    assert found == (not is_good,)
    by_name = {outcome.name: outcome.passed for outcome in validate(rows, slice_suite(tested))}
    assert by_name.pop(rule.name) is is_good
    assert all(by_name.values())


@pytest.mark.parametrize(
    ("physical_type", "value", "is_good"),
    [
        ("date", date(2026, 1, 31), True),
        ("date", date(2026, 2, 1), False),
        ("string", "2026-01-31T23:59:59Z", True),
        ("string", "2026-02-01", False),
        ("string", "some day", True),
        ("string", None, True),
    ],
)
def test_the_day_of_the_run_is_not_the_future(
    physical_type: str, value: object, is_good: object
) -> None:
    quality = {"type": "custom", "engine": "irw", "implementation": {"rule": "not_in_future"}}
    [rule] = [r for r in contract(physical_type, quality=[quality]).row_rules if r.column != "id"]
    with duckdb.connect() as connection:
        connection.register("staged", staged(physical_type, value))
        found = connection.execute(f"SELECT {rule.broken_sql(AS_OF)} FROM staged").fetchone()
    assert found == (not is_good,)


@pytest.mark.parametrize(
    ("values", "expected"), [([1, 2], True), ([1, 1], False), ([None, None], True)]
)
def test_a_repeated_key_is_seen_by_the_slice(
    values: Sequence[int | None], expected: object
) -> None:
    rows = pa.table({"id": pa.array(values, pa.int64()), "value": ["a", "b"]})
    by_name = {o.name: o.passed for o in validate(rows, slice_suite(contract("string")))}
    assert by_name["primary_key_is_unique"] is expected


@pytest.mark.parametrize(("count", "expected"), [(0.0, True), (1.0, False)])
def test_counts_are_held_to_the_bounds_of_table_rules(count: float, expected: object) -> None:
    suite = counts_suite(contract("string"))
    assert [entry["name"] for entry in suite] == ["primary_key_is_unique", "refused_share"]
    counts = pa.table({"primary_key_is_unique": [count], "refused_share": [0.5]})
    first, second = validate(counts, suite)
    assert first.passed is expected
    assert second.passed


def test_an_outcome_names_rules_and_counts_only(capfd: pytest.CaptureFixture[str]) -> None:
    """GE's own result lists failing values, and its progress bars go to the terminal."""
    tested = contract(
        "string",
        logicalTypeOptions={"pattern": "^$", "maxLength": 1},
        quality=[ONE_OF],
    )
    outcomes = validate(staged("string", CANARY), slice_suite(tested))
    assert [o.name for o in outcomes if not o.passed] == [
        "value.matches",
        "value.length",
        "value.one_of",
    ]
    verdict = Verdict(TABLE, 1, 0, tuple(outcomes))
    printed = capfd.readouterr()
    assert CANARY not in f"{verdict} {verdict!r} {printed.out}"
    assert CANARY not in printed.err
    assert "Calculating" not in printed.err
    assert verdict.broken == ("value.matches", "value.length", "value.one_of")


def test_an_expectation_that_cannot_run_has_failed() -> None:
    """GE reports an exception as a result; an error in a check is not a pass."""
    rows = pa.table({"id": [1]})
    by_name = {
        o.name: o.passed for o in validate(rows, slice_suite(contract("string", required=True)))
    }
    assert by_name["id.not_null"]
    assert not by_name["columns_match_contract"]
    assert not by_name["value.not_null"]


def test_an_expectation_that_cannot_run_closes_the_gate() -> None:
    outcomes = validate(pa.table({"id": [1]}), slice_suite(contract("string", required=True)))
    assert not Verdict(TABLE, 1, 1, tuple(outcomes)).passed
    assert sum(not outcome.passed for outcome in outcomes) == 2


def test_only_blocking_rules_close_a_gate() -> None:
    row_rule = CheckOutcome("row", passed=False, is_blocking=False, unexpected_count=3)
    verdict = Verdict(TABLE, 10, 7, (row_rule,))
    assert verdict.passed
    assert verdict.quarantined_by_rule == {"row": 3}
    table_rule = CheckOutcome("table", passed=False, is_blocking=True)
    assert Verdict(TABLE, 10, 7, (row_rule, table_rule)).broken == ("table",)
