"""What holds for every SQL file, on the small hospital and on public Synthea rows alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from irw_pipeline.contracts.model import load_contract
from irw_pipeline.ids import TableName
from irw_pipeline_tests.golden import omop_hospital
from irw_pipeline_tests.golden.omop_hospital import ROOT, SQL, TABLES, rows, view_names

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

SHARED = ROOT.parent / "shared" / "data"
EVENT_TABLES = {
    "condition_occurrence": "condition",
    "drug_exposure": "drug",
    "procedure_occurrence": "procedure",
    "device_exposure": "device",
    "measurement": "measurement",
    "observation": "observation",
}
PATIENT_STRINGS = ("first", "last", "maiden", "ssn", "drivers", "passport", "address", "id")


@pytest.mark.parametrize(
    "path", sorted([*SQL.glob("*.sql"), *SQL.glob("views/*.sql")]), ids=lambda path: path.stem
)
def test_a_header_lists_what_the_select_reads(path: Path) -> None:
    """The graph's edges and the session's views are made from these lines."""
    text = path.read_text()
    header = " ".join(line[3:] for line in text.splitlines() if line.startswith("-- "))
    listed = re.search(r"\bReads ((?:\w+\.\w+(?:, )?)+)\.(?:\s|$)", header)
    told = set(listed.group(1).split(", ")) if listed else set()
    told |= set(view_names(text)) | set(re.findall(r"Uses frame (\w+)\.", header))
    read = omop_hospital.session().get_table_names(text, qualified=True)  # with " AS alias"
    assert {name.split()[0] for name in read} == told


def synthea() -> duckdb.DuckDBPyConnection:
    folder = SHARED / "ehr" / "synthea_ma_110"
    if not folder.is_dir():
        pytest.skip("the public Synthea rows do not stand beside this checkout")
    connection = omop_hospital.session()
    plurals = {"ehr_allergy": "allergies", "ehr_imaging_study": "imaging_studies"}
    plurals["ehr_supply"] = "supplies"
    for path in sorted((ROOT / "data_contracts" / "raw").glob("ehr_*.odcs.yaml")):
        table = path.name.removesuffix(".odcs.yaml")
        file = plurals.get(table, table.removeprefix("ehr_") + "s")
        for found in folder.glob(f"{file}.csv*"):
            load(connection, f"raw.{table}", f"read_csv('{found}', all_varchar = true)")
    for table in ("concept", "concept_relationship", "concept_ancestor", "vocabulary"):
        path = SHARED / "omop" / "vocab_subset" / f"{table.upper()}.csv"
        source = f"read_csv('{path}', delim = '\t', quote = '', all_varchar = true)"
        load(connection, f"omop.{table}", source)
    omop_hospital.add_persons(connection)
    omop_hospital.build(connection)
    return connection


def load(connection: duckdb.DuckDBPyConnection, table: str, source: str) -> None:
    """Fill a table from the columns that it shares with a source; a row key is the row's number."""
    have = {row[0].lower(): row[0] for row in rows(connection, f"DESCRIBE FROM {source}")}
    wanted = [row[0] for row in rows(connection, f"DESCRIBE {table}")]
    pairs = {name: f'"{have[name]}"' for name in wanted if name in have}
    if "row_key" in wanted:
        pairs["row_key"] = "row_number() OVER ()"
    columns = ", ".join(f'"{name}"' for name in pairs)
    connection.execute(
        f"INSERT INTO {table} ({columns}) SELECT {', '.join(pairs.values())} FROM {source}"
    )


def test_nothing_of_the_small_hospital_is_lost() -> None:
    assert_nothing_is_lost(omop_hospital.hospital())


@pytest.mark.shared
def test_synthea_rows_keep_every_promise() -> None:
    connection = synthea()
    assert_nothing_is_lost(connection)
    assert_nobody_is_orphaned(connection)
    assert_intervals_are_equal(connection)
    assert_no_identity_is_left(connection)


def assert_nothing_is_lost(connection: duckdb.DuckDBPyConnection) -> None:
    """Every received row is in an event, every event is in its table, all keys are unique."""
    lost = rows(
        connection,
        "SELECT source_table, source_key FROM received_event"
        " EXCEPT SELECT source_table, source_key FROM source_event",
    )
    assert not lost
    for table, label in EVENT_TABLES.items():
        differing = rows(
            connection,
            f"SELECT omop_key('{label}', event_key) FROM source_event"
            f" WHERE target_table = '{table}' EXCEPT SELECT {table}_id FROM omop.{table}",
        )
        assert not differing, table
    for table in TABLES:
        key = ", ".join(load_contract(TableName("omop", table)).primary_key)
        twice = rows(connection, f"SELECT {key} FROM omop.{table} GROUP BY ALL HAVING count(*) > 1")
        assert not twice, table
    procedures = (
        "SELECT omop_key('procedure', event_key), person_id, visit_occurrence_id, code, start_date"
        " FROM source_event WHERE source_table = 'ehr_procedure'"
        " AND target_table = 'procedure_occurrence' AND person_id IS NOT NULL"
    )
    ours = (
        "SELECT procedure_occurrence_id, person_id, visit_occurrence_id, code, procedure_date"
        " FROM ehr_procedure_row"
    )
    assert not rows(connection, f"{procedures} EXCEPT {ours}")
    assert not rows(connection, f"{ours} EXCEPT {procedures}")


def assert_nobody_is_orphaned(connection: duckdb.DuckDBPyConnection) -> None:
    for table in TABLES:
        columns = {column.name for column in load_contract(TableName("omop", table)).columns}
        for key, target in (("person_id", "person"), ("visit_occurrence_id", "visit_occurrence")):
            if key in columns and table != target:
                query = f"SELECT {key} FROM omop.{table} WHERE {key} IS NOT NULL"
                orphans = f"{query} EXCEPT SELECT {key} FROM omop.{target}"
                assert not rows(connection, orphans), (table, key)
    without = "SELECT count(*) FROM source_event WHERE person_id IS NULL OR start_date IS NULL"
    assert rows(connection, without) == [(0,)]


def assert_intervals_are_equal(connection: duckdb.DuckDBPyConnection) -> None:
    """Each person's distance from first condition to first procedure is the one received."""
    received = (
        "SELECT pm.person_id, local_date(min(p.start)) - local_date(min(c.start))"
        " FROM raw.ehr_condition AS c JOIN raw.ehr_procedure AS p USING (patient)"
        " JOIN vault.person_map AS pm ON c.patient = pm.ehr_patient_id GROUP BY ALL"
    )
    shifted = (
        "SELECT c.person_id, min(p.start_date) - min(c.start_date)"
        " FROM source_event AS c JOIN source_event AS p USING (person_id)"
        " WHERE c.source_table = 'ehr_condition' AND p.source_table = 'ehr_procedure' GROUP BY ALL"
    )
    assert rows(connection, f"{received} ORDER BY 1") == rows(connection, f"{shifted} ORDER BY 1")


def assert_no_identity_is_left(connection: duckdb.DuckDBPyConnection) -> None:
    listed = ", ".join(f'"{name}"' for name in PATIENT_STRINGS)
    connection.execute(
        f"CREATE TABLE identity AS SELECT DISTINCT unnest([{listed}]) AS word FROM raw.ehr_patient"
    )
    for table in TABLES:
        for column in load_contract(TableName("omop", table)).columns:
            if column.physical_type == "string":
                text = f'SELECT DISTINCT "{column.name}" AS text FROM omop.{table}'
                query = (
                    f"SELECT count(*) FROM ({text}) AS t JOIN identity AS i"
                    " ON contains(t.text, i.word) WHERE length(i.word) > 3"
                )
                assert rows(connection, query) == [(0,)], (table, column.name)
