"""Damage to the demo's drops: each kind does what it says and nothing else."""

from __future__ import annotations

import csv
import hashlib
from typing import TYPE_CHECKING

import pydicom
import pytest

from irw_pipeline.demo.damage import DAMAGES, break_hospital
from irw_pipeline.demo.hospital import make_hospital
from irw_pipeline.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

CHANGED = {
    "duplicate_keys": {"ehr/encounters.csv"},
    "orphan_person": {"ehr/conditions.csv"},
    "future_date": {"ehr/encounters.csv", "ehr/conditions.csv"},
    "unknown_modality": {"dicom/patient000/study01/series01/image001.dcm"},
    "missing_required": {
        "ehr/patients.csv",
        "dicom/patient000/study01/series01/image001.dcm",
    },
    "missing_column": {"ehr/encounters.csv"},
}


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", sorted(DAMAGES))
def test_damage_changes_only_what_it_says_and_always_alike(name: str, tmp_path: Path) -> None:
    for folder in ("whole", "one", "two"):
        make_hospital(tmp_path / folder, patients=4)
    whole = hashes(tmp_path / "whole")

    done = break_hospital(tmp_path / "one", name)
    again = break_hospital(tmp_path / "two", name)
    broken = hashes(tmp_path / "one")

    assert {path for path, found in broken.items() if whole[path] != found} == CHANGED[name]
    assert (done, broken) == (again, hashes(tmp_path / "two"))
    assert all(path in done for path in CHANGED[name])


def test_damage_is_of_the_kind_that_it_names(tmp_path: Path) -> None:
    for name in DAMAGES:
        make_hospital(tmp_path / name, patients=4)
        break_hospital(tmp_path / name, name)
    encounters = rows(tmp_path / "duplicate_keys/ehr/encounters.csv")
    conditions = rows(tmp_path / "orphan_person/ehr/conditions.csv")
    known = {row["Id"] for row in rows(tmp_path / "orphan_person/ehr/patients.csv")}
    image = "dicom/patient000/study01/series01/image001.dcm"

    assert len(encounters) - len({row["Id"] for row in encounters}) == 3
    assert sum(row["PATIENT"] not in known for row in conditions) == 2
    for table in ("encounters", "conditions"):
        assert rows(tmp_path / f"future_date/ehr/{table}.csv")[0]["START"].startswith("2999")
    assert pydicom.dcmread(tmp_path / "unknown_modality" / image).Modality == "ZZ"
    assert "StudyInstanceUID" not in pydicom.dcmread(tmp_path / "missing_required" / image)
    assert not rows(tmp_path / "missing_required/ehr/patients.csv")[-1]["BIRTHDATE"]
    assert "PATIENT" not in rows(tmp_path / "missing_column/ehr/encounters.csv")[0]


def test_an_unknown_name_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="duplicate_keys, orphan_person"):
        break_hospital(tmp_path, "earthquake")


def test_a_folder_without_hospital_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="make the demo hospital first"):
        break_hospital(tmp_path, "future_date")
