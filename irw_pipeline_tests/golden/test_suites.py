"""The suite of every contract, frozen: a change of meaning, ours or a library's, is a red diff."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from irw_pipeline.contracts.model import contract_names, load_contract
from irw_pipeline.contracts.suite import counts_suite, slice_suite

if TYPE_CHECKING:
    from irw_pipeline.contracts.model import Contract
    from irw_pipeline.ids import TableName

FOLDER = Path(__file__).parent / "suites"
UPDATE = "UPDATE_GOLDEN"
"""`make golden` sets it; the difference is then reviewed as data."""


def duckdb_suite(contract: Contract) -> list[dict[str, Any]]:
    """What DuckDB alone judges: the rules that GE cannot restate, and the counts."""
    restated = {entry["name"] for entry in slice_suite(contract)}
    rows = [
        {"name": rule.name, "broken": rule.broken_sql(date(2026, 1, 31))}
        for rule in contract.row_rules
        if rule.name not in restated
    ]
    tables = [{"name": rule.name, "query": rule.query} for rule in contract.table_rules]
    return [*rows, *tables]


def suite_text(table: TableName) -> str:
    """A line for each expectation, so that a changed rule is one changed line."""
    contract = load_contract(table)
    parts = {
        "slice": slice_suite(contract),
        "counts": counts_suite(contract),
        "duckdb": duckdb_suite(contract),
    }
    blocks = (
        f'"{name}": [\n' + ",\n".join(json.dumps(e, ensure_ascii=False) for e in suite) + "\n]"
        for name, suite in parts.items()
    )
    return "{\n" + ",\n".join(blocks) + "\n}\n"


@pytest.mark.parametrize("table", [pytest.param(name, id=str(name)) for name in contract_names()])
def test_the_suite_of_a_contract_is_the_one_that_was_reviewed(table: TableName) -> None:
    made = suite_text(table)
    path = FOLDER / f"{table}.json"
    if os.environ.get(UPDATE):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(made, encoding="utf-8")
    assert path.is_file(), "a new contract: run `make golden` and review its suite"
    assert json.loads(made) == json.loads(path.read_text(encoding="utf-8"))


def test_no_suite_outlives_its_contract() -> None:
    known = {str(name) for name in contract_names()}
    left_over = sorted(path for path in FOLDER.glob("*.json") if path.stem not in known)
    if os.environ.get(UPDATE):
        for path in left_over:
            path.unlink()
    assert [path.name for path in left_over if path.exists()] == []
