"""One object of a batch is de-identified into the staging folder, or says why not; in a worker."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from irw_pipeline.deid.outcome import Rejected
from irw_pipeline.deid.pixels.decision import REVIEWABLE
from irw_pipeline.deid.pixels.look import look_at
from irw_pipeline.dicom.source import open_source
from irw_pipeline.ids import ReasonCode
from irw_pipeline.lake.objects import sha256_of
from irw_pipeline.steps.review_queue import put_thumbnail
from irw_pipeline.steps.review_row import Row, waiting_row

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from irw_pipeline.deid.engine import Engine
    from irw_pipeline.deid.pixels.decision import Decision
    from irw_pipeline.identity.subject import Subject
    from irw_pipeline.lake.tables import Lake


@dataclass(frozen=True)
class Item:
    """One object to de-identify; its `repr` shows nothing but the reference."""

    object_ref: str
    object_path: str = field(repr=False)
    subject: Subject = field(repr=False)


@dataclass(frozen=True)
class Work:
    """What is the same for all objects of a batch; `decisions` are by SHA-256 of the content."""

    engine: Engine
    lake: Lake
    batch: str
    staging: Path
    as_of: date
    decisions: Mapping[str, Decision]


@dataclass(frozen=True)
class Done:
    """What became of one object: its catalogue row, or the reason and detail of a rejection."""

    object_ref: str
    row: dict[str, Any] | None = field(default=None, repr=False)
    actions: dict[str, int] = field(default_factory=dict)
    reason: str = ""
    detail: str = ""
    review: Row | None = field(default=None, repr=False)
    """What to ask a person, of an object whose pixels are uncertain."""


def release_object(work: Work, item: Item) -> Done:
    """De-identify one object into the staging folder, as a person decided where one did."""
    with work.lake.objects("landing").as_file(item.object_path) as file:
        if file is None:
            return Done(item.object_ref, reason=ReasonCode.OBJECT_MISSING.value)
        try:
            return _released(work, item, file)
        except Exception as error:  # noqa: BLE001 - the per-instance boundary: a surprise is an outcome
            return unexpected(item, type(error).__name__)


def unexpected(item: Item, kind: str) -> Done:
    """What is said of an object when its work ended in a surprise."""
    return Done(item.object_ref, reason=ReasonCode.UNEXPECTED.value, detail=kind)


def _released(work: Work, item: Item, file: Path) -> Done:
    ref = item.object_ref
    staged = work.staging / ref
    decision = work.decisions.get(sha256_of(file)) if work.decisions else None
    with open_source(file) as source:
        outcome = work.engine.deidentify_file(source, staged, item.subject, decision)
    if isinstance(outcome, Rejected):
        asks = decision is None and outcome.reason in REVIEWABLE
        asked = _question(work, ref, file, outcome) if asks else None
        return Done(ref, reason=outcome.reason.value, detail=outcome.detail, review=asked)
    row = {
        **outcome.row,
        "object_bytes": staged.stat().st_size,
        "object_sha256": sha256_of(staged),
    }
    decided = {str(decision.state): max(len(decision.marks), 1)} if decision else {}
    return Done(ref, row=row, actions=outcome.actions | decided)


def _question(work: Work, ref: str, file: Path, outcome: Rejected) -> Row:
    """What to ask a person; what there is to see is put beside it."""
    look = look_at(file.read_bytes())
    if look.picture:
        put_thumbnail(work.lake, work.batch, ref, look.picture)
    return waiting_row(
        ref,
        sha256_of(file),
        reason=outcome.reason.value,
        detail=outcome.detail,
        look=look,
        queued_on=work.as_of,
    )
