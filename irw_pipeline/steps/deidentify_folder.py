"""De-identify a folder of DICOM files, with no lake: `irw deid`."""

from __future__ import annotations

import csv
import errno
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from irw_pipeline.deid.engine import Engine
from irw_pipeline.deid.outcome import Rejected, Released
from irw_pipeline.deid.policy import load_policy
from irw_pipeline.dicom.header import header_facts
from irw_pipeline.dicom.read import ObjectReadError, read_dataset
from irw_pipeline.errors import InputError
from irw_pipeline.identity.broker import Broker, dicom_person_key, ehr_person_key
from irw_pipeline.identity.known import known_from_patient_row
from irw_pipeline.identity.subject import KnownIdentifier, Subject
from irw_pipeline.ids import ReasonCode
from irw_pipeline.steps.patients_file import read_patients

if TYPE_CHECKING:
    from collections.abc import Callable

_COLUMNS = ("source", "output", "status", "reason", "sop_instance_uid_old", "sop_instance_uid_new")


@dataclass(frozen=True)
class FolderSummary:
    """How many input files were released and how many were not."""

    released: int
    quarantined: int


@dataclass
class _Run:
    """What one run holds: never more than one object in memory."""

    target: Path
    engine: Engine
    broker: Broker
    patients: dict[str, dict[str, str | None]] = field(repr=False)
    seen: set[str] = field(default_factory=set, repr=False)


def deidentify_folder(
    source: Path,
    target: Path,
    *,
    policy: str,
    mapping: Path,
    broker: Broker,
    ehr: Path | None = None,
    report: Callable[[int, int], None] | None = None,
) -> FolderSummary:
    """De-identify every file under `source` into `target` and account for each in `mapping`.

    Files are written as `<research_id>/<study>/<series>/<instance>.dcm` under pseudonyms, each
    under its final name only when it is whole. `mapping` has one row per input file; it holds
    the original UIDs, so it belongs with the sources. A rerun gives the same files.

    Args:
        source: Folder of DICOM files; never written to.
        target: Folder to write to, made if absent.
        policy: Name of a shipped policy.
        mapping: CSV file to write, replaced at the end of the run.
        broker: Gives the pseudonyms.
        ehr: Folder with `patients.csv` (or `.csv.gz`, `.csv.zst`): its patients keep the
            pseudonym they have in the warehouse, and what it knows of them is searched for.
        report: Called with (files done, files in all) after each file.

    Raises:
        InputError: A path cannot be used; nothing was released under a final name half-written.
        PolicyError: The policy is unknown.
    """
    engine = Engine(load_policy(policy), broker)
    files = _input_files(source, target, mapping)
    patients = read_patients(ehr) if ehr else {}
    _make_folder(target)
    run = _Run(target, engine, broker, patients)
    rows = []
    for number, path in enumerate(files, start=1):
        rows.append({"source": path.relative_to(source).as_posix(), **_deidentify_file(path, run)})
        if report:
            report(number, len(files))
    _write_mapping(mapping, rows)
    released = sum(row["status"] == "released" for row in rows)
    return FolderSummary(released, len(rows) - released)


def _input_files(source: Path, target: Path, mapping: Path) -> list[Path]:
    if not source.is_dir():
        raise InputError(f"there is no folder {source}; give the folder that holds the DICOM files")
    here, there = source.resolve(), target.resolve()
    if here == there or here in there.parents or there in here.parents:
        raise InputError("source and target lie within each other; give two separate folders")
    if not mapping.resolve().parent.is_dir():
        raise InputError(f"there is no folder {mapping.parent} for the mapping file; make it first")
    files = sorted(p for p in source.rglob("*") if p.is_file() and p.resolve() != mapping.resolve())
    if not files:
        raise InputError(f"there are no files in {source}; nothing was done")
    return files


def _make_folder(target: Path) -> None:
    try:
        target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=target):
            pass
    except OSError as error:
        raise InputError(
            f"cannot write to {target} ({_kind(error)}); choose another target"
        ) from error


def _deidentify_file(path: Path, run: _Run) -> dict[str, str]:
    try:
        content = path.read_bytes()
    except OSError as error:
        return _row(Rejected(ReasonCode.UNREADABLE, _kind(error)))
    old_uid = ""
    try:
        facts = header_facts(read_dataset(content))
        old_uid = str(facts["sop_instance_uid"] or "")
        if old_uid and old_uid in run.seen:
            return _row(Rejected(ReasonCode.DUPLICATE_INSTANCE, ""), old_uid)
        subject = _subject(facts, run)
        outcome = run.engine.deidentify(content, subject)
    except ObjectReadError as error:
        outcome = Rejected(error.reason, error.kind)
    except Exception as error:  # noqa: BLE001 - the one boundary: a surprise is an outcome of one object
        outcome = Rejected(ReasonCode.UNEXPECTED, type(error).__name__)
    if isinstance(outcome, Rejected):
        return _row(outcome, old_uid)
    relative = _output_path(outcome, subject)
    _write_whole(run.target, relative, outcome.content)
    run.seen.add(old_uid)
    return {
        "output": relative.as_posix(),
        "status": "released",
        "reason": "",
        "sop_instance_uid_old": old_uid,
        "sop_instance_uid_new": str(outcome.row["sop_instance_uid"]),
    }


def _row(outcome: Rejected, old_uid: str = "") -> dict[str, str]:
    return {
        "output": "",
        "status": "quarantined",
        "reason": str(outcome.reason),
        "sop_instance_uid_old": old_uid,
        "sop_instance_uid_new": "",
    }


def _subject(facts: dict[str, object], run: _Run) -> Subject:
    """The person of one object; without a PatientID each study is a person of its own."""
    patient_id = str(facts["patient_id"] or "")
    row = run.patients.get(patient_id)
    known: frozenset[KnownIdentifier] = frozenset()
    if row is not None:
        person_key, known = ehr_person_key(patient_id), known_from_patient_row(row)
    else:
        own = patient_id or str(facts["study_instance_uid"] or "")
        person_key = dicom_person_key(str(facts["issuer_of_patient_id"] or ""), own)
    return Subject(
        person_id=run.broker.person_id(person_key),
        research_id=run.broker.research_id(person_key),
        date_offset_days=run.broker.date_offset_days(person_key),
        known=known,
    )


def _output_path(outcome: Released, subject: Subject) -> Path:
    row = outcome.row
    return Path(
        subject.research_id,
        str(row["study_instance_uid"]),
        str(row["series_instance_uid"]),
        f"{row['sop_instance_uid']}.dcm",
    )


def _write_whole(target: Path, relative: Path, content: bytes) -> None:
    """Write under another name first, so that the final name never shows half a file.

    Raises:
        InputError: The target is full or cannot be written.
    """
    path = target / relative
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise InputError(
            f"cannot write to {target} ({_kind(error)}); make room or mend the permissions"
        ) from error


def _write_mapping(mapping: Path, rows: list[dict[str, str]]) -> None:
    temporary = mapping.with_name(f".{mapping.name}.{os.getpid()}.part")
    try:
        temporary.touch(mode=0o600)  # it holds the original UIDs
        with temporary.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, _COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        temporary.replace(mapping)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise InputError(
            f"cannot write {mapping} ({_kind(error)}); run again with another"
        ) from error


def _kind(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, type(error).__name__)
