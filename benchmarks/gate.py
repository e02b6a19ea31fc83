"""What a gate costs: ours (DuckDB counts, bounded slice) beside great-expectations on every row.

    python benchmarks/gate.py [ROWS]

Both judge the same rows of raw.ehr_observation in one process, in turn, three rounds; the first
import of great-expectations is measured apart. Figures are CPU seconds and wall seconds.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa

from irw_pipeline.contracts.arrow import arrow_schema
from irw_pipeline.contracts.model import load_contract
from irw_pipeline.contracts.suite import slice_suite, validate
from irw_pipeline.ids import TableName
from irw_pipeline.lake.tables import Lake
from irw_pipeline.lake.zones import Zones
from irw_pipeline.steps.gate import judge

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = TableName("raw", "ehr_observation")
PATIENT = TableName("raw", "ehr_patient")
ROUNDS = 3


def staged(count: int) -> pa.Table:
    """Rows that meet the contract; all are of the one patient whom the lake knows."""
    schema = arrow_schema(load_contract(TABLE))
    columns = {}
    for field in schema:
        if field.name == "row_key":
            columns[field.name] = pa.array([f"{number:032x}" for number in range(count)])
        elif field.name == "date":
            columns[field.name] = pa.array(["2019-10-15T02:29:57Z"] * count)
        elif field.name == "encounter":
            columns[field.name] = pa.nulls(count, pa.string())
        else:
            columns[field.name] = pa.array(["8302-2"] * count)
    return pa.table(columns, schema=schema)


def timed(action: Callable[[], object]) -> tuple[float, float]:
    """CPU and wall seconds of one call."""
    cpu, wall = time.process_time(), time.perf_counter()
    action()
    return time.process_time() - cpu, time.perf_counter() - wall


def main() -> None:
    """Print one line per way."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    contract = load_contract(TABLE)
    rows = staged(count)
    suite = slice_suite(contract)
    first = timed(lambda: validate(rows.slice(0, 10), suite))
    print(f"first use of great-expectations: {first[0]:.1f} s CPU, {first[1]:.1f} s")
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Zones.under(folder))
        patient = arrow_schema(load_contract(PATIENT)).empty_table()
        one = {name: ["8302-2"] for name in patient.column_names}
        lake.replace(PATIENT, pa.table(one, schema=patient.schema))
        ways = {
            "gate (DuckDB counts, slice)": lambda: judge(
                lake, contract, rows, as_of=date(2026, 1, 1)
            ),
            "great-expectations, all rows": lambda: validate(rows, suite),
        }
        figures = {name: [timed(way) for _ in range(ROUNDS)] for name, way in ways.items()}
    for name, pairs in figures.items():
        cpu = statistics.median(pair[0] for pair in pairs)
        wall = statistics.median(pair[1] for pair in pairs)
        print(f"{name:30} {count:>9} rows: {cpu:6.2f} s CPU, {wall:6.2f} s (median of {ROUNDS})")


if __name__ == "__main__":
    main()
