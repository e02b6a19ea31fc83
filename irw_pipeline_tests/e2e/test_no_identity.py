"""Nothing that names a patient reaches the research zone, Dagster's records or what a run says."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pydicom
import pytest

from irw_pipeline.demo.draw import UID_ROOT
from irw_pipeline.demo.hospital import RELEASED
from irw_pipeline.demo.people import OPERATORS, make_staff, make_stranger
from irw_pipeline_tests.e2e.whole_run import TEXT_OF_ROWS, delta_tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from irw_pipeline_tests.e2e.whole_run import World

SHORTEST = 5
"""A shorter token is found in any binary by chance."""
_SEED = 2017
_DAY = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{2}/[0-9]{2}/[0-9]{4}|[0-9]{2}[.][0-9]{2}[.][0-9]{4}"
)


@pytest.fixture(scope="module")
def identities(world: World) -> frozenset[bytes]:
    """Every text that names a person, an examination or an object of the hospital, in lower case.

    Left out: city, county and state, which as words stand in headers and name nobody, and what is
    shorter than `SHORTEST`.
    """
    found = {UID_ROOT}
    for person in (*world.hospital.people, make_stranger(_SEED)):
        found |= {person.ehr_id, person.first, person.last, person.ssn, person.licence}
        found |= {person.passport, person.street, person.phone, person.old_mrn or ""}
        found |= {person.ehr_id.replace("-", ""), re.sub(r"\D", "", person.ssn)}
        found |= {person.born_on.strftime(form) for form in ("%Y-%m-%d", "%Y%m%d", "%m/%d/%Y")}
    for study in world.hospital.studies:
        found |= {study.accession, study.accession.removeprefix("ACC"), study.uid}
    for clinician in make_staff(_SEED):
        found |= {clinician.first, clinician.last, clinician.provider_id}
    found |= {part for operator in OPERATORS for part in operator.split("^")}
    for table, columns in {
        "encounters": ("Id",),
        "imaging_studies": ("Id", "SERIES_UID", "INSTANCE_UID"),
        "notes": ("Id",),
        "organizations": ("Id", "ADDRESS", "PHONE"),
        "devices": ("UDI",),
        "payer_transitions": ("MEMBERID",),
    }.items():
        found |= {row[column] for row in world.csv(table) for column in columns}
    forms = {text.encode(coding) for text in found for coding in ("utf-8", "latin-1", "iso8859-2")
             if len(text) >= SHORTEST and _can(text, coding)}  # fmt: skip
    assert len(forms) > 100
    return frozenset(form.lower() for form in forms)


def _can(text: str, coding: str) -> bool:
    return text.encode(coding, "ignore").decode(coding) == text


@cache
def _pattern(tokens: frozenset[bytes]) -> re.Pattern[bytes]:
    return re.compile(b"|".join(re.escape(token) for token in sorted(tokens)))


def leaks(content: bytes, tokens: frozenset[bytes]) -> set[bytes]:
    """Return the tokens that occur, whatever their case."""
    return set(_pattern(tokens).findall(content.lower()))


def files(folder: Path) -> Iterator[Path]:
    yield from (path for path in sorted(folder.rglob("*")) if path.is_file())


def test_search_finds_what_the_drop_holds(world: World, identities: frozenset[bytes]) -> None:
    """The search is no proof unless it finds the same texts where they are."""
    images = [item for item in world.hospital.received if item.outcome == RELEASED]
    unfound = [
        item.path
        for item in images
        if len(leaks((world.hospital.dicom / item.path).read_bytes(), identities)) < 3
    ]
    assert unfound == []
    raw = world.lake / "restricted" / "raw"
    rows = world.rows(TEXT_OF_ROWS.format(table="raw.ehr_patient"))
    assert raw.is_dir()
    assert all(len(leaks(row["line"].encode(), identities)) >= 5 for row in rows)


def test_no_table_of_the_research_zone_holds_identity(
    world: World, identities: frozenset[bytes]
) -> None:
    found = {}
    for folder in delta_tables(world.lake / "research"):
        table = f"{folder.parent.name}.{folder.name}"
        rows = world.rows(TEXT_OF_ROWS.format(table=table))
        text = "\n".join(row["line"] or "" for row in rows).encode()
        if hits := leaks(text, identities):
            found[table] = sorted(hits)
    assert found == {}


def test_no_byte_of_the_research_zone_holds_identity(
    world: World, identities: frozenset[bytes]
) -> None:
    """Objects, Delta logs, statistics and footers of Parquet, and the names of files."""
    research = world.lake / "research"
    found = {
        path.relative_to(research).as_posix(): sorted(hits)
        for path in files(research)
        if (hits := leaks(path.read_bytes(), identities))
    }
    assert found == {}
    names = "\n".join(path.relative_to(research).as_posix() for path in files(research))
    assert leaks(names.encode(), identities) == set()


def test_no_name_in_landing_or_quarantine_holds_identity(
    world: World, identities: frozenset[bytes]
) -> None:
    names = "\n".join(path.relative_to(world.lake).as_posix() for path in files(world.lake))
    assert leaks(names.encode(), identities) == set()


def test_records_of_dagster_hold_no_identity(world: World, identities: frozenset[bytes]) -> None:
    recorded = list(files(world.home))
    assert any(path.suffix == ".db" for path in recorded)
    found = {
        path.name: sorted(hits)
        for path in recorded
        if (hits := leaks(path.read_bytes(), identities))
    }
    assert found == {}


def test_run_says_nothing_of_identity(world: World, identities: frozenset[bytes]) -> None:
    said = world.done.stdout + world.done.stderr
    assert said
    assert leaks(said.encode(), identities) == set()


def test_no_identity_key_in_any_file(world: World) -> None:
    secret = world.key_file.read_text(encoding="ascii").strip()
    held = (secret.encode(), bytes.fromhex(secret))
    keyed = [path for path in (*files(world.lake), *files(world.home))
             if any(form in path.read_bytes() for form in held)]  # fmt: skip
    assert keyed == []
    assert secret not in world.done.stdout + world.done.stderr


def test_no_released_object_keeps_a_birth_date_or_an_original_uid(world: World) -> None:
    originals = {
        str(element.value)
        for _, source in world.sources.values()
        for element in source
        if element.keyword in {"StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"}
    }
    born = {person.born_on.strftime("%Y%m%d") for person in world.hospital.people}
    for row in world.rows("SELECT object_path FROM imaging.instance"):
        dataset = pydicom.dcmread(world.lake / "research" / row["object_path"])
        assert not dataset.get("PatientBirthDate")
        values = {str(element.value) for element in dataset.iterall()}
        assert not values & originals
        assert not values & born


def days(dataset: pydicom.Dataset | str) -> set[str]:
    """Return the dates that stand in a text, or in the text items of a report."""
    if isinstance(dataset, str):
        return {match.group() for match in _DAY.finditer(dataset)}
    items = dataset.get("ContentSequence", [])
    return {day for item in items for day in days(item.get("TextValue", ""))}


def test_dates_in_the_text_of_notes_are_shifted(world: World) -> None:
    """In whatever form and wherever in a sentence the report has them."""
    broker = world.warehouse.broker
    rows = world.rows("SELECT note_id, note_text FROM omop.note")
    released = {row["note_id"]: days(row["note_text"]) for row in rows}
    originals = {broker.omop_key("note", n["Id"]): days(n["TEXT"]) for n in world.csv("notes")}
    assert any(released.values())
    assert {day for note, kept in released.items() for day in kept & originals[note]} == set()


def test_dates_in_the_text_of_released_reports_are_shifted(world: World) -> None:
    rows = world.rows(
        "SELECT sop_instance_uid, object_path FROM imaging.instance WHERE modality = 'SR'"
    )
    kept = set()
    for row in rows:
        _, source = world.sources[row["sop_instance_uid"]]
        released = pydicom.dcmread(world.lake / "research" / row["object_path"])
        assert days(released)
        kept |= days(source) & days(released)
    assert kept == set()


def test_no_date_column_holds_a_birth_date(world: World) -> None:
    (person,) = world.rows(
        "SELECT count(month_of_birth) AS months, count(day_of_birth) AS days, "
        "count(birth_datetime) AS moments FROM omop.person"
    )
    assert person == {"months": 0, "days": 0, "moments": 0}
