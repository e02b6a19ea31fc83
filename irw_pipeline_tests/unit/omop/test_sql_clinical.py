"""Every SELECT of the clinical tables, over a hospital of three patients."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from irw_pipeline.contracts.model import load_contract
from irw_pipeline.identity.broker import ehr_person_key
from irw_pipeline.ids import TableName
from irw_pipeline_tests.golden import omop_hospital
from irw_pipeline_tests.golden.omop_hospital import BROKER, IMAGE_PERSON, TABLES, rows

if TYPE_CHECKING:
    import duckdb


ANN, OLD = (BROKER.person_id(ehr_person_key(patient)) for patient in ("ann", "old"))
CANARIES = ("Canary", "CANARY", "Elm", "O'Hara", "Lowell", "999-12", "SERIAL9", "Dee", "ACC1")


@pytest.fixture(scope="module")
def hospital() -> duckdb.DuckDBPyConnection:
    return omop_hospital.hospital()


def shifted(patient: str, day: str) -> date:
    offset = BROKER.date_offset_days(ehr_person_key(patient))
    return date.fromordinal(date.fromisoformat(day).toordinal() - offset)


def test_a_person_is_who_the_ehr_or_the_images_know(hospital: duckdb.DuckDBPyConnection) -> None:
    """Over 89 at the last event: 90 years before it; images alone: study year less age."""
    found = dict(rows(hospital, "SELECT person_id, year_of_birth FROM omop.person"))
    assert found == {
        ANN: shifted("ann", "1980-06-15").year,
        OLD: shifted("old", "2015-03-01").year - 90,
        BROKER.person_id(ehr_person_key("new")): shifted("new", "2020-01-01").year,
        IMAGE_PERSON: 1981,
    }


def test_places_are_coarse(hospital: duckdb.DuckDBPyConnection) -> None:
    """05901 lies in one of the ZIP areas that HIPAA holds too small; its zero was lost."""
    found = rows(hospital, "SELECT state, zip FROM omop.location ORDER BY state")
    assert found == [("MA", "018"), ("VT", "000")]


def test_observation_periods_span_all_events(hospital: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        hospital,
        "SELECT person_id, observation_period_start_date, observation_period_end_date"
        " FROM omop.observation_period",
    )
    assert set(found) == {
        (ANN, shifted("ann", "2019-01-01"), shifted("ann", "2020-04-01")),
        (OLD, shifted("old", "2014-04-01"), shifted("old", "2015-03-01")),
        (IMAGE_PERSON, date(2021, 5, 5), date(2021, 5, 5)),
    }


def test_a_visit_never_ends_before_it_starts(hospital: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        hospital,
        "SELECT visit_concept_id, visit_start_date, visit_end_date, provider_id IS NULL,"
        " care_site_id IS NULL FROM omop.visit_occurrence ORDER BY visit_start_date",
    )
    assert found == [
        (9201, shifted("ann", "2020-03-01"), shifted("ann", "2020-03-05"), False, False),
        (0, shifted("ann", "2020-04-01"), shifted("ann", "2020-04-01"), True, True),
    ]


def test_codes_go_where_their_concept_belongs(hospital: duckdb.DuckDBPyConnection) -> None:
    """Two targets make two rows, an invalid map none; what maps to nothing stays at home as 0."""
    found = rows(hospital, "SELECT source_key, target_table, concept_id FROM source_event")
    assert {row for row in found if row[0][0] in "cpma"} == {
        ("c1", "condition_occurrence", 11),
        ("c2", "condition_occurrence", 0),
        ("c3", "condition_occurrence", 11),
        ("c4", "condition_occurrence", 11),
        ("p1", "procedure_occurrence", 12),
        ("p1", "measurement", 13),
        ("p2", "measurement", 13),
        ("p3", "procedure_occurrence", 0),
        ("m1", "drug_exposure", 14),
        ("a1", "observation", 18),
    }


def test_a_row_of_an_unknown_patient_is_not_dropped(
    hospital: duckdb.DuckDBPyConnection,
) -> None:
    """Without person and date, the contract sends it to quarantine."""
    found = rows(hospital, "SELECT person_id, start_date FROM source_event WHERE source_key = 'c4'")
    assert found == [(None, None)]


def test_only_a_drug_must_end(
    hospital: duckdb.DuckDBPyConnection,
) -> None:
    first = (
        "SELECT condition_end_date FROM omop.condition_occurrence WHERE condition_source_value = ?"
    )
    assert rows(hospital, first, "100")[0] == (None,)
    assert rows(hospital, first, "nil") == [(shifted("ann", "2020-03-02"),)]
    drug = rows(
        hospital,
        "SELECT drug_exposure_end_date, verbatim_end_date, refills FROM omop.drug_exposure"
        " WHERE drug_concept_id = 14",
    )
    assert drug == [(shifted("ann", "2020-03-01"), shifted("ann", "2020-02-20"), 2)]


def test_values_that_identify_are_dropped(hospital: duckdb.DuckDBPyConnection) -> None:
    found = dict(rows(hospital, "SELECT source_key, value_source_value FROM source_event"))
    assert {key: value for key, value in found.items() if key[0] == "o"} == {
        "o1": "168.4",
        "o2": None,  # street address, by its code
        "o3": None,  # the patient's name
        "o4": "annual visit",  # only whole words count
        "o5": shifted("ann", "2020-03-04").isoformat(),
        "o6": None,  # a date inside text
        "o7": None,  # the patient's street
    }
    height = rows(hospital, "SELECT value_as_number, unit_concept_id, measurement_time"
                            " FROM omop.measurement WHERE measurement_concept_id = 15")  # fmt: skip
    assert height == [(168.4, 16, "09:30:00")]


def test_only_the_device_identifier_of_a_udi_is_kept(hospital: duckdb.DuckDBPyConnection) -> None:
    found = rows(hospital, "SELECT unique_device_id, quantity FROM omop.device_exposure ORDER BY 1")
    assert found == [("(01)12345678901234", None), (None, 2)]


def test_a_study_without_a_procedure_makes_one(hospital: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        hospital,
        "SELECT procedure_occurrence_id, person_id, procedure_date, procedure_source_value"
        " FROM omop.procedure_occurrence WHERE procedure_source_value LIKE 'DICOM%'",
    )
    assert found == [(555, IMAGE_PERSON, date(2021, 5, 5), "DICOM CT,SR")]


def test_a_note_has_clean_text_and_points_to_its_study(hospital: duckdb.DuckDBPyConnection) -> None:
    found = rows(hospital, "SELECT note_title, note_text, note_event_id FROM omop.note")
    assert found == [("clean title", "clean text", 556)]


def test_a_sample_without_consent_is_no_specimen(hospital: duckdb.DuckDBPyConnection) -> None:
    found = rows(hospital, "SELECT specimen_source_id, specimen_date FROM omop.specimen")
    assert found == [(BROKER.token("sample", "b1"), shifted("ann", "2020-03-03"))]


def test_an_era_closes_gaps_of_thirty_days(hospital: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        hospital,
        "SELECT condition_era_start_date, condition_era_end_date, condition_occurrence_count"
        " FROM omop.condition_era WHERE person_id IS NOT NULL",
    )
    assert found == [(shifted("ann", "2020-03-01"), shifted("ann", "2020-03-20"), 2)]


def test_nothing_of_an_identity_is_left(hospital: duckdb.DuckDBPyConnection) -> None:
    for canary in (
        "Canary",
        "CANARY",
        "Elm",
        "O'Hara",
        "Lowell",
        "999-12",
        "SERIAL9",
        "Dee",
        "ACC1",
    ):
        assert not places_of(hospital, canary), canary


def places_of(connection: duckdb.DuckDBPyConnection, word: str) -> list[str]:
    found = []
    for table in TABLES:
        strings = [
            column.name
            for column in load_contract(TableName("omop", table)).columns
            if column.physical_type == "string"
        ]
        for column in strings:
            query = f'SELECT count(*) FROM omop.{table} WHERE contains("{column}", ?)'
            if rows(connection, query, word) != [(0,)]:
                found.append(f"{table}.{column}")
    return found
