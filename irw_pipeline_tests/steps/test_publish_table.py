"""Write, audit, publish: over a real Delta lake."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from irw_pipeline.contracts.model import contracts_root
from irw_pipeline.errors import GateClosedError, PermanentError, StaleInputError
from irw_pipeline.ids import TableName
from irw_pipeline.steps.publish_table import (
    outcome_counts,
    publish_table,
    refused_tables,
    require_fresh,
    require_open,
)
from irw_pipeline.steps.warehouse import LANDING_OBJECT, PERSON_MAP
from irw_pipeline_tests.steps.hospital import (
    CANARY,
    ENCOUNTER,
    PATIENT,
    encounter,
    patient,
    publish,
    read,
    rows,
    versions,
)

if TYPE_CHECKING:
    from pathlib import Path

    from irw_pipeline.steps.warehouse import Warehouse

PERSON = TableName("omop", "person")


@pytest.mark.parametrize(
    ("bad", "reason", "rule"),
    [
        ({"gender": None}, "REQUIRED_MISSING", "gender.not_null"),
        ({"birthdate": "02.01.1950"}, "PATTERN_MISMATCH", "birthdate.matches"),
        ({"birthdate": "2026-02-01"}, "FUTURE_DATE", "birthdate.not_in_future"),
    ],
)
def test_a_row_that_breaks_a_rule_waits_with_its_reason(
    warehouse: Warehouse, bad: dict[str, Any], reason: str, rule: str
) -> None:
    """One bad row must not hold the others, and must not be lost."""
    found = publish(warehouse, PATIENT, patient("a"), patient("b", **bad))
    assert found.verdict.passed
    assert (found.rows, found.quarantined) == (1, 1)
    assert found.verdict.quarantined_by_rule == {rule: 1}
    assert outcome_counts(found.verdict.outcomes) == {rule: 1}
    assert [row["id"] for row in read(warehouse, "raw.ehr_patient")] == ["a"]
    [waiting] = read(warehouse, "quarantine.row")
    assert (waiting["table_name"], waiting["reason_code"]) == ("raw.ehr_patient", reason)
    assert waiting["rule"] == rule
    assert json.loads(waiting["row_json"])["id"] == "b"


@pytest.mark.parametrize(
    ("table", "row", "reason"),
    [
        (PERSON_MAP, {"date_offset_days": 366}, "VALUE_OUT_OF_RANGE"),
        (TableName("raw", "landing_drop"), {"kind": "gossip"}, "VALUE_NOT_ALLOWED"),
        (PERSON, {"gender_source_value": "x" * 51}, "LENGTH_OUT_OF_BOUNDS"),
    ],
)
def test_bounds_and_lists_are_kept(
    warehouse: Warehouse, table: TableName, row: dict[str, Any], reason: str
) -> None:
    good: dict[str, dict[str, Any]] = {
        "person_map": {
            "person_key": "k",
            "person_id": 1,
            "research_id": "r",
            "date_offset_days": 1,
            "key_id": "i",
        },
        "landing_drop": {"kind": "ehr", "drop_id": "0" * 16, "location": "l", "ordinal": 1},
        "person": {
            "person_id": 1,
            "gender_concept_id": 0,
            "year_of_birth": 1950,
            "race_concept_id": 0,
            "ethnicity_concept_id": 0,
            "person_source_value": "IRWAAAAAAAAAAAAAAAA",
        },
    }
    assert publish(warehouse, table, good[table.name]).rows == 1
    assert not publish(warehouse, table, {**good[table.name], **row}).verdict.passed
    assert [found["reason_code"] for found in read(warehouse, "quarantine.row")] == [reason]


def test_what_is_mended_leaves_quarantine(warehouse: Warehouse) -> None:
    """The quarantine says what waits now, not what once waited."""
    publish(warehouse, PATIENT, patient("a"), patient("b", gender=None))
    publish(warehouse, PATIENT, patient("a"), patient("b"))
    assert read(warehouse, "quarantine.row") == []
    assert len(read(warehouse, "raw.ehr_patient")) == 2


def test_a_repeated_key_publishes_nothing_and_the_old_version_stays(warehouse: Warehouse) -> None:
    """Which of two rows is true is not ours to guess."""
    before = publish(warehouse, PATIENT, patient("a"))
    found = publish(warehouse, PATIENT, patient("b"), patient("b", first="Other"))
    assert found.verdict.broken == ("primary_key_is_unique", "slice_meets_expectations")
    assert not found.is_changed
    assert found.rows == 0
    assert found.version == before.version == warehouse.lake.version(PATIENT)
    assert [row["id"] for row in read(warehouse, "raw.ehr_patient")] == ["a"]
    with pytest.raises(GateClosedError, match="primary_key_is_unique"):
        require_open(found)


def test_the_same_rows_in_another_order_change_no_version(warehouse: Warehouse) -> None:
    """A re-run must not fill the lake with versions that differ in nothing."""
    given = [patient("a"), patient("b"), patient("c", gender=None)]
    tables = ("raw.ehr_patient", "quarantine.row", "ops.gate_verdict")
    assert publish(warehouse, PATIENT, *given).is_changed
    before = versions(warehouse, *tables)
    assert None not in before
    assert not publish(warehouse, PATIENT, *reversed(given)).is_changed
    assert versions(warehouse, *tables) == before


def landed(batch: str, ref: str) -> dict[str, Any]:
    place = {"object_path": f"dicom/{ref}", "size_bytes": 1, "etag": ref}
    return {"ingest_batch": batch, "object_ref": ref, **place}


def test_a_replaced_partition_leaves_the_others(warehouse: Warehouse) -> None:
    one, two = "b" + "1" * 16, "b" + "2" * 16
    for batch, refs in ((one, "ab"), (two, "c"), (one, "d")):
        given = rows(LANDING_OBJECT, *(landed(batch, ref) for ref in refs))
        found = publish_table(
            warehouse.lake, LANDING_OBJECT, given, as_of=warehouse.as_of, partition=batch
        )
        assert found.verdict.passed
    held = {
        (row["ingest_batch"], row["object_ref"]) for row in read(warehouse, "raw.landing_object")
    }
    assert held == {(one, "d"), (two, "c")}


def test_a_partition_key_is_never_sql(warehouse: Warehouse) -> None:
    given = rows(LANDING_OBJECT, landed("b" + "1" * 16, "a"))
    for partition in ("b" + "1" * 16, "x' OR true --"):
        publishing = (warehouse.lake, LANDING_OBJECT, given)
        if "'" in partition:
            with pytest.raises(PermanentError, match="no plain word"):
                publish_table(*publishing, as_of=warehouse.as_of, partition=partition)
        else:
            publish_table(*publishing, as_of=warehouse.as_of, partition=partition)
    assert len(read(warehouse, "raw.landing_object")) == 1


def test_a_contract_that_nobody_meets_stops_the_publish(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When most rows are refused, the rule or the input is broken: not the rows."""
    root = tmp_path / "contracts"
    shutil.copytree(contracts_root(), root)
    edited = root / "raw" / "ehr_patient.odcs.yaml"
    false = "logicalTypeOptions: {pattern: '^nobody$'}\n        description: Given name."
    edited.write_text(edited.read_text().replace("description: Given name.", false))
    publish(warehouse, PATIENT, patient("a"), patient("b"))
    monkeypatch.setattr("irw_pipeline.contracts.model.contracts_root", lambda: root)
    found = publish(warehouse, PATIENT, patient("a"), patient("b"))
    assert "refused_share" in found.verdict.broken
    assert len(read(warehouse, "raw.ehr_patient")) == 2
    waiting = read(warehouse, "quarantine.row")
    assert {row["reason_code"] for row in waiting} == {"PATTERN_MISMATCH"}
    assert len(waiting) == 2


def test_a_reference_to_nobody_waits(warehouse: Warehouse) -> None:
    publish(warehouse, PATIENT, patient())
    good, orphan = encounter("e1"), encounter("e2", of="nobody")
    assert publish(warehouse, ENCOUNTER, good, orphan, encounter("e3")).quarantined == 1
    [waiting] = read(warehouse, "quarantine.row")
    assert waiting["reason_code"] == "ORPHAN_REFERENCE"
    publish(warehouse, PATIENT, patient(), patient("nobody"))
    assert publish(warehouse, ENCOUNTER, good, orphan, encounter("e3")).quarantined == 0


def test_a_column_of_another_type_publishes_nothing(warehouse: Warehouse) -> None:
    given = rows(PATIENT, patient("7"))
    at = given.column_names.index("id")
    for damaged in (
        given.set_column(at, "id", pa.array([7])),
        given.drop_columns(["id"]),
        given.append_column("nickname", pa.array(["x"])),
    ):
        found = publish_table(warehouse.lake, PATIENT, damaged, as_of=warehouse.as_of)
        [rule] = found.verdict.broken
        assert rule.startswith("columns_match_contract (")
        assert warehouse.lake.version(PATIENT) is None


def test_a_table_rule_about_rows_closes_the_gate(warehouse: Warehouse) -> None:
    assert "row_count" in publish(warehouse, PATIENT).verdict.broken


def test_a_refused_input_is_stale_until_it_is_mended(warehouse: Warehouse) -> None:
    """What is published there is older than what was received; nothing is built on it."""
    publish(warehouse, PATIENT, patient("a"))
    require_fresh(warehouse.lake, PERSON, [PATIENT])
    publish(warehouse, PATIENT)
    assert refused_tables(warehouse.lake) == ["raw.ehr_patient"]
    require_fresh(warehouse.lake, PERSON, [ENCOUNTER])
    with pytest.raises(StaleInputError) as raised:
        require_fresh(warehouse.lake, PERSON, [ENCOUNTER, PATIENT])
    assert raised.value.refused == "raw.ehr_patient"
    publish(warehouse, PATIENT, patient("a"))
    require_fresh(warehouse.lake, PERSON, [PATIENT])


def test_no_verdict_or_error_holds_a_value_of_a_row(
    warehouse: Warehouse, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Verdicts go to logs and to Dagster; GE's own results list the values that failed."""
    bad = dict.fromkeys(("birthdate", "deathdate", "gender", "first"), CANARY)
    repeated = publish(warehouse, PATIENT, patient(CANARY), patient(CANARY))
    refused = publish(warehouse, PATIENT, patient("a"), patient(CANARY, **bad))
    publish(warehouse, PATIENT, patient("a"))
    orphan = publish(warehouse, ENCOUNTER, encounter(CANARY, of=CANARY, start=CANARY))
    misfit = publish_table(
        warehouse.lake,
        PATIENT,
        rows(PATIENT, patient("a")).set_column(0, "id", pa.array([CANARY.encode()])),
        as_of=warehouse.as_of,
    )
    shown = [str(found) + repr(found) for found in (repeated, refused, orphan, misfit)]
    for found in (repeated, refused, orphan, misfit):
        if not found.verdict.passed:
            with pytest.raises(GateClosedError) as raised:
                require_open(found)
            shown.append(str(raised.value) + repr(raised.value))
    with pytest.raises(StaleInputError) as stale:
        require_fresh(warehouse.lake, PERSON, [PATIENT])
    shown += [str(stale.value), caplog.text, *capfd.readouterr()]
    assert not repeated.verdict.passed
    assert not orphan.verdict.passed
    assert not misfit.verdict.passed
    assert refused.quarantined == 1
    assert not [text for text in shown if CANARY in text]
    verdicts = read(warehouse, "ops.gate_verdict")
    assert len(verdicts) == 2
    assert CANARY not in str(verdicts)
    assert CANARY in str(read(warehouse, "quarantine.row")), "the row itself is not lost"
