"""Who becomes a member of the shipped cohorts, with a vocabulary and without one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from irw_pipeline.cohort.definition import CohortCode, CohortDefinition, load_definitions
from irw_pipeline_tests.factories.tables import broken_table_rules, empty_lake, fill, make

if TYPE_CHECKING:
    import duckdb

DEFINITIONS = load_definitions()
CODES = [(d, code) for d in DEFINITIONS.values() for code in d.codes]
INDEX = date(2020, 1, 1)


@pytest.fixture(scope="module")
def lake() -> duckdb.DuckDBPyConnection:
    return empty_lake()


@pytest.fixture(autouse=True)
def _empty(lake: duckdb.DuckDBPyConnection) -> None:
    for table in (
        "omop.image_occurrence",
        "omop.condition_occurrence",
        "omop.procedure_occurrence",
        "omop.measurement",
        "omop.concept",
        "omop.concept_ancestor",
        "genomics.sample",
    ):
        lake.execute(f"DELETE FROM {table}")


def image(
    lake: duckdb.DuckDBPyConnection,
    definition: CohortDefinition,
    person: int,
    key: int,
    **values: Any,
) -> None:
    base = {
        "person_id": person,
        "image_occurrence_id": key,
        "procedure_occurrence_id": key,
        "image_series_uid": f"2.25.{key}",
        "image_study_uid": "2.25.1",
        "modality_source_value": (definition.modalities or ("CT",))[0],
        "anatomic_site_source_value": (definition.body_parts or (None,))[0],
        "image_occurrence_date": INDEX + timedelta(days=key),
    }
    fill(lake, "omop.image_occurrence", **(base | values))


def event(
    lake: duckdb.DuckDBPyConnection, role: str, person: int, day: date, **values: Any
) -> None:
    table = {"condition": "condition_occurrence", "procedure": "procedure_occurrence"}[role]
    when = "condition_start_date" if role == "condition" else "procedure_date"
    named = {f"{role}_{name}": value for name, value in values.items()}
    fill(lake, f"omop.{table}", **{"person_id": person, when: day} | named)


def members(lake: duckdb.DuckDBPyConnection, definition: CohortDefinition) -> list[dict[str, Any]]:
    rows = make(lake, str(definition.table), definition.sql, definition.frames())
    assert not broken_table_rules(lake, str(definition.table))
    return rows


@pytest.mark.parametrize(
    ("definition", "code"), CODES, ids=lambda value: getattr(value, "concept_code", None)
)
def test_each_code_finds_its_patient_without_a_vocabulary(
    lake: duckdb.DuckDBPyConnection, definition: CohortDefinition, code: CohortCode
) -> None:
    """Prefixes stand for longer codes; the index is the first event, whatever came later."""
    written = code.concept_code + ("9" if code.is_prefix else "")
    for day in (INDEX + timedelta(days=3), INDEX):
        event(lake, code.role, 1, day, source_value=written, concept_id=0)
    event(lake, code.role, 2, INDEX, source_value="999", concept_id=0)
    image(lake, definition, 1, 5)
    if definition.name != "mammography":
        image(lake, definition, 2, 6)
    (row,) = members(lake, definition)
    assert (row["person_id"], row["image_occurrence_id"]) == (1, 5)
    assert (row["index_date"], row["days_from_index"]) == (INDEX, 5)
    assert row["cohort_name"] == definition.name


@pytest.mark.parametrize("name", sorted({d.name for d, _ in CODES}))
def test_a_concept_below_a_wanted_one_counts(lake: duckdb.DuckDBPyConnection, name: str) -> None:
    definition = DEFINITIONS[name]
    code = next(code for code in definition.codes if not code.is_prefix)
    fill(
        lake,
        "omop.concept",
        concept_id=7,
        vocabulary_id=code.vocabulary_id,
        concept_code=code.concept_code,
    )
    fill(lake, "omop.concept_ancestor", ancestor_concept_id=7, descendant_concept_id=8)
    event(lake, code.role, 1, INDEX, concept_id=8, source_value="local")
    image(lake, definition, 1, 5)
    (row,) = members(lake, definition)
    assert row["person_id"] == 1


def test_icd_codes_match_with_and_without_their_dot(lake: duckdb.DuckDBPyConnection) -> None:
    definition = DEFINITIONS["spine_injury"]
    for person, code in ((1, "S22.001A"), (2, "S22001A"), (3, "S22.31XA")):
        event(lake, "condition", person, INDEX, source_value=code, concept_id=0)
        image(lake, definition, person, person)
    assert {row["person_id"] for row in members(lake, definition)} == {1, 2}


def test_images_of_other_modalities_and_parts_are_left_out(
    lake: duckdb.DuckDBPyConnection,
) -> None:
    """A header that does not say which part it shows is kept."""
    definition = DEFINITIONS["spine_injury"]
    event(lake, "condition", 1, INDEX, source_value="S12", concept_id=0)
    image(lake, definition, 1, 1, anatomic_site_source_value="C-Spine")
    image(lake, definition, 1, 2, anatomic_site_source_value=None)
    image(lake, definition, 1, 3, anatomic_site_source_value="KNEE")
    image(lake, definition, 1, 4, modality_source_value="MG")
    assert {row["image_occurrence_id"] for row in members(lake, definition)} == {1, 2}


def test_a_mammogram_that_only_the_images_know_counts(lake: duckdb.DuckDBPyConnection) -> None:
    definition = DEFINITIONS["mammography"]
    image(lake, definition, 1, 5)
    fill(
        lake,
        "omop.procedure_occurrence",
        procedure_occurrence_id=5,
        person_id=1,
        procedure_date=INDEX,
        procedure_source_value="DICOM MG",
    )
    (row,) = members(lake, definition)
    assert (row["index_date"], row["days_from_index"]) == (INDEX, 5)


def test_genomics_asks_for_an_exome_and_an_image(lake: duckdb.DuckDBPyConnection) -> None:
    definition = DEFINITIONS["genomics"]
    for person, has_exome in ((1, True), (2, False), (3, True)):
        fill(
            lake,
            "genomics.sample",
            sample_pseudonym=str(person),
            person_id=person,
            collected_on=INDEX,
            is_exome_available=has_exome,
        )
    image(lake, definition, 1, 5)
    image(lake, definition, 2, 6)
    assert [row["person_id"] for row in members(lake, definition)] == [1]
