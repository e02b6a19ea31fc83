"""The catalogue, the link and the imaging extension, from instances to image_occurrence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from irw_pipeline_tests.factories.imaging_rows import (
    ANN,
    BOB,
    CT_CODE,
    CT_HEAD,
    DAY,
    OFFSET,
    RESEARCH_ID,
    XRAY_CODE,
    encounter,
    instance,
    order,
    procedure,
    procedure_key,
    shifted,
    visit_key,
)
from irw_pipeline_tests.factories.tables import BROKER, broken_table_rules, empty_lake, fill, make

if TYPE_CHECKING:
    import duckdb


@pytest.fixture
def lake() -> duckdb.DuckDBPyConnection:
    connection = empty_lake()
    for person, patient in ((ANN, "ann"), (BOB, "bob")):
        fill(
            connection,
            "vault.person_map",
            person_key=patient,
            person_id=person,
            research_id=RESEARCH_ID[person],
            ehr_patient_id=patient,
            date_offset_days=OFFSET,
        )
        fill(connection, "omop.person", person_id=person)
    return connection


def link(lake: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    make(lake, "imaging.series")
    make(lake, "imaging.study")
    rows = make(lake, "imaging.link")
    assert not broken_table_rules(lake, "imaging.link")
    return rows


def test_a_series_and_a_study_fold_their_instances(lake: duckdb.DuckDBPyConnection) -> None:
    instance(lake, 2, body_part_examined="HEAD", series_date=shifted(1), number_of_frames=5)
    instance(lake, 1, kvp_kv=120.0)
    instance(lake, 3, series_instance_uid="2.25.21", modality="SR")
    series = {row["series_instance_uid"]: row for row in make(lake, "imaging.series")}
    assert (
        series["2.25.20"]
        | {
            "instance_count": 2,
            "frame_count": 6,
            "object_bytes": 20,
            "series_date": shifted(1),
            "body_part_examined": "HEAD",
            "kvp_kv": 120.0,
        }
        == series["2.25.20"]
    )
    assert series["2.25.21"]["series_date"] == shifted()
    (study,) = make(lake, "imaging.study")
    assert (study["modalities"], study["series_count"], study["instance_count"]) == ("CT,SR", 2, 3)
    assert not broken_table_rules(lake, "imaging.series")
    assert not broken_table_rules(lake, "imaging.study")


def test_a_study_of_two_persons_is_nobodys(lake: duckdb.DuckDBPyConnection) -> None:
    """Without a person the row rule sends study and series to quarantine."""
    instance(lake, 1)
    instance(lake, 2, series_instance_uid="2.25.21", person_id=BOB)
    instance(lake, 3, series_instance_uid="2.25.22", study_instance_uid="2.25.31")
    found = {row["series_instance_uid"]: row["person_id"] for row in make(lake, "imaging.series")}
    assert found == {"2.25.20": None, "2.25.21": None, "2.25.22": ANN}
    found = {row["study_instance_uid"]: row["person_id"] for row in make(lake, "imaging.study")}
    assert found == {"2.25.30": None, "2.25.31": ANN}


@pytest.mark.parametrize("where", ["accession_number", "id"])
def test_an_accession_finds_the_procedure_of_its_order(
    lake: duckdb.DuckDBPyConnection, where: str
) -> None:
    """The order's code in the order's visit, though another code lies nearer to the image."""
    instance(lake, 1, accession_pseudonym=BROKER.accession("ACC-1"), study_date=shifted(9))
    order(lake, **{where: "ACC-1"})
    procedure(lake, "right", CT_HEAD)
    procedure(lake, "other code", CT_CODE)
    procedure(lake, "other visit", CT_HEAD, encounter="v2", start=f"{DAY}T09:00:00Z")
    procedure(lake, "nearer", CT_CODE, encounter="v2", start=f"{DAY + timedelta(days=9)}")
    encounter(lake, "v1", 0, 0)
    encounter(lake, "v2", 0, 20)
    (row,) = link(lake)
    assert row["link_method"] == "accession"
    assert row["procedure_occurrence_id"] == procedure_key("right")
    assert (row["visit_occurrence_id"], row["distance_days"]) == (visit_key("v1"), 9)


def test_an_accession_of_another_person_finds_nothing(lake: duckdb.DuckDBPyConnection) -> None:
    instance(lake, 1, accession_pseudonym=BROKER.accession("ACC-1"), person_id=BOB)
    order(lake, accession_number="ACC-1")
    procedure(lake, "p", CT_HEAD)
    (row,) = link(lake)
    assert (row["link_method"], row["visit_occurrence_id"]) == ("study_made", None)


def test_a_uid_that_the_ehr_knows_finds_the_procedure(lake: duckdb.DuckDBPyConnection) -> None:
    instance(lake, 1, series_instance_uid=BROKER.uid("1.2.3"))
    instance(lake, 2, series_instance_uid="2.25.21", modality="SR")
    order(lake, procedure_code=None)
    encounter(lake, "v1", 0, 0)
    procedure(lake, "p", CT_HEAD)
    procedure(lake, "no image", XRAY_CODE)
    rows = link(lake)
    assert {row["link_method"] for row in rows} == {"imaging_study_uid"}
    assert {row["procedure_occurrence_id"] for row in rows} == {procedure_key("p")}


def test_else_the_nearest_compatible_procedure_within_a_day(
    lake: duckdb.DuckDBPyConnection,
) -> None:
    instance(lake, 1)
    procedure(lake, "day after", CT_HEAD, start=f"{DAY + timedelta(days=1)}T08:00:00Z")
    procedure(lake, "same day, x-ray", XRAY_CODE)
    procedure(lake, "two days", CT_HEAD, start=f"{DAY - timedelta(days=2)}T08:00:00Z")
    (row,) = link(lake)
    assert row["link_method"] == "person_modality_date"
    assert row["procedure_occurrence_id"] == procedure_key("day after")
    assert (row["distance_days"], row["is_procedure_made"]) == (1, False)


def test_ties_go_to_the_least_key_whatever_the_order(lake: duckdb.DuckDBPyConnection) -> None:
    instance(lake, 1)
    for key in ("a", "b", "c"):
        procedure(lake, key, CT_HEAD)
    (row,) = link(lake)
    assert row["procedure_occurrence_id"] == min(map(procedure_key, "abc"))


def test_else_the_study_makes_one_in_the_shortest_visit_of_its_day(
    lake: duckdb.DuckDBPyConnection,
) -> None:
    instance(lake, 1)
    encounter(lake, "long", -5, 5)
    encounter(lake, "short", -1, 1)
    encounter(lake, "elsewhen", 2, 2)
    (row,) = link(lake)
    assert (row["link_method"], row["distance_days"]) == ("study_made", None)
    assert row["procedure_occurrence_id"] == BROKER.omop_key("procedure_of_study", "2.25.30")
    assert row["visit_occurrence_id"] == visit_key("short")


def test_an_order_without_a_procedure_still_gives_its_visit(
    lake: duckdb.DuckDBPyConnection,
) -> None:
    instance(lake, 1, accession_pseudonym=BROKER.accession("ACC-1"))
    order(lake, accession_number="ACC-1", encounter="ordered")
    encounter(lake, "short", 0, 0)
    (row,) = link(lake)
    assert (row["link_method"], row["visit_occurrence_id"]) == ("study_made", visit_key("ordered"))


def extension(lake: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    for row in link(lake):
        fill(
            lake,
            "omop.procedure_occurrence",
            procedure_occurrence_id=row["procedure_occurrence_id"],
            person_id=row["person_id"],
        )
    rows = make(lake, "omop.image_occurrence")
    assert not broken_table_rules(lake, "omop.image_occurrence")
    return rows


def concept(lake: duckdb.DuckDBPyConnection, key: int, vocabulary: str, code: str) -> None:
    fill(lake, "omop.concept", concept_id=key, vocabulary_id=vocabulary, concept_code=code)


def test_an_image_occurrence_has_concepts_a_path_and_a_time(
    lake: duckdb.DuckDBPyConnection,
) -> None:
    concept(lake, 2_000_000_001, "DICOM", "CT")
    concept(lake, 5, "SNOMED", "51185008")  # the chest, as older vocabularies have it
    instance(lake, 1, body_part_examined="Chest", study_time="101530.25")
    encounter(lake, "v1", 0, 0)
    fill(lake, "omop.visit_occurrence", visit_occurrence_id=visit_key("v1"), person_id=ANN)
    (row,) = extension(lake)
    assert row["image_occurrence_id"] == BROKER.omop_key("image_occurrence", "2.25.20")
    assert (row["modality_concept_id"], row["anatomic_site_concept_id"]) == (2_000_000_001, 5)
    assert row["local_path"] == f"objects/{RESEARCH_ID[ANN]}/2.25.30/2.25.20"
    assert row["visit_occurrence_id"] == visit_key("v1")
    shifted_time = datetime(2019, 12, 1, 10, 15, 30, tzinfo=UTC)
    assert row["image_occurrence_datetime"] == shifted_time


def test_what_is_unknown_is_zero_or_empty_and_the_row_stays(
    lake: duckdb.DuckDBPyConnection,
) -> None:
    """A visit that was not published is no reason to lose the image."""
    instance(lake, 1, body_part_examined="TAIL", study_time="noon")
    encounter(lake, "v1", 0, 0)
    (row,) = extension(lake)
    assert (row["modality_concept_id"], row["anatomic_site_concept_id"]) == (0, 0)
    assert row["anatomic_site_source_value"] == "TAIL"
    assert (row["visit_occurrence_id"], row["image_occurrence_datetime"]) == (None, None)


def test_a_lost_series_breaks_the_table_rule(lake: duckdb.DuckDBPyConnection) -> None:
    instance(lake, 1)
    extension(lake)
    lake.execute("DELETE FROM omop.image_occurrence")
    assert broken_table_rules(lake, "omop.image_occurrence") == [
        "every_released_series_has_its_row"
    ]


def test_an_acquisition_attribute_is_a_feature_with_its_value(
    lake: duckdb.DuckDBPyConnection,
) -> None:
    concept(lake, 2_000_000_002, "DICOM", "00180050")
    concept(lake, 8588, "UCUM", "mm")
    concept(lake, 32817, "Type Concept", "OMOP4976890")
    instance(lake, 1, slice_thickness_mm=1.25, rows=512)
    extension(lake)
    rows = {row["image_feature_source_value"]: row for row in make(lake, "omop.image_feature")}
    assert set(rows) == {"00180050", "00280010"}
    thickness = rows["00180050"]
    assert (thickness["value_as_number"], thickness["unit_source_value"]) == (1.25, "mm")
    assert thickness["image_feature_concept_id"] == 2_000_000_002
    assert thickness["unit_concept_id"] == 8588
    assert thickness["image_feature_type_concept_id"] == 32817
    assert rows["00280010"]["value_as_number"] == 512
    assert not broken_table_rules(lake, "omop.image_feature")


def test_a_sample_is_released_only_with_consent(lake: duckdb.DuckDBPyConnection) -> None:
    for sample, consent in (("s1", "general_research"), ("s2", "Withdrawn"), ("s3", " ")):
        fill(
            lake,
            "raw.biobank_sample",
            sample_id=sample,
            patient="ann",
            collected_on=str(DAY),
            consent_scope=consent,
            exome_available="TRUE",
            file_uri="s3://biobank/s1.cram",
        )
    (row,) = make(lake, "genomics.sample")
    assert row["sample_pseudonym"] == BROKER.token("sample", "s1")
    assert row["specimen_id"] == BROKER.omop_key("specimen", "s1")
    assert (row["collected_on"], row["is_exome_available"]) == (shifted(), True)
    assert (row["is_genome_available"], "s1.cram" in row["file_uri"]) == (False, False)
