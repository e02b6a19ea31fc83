"""One SELECT becomes a published table, from the inputs that are fresh and at their versions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from deltalake import DeltaTable

from irw_pipeline.errors import StaleInputError
from irw_pipeline.identity.broker import ehr_person_key
from irw_pipeline.ids import TableName
from irw_pipeline.steps.build_table import build_table
from irw_pipeline.steps.map_persons import map_persons
from irw_pipeline.steps.publish_table import publish_table
from irw_pipeline_tests.steps.hospital import PATIENT, patient, publish, read, rows

if TYPE_CHECKING:
    from irw_pipeline.steps.warehouse import Warehouse

INSTANCE = TableName("imaging", "instance")
SERIES = TableName("imaging", "series")
PERSON = TableName("omop", "person")
NOTE = TableName("omop", "note")
BATCH = "b" + "0" * 16


def instance(number: int, series: str = "2.25.10", **values: Any) -> dict[str, Any]:
    return {
        "ingest_batch": BATCH,
        "sop_instance_uid": f"2.25.{number}",
        "series_instance_uid": series,
        "study_instance_uid": "2.25.100",
        "sop_class_uid": "1.2.840.10008.5.1.4.1.1.2",
        "transfer_syntax_uid": "1.2.840.10008.1.2.1",
        "person_id": 7,
        "research_id": "IRWAAAAAAAAAAAAAAAA",
        "modality": "CT",
        "study_date": date(2019, 5, 1),
        "object_path": f"objects/IRWAAAAAAAAAAAAAAAA/2.25.100/{series}/2.25.{number}.dcm",
        "object_bytes": 10,
        "object_sha256": "0" * 64,
        "policy": "research@1",
        "policy_sha256": "0" * 64,
        "key_id": "0" * 12,
        "engine_version": "1",
        **values,
    }


def release(warehouse: Warehouse, *given: dict[str, Any]) -> None:
    staged = rows(INSTANCE, *given)
    lake, as_of = warehouse.lake, warehouse.as_of
    published = publish_table(lake, INSTANCE, staged, as_of=as_of, partition=BATCH)
    assert published.rows == len(given)


def test_series_are_counted_from_instances(warehouse: Warehouse) -> None:
    release(warehouse, instance(1), instance(2, number_of_frames=5), instance(3, "2.25.11"))
    found = build_table(warehouse, SERIES)
    assert found.verdict.passed
    assert {
        row["series_instance_uid"]: (row["instance_count"], row["frame_count"], row["object_bytes"])
        for row in read(warehouse, "imaging.series")
    } == {"2.25.10": (2, 6, 20), "2.25.11": (1, 1, 10)}
    assert not build_table(warehouse, SERIES).is_changed


def test_a_study_of_two_persons_is_nobodys(warehouse: Warehouse) -> None:
    """A reused Study Instance UID must not give one person's images to another."""
    other = {"person_id": 8, "research_id": "IRWBBBBBBBBBBBBBBBB"}
    apart = {"study_instance_uid": "2.25.200"}
    release(
        warehouse,
        instance(1),
        instance(2, "2.25.11", **other),
        instance(3, "2.25.12", **apart),
        instance(4, "2.25.13", **apart),
        instance(5, "2.25.14", **apart),
    )
    found = build_table(warehouse, SERIES)
    assert (found.rows, found.quarantined) == (3, 2)
    waiting = read(warehouse, "quarantine.row", "table_name = 'imaging.series'")
    assert {row["reason_code"] for row in waiting} == {"REQUIRED_MISSING"}


def test_persons_carry_pseudonyms_and_a_shifted_year(warehouse: Warehouse) -> None:
    publish(warehouse, PATIENT, patient("a", birthdate="1950-01-01"))
    map_persons(warehouse)
    assert build_table(warehouse, PERSON).verdict.passed
    [person] = read(warehouse, "omop.person")
    key = ehr_person_key("a")
    assert person["person_id"] == warehouse.broker.person_id(key)
    assert person["person_source_value"] == warehouse.broker.research_id(key)
    assert person["year_of_birth"] == 1949, "any offset goes back over New Year"
    assert "Wuckert" not in str(person)


def test_the_commit_names_the_versions_that_were_read(warehouse: Warehouse) -> None:
    """A row of a released cohort can be followed back to what it was made from."""
    publish(warehouse, PATIENT, patient("a"))
    publish(warehouse, PATIENT, patient("a"), patient("b"))
    map_persons(warehouse)
    build_table(warehouse, PERSON)
    [commit] = DeltaTable(warehouse.lake.uri(PERSON)).history(1)
    assert commit["raw.ehr_patient"] == "1"
    assert commit["vault.person_map"] == "0"
    assert commit["imaging.instance"] == "None"
    assert commit["contract_version"]


def test_nothing_is_built_on_an_input_that_was_refused(warehouse: Warehouse) -> None:
    publish(warehouse, PATIENT, patient("a"))
    map_persons(warehouse)
    build_table(warehouse, PERSON)
    publish(warehouse, PATIENT, patient("b"), patient("b"))
    with pytest.raises(StaleInputError, match=r"raw\.ehr_patient"):
        build_table(warehouse, PERSON)
    assert warehouse.lake.version(PERSON) == 0
    publish(warehouse, PATIENT, patient("a"), patient("b"))
    map_persons(warehouse)
    assert build_table(warehouse, PERSON).rows == 2


def test_a_note_is_cleaned_before_any_sql_sees_it(warehouse: Warehouse) -> None:
    """The report's text names the patient; the patient's own dates go back by the offset."""
    publish(warehouse, PATIENT, patient())
    map_persons(warehouse)
    build_table(warehouse, PERSON)
    text = "Mrs. Wuckert, born 1950-01-02, seen on 2020-03-01: no fracture. ACC-4711"
    note = {"id": "n1", "patient": "MRN-0815", "date": "2020-03-01", "text": text}
    note |= {"title": "CT of Temika", "accession_number": "ACC-4711", "type": "Radiology report"}
    stranger = {**note, "id": "n2", "patient": "nobody"}
    given = (note, stranger, {**note, "id": "n3"}, {**note, "id": "n4"})
    assert publish(warehouse, TableName("raw", "ehr_note"), *given).quarantined == 1
    assert build_table(warehouse, NOTE).verdict.passed
    notes = read(warehouse, "omop.note")
    assert len(notes) == 3
    shown = str(notes)
    days = warehouse.broker.date_offset_days(ehr_person_key("MRN-0815"))
    assert f"seen on {date(2020, 3, 1) - timedelta(days)}: no fracture" in shown
    for identity in ("Wuckert", "Temika", "1950", "2020-03-01", "ACC-4711", "MRN-0815"):
        assert identity not in shown
