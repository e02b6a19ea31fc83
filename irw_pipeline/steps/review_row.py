"""A row of the review queue: how it begins, and what a person's decision makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from irw_pipeline.deid.pixels.decision import Decision, State, marks_of, text_of_marks
from irw_pipeline.errors import InputError
from irw_pipeline.ids import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from irw_pipeline.deid.pixels.look import Look

Row = dict[str, Any]
_SHORTEST_REF = 4


class ReviewQueue(Protocol):
    """Where the rows are: a lake, or a folder beside a run without one."""

    def rows(self) -> list[Row]:
        """All rows, the oldest first."""

    def save(self, row: Row) -> None:
        """Put a row in the place of the one with its reference."""

    def thumbnail(self, row: Row) -> str | None:
        """Where the thumbnail is; None when there is none."""

    def content(self, row: Row) -> bytes | None:
        """The object itself; None when it is no longer there or has changed."""


def waiting_row(
    ref: str, sha256: str, *, reason: str, detail: str | None, look: Look, queued_on: date
) -> Row:
    """The row of an object that nobody has looked at."""
    return {
        "object_ref": ref,
        "object_sha256": sha256,
        "reason_code": reason,
        "detail": detail or None,
        "modality": look.modality,
        "pixel_rows": look.rows,
        "pixel_columns": look.columns,
        "frame_count": look.frames,
        "proposed_boxes": text_of_marks(look.proposed),
        "state": str(State.WAITING),
        "decided_boxes": "",
        "decided_by": None,
        "decided_at": None,
        "note": None,
        "queued_on": queued_on,
        "is_applied": False,
    }


def decision_of(row: Row) -> Decision | None:
    """What was decided of a row's object; None while it waits.

    Raises:
        InputError: The row was written by hand and says something else.
    """
    try:
        state = State(row["state"].strip())
    except ValueError as error:
        known = ", ".join(State)
        raise InputError(
            f"the state of {row['object_ref']} is none of {known}; correct the review"
        ) from error
    if state is State.WAITING:
        return None
    marks = marks_of(row["decided_boxes"]) if state is State.BLANKED else ()
    decision = Decision(state, marks)
    _check(row, decision)
    return decision


def decided(row: Row, decision: Decision, *, by: str, at: datetime, note: str | None = None) -> Row:
    """The row with a decision; the same decision again changes nothing.

    Raises:
        InputError: A box or a frame lies outside of the image, or nothing can be blanked.
    """
    _check(row, decision)
    boxes = text_of_marks(decision.marks)
    same_note = note in {None, row["note"]}
    if (row["state"], row["decided_boxes"]) == (str(decision.state), boxes) and same_note:
        return row
    return row | {
        "state": str(decision.state),
        "decided_boxes": boxes,
        "decided_by": by,
        "decided_at": at,
        "note": note,
        "is_applied": row["is_applied"] and decision_of(row) == decision,
    }


def chosen(rows: Sequence[Row], ref: str) -> Row:
    """The row whose reference is, or alone begins with, `ref`.

    Raises:
        InputError: There is none, or more than one.
    """
    found = [row for row in rows if row["object_ref"] == ref]
    if not found and len(ref) >= _SHORTEST_REF:
        found = [row for row in rows if row["object_ref"].startswith(ref.lower())]
    if len(found) != 1:
        what = "more than one object" if found else "no object"
        raise InputError(f"{what} in the review has this reference; see `irw review list --all`")
    return found[0]


def _check(row: Row, decision: Decision) -> None:
    if decision.state is not State.BLANKED:
        return
    ref = row["object_ref"]
    if row["reason_code"] == ReasonCode.PIXELS_UNDECODABLE:
        raise InputError(f"no decoder reads the pixels of {ref}: accept or reject it")
    if not decision.marks:
        raise InputError(f"no box to blank on {ref}; give --box x,y,w,h, accept or reject it")
    rows, columns, frames = (
        int(row[name] or 0) for name in ("pixel_rows", "pixel_columns", "frame_count")
    )
    for mark in decision.marks:
        if mark.box.within(rows, columns) != mark.box:
            raise InputError(
                f"box {mark} reaches beyond the image of {ref} ({columns} x {rows}); correct it"
            )
        if mark.frame is not None and mark.frame > frames:
            raise InputError(f"{ref} has {frames} frames and no frame {mark.frame}; correct it")
