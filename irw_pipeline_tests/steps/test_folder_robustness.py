"""`irw deid` on what goes wrong: the disk, the machine, the folder it is pointed at."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pydicom.uid import generate_uid

from irw_pipeline.errors import InputError
from irw_pipeline.steps.deidentify_folder import FolderSummary, deidentify_folder
from irw_pipeline.steps.stage_files import staging_folder
from irw_pipeline_tests.factories.dicom import broker, ct_image, to_bytes

COMMAND = "import sys; from irw_pipeline.cli import main; sys.argv[0] = 'irw'; main()"
LIMITED = "import resource as r; r.setrlimit(r.RLIMIT_FSIZE, (1000, 1000)); " + COMMAND


def fill(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        uid = generate_uid(entropy_srcs=[str(number % 50)])  # some are there twice
        patient = f"MRN-{number % 7:04d}"
        image = ct_image(SOPInstanceUID=uid, PatientID=patient, InstanceNumber=str(number))
        (folder / f"{number:04d}").write_bytes(to_bytes(image))
    return folder


def run(source: Path, target: Path, *, workers: int = 1) -> FolderSummary:
    return deidentify_folder(
        source,
        target,
        policy="research",
        mapping=target.with_suffix(".csv"),
        broker=broker(),
        workers=workers,
    )


def rows(target: Path) -> dict[str, dict[str, str]]:
    with target.with_suffix(".csv").open(newline="", encoding="utf-8") as stream:
        return {row["source"]: row for row in csv.DictReader(stream)}


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def irw(
    source: Path, target: Path, command: str = COMMAND, mapping: Path | None = None
) -> subprocess.Popen[str]:
    named = mapping or target.with_suffix(".csv")
    return subprocess.Popen(
        [sys.executable, "-c", command, "deid", source, target, "--mapping", named, "--workers=2"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_any_number_of_workers_gives_the_same_bytes_and_mapping(tmp_path: Path) -> None:
    source = fill(tmp_path / "in", 60)
    assert run(source, tmp_path / "one") == FolderSummary(released=50, quarantined=10)
    assert run(source, tmp_path / "two", workers=2) == FolderSummary(released=50, quarantined=10)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    assert rows(tmp_path / "one") == rows(tmp_path / "two")
    assert rows(tmp_path / "one")["0050"]["reason"] == "DUPLICATE_INSTANCE"


def test_a_killed_run_leaves_whole_files_and_a_rerun_completes_it(tmp_path: Path) -> None:
    source, target = fill(tmp_path / "in", 200), tmp_path / "out"
    with irw(source, target) as process:
        while process.poll() is None and not list(target.glob("IRW*/**/*.dcm")):
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert not target.with_suffix(".csv").exists()
    run(source, tmp_path / "whole")  # other key: only the names differ
    held = {path: content for path, content in tree(target).items() if path.endswith(".dcm")}
    with irw(source, target) as process:
        process.communicate()
    again = tree(target)
    assert held.items() <= again.items()
    assert len(again) == len(tree(tmp_path / "whole")) == 50
    assert len(rows(target)) == 200


def test_a_full_disk_is_one_line_and_no_half_file(tmp_path: Path) -> None:
    source, target = fill(tmp_path / "in", 40), tmp_path / "out"
    with irw(source, target, LIMITED) as process:
        _, complaint = process.communicate()
    assert process.returncode == 1
    assert "EFBIG" in complaint.splitlines()[-1]
    assert tree(target) == {}
    assert not target.with_suffix(".csv").exists()


def test_a_mapping_that_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    source = fill(tmp_path / "in", 1)
    for mapping in (tmp_path, Path("/proc/m.csv"), tmp_path / "no" / "m.csv"):
        with irw(source, tmp_path / "out", mapping=mapping) as process:
            _, complaint = process.communicate()
        assert process.returncode == 1
        assert "unexpected" not in complaint
        assert len(complaint.splitlines()) == 1
    assert sorted(tmp_path.iterdir()) == [source]


def test_a_missing_source_leaves_no_key_behind(tmp_path: Path) -> None:
    with irw(tmp_path / "nowhere", tmp_path / "out") as process:
        process.communicate()
    assert process.returncode == 1
    assert list(tmp_path.iterdir()) == []


def test_pipes_links_and_strange_names_are_accounted_for(tmp_path: Path) -> None:
    source = fill(tmp_path / "in", 1)
    os.mkfifo(source / "pipe")
    (source / "loop").symlink_to(source)
    (source / "itself").symlink_to("itself")
    (source / "nothing").symlink_to("absent")
    elsewhere = fill(tmp_path / "elsewhere", 2)
    (source / "link").symlink_to(elsewhere)
    (elsewhere / "0001").rename(elsewhere / os.fsdecode(b"caf\xe9\n1"))
    assert run(source, tmp_path / "out", workers=2) == FolderSummary(released=2, quarantined=4)
    assert {name: row["reason"] for name, row in rows(tmp_path / "out").items()} == {
        "0000": "",
        "pipe": "UNREADABLE",
        "itself": "UNREADABLE",
        "nothing": "UNREADABLE",
        "link/0000": "DUPLICATE_INSTANCE",
        "link/caf\\udce9\n1": "",
    }


def test_two_runs_into_one_target_do_not_mix(tmp_path: Path) -> None:
    source = fill(tmp_path / "in", 1)
    with staging_folder(tmp_path / "out"), pytest.raises(InputError, match="another run"):
        run(source, tmp_path / "out")


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    source = fill(tmp_path / "in", 1)
    (tmp_path / "out" / ".irw-staging").mkdir(parents=True)
    (tmp_path / "out" / ".irw-staging" / "1-1.part").write_bytes(b"half")
    run(source, tmp_path / "out")
    assert [path.suffix for path in (tmp_path / "out").rglob("*") if path.is_file()] == [".dcm"]
