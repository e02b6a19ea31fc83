"""The gate: staged rows are judged by their contract. Nothing is written here.

DuckDB judges every row in one pass and answers the table rules; Great Expectations validates the
counts and a bounded slice (ADR 0008). Rows that break a row rule leave with a reason; a broken
table rule, or a column that does not fit, closes the gate.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from irw_pipeline.contracts.arrow import arrow_schema, conform
from irw_pipeline.contracts.model import Contract, load_contract
from irw_pipeline.contracts.rules import ForeignKey, RowRule
from irw_pipeline.contracts.suite import SLICE_ROWS, counts_suite, slice_suite, validate
from irw_pipeline.contracts.verdict import CheckOutcome, Verdict
from irw_pipeline.lake.session import Session

if TYPE_CHECKING:
    from datetime import date

    from irw_pipeline.ids import TableName
    from irw_pipeline.lake.tables import Lake


@dataclass(frozen=True)
class Judged:
    """The verdict, the rows that may be published, and those that may not, with their reasons."""

    verdict: Verdict
    kept: pa.Table
    refused: pa.Table


REFUSED_SCHEMA = pa.schema(
    [
        ("row_ref", pa.string()),
        ("reason_code", pa.string()),
        ("rule", pa.string()),
        ("row_json", pa.string()),
    ]
)


def judge(lake: Lake, contract: Contract, rows: pa.Table, *, as_of: date) -> Judged:
    """Judge staged rows by their contract.

    Args:
        lake: Where the tables lie that foreign keys refer to; only read.
        contract: The table's contract.
        rows: The staged rows; not modified.
        as_of: The day of the run, for rules on dates in the future.
    """
    fitting, misfits = conform(rows, contract)
    empty = arrow_schema(contract).empty_table()
    if fitting is None:
        outcome = CheckOutcome(
            f"columns_match_contract ({', '.join(sorted(misfits))})",
            passed=False,
            is_blocking=True,
            unexpected_count=len(misfits),
        )
        verdict = Verdict(contract.table, rows.num_rows, 0, (outcome,))
        return Judged(verdict, empty, REFUSED_SCHEMA.empty_table())
    with Session(lake) as session:
        for table in contract.foreign_tables:
            session.mount(table, arrow_schema(load_contract(table)))
        session.register("staged", fitting)
        _mark(session, contract, as_of)
        row_outcomes = _row_outcomes(session, contract.row_rules, as_of)
        kept = session.query(f"SELECT * EXCLUDE (broken_rules) FROM {_MARKED} WHERE {_IS_KEPT}")
        refused = _refused(session, contract)
        counts = _counts(session, contract, fitting.num_rows, kept.num_rows)
    outcomes = (*row_outcomes, *_validated(contract, kept, counts))
    verdict = Verdict(contract.table, fitting.num_rows, kept.num_rows, outcomes)
    return Judged(verdict, kept, refused)


_MARKED = "marked"
_IS_KEPT = "len(broken_rules) = 0"


def _mark(session: Session, contract: Contract, as_of: date) -> None:
    marks = ", ".join(
        f"CASE WHEN {_broken_sql(rule, contract.table, as_of)} THEN '{rule.name}' END"
        for rule in contract.row_rules
    )
    listed = f"list_filter([{marks}], lambda rule: rule IS NOT NULL)" if marks else "[]"
    session.connection.execute(
        f"CREATE TEMP TABLE {_MARKED} AS SELECT *, {listed} AS broken_rules FROM staged"
    )


def _broken_sql(rule: RowRule, table: TableName, as_of: date) -> str:
    sql = rule.broken_sql(as_of)
    if isinstance(rule.test, ForeignKey) and rule.test.table == table:
        return sql.replace(f"FROM {table} ", "FROM staged ")
    return sql


def _row_outcomes(session: Session, rules: tuple[RowRule, ...], _as_of: date) -> list[CheckOutcome]:
    found = session.query(
        f"SELECT rule, count(*) AS rows FROM (SELECT unnest(broken_rules) AS rule FROM {_MARKED}) "
        "GROUP BY rule"
    ).to_pylist()
    broken = {row["rule"]: int(row["rows"]) for row in found}
    return [
        CheckOutcome(
            rule.name,
            passed=rule.name not in broken,
            is_blocking=False,
            unexpected_count=broken.get(rule.name, 0),
        )
        for rule in rules
    ]


def _refused(session: Session, contract: Contract) -> pa.Table:
    reasons = json.dumps({rule.name: rule.reason.value for rule in contract.row_rules})
    key = ", ".join(f'CAST("{column}" AS VARCHAR)' for column in contract.primary_key)
    session.connection.execute("SET VARIABLE reasons = $text", {"text": reasons})
    return session.query(
        f"""
        SELECT
            md5(concat_ws(chr(31), '{contract.table}', {key}, row_json)) AS row_ref,
            json_extract_string(getvariable('reasons'), '$."' || broken_rules[1] || '"')
                AS reason_code,
            array_to_string(broken_rules, ',') AS rule,
            row_json
        FROM (
            SELECT *, CAST(to_json(marked) AS VARCHAR) AS row_json FROM {_MARKED}
            WHERE NOT {_IS_KEPT}
        )
        ORDER BY row_ref
        """
    )


def _counts(
    session: Session, contract: Contract, staged: int, kept: int
) -> dict[str, float | None]:
    session.connection.execute(
        f"CREATE TEMP VIEW kept AS SELECT * EXCLUDE (broken_rules) FROM {_MARKED} WHERE {_IS_KEPT}"
    )
    counts: dict[str, float | None] = {}
    for rule in contract.table_rules:
        if rule.name == "refused_share":
            counts[rule.name] = (staged - kept) / staged if staged else 0.0
            continue
        try:
            value = session.scalar(rule.query.replace("{table}", "kept"))
        except duckdb.Error:
            value = None  # a rule whose query cannot run is a rule that is broken
        counts[rule.name] = None if value is None else float(value)
    return counts


def _validated(
    contract: Contract, kept: pa.Table, counts: dict[str, float | None]
) -> list[CheckOutcome]:
    table_rules = {rule.name: rule for rule in contract.table_rules}
    frame = pa.table({name: pa.array([value], pa.float64()) for name, value in counts.items()})
    by_ge = {o.name: o for o in validate(frame, counts_suite(contract))}
    outcomes = [
        CheckOutcome(
            name,
            # GE skips nulls: a count that could not be made is broken whatever it says
            passed=by_ge[name].passed and table_rules[name].holds(value),
            is_blocking=True,
            unexpected_count=None if value is None or value != int(value) else int(value),
        )
        for name, value in counts.items()
    ]
    restated = validate(kept.slice(0, SLICE_ROWS), slice_suite(contract)) if kept.num_rows else []
    broken = [o for o in restated if not o.passed]
    outcomes.append(
        CheckOutcome(
            "slice_meets_expectations",
            passed=not broken,
            is_blocking=True,
            unexpected_count=len(broken),
        )
    )
    return outcomes
