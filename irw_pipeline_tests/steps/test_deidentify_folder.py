from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import IO, Any

import pytest

from irw_pipeline.errors import InputError, PolicyError
from irw_pipeline.identity.broker import ehr_person_key
from irw_pipeline.steps.deidentify_folder import FolderSummary, deidentify_folder
from irw_pipeline_tests.factories.dicom import broker, ct_image, from_bytes, to_bytes

PATIENTS = (
    "Id,BIRTHDATE,SSN,FIRST,LAST,MAIDEN,ADDRESS,ZIP\n"
    "MRN-0815,1950-01-02,999-33-2827,Temika453,Wuckert783,Kuhic920,676 Kirlin Suite 22,02081\n"
)


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    source = tmp_path / "in"
    (source / "deep").mkdir(parents=True)
    (source / "a.dcm").write_bytes(to_bytes(ct_image()))
    again = ct_image(SOPInstanceUID="1.2.3.4.5.6.9", StudyDescription="Kuhic, knee, 999332827")
    (source / "deep" / "b").write_bytes(to_bytes(again))
    (source / "deep" / "c.dcm").write_bytes(to_bytes(ct_image()))
    (source / "notes.txt").write_text("not an image")
    (source / "cut.dcm").write_bytes(to_bytes(ct_image(SOPInstanceUID="1.2.3.4"))[:-9])
    (source / "empty").touch()
    return source


def run(drop: Path, *, ehr: Path | None = None, policy: str = "research") -> FolderSummary:
    return deidentify_folder(
        drop,
        drop.parent / "out",
        policy=policy,
        mapping=drop.parent / "map.csv",
        broker=broker(),
        ehr=ehr,
    )


def rows(drop: Path) -> dict[str, dict[str, str]]:
    with (drop.parent / "map.csv").open(newline="") as stream:
        return {row["source"]: row for row in csv.DictReader(stream)}


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_every_file_is_accounted_for(drop: Path) -> None:
    assert run(drop) == FolderSummary(released=2, quarantined=4)
    accounts = rows(drop)
    assert {source: row["reason"] for source, row in accounts.items()} == {
        "a.dcm": "",
        "deep/b": "",
        "deep/c.dcm": "DUPLICATE_INSTANCE",
        "notes.txt": "NOT_DICOM",
        "cut.dcm": "UNREADABLE",
        "empty": "EMPTY_OBJECT",
    }
    outputs = {row["output"] for row in accounts.values() if row["status"] == "released"}
    assert outputs == set(tree(drop.parent / "out"))
    assert accounts["a.dcm"]["sop_instance_uid_old"] == "1.2.3.4.5.6.1"
    assert accounts["a.dcm"]["sop_instance_uid_new"] == broker().uid("1.2.3.4.5.6.1")


def test_a_rerun_gives_the_same_files(drop: Path) -> None:
    run(drop)
    first = tree(drop.parent / "out"), (drop.parent / "map.csv").read_bytes()
    run(drop)
    assert first == (tree(drop.parent / "out"), (drop.parent / "map.csv").read_bytes())


@pytest.mark.parametrize("form", ["patients.csv", "patients.csv.gz", "patients.csv.zst"])
def test_the_ehr_gives_the_pseudonym_and_what_must_not_survive(drop: Path, form: str) -> None:
    import gzip  # noqa: PLC0415

    import polars as pl  # noqa: PLC0415

    ehr = drop.parent / "ehr"
    ehr.mkdir()
    if form.endswith("zst"):
        frame = pl.read_csv(PATIENTS.encode(), infer_schema=False)
        frame.lazy().sink_csv(ehr / form, compression="zstd")
    else:
        data = PATIENTS.encode()
        (ehr / form).write_bytes(gzip.compress(data) if form.endswith("gz") else data)
    run(drop, ehr=ehr)
    released = from_bytes((drop.parent / "out" / rows(drop)["deep/b"]["output"]).read_bytes())
    assert released.PatientID == broker().research_id(ehr_person_key("MRN-0815"))
    assert released.StudyDescription == "knee"


def test_without_a_patient_id_each_study_is_a_person(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for number in (1, 2):
        image = ct_image(
            PatientID="", SOPInstanceUID=f"1.2.{number}.3", StudyInstanceUID=f"1.2.{number}.4"
        )
        (source / str(number)).write_bytes(to_bytes(image))
    assert run(source).released == 2
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_progress_is_told(drop: Path) -> None:
    seen: list[tuple[int, int]] = []
    deidentify_folder(
        drop,
        drop.parent / "out",
        policy="strict",
        mapping=drop.parent / "map.csv",
        broker=broker(),
        report=lambda done, of: seen.append((done, of)),
    )
    assert seen == [(number, 6) for number in range(1, 7)]


def test_what_cannot_be_used_is_one_line(drop: Path, tmp_path: Path) -> None:
    def attempt(source: Path, target: Path, mapping: Path = tmp_path / "m.csv") -> None:
        deidentify_folder(
            source, target, policy="research", mapping=mapping, broker=broker(), ehr=None
        )

    hollow = tmp_path / "hollow"
    hollow.mkdir()
    for source, target in (
        (tmp_path / "nowhere", tmp_path / "out"),
        (hollow, tmp_path / "out"),
        (drop, drop / "out"),
        (drop, drop),
        (drop, tmp_path / "in" / "a.dcm"),
        (drop, Path("/dev/null/out")),
    ):
        with pytest.raises(InputError) as caught:
            attempt(source, target)
        assert "\n" not in str(caught.value)
    with pytest.raises(InputError):
        attempt(drop, tmp_path / "out", tmp_path / "no" / "m.csv")
    with pytest.raises(PolicyError):
        run(drop, policy="lenient")
    with pytest.raises(InputError):
        run(drop, ehr=hollow)
    assert not (tmp_path / "out").exists()


def test_a_full_disk_leaves_no_half_file(drop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really_open = Path.open

    def full(path: Path, mode: str = "r", **options: Any) -> IO[Any]:
        if mode == "wb":
            raise OSError(28, os.strerror(28))
        return really_open(path, mode, **options)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(InputError, match="ENOSPC"):
        run(drop)
    assert tree(drop.parent / "out") == {}
