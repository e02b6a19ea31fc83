"""Each kind of damage is stopped by the gate that it names, and nothing behind it is touched."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from irw_pipeline.demo.damage import DAMAGES, break_hospital
from irw_pipeline.demo.hospital import make_hospital
from irw_pipeline.settings import write_new_secret
from irw_pipeline_tests.e2e.whole_run import World, run_irw, versions

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

ROW_DAMAGES = ("orphan_person", "future_date", "unknown_modality", "missing_required")
WHOLE_DAMAGES = ("duplicate_keys", "missing_column")


def test_every_kind_of_damage_is_tried_here() -> None:
    assert {*ROW_DAMAGES, *WHOLE_DAMAGES} == set(DAMAGES)


@dataclass(frozen=True)
class Refused:
    """A run over a damaged drop, and the lake's commits before it."""

    done: subprocess.CompletedProcess[str]
    before: dict[str, list[str]]
    world: World


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> World:
    """One run over a small drop with all damages that rows can have."""
    root = tmp_path_factory.mktemp("damaged")
    hospital = make_hospital(root / "hospital", patients=4)
    for folder in hospital.dicom.iterdir():
        if folder.name != "patient000":
            shutil.rmtree(folder)
    for study in sorted((hospital.dicom / "patient000").iterdir())[1:]:
        shutil.rmtree(study)
    for name in ROW_DAMAGES:
        break_hospital(hospital.root, name)
        if name == "unknown_modality":  # the next damage would hit the same file
            image = min((hospital.dicom / "patient000").rglob("*.dcm"))
            image.rename(hospital.dicom / "unknown_modality.dcm")
    key_file = root / "identity.key"
    write_new_secret(key_file)
    done = run_irw(root / "lake", root / "home", key_file, hospital)
    return World(hospital, root / "lake", root / "home", key_file, done)


def refuse(world: World, copy: Path, name: str) -> Refused:
    """Run an extract with one more damage over the lake of `damaged`."""
    shutil.copytree(world.hospital.ehr, copy / "ehr")
    break_hospital(copy, name)
    before = versions(world.lake)
    done = run_irw(world.lake, world.home, world.key_file, world.hospital, ehr=copy / "ehr")
    return Refused(done, before, world)


@pytest.fixture(scope="module")
def duplicated(damaged: World, tmp_path_factory: pytest.TempPathFactory) -> Refused:
    return refuse(damaged, tmp_path_factory.mktemp("duplicated"), "duplicate_keys")


def test_rows_and_objects_that_break_a_rule_wait_in_quarantine(damaged: World) -> None:
    assert damaged.done.returncode == 2, damaged.done.stderr[-2000:]
    rows = damaged.rows("SELECT DISTINCT table_name, reason_code FROM quarantine.row")
    refused = {(row["table_name"], row["reason_code"]) for row in rows}
    assert {
        ("raw.ehr_condition", "ORPHAN_REFERENCE"),
        ("raw.ehr_encounter", "FUTURE_DATE"),
        ("raw.ehr_condition", "FUTURE_DATE"),
        ("raw.ehr_patient", "REQUIRED_MISSING"),
        ("imaging.instance", "VALUE_NOT_ALLOWED"),
    } <= refused
    reasons = damaged.rows(
        "SELECT reason_code, count(*) AS n FROM quarantine.instance GROUP BY ALL"
    )
    assert {row["reason_code"]: row["n"] for row in reasons} == {
        "VALUE_NOT_ALLOWED": 1,
        "MISSING_REQUIRED_ATTRIBUTE": 1,
    }


def test_what_waits_is_not_published(damaged: World) -> None:
    (found,) = damaged.rows(
        "SELECT (SELECT count(*) FROM raw.ehr_patient) AS patients, "
        "(SELECT count(*) FROM omop.person) AS persons, "
        "(SELECT count(*) FROM raw.ehr_encounter WHERE start >= '2999') AS encounters, "
        "(SELECT count(*) FROM raw.ehr_condition WHERE start >= '2999') AS conditions, "
        "(SELECT count(*) FROM imaging.instance WHERE modality = 'ZZ') AS images"
    )
    assert found == {"patients": 3, "persons": 3, "encounters": 0, "conditions": 0, "images": 0}


def test_what_is_whole_is_published_all_the_same(damaged: World) -> None:
    (found,) = damaged.rows(
        "SELECT (SELECT count(*) FROM imaging.instance) AS images, "
        "(SELECT count(*) FROM omop.visit_occurrence) AS visits, "
        "(SELECT count(*) FROM omop.condition_occurrence) AS conditions"
    )
    assert all(found.values())


def test_table_that_breaks_a_table_rule_is_refused_by_name(duplicated: Refused) -> None:
    assert duplicated.done.returncode == 1
    (line,) = [said for said in duplicated.done.stderr.splitlines() if said.startswith("irw: ")]
    assert "load_ehr_job" in line
    assert "raw.ehr_encounter was not published" in line
    assert "primary_key_is_unique" in line
    assert "Refused by their gate, nothing published: raw.ehr_encounter" in duplicated.done.stdout


def test_nothing_behind_a_refused_table_runs(duplicated: Refused) -> None:
    assert "ingest_batch_job" not in duplicated.done.stderr
    assert "publish_job" not in duplicated.done.stderr


def test_what_was_published_before_stays_as_it_was(duplicated: Refused) -> None:
    after = versions(duplicated.world.lake)
    changed = {name for name in after if after[name] != duplicated.before.get(name)}
    # what was said of the drop, and its rows that wait: a double of one that waited before
    said = {"restricted/raw/landing_drop", "restricted/ops/gate_verdict"}
    assert changed <= {*said, "quarantine/quarantine/row"}


def test_extract_without_a_column_is_refused_before_anything_is_landed(
    damaged: World, duplicated: Refused, tmp_path: Path
) -> None:
    assert duplicated
    refused = refuse(damaged, tmp_path, "missing_column")
    assert refused.done.returncode == 1
    (line,) = refused.done.stderr.splitlines()
    assert line.startswith("irw: encounters.csv lacks the required column")
    assert "patient" in line
    assert versions(damaged.lake) == refused.before
