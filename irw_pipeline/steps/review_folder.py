"""The review queue of a run without a lake: a CSV file and thumbnails in a folder of their own.

Both show the patient, as the sources do: the folder belongs with them, never with what is released.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from irw_pipeline.contracts.model import load_contract
from irw_pipeline.deid.pixels.decision import REVIEWABLE
from irw_pipeline.deid.pixels.look import look_at
from irw_pipeline.errors import InputError
from irw_pipeline.steps.review_queue import REVIEW
from irw_pipeline.steps.review_row import Row, decision_of, waiting_row
from irw_pipeline.steps.stage_files import unwritable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from irw_pipeline.deid.outcome import Rejected
    from irw_pipeline.deid.pixels.decision import Decision
    from irw_pipeline.identity.broker import Broker

REVIEW_FILE = "review.csv"
_NUMBERS = ("pixel_rows", "pixel_columns", "frame_count", "object_bytes")
_OWNER_ONLY = 0o600


class FolderQueue:
    """The rows of `review.csv`: the columns of `quarantine.review`, and where each object lies."""

    def __init__(self, folder: Path) -> None:
        """Open nothing yet."""
        self._folder = folder
        self.path = folder / REVIEW_FILE

    def rows(self) -> list[Row]:
        """All rows, the oldest first.

        Raises:
            InputError: The file cannot be read, or is no review.
        """
        path = self.path
        try:
            with path.open(newline="", encoding="utf-8") as stream:
                reader = csv.DictReader(stream)
                rows = [_typed(row) for row in reader]
                missing = set(_columns()) - set(reader.fieldnames or ())
        except (OSError, ValueError, KeyError, TypeError, AttributeError, csv.Error) as error:
            raise InputError(
                f"{path} is no review that can be read; correct it, or remove it and run "
                "`irw deid --review` again"
            ) from error
        if missing:
            raise InputError(f"{path} lacks {', '.join(sorted(missing))}; correct it")
        return rows

    def save(self, row: Row) -> None:
        """Put a row in the place of the one with its reference.

        Raises:
            InputError: The file cannot be read or written.
        """
        self.write(row if row["object_ref"] == one["object_ref"] else one for one in self.rows())

    def thumbnail(self, row: Row) -> str | None:
        """Where the thumbnail is; None when there is none, as for what has been decided."""
        path = self._folder / f"{row['object_ref']}.png"
        return str(path) if path.is_file() else None

    def content(self, row: Row) -> bytes | None:
        """The object itself; None when it is no longer there or has changed."""
        try:
            content = Path(row["source"]).read_bytes()
        except OSError:
            return None
        return content if hashlib.sha256(content).hexdigest() == row["object_sha256"] else None

    def write(self, rows: Iterable[Row]) -> None:
        """Replace the file by one with these rows.

        Raises:
            InputError: The folder cannot be written.
        """
        ordered = sorted(rows, key=lambda row: (str(row["queued_on"]), str(row["object_ref"])))
        part = self._folder / f".{REVIEW_FILE}.part"
        try:
            part.touch(mode=_OWNER_ONLY)
            with part.open("w", newline="", encoding="utf-8", errors="backslashreplace") as stream:
                writer = csv.DictWriter(stream, _columns(), lineterminator="\n")
                writer.writeheader()
                writer.writerows(ordered)
            part.replace(self.path)
        except OSError as error:
            raise unwritable(self._folder, error) from error


@dataclass(frozen=True)
class FolderReview:
    """What one run knows of its review; a worker asks it, and it is written when all is done."""

    folder: Path
    broker: Broker = field(repr=False)
    as_of: date
    decisions: Mapping[str, Decision]
    sizes: frozenset[int]
    """Sizes of the objects that something was decided of: others are not read for their digest."""

    def decision_for(self, path: Path) -> Decision | None:
        """What was decided of a file of this content."""
        if path.stat().st_size not in self.sizes:
            return None
        with path.open("rb") as stream:
            return self.decisions.get(hashlib.file_digest(stream, "sha256").hexdigest())

    def ask(self, path: Path, refused: Rejected) -> Row | None:
        """The row of a file that a person must look at, its thumbnail written; None for others."""
        if refused.reason not in REVIEWABLE:
            return None
        content = path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        ref = self.broker.token("object", sha256).lower()
        look = look_at(content)
        if look.picture:
            thumbnail = self.folder / f"{ref}.png"
            try:
                thumbnail.touch(mode=_OWNER_ONLY)
                thumbnail.write_bytes(look.picture)
            except OSError as error:
                raise unwritable(self.folder, error) from error
        row = waiting_row(
            ref,
            sha256,
            reason=str(refused.reason),
            detail=refused.detail,
            look=look,
            queued_on=self.as_of,
        )
        return row | {"source": str(path.resolve()), "object_bytes": len(content)}

    def finish(self, asked: Iterable[Row]) -> None:
        """Write what waits now, and what was decided before; drop thumbnails of what is not asked.

        Raises:
            InputError: The folder cannot be written.
        """
        queue = FolderQueue(self.folder)
        before = {row["object_ref"]: row for row in _held(queue)}
        rows = {
            ref: row | {"is_applied": decision_of(row) == self.decisions.get(row["object_sha256"])}
            for ref, row in before.items()
            if decision_of(row)
        }
        waiting = {row["object_ref"]: row for row in asked if row["object_ref"] not in rows}
        for ref, row in waiting.items():
            rows[ref] = row | {"queued_on": before.get(ref, row)["queued_on"]}
        queue.write(rows.values())
        for ref in before.keys() - waiting.keys():
            (self.folder / f"{ref}.png").unlink(missing_ok=True)


def open_review(
    folder: Path, *, source: Path, target: Path, broker: Broker, as_of: date
) -> FolderReview:
    """Return the review of a run, its folder made if absent.

    Raises:
        InputError: The folder lies within source or target, cannot be made, or its file is no
            review.
    """
    here = folder.resolve()
    for other in (source.resolve(), target.resolve()):
        if here == other or other in here.parents or here in other.parents:
            raise InputError(
                "the review shows patients: give --review a folder apart from source and target"
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from error
    decided = [
        (row, decision) for row in _held(FolderQueue(folder)) if (decision := decision_of(row))
    ]
    return FolderReview(
        folder,
        broker,
        as_of,
        {row["object_sha256"]: decision for row, decision in decided},
        frozenset(row["object_bytes"] for row, _ in decided),
    )


def _held(queue: FolderQueue) -> list[Row]:
    return queue.rows() if queue.path.exists() else []


def _columns() -> list[str]:
    names = [column.name for column in load_contract(REVIEW).columns]
    return ["object_ref", "source", "object_bytes", *names[2:]]


def _typed(row: dict[str, str]) -> Row:
    typed: Row = {name: value or None for name, value in row.items()}
    for name in _NUMBERS:
        typed[name] = int(row[name]) if row[name] else None
    for name in ("proposed_boxes", "decided_boxes"):
        typed[name] = row[name].strip()
    typed["queued_on"] = date.fromisoformat(row["queued_on"])
    if row["decided_at"]:
        typed["decided_at"] = datetime.fromisoformat(row["decided_at"]).astimezone(UTC)
    typed["is_applied"] = row["is_applied"] == "True"
    return typed
