"""Whatever is wrong with a command, it ends with code 1 and one line that says what to do."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from irw_pipeline.cli import main
from irw_pipeline.settings import KEY_FILE_NAME

if TYPE_CHECKING:
    from pathlib import Path

# Great Expectations imports sre_constants, which Python 3.11 deprecates
pytestmark = pytest.mark.filterwarnings("ignore:module 'sre_:DeprecationWarning")
ENCOUNTERS = "Id,START,STOP,PATIENT,ENCOUNTERCLASS,CODE\n"
PATIENTS = "Id,BIRTHDATE,DEATHDATE,SSN,FIRST,LAST,GENDER,RACE,ETHNICITY\n"
CANARY = "Quillfeather"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("IRW_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def refusal(*arguments: str | Path) -> str:
    """Run a command that must be refused and return its line."""
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert done.exit_code == 1
    assert "Traceback" not in done.output
    assert done.stderr.startswith("irw: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("fly",),
        ("run", "--wings", "2"),
        ("run", "--dicom"),
        ("receive", "--port", "no number", "--aet", "IRW"),
        ("demo", "--patients", "0"),
        ("sql",),
        ("cohort", "fly"),
        ("cohort", "build"),
        ("keys", "fly"),
        ("sql", "SELECT 1", "--format", "xml"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_refused(arguments: tuple[str, ...]) -> None:
    assert "irw --help" in refusal(*arguments)


@pytest.mark.parametrize("arguments", [(), ("cohort",), ("keys",)], ids=" ".join)
def test_no_command_shows_the_help(arguments: tuple[str, ...]) -> None:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 1
    assert done.stderr.startswith("Usage: ")
    assert "Traceback" not in done.output


def test_run_needs_a_drop(tmp_path: Path) -> None:
    assert "give --dicom, --ehr or both" in refusal("run", "--lake", tmp_path / "lake")


def test_run_needs_a_lake(tmp_path: Path) -> None:
    assert "--lake" in refusal("run", "--ehr", tmp_path)


@pytest.mark.parametrize(
    "kind",
    [
        "dicom",
        "ehr",
        "biobank",
        "mpi",
        "vocab",
    ],
)
def test_missing_drop_is_refused_and_nothing_is_landed(tmp_path: Path, kind: str) -> None:
    drops = {"ehr": ehr_drop(tmp_path)} | {kind: tmp_path / "nowhere"}
    arguments = [part for name, path in drops.items() for part in (f"--{name}", path)]
    assert "does not exist" in refusal("run", "--lake", tmp_path / "lake", *arguments)
    assert not list(tmp_path.glob("lake*"))  # neither a lake nor a key is left behind
    assert landed(tmp_path) == []


@pytest.mark.parametrize("kind", ["dicom", "ehr", "biobank"])
def test_empty_drop_is_refused(tmp_path: Path, kind: str) -> None:
    (tmp_path / "empty").mkdir()
    line = refusal("run", "--lake", tmp_path / "lake", f"--{kind}", tmp_path / "empty",
                   *(() if kind == "ehr" else ("--ehr", ehr_drop(tmp_path))))  # fmt: skip
    assert line
    assert landed(tmp_path) == []


def test_unknown_policy_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    line = refusal(
        "run", "--lake", tmp_path / "lake", "--ehr", ehr_drop(tmp_path), "--policy", "none_such"
    )
    assert "policy none_such" in line
    assert not (tmp_path / "lake").exists()


def test_table_without_a_required_column_is_refused_by_name(tmp_path: Path) -> None:
    ehr = ehr_drop(tmp_path, encounters="Id,START,STOP\ne1,2020-01-01T00:00:00Z,\n")
    line = refusal("run", "--lake", tmp_path / "lake", "--ehr", ehr)
    assert "encounters" in line
    assert "patient" in line.lower()
    assert CANARY not in line
    assert landed(tmp_path) == []


def test_extract_without_encounters_is_refused(tmp_path: Path) -> None:
    ehr = ehr_drop(tmp_path)
    (ehr / "encounters.csv").unlink()
    assert "encounters" in refusal("run", "--lake", tmp_path / "lake", "--ehr", ehr)


@pytest.mark.parametrize("name", ["IRW_LAEK", "IRW_"])
def test_unknown_setting_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setenv(name, CANARY)
    line = refusal("sql", "SELECT 1", "--lake", tmp_path / "lake")
    assert f"unknown setting {name}" in line
    assert CANARY not in line
    folder = ("deid", tmp_path, tmp_path / "out", "--mapping", tmp_path / "mapping.csv")
    assert refusal(*folder) == line


@pytest.mark.parametrize("name", ["IRW_BATCH_OBJECTS", "IRW_WORKERS"])
def test_setting_of_a_wrong_form_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setenv(name, CANARY)
    line = refusal("run", "--lake", tmp_path / "lake", "--ehr", tmp_path)
    assert name in line
    assert CANARY not in line


def test_lake_that_holds_nothing_cannot_be_asked(tmp_path: Path) -> None:
    assert "nothing is published" in refusal("sql", "SELECT 1", "--lake", tmp_path / "lake")


def test_existing_key_is_never_overwritten(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    assert CliRunner().invoke(main, ["keys", "new", "--lake", str(lake)]).exit_code == 0
    key = tmp_path / "lake.home" / KEY_FILE_NAME
    before = key.read_bytes()
    assert "never overwritten" in refusal("keys", "new", "--lake", lake)
    assert key.read_bytes() == before
    assert key.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", ["short", "zz" * 32, "ab"])
def test_key_file_that_holds_no_key_is_refused(tmp_path: Path, content: str) -> None:
    home = tmp_path / "lake.home"
    home.mkdir()
    key = home / KEY_FILE_NAME
    key.write_text(content, encoding="ascii")
    key.chmod(0o600)
    line = refusal("run", "--lake", tmp_path / "lake", "--ehr", ehr_drop(tmp_path))
    assert "identity key" in line
    assert content not in line.replace("shorter", "")


def test_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "lake.home"
    home.mkdir()
    key = home / KEY_FILE_NAME
    key.write_text("ab" * 32, encoding="ascii")
    key.chmod(0o644)
    line = refusal("run", "--lake", tmp_path / "lake", "--ehr", ehr_drop(tmp_path))
    assert "chmod 600" in line


def test_key_is_made_by_nothing_but_a_run(tmp_path: Path) -> None:
    line = refusal("cohort", "build", "prostate_cancer", "--lake", tmp_path / "lake")
    assert "no identity key" in line
    assert not (tmp_path / "lake.home" / KEY_FILE_NAME).exists()


def test_demo_refuses_an_unknown_damage(tmp_path: Path) -> None:
    line = refusal("demo", "--lake", tmp_path / "lake", "--break", "everything")
    assert "there is no damage everything" in line
    assert not (tmp_path / "lake.home").exists()


def test_deid_needs_source_target_and_mapping(tmp_path: Path) -> None:
    assert "--mapping" in refusal("deid", tmp_path, tmp_path / "out")


def test_deid_of_a_missing_folder_is_refused(tmp_path: Path) -> None:
    refusal("deid", tmp_path / "nowhere", tmp_path / "out", "--mapping", tmp_path / "map.csv")


def test_unexpected_error_keeps_its_text_to_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr("irw_pipeline.analyst.connection.connect", fail)
    line = refusal("sql", "SELECT 1", "--lake", tmp_path)
    assert line == "irw: unexpected ValueError; please report it\n"


def ehr_drop(folder: Path, encounters: str = ENCOUNTERS) -> Path:
    """Write a small extract: one patient, and encounters as given."""
    ehr = folder / "ehr"
    ehr.mkdir()
    row = f"p1,1950-01-01,,999-11-1111,Ann,{CANARY},F,white,nonhispanic\n"
    (ehr / "patients.csv").write_text(PATIENTS + row, encoding="utf-8")
    (ehr / "encounters.csv").write_text(encounters, encoding="utf-8")
    return ehr


def landed(folder: Path) -> list[Path]:
    """Return every file of the lake."""
    return [path for path in (folder / "lake").rglob("*") if path.is_file()]
