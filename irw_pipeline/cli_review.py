"""`irw review`: a person looks at the objects whose pixels are uncertain, and decides."""

from __future__ import annotations

import getpass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from irw_pipeline.cli_lake import lake_option, settings_of, today
from irw_pipeline.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from irw_pipeline.deid.pixels.decision import Decision
    from irw_pipeline.steps.review_row import ReviewQueue, Row

_COLUMNS = ("reference", "age_days", "state", "reason", "detail", "modality", "size", "frames")


@click.group()
def review() -> None:
    """Objects whose pixels are uncertain: list, show, accept, blank, reject."""


def _of_a_queue(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the two options that say which queue is meant."""
    folder = click.option(
        "--folder",
        metavar="FOLDER",
        type=click.Path(path_type=Path),
        help="The folder that `irw deid --review` was given, instead of a lake.",
    )
    return lake_option(folder(command))


def _of_a_decision(command: Callable[..., Any]) -> Callable[..., Any]:
    by = click.option("--by", metavar="NAME", help="Who decides; else the name of the login.")
    note = click.option("--note", metavar="TEXT", help="Kept with the decision.")
    return by(note(_of_a_queue(command)))


@review.command("list")
@click.option("--all", "is_all", is_flag=True, help="Also what has been decided.")
@_of_a_queue
def review_list(lake: str | None, folder: Path | None, *, is_all: bool) -> int:
    """List what waits for a person, the oldest first."""
    from irw_pipeline.analyst.query import as_table

    day = today()
    shown = [
        _line(row, day)
        for row in _queue(lake, folder).rows()
        if is_all or row["state"] == "waiting"
    ]
    click.echo(as_table(_COLUMNS, shown), nl=False)
    return 0


@review.command("show")
@click.argument("ref")
@click.option("--save", type=click.Path(path_type=Path), help="Draw a frame into this PNG file.")
@click.option("--frame", default=1, show_default=True, type=click.IntRange(min=1))
@_of_a_queue
def review_show(
    ref: str, save: Path | None, frame: int, lake: str | None, folder: Path | None
) -> int:
    """Show the facts of REF and where its thumbnail is; draw a frame in full size if asked."""
    from irw_pipeline.steps.review_row import chosen

    queue = _queue(lake, folder)
    row = chosen(queue.rows(), ref)
    for name, value in row.items():
        if value not in {None, ""}:
            click.echo(f"{name:16} {value}")
    click.echo(f"{'thumbnail':16} {queue.thumbnail(row) or 'none; draw a frame with --save'}")
    if save:
        _save(queue, row, frame, save)
        click.echo(f"{'drawn':16} {save}: frame {frame}; it shows the patient, remove it after use")
    return 0


@review.command("accept")
@click.argument("ref")
@_of_a_decision
def review_accept(
    ref: str, by: str | None, note: str | None, lake: str | None, folder: Path | None
) -> int:
    """Decide that the pixels of REF may be released as they are."""
    from irw_pipeline.deid.pixels.decision import Decision, State

    return _decide(_queue(lake, folder), ref, Decision(State.ACCEPTED), by, note)


@review.command("blank")
@click.argument("ref")
@click.option("--box", "boxes", multiple=True, metavar="X,Y,W,H[@FRAME]", help="What to blank.")
@click.option("--frame", type=click.IntRange(min=1), help="The frame of boxes that name none.")
@click.option("--proposed", is_flag=True, help="Also blank what the detector proposed.")
@_of_a_decision
def review_blank(  # noqa: PLR0917 - click passes options by name
    ref: str,
    boxes: tuple[str, ...],
    frame: int | None,
    by: str | None,
    note: str | None,
    lake: str | None,
    folder: Path | None,
    *,
    proposed: bool,
) -> int:
    """Decide that REF may be released once the boxes are blanked, in all frames or in one.

    A box is in pixels from the upper left corner. Giving boxes again replaces the earlier ones.
    """
    from irw_pipeline.deid.pixels.decision import Decision, Mark, State, marks_of
    from irw_pipeline.steps.review_row import chosen

    given = [Mark.parse(text) for text in boxes]
    marks = [Mark(mark.box, frame) if mark.frame is None else mark for mark in given]
    queue = _queue(lake, folder)
    if proposed:
        marks += marks_of(chosen(queue.rows(), ref)["proposed_boxes"])
    return _decide(queue, ref, Decision(State.BLANKED, tuple(marks)), by, note)


@review.command("reject")
@click.argument("ref")
@_of_a_decision
def review_reject(
    ref: str, by: str | None, note: str | None, lake: str | None, folder: Path | None
) -> int:
    """Decide that REF is never released."""
    from irw_pipeline.deid.pixels.decision import Decision, State

    return _decide(_queue(lake, folder), ref, Decision(State.REJECTED), by, note)


def _queue(lake: str | None, folder: Path | None) -> ReviewQueue:
    if folder is not None:
        from irw_pipeline.steps.review_folder import FolderQueue

        if lake is not None:
            raise InputError("give --lake or --folder, not both")
        return FolderQueue(folder)
    from irw_pipeline.steps.review_queue import LakeQueue
    from irw_pipeline.steps.warehouse import open_lake

    return LakeQueue(open_lake(settings_of(lake)), today())


def _decide(
    queue: ReviewQueue, ref: str, decision: Decision, by: str | None, note: str | None
) -> int:
    from irw_pipeline.steps.review_row import chosen, decided

    row = chosen(queue.rows(), ref)
    made = decided(row, decision, by=by or _login(), at=datetime.now(UTC), note=note)
    if made != row:
        queue.save(made)
    boxes = f" ({made['decided_boxes']})" if made["decided_boxes"] else ""
    click.echo(f"{made['object_ref']}: {made['state']}{boxes}; the next run goes by it")
    return 0


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise InputError("this login has no name; give --by NAME") from error


def _line(row: Row, day: date) -> tuple[object, ...]:
    size = f"{row['pixel_columns']}x{row['pixel_rows']}" if row["pixel_rows"] else ""
    return (
        row["object_ref"],
        max((day - row["queued_on"]).days, 0),
        row["state"],
        row["reason_code"],
        row["detail"],
        row["modality"],
        size,
        row["frame_count"],
    )


def _save(queue: ReviewQueue, row: Row, frame: int, path: Path) -> None:
    from irw_pipeline.deid.pixels.decision import marks_of
    from irw_pipeline.deid.pixels.look import draw_frame

    content = queue.content(row)
    if content is None:
        raise InputError(f"the object of {row['object_ref']} is gone or has changed; run again")
    marks = marks_of(row["decided_boxes"] or row["proposed_boxes"])
    picture = draw_frame(content, frame, marks)
    if picture is None:
        raise InputError(f"{row['object_ref']} has no frame {frame} that can be decoded")
    try:
        path.touch(mode=0o600)
        path.write_bytes(picture)
    except OSError as error:
        raise InputError(f"cannot write {path}; choose another place for --save") from error
