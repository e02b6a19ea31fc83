"""De-identify a folder of DICOM files, with no lake: `irw deid`."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from irw_pipeline.compute.local import INLINE_BELOW, LocalPool
from irw_pipeline.compute.mapping import map_items
from irw_pipeline.deid.engine import Engine
from irw_pipeline.deid.outcome import Rejected, Released
from irw_pipeline.deid.policy.policy import load_policy
from irw_pipeline.dicom.header import header_facts
from irw_pipeline.dicom.read import ObjectReadError, read_dataset
from irw_pipeline.dicom.source import open_source, quick_facts
from irw_pipeline.errors import InputError
from irw_pipeline.ids import ReasonCode
from irw_pipeline.steps.folder_persons import Persons
from irw_pipeline.steps.hear_header import Heard, Whose, hear_file, refuse_hostile
from irw_pipeline.steps.list_inputs import check_paths, list_inputs
from irw_pipeline.steps.patients_file import read_patients
from irw_pipeline.steps.stage_files import (
    kind_of,
    publish_staged,
    staging_folder,
    unwritable,
    writing_to,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from irw_pipeline.identity.broker import Broker
    from irw_pipeline.identity.subject import Subject
    from irw_pipeline.steps.review_folder import FolderReview
    from irw_pipeline.steps.review_row import Row

_COLUMNS = (
    "source",
    "output",
    "status",
    "reason",
    "sop_instance_uid_old",
    "sop_instance_uid_new",
    "detail",
)
_INLINE_BYTES = 16 << 20
"""A few files that hold less than this are done before a worker process has started."""


@dataclass(frozen=True)
class FolderSummary:
    """How many input files were released and how many were not."""

    released: int
    quarantined: int


@dataclass(frozen=True)
class _Run:
    """What one run holds, in every worker process; never the content of more than one object."""

    source: Path
    staging: Path
    engine: Engine
    review: FolderReview | None = field(repr=False)


class _Item(NamedTuple):
    """One file, and whose it is: nobody's if its header could not be read."""

    number: int
    path: str
    subject: Subject | None


@dataclass(frozen=True)
class _Done:
    """What became of one file: it lies staged for its `output` path, or there is a reason."""

    reason: str = ""
    detail: str = ""
    """Where and what kind, never a value."""
    staged: str = ""
    output: str = ""
    old_uid: str = field(default="", repr=False)
    new_uid: str = ""
    asked: Row | None = field(default=None, repr=False)


def deidentify_folder(
    source: Path,
    target: Path,
    *,
    policy: str,
    mapping: Path,
    broker: Broker,
    ehr: Path | None = None,
    workers: int = 1,
    review: FolderReview | None = None,
    report: Callable[[int, int], None] | None = None,
) -> FolderSummary:
    """De-identify every file under `source` into `target` and account for each in `mapping`.

    Files are written as `<research_id>/<study>/<series>/<instance>.dcm` under pseudonyms, each
    under its final name only when it is whole. What any header tells of a person is taken out of
    all objects of that person: all headers are read before the first object is made. `mapping` has
    one row per input file; it holds the original UIDs, so it belongs with the sources. Of several
    files of one instance the first that can be released, in the order of their paths, is. A rerun
    gives the same files, with any number of workers, and after a run that was killed.

    Args:
        source: Folder of DICOM files; never written to.
        target: Folder to write to, made if absent.
        policy: Name of a shipped policy.
        mapping: CSV file to write, replaced at the end of the run.
        broker: Gives the pseudonyms.
        ehr: Folder with `patients.csv` (or `.csv.gz`, `.csv.zst`): its patients keep the
            pseudonym they have in the warehouse, and what it knows of them is searched for.
        review: Where people are asked about uncertain pixels, and what they decided.
        workers: Processes that work; 0 is one for each core that this process may use.
        report: Called with (files done, files in all) after each file.

    Raises:
        InputError: A path cannot be used; nothing was released under a final name half-written.
        PolicyError: The policy is unknown.
    """
    check_paths(source, target, mapping)
    engine = Engine(load_policy(policy), broker)
    paths = list_inputs(source, mapping)
    persons = Persons(
        broker, read_patients(ehr) if ehr else {}, keeps_places=engine.policy.keeps_places
    )
    pool = _pool(workers, source, paths)
    with staging_folder(target) as staging:
        run = _Run(source, staging, engine, review)
        items = _whose(run, paths, persons, pool)
        rows, asked = [], []
        done = map_items(partial(_deidentify_file, run), items, backend=pool, on_death=_dead)
        for path, one in zip(paths, _published(done, staging, target), strict=True):
            rows.append(_row(path, one))
            asked += [one.asked] if one.asked else []
            if report:
                report(len(rows), len(paths))
    _write_mapping(mapping, rows)
    if review:
        review.finish(asked)
    released = sum(row["status"] == "released" for row in rows)
    return FolderSummary(released, len(rows) - released)


def _pool(workers: int, source: Path, paths: Sequence[str]) -> LocalPool:
    count = workers or len(os.sched_getaffinity(0))
    if len(paths) >= INLINE_BELOW:
        return LocalPool(count)
    sizes = ((source / path).stat().st_size for path in paths if (source / path).is_file())
    return LocalPool(count, inline_below=INLINE_BELOW if sum(sizes) < _INLINE_BYTES else 0)


def _published(results: Iterator[_Done], staging: Path, target: Path) -> Iterator[_Done]:
    """Give each staged file its final name, in order; a second file of an instance gets none."""
    seen: set[str] = set()
    for one in results:
        if one.old_uid and one.old_uid in seen:
            if one.staged:
                (staging / one.staged).unlink()
            yield _Done(str(ReasonCode.DUPLICATE_INSTANCE), old_uid=one.old_uid)
            continue
        if one.staged:
            publish_staged(staging / one.staged, target, one.output)
            seen.add(one.old_uid)
        yield one


def _whose(run: _Run, paths: Sequence[str], persons: Persons, pool: LocalPool) -> list[_Item]:
    """The first pass: the files, each with its person."""
    seen: dict[Whose, Whose] = {}
    whose: list[Whose | None] = []
    heard = map_items(partial(_hear, run), paths, backend=pool, on_death=lambda _path: None)
    for one in heard:
        whose.append(seen.setdefault(one.whose, one.whose) if one else None)
        if one:
            persons.add(one)
    return [
        _Item(number, path, persons.subject(own) if own else None)
        for number, (path, own) in enumerate(zip(paths, whose, strict=True))
    ]


def _hear(run: _Run, relative: str) -> Heard | None:
    """What one file tells, None if it cannot be read: the second pass says why. In a worker."""
    try:
        return hear_file(run.engine.teller, run.source / relative)
    except Exception:  # noqa: BLE001 - as in the second pass, which meets the same and tells it
        return None


def _dead(_item: _Item) -> _Done:
    return _Done(str(ReasonCode.UNEXPECTED), "worker died")


def _deidentify_file(run: _Run, item: _Item) -> _Done:
    """De-identify one file into the staging folder; runs in a worker.

    Raises:
        InputError: The target is full or cannot be written.
    """
    path, staged = run.source / item.path, f"{os.getpid()}-{item.number}.part"
    subject, old_uid, asked = item.subject, "", None
    research_id = subject.research_id if subject else ""
    try:
        refuse_hostile(path)
        with open_source(path) as source:
            facts = quick_facts(source) or header_facts(read_dataset(path.read_bytes()))
            old_uid = str(facts["sop_instance_uid"] or "")
            if subject is None:
                raise ObjectReadError(ReasonCode.UNEXPECTED, "first pass")  # noqa: TRY301 - as of a reader
            decision = run.review.decision_for(path) if run.review else None
            with writing_to(run.staging):
                outcome = run.engine.deidentify_file(
                    source, run.staging / staged, subject, decision
                )
        if isinstance(outcome, Rejected) and run.review and decision is None:
            asked = run.review.ask(path, outcome)
    except InputError:
        raise
    except ObjectReadError as error:
        outcome = Rejected(error.reason, error.kind)
    except OSError as error:
        outcome = Rejected(ReasonCode.UNREADABLE, kind_of(error))
    except Exception as error:  # noqa: BLE001 - the one boundary: a surprise is an outcome of one object
        outcome = Rejected(ReasonCode.UNEXPECTED, type(error).__name__)
    if isinstance(outcome, Rejected):
        return _Done(str(outcome.reason), outcome.detail, old_uid=old_uid, asked=asked)
    return _Done(
        staged=staged,
        output=_output_path(outcome, research_id).as_posix(),
        old_uid=old_uid,
        new_uid=str(outcome.row["sop_instance_uid"]),
    )


def _row(source: str, done: _Done) -> dict[str, str]:
    return {
        "source": source,
        "output": "" if done.reason else done.output,
        "status": "quarantined" if done.reason else "released",
        "reason": done.reason,
        "sop_instance_uid_old": done.old_uid,
        "sop_instance_uid_new": done.new_uid,
        "detail": done.detail,
    }


def _output_path(outcome: Released, research_id: str) -> Path:
    row = outcome.row
    return Path(
        research_id,
        str(row["study_instance_uid"]),
        str(row["series_instance_uid"]),
        f"{row['sop_instance_uid']}.dcm",
    )


def _write_mapping(mapping: Path, rows: list[dict[str, str]]) -> None:
    temporary = mapping.with_name(f".{mapping.name}.{os.getpid()}.part")
    try:
        temporary.touch(mode=0o600)  # it holds the original UIDs
        # a file name that is no UTF-8 is written with its bytes as escapes
        with temporary.open("w", newline="", encoding="utf-8", errors="backslashreplace") as stream:
            writer = csv.DictWriter(stream, _COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        temporary.replace(mapping)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise unwritable(mapping, error) from error
