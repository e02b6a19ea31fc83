"""Damage to a demo hospital's drops, each kind named after what a gate must then say."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import pydicom

from irw_pipeline.demo.archive import write_dataset
from irw_pipeline.demo.draw import Draw
from irw_pipeline.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Damage:
    """One kind of damage: what it does to a drop, and which gate must stop what."""

    name: str
    what: str
    expected_gate: str
    apply: Callable[[Path], str]


def _change_csv(path: Path, change: Callable[[list[str], list[dict[str, str]]], list[str]]) -> None:
    """Rewrite a CSV file; `change` may edit the rows and returns the columns to write."""
    if not path.is_file():
        raise InputError(f"there is no {path.name} to damage; make the demo hospital first")
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        columns, rows = list(reader.fieldnames or ()), list(reader)
    kept = change(columns, rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, kept, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _an_image(hospital: Path) -> Path:
    """Return the first image of the first patient who has no old MRN."""
    images = sorted((hospital / "dicom" / "patient000" / "study01").rglob("*.dcm"))
    if not images:
        raise InputError("there is no image to damage; make the demo hospital first")
    return images[0]


def _change_image(hospital: Path, keyword: str, value: str | None) -> str:
    path = _an_image(hospital)
    dataset = pydicom.dcmread(path)
    if value is None:
        delattr(dataset, keyword)
    else:
        setattr(dataset, keyword, value)
    write_dataset(dataset, path)
    return path.relative_to(hospital).as_posix()


def _duplicate_keys(hospital: Path) -> str:
    def change(columns: list[str], rows: list[dict[str, str]]) -> list[str]:
        rows += [{**row, "ENCOUNTERCLASS": "virtual"} for row in rows[:3]]
        return columns

    _change_csv(hospital / "ehr" / "encounters.csv", change)
    return "ehr/encounters.csv: three rows more, with the Id of the first three"


def _orphan_person(hospital: Path) -> str:
    def change(columns: list[str], rows: list[dict[str, str]]) -> list[str]:
        nobody = Draw("nobody").uuid()
        rows += [{**row, "PATIENT": nobody} for row in rows[:2]]
        return columns

    _change_csv(hospital / "ehr" / "conditions.csv", change)
    return "ehr/conditions.csv: two rows more, of a patient who is not in patients.csv"


def _future_date(hospital: Path) -> str:
    def in_2999(columns: list[str], rows: list[dict[str, str]]) -> list[str]:
        rows[0]["START"] = "2999" + rows[0]["START"][4:]
        if "Id" in columns:
            rows[0]["STOP"] = "2999" + rows[0]["STOP"][4:]
        return columns

    _change_csv(hospital / "ehr" / "encounters.csv", in_2999)
    _change_csv(hospital / "ehr" / "conditions.csv", in_2999)
    return "ehr/encounters.csv and ehr/conditions.csv: the first row of each starts in 2999"


def _unknown_modality(hospital: Path) -> str:
    path = _change_image(hospital, "Modality", "ZZ")
    return f"{path}: Modality is ZZ"


def _missing_required(hospital: Path) -> str:
    def change(columns: list[str], rows: list[dict[str, str]]) -> list[str]:
        rows[-1]["BIRTHDATE"] = ""
        return columns

    _change_csv(hospital / "ehr" / "patients.csv", change)
    path = _change_image(hospital, "StudyInstanceUID", None)
    return f"ehr/patients.csv: the last row has no birth date; {path}: no StudyInstanceUID"


def _missing_column(hospital: Path) -> str:
    def change(columns: list[str], rows: list[dict[str, str]]) -> list[str]:
        del rows
        return [column for column in columns if column != "PATIENT"]

    _change_csv(hospital / "ehr" / "encounters.csv", change)
    return "ehr/encounters.csv: the column PATIENT is gone"


_ALL = (
    Damage(
        "duplicate_keys",
        "three encounters have the Id of another one",
        "table rule primary_key_is_unique of raw.ehr_encounter: nothing is published",
        _duplicate_keys,
    ),
    Damage(
        "orphan_person",
        "two conditions belong to a patient whom the EHR does not list",
        "row rule ORPHAN_REFERENCE of raw.ehr_condition: the rows go to quarantine",
        _orphan_person,
    ),
    Damage(
        "future_date",
        "an encounter and a condition start in the year 2999",
        "row rule FUTURE_DATE of raw.ehr_encounter and raw.ehr_condition: they go to quarantine",
        _future_date,
    ),
    Damage(
        "unknown_modality",
        "an image says Modality ZZ, which DICOM does not define",
        "row rule VALUE_NOT_ALLOWED of imaging.instance: the row goes to quarantine",
        _unknown_modality,
    ),
    Damage(
        "missing_required",
        "a patient has no birth date, an image has no StudyInstanceUID",
        "row rule REQUIRED_MISSING of raw.ehr_patient, and MISSING_REQUIRED_ATTRIBUTE of the "
        "de-identification: row and object go to quarantine",
        _missing_required,
    ),
    Damage(
        "missing_column",
        "encounters.csv has lost its column PATIENT",
        "the EHR drop is refused before anything is published",
        _missing_column,
    ),
)

DAMAGES: Mapping[str, Damage] = MappingProxyType({damage.name: damage for damage in _ALL})
"""Every kind of damage by its name."""


def break_hospital(hospital_dir: Path, name: str) -> str:
    """Damage the drops of a demo hospital and return what was done, in one line.

    The same hospital and name give the same bytes.

    Args:
        hospital_dir: The folder that `make_hospital` wrote.
        name: A key of `DAMAGES`.

    Raises:
        InputError: The name is not one of `DAMAGES`, or there is no demo hospital in the folder.
    """
    if name not in DAMAGES:
        raise InputError(f"no damage is called {name!r}; choose one of {', '.join(DAMAGES)}")
    return DAMAGES[name].apply(hospital_dir)
