"""Write, audit, publish: the one way a row reaches a published table.

Order of commits: quarantine first, then the table, then the verdict, so that a crash at any point
can only under-release and a re-run completes it. Content that did not change is not written again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from irw_pipeline.contracts.arrow import arrow_schema
from irw_pipeline.contracts.model import load_contract
from irw_pipeline.errors import GateClosedError, StaleInputError
from irw_pipeline.ids import TableName
from irw_pipeline.lake.session import Session, scan_sql
from irw_pipeline.lake.tables import Lake, partition_predicate
from irw_pipeline.steps.gate import REFUSED_SCHEMA, Judged, judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from irw_pipeline.contracts.verdict import CheckOutcome, Verdict

QUARANTINE_ROW = TableName("quarantine", "row")
GATE_VERDICT = TableName("ops", "gate_verdict")
WHOLE = "whole"
"""Stands for the partition of a table that has none."""


@dataclass(frozen=True)
class Publication:
    """What became of staged rows: the verdict, and the table's version after it."""

    table: TableName
    verdict: Verdict
    version: int | None
    is_changed: bool

    @property
    def rows(self) -> int:
        """Rows published (of the partition, where there is one)."""
        return self.verdict.rows_kept if self.verdict.passed else 0

    @property
    def quarantined(self) -> int:
        """Rows that went to quarantine."""
        return self.verdict.rows_staged - self.verdict.rows_kept


def publish_table(
    lake: Lake,
    table: TableName,
    rows: pa.Table,
    *,
    as_of: date,
    partition: str | None = None,
    lineage: Mapping[str, str] | None = None,
) -> Publication:
    """Judge staged rows and, if the contract holds, replace the table (or partition) with them.

    Args:
        lake: The lake.
        table: The table to publish.
        rows: The whole new content of the table or partition.
        as_of: The day of the run.
        partition: The value of the contract's partition column, for a partitioned table.
        lineage: Input versions and the like, kept in the Delta commit; free of row values.

    Returns:
        The publication; when its verdict did not pass, nothing of the rows was published.
    """
    judged = judge(lake, load_contract(table), rows, as_of=as_of)
    return publish_judged(lake, judged, partition=partition, lineage=lineage)


def publish_judged(
    lake: Lake,
    judged: Judged,
    *,
    partition: str | None = None,
    lineage: Mapping[str, str] | None = None,
) -> Publication:
    """Publish rows that were judged already; see `publish_table`."""
    table = judged.verdict.table
    contract = load_contract(table)
    scope = partition or WHOLE
    _quarantine(lake, table, scope, judged.refused)
    version = lake.version(table)
    is_changed = False
    if judged.verdict.passed:
        where = {contract.partition_by[0]: partition} if partition is not None else None
        is_changed = not _is_published(lake, table, judged.kept, where)
        if is_changed:
            _remember(lake, judged.verdict, scope, passed=False)  # until the commit is done
            commit = lake.replace(
                table,
                judged.kept,
                partition=where,
                partition_by=contract.partition_by,
                lineage={"contract_version": contract.version, **(lineage or {})},
            )
            version = commit.version
    _remember(lake, judged.verdict, scope, passed=judged.verdict.passed)
    return Publication(table, judged.verdict, version, is_changed)


def require_open(publication: Publication) -> Publication:
    """Return a publication whose gate was open.

    Raises:
        GateClosedError: The gate refused the rows.
    """
    if not publication.verdict.passed:
        raise GateClosedError(str(publication.table), publication.verdict.broken)
    return publication


def require_fresh(lake: Lake, table: TableName, inputs: Iterable[TableName]) -> None:
    """Make sure that no input's last gate refused it: what is published there would be stale.

    Raises:
        StaleInputError: The last attempt on an input failed, or was cut off before its commit.
    """
    wanted = set(map(str, inputs))
    for row in refused_tables(lake):
        if row in wanted:
            raise StaleInputError(str(table), row)


def refused_tables(lake: Lake) -> list[str]:
    """The whole tables whose last gate did not end in a publish, sorted."""
    with Session(lake) as session:
        session.mount(GATE_VERDICT, arrow_schema(load_contract(GATE_VERDICT)))
        found = session.query(
            f"SELECT table_name FROM {GATE_VERDICT} "
            f"WHERE NOT is_open AND scope = '{WHOLE}' ORDER BY table_name"
        )
    return [str(name) for name in found.column("table_name").to_pylist()]


def _quarantine(lake: Lake, table: TableName, scope: str, refused: pa.Table) -> None:
    part = f"{table}.{scope}"
    if refused.num_rows == 0 and lake.version(QUARANTINE_ROW) is None:
        return
    count = refused.num_rows
    columns = {
        "source": pa.array([part] * count, pa.string()),
        "table_name": pa.array([str(table)] * count, pa.string()),
        **{name: refused.column(name) for name in REFUSED_SCHEMA.names},
    }
    _store(lake, QUARANTINE_ROW, pa.table(columns), {"source": part})


def _remember(lake: Lake, verdict: Verdict, scope: str, *, passed: bool) -> None:
    part = f"{verdict.table}.{scope}"
    row = {
        "source": part,
        "table_name": str(verdict.table),
        "scope": scope,
        "is_open": passed,
        "rows_staged": verdict.rows_staged,
        "rows_kept": verdict.rows_kept,
        "broken_rules": ",".join(verdict.broken),
    }
    _store(lake, GATE_VERDICT, pa.Table.from_pylist([row]), {"source": part})


def _store(lake: Lake, table: TableName, rows: pa.Table, partition: Mapping[str, str]) -> None:
    contract = load_contract(table)
    schema = arrow_schema(contract)
    shaped = rows.select(schema.names).cast(schema)
    if not _is_published(lake, table, shaped, partition):
        lake.replace(table, shaped, partition=partition, partition_by=contract.partition_by)


def _is_published(
    lake: Lake, table: TableName, rows: pa.Table, partition: Mapping[str, str] | None
) -> bool:
    """Whether the table (or partition) already holds just these rows, in any order."""
    version = lake.version(table)
    if version is None:
        return False
    where = f" WHERE {partition_predicate(partition)}" if partition else ""
    listed = ", ".join(f'"{name}"' for name in rows.column_names)
    with Session(lake) as session:
        session.register("fresh", rows)
        source = scan_sql(lake.uri(table), version)
        columns = session.query(f"SELECT * FROM {source} LIMIT 0").column_names
        if sorted(columns) != sorted(rows.column_names):
            return False
        digest = "count(*), bit_xor(hash(t)), sum(CAST(hash(t) AS HUGEINT))"
        have = session.connection.execute(
            f"SELECT {digest} FROM (SELECT {listed} FROM {source}{where}) AS t"
        ).fetchone()
        want = session.connection.execute(
            f"SELECT {digest} FROM (SELECT {listed} FROM fresh) AS t"
        ).fetchone()
    return bool(have == want)


def outcome_counts(outcomes: Iterable[CheckOutcome]) -> dict[str, int]:
    """The failed rules and their counts, for people; names and numbers only."""
    return {o.name: o.unexpected_count or 0 for o in outcomes if not o.passed}
