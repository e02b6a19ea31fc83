"""A definition is read strictly, and its SQL can read the research zone only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from irw_pipeline.cohort.definition import load_definition, load_definitions
from irw_pipeline.contracts.model import load_contract
from irw_pipeline.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

YAML = "{name: mine, title: Mine, field: test, description: Ours., sql: mine.sql%s}"
SELECT = (
    "-- cohort.mine: one row per person.\n"
    "-- Reads omop.person.\n"
    "SELECT p.person_id FROM omop.person AS p"
)
FOUNDING = {
    "mammography",
    "prostate_cancer",
    "neurodegenerative_disease",
    "bowel_disease",
    "spine_injury",
    "genomics",
}


def write(folder: Path, sql: str = SELECT, more: str = "") -> Path:
    (folder / "mine.sql").write_text(sql)
    (folder / "mine.yaml").write_text(YAML % more)
    return folder / "mine.yaml"


def test_the_six_founding_cohorts_ship_each_with_its_contract() -> None:
    definitions = load_definitions()
    assert set(definitions) >= FOUNDING
    for name, definition in definitions.items():
        assert definition.table == load_contract(definition.table).table
        assert (definition.name, len(definition.sha256)) == (name, 64)
        assert set(definition.sql.frames) <= set(definition.frames())


def test_a_file_of_a_user_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, more=", modalities: [mr]")
    definition = load_definition(path)
    assert definition.frames()["cohort_modality"].to_pydict() == {"modality": ["MR"]}
    assert definition.frames()["cohort_concept"].num_rows == 0
    assert [str(table) for table in definition.sql.reads] == ["omop.person"]
    assert load_definition(tmp_path / "mine.sql").description == "one row per person."


def test_the_digest_changes_with_yaml_and_with_sql(tmp_path: Path) -> None:
    first = load_definition(write(tmp_path)).sha256
    assert load_definition(write(tmp_path)).sha256 == first
    assert load_definition(write(tmp_path, more=", modalities: [MR]")).sha256 != first
    assert load_definition(write(tmp_path, SELECT + " WHERE TRUE")).sha256 != first


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (", colour: red", "unknown key colour"),
        (", modalities: MR", "modalities is not a list"),
        (", concepts: [{concept_code: '1'}]", "does not have"),
        (
            ", concepts: [{vocabulary_id: SNOMED, concept_code: 1, name: a, role: condition}]",
            "put codes in quotes",
        ),
        (
            ", concepts: [{vocabulary_id: SNOMED, concept_code: '1', name: a, role: cure}]",
            "a role that is none of",
        ),
        (", title: ", "title is missing"),
        ("]", "not valid YAML"),
    ],
)
def test_a_malformed_definition_says_what_is_wrong(tmp_path: Path, more: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        load_definition(write(tmp_path, more=more))


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("SELECT", "it is not DuckDB SQL"),
        ("SELECT 1; SELECT 2", "not a single SELECT"),
        ("DROP TABLE omop.person", "not a single SELECT"),
        ("COPY (SELECT 1) TO 'x.csv'", "not a single SELECT"),
        ("SELECT * FROM raw.ehr_patient", "reads the schema raw"),
        ("WITH a AS (SELECT 1 FROM vault.person_map) FROM a", "reads the schema vault"),
        ("SELECT (SELECT max(person_id) FROM vault.person_map)", "reads the schema vault"),
        ("SELECT * FROM read_csv('x.csv')", "table function read_csv"),
        ("SELECT * FROM 'x.parquet'", "reads a file"),
        ("SELECT * FROM other.omop.person", "another database"),
        ("-- Uses view ehr_imaging_order.\nSELECT * FROM ehr_imaging_order", "is not released"),
    ],
)
def test_a_query_that_does_more_than_read_research_is_refused(
    tmp_path: Path, sql: str, problem: str
) -> None:
    """A cohort is built under credentials that open more than the research zone."""
    with pytest.raises(InputError, match=problem):
        load_definition(write(tmp_path, sql))


def test_an_absent_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.yaml: the file is absent"):
        load_definition(tmp_path / "none.yaml")
