"""The review queue of a lake: `quarantine.review` and its thumbnails.

Both show the patient and lie in the quarantine zone. A run asks for what is uncertain and takes
what was decided; people decide in between.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pyarrow as pa

from irw_pipeline.contracts.arrow import arrow_schema
from irw_pipeline.contracts.model import load_contract
from irw_pipeline.ids import TableName
from irw_pipeline.lake.session import Session
from irw_pipeline.steps.publish_table import Publication, publish_table, require_open
from irw_pipeline.steps.read_batch import DICOM_INSTANCE
from irw_pipeline.steps.review_row import Row, decision_of
from irw_pipeline.steps.warehouse import LANDING_OBJECT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from irw_pipeline.deid.pixels.decision import Decision
    from irw_pipeline.lake.tables import Lake

REVIEW = TableName("quarantine", "review")


class LakeQueue:
    """The rows of `quarantine.review`, for people who decide."""

    def __init__(self, lake: Lake, as_of: date) -> None:
        """Open nothing yet."""
        self._lake = lake
        self._as_of = as_of

    def rows(self) -> list[Row]:
        """All rows, the oldest first."""
        return _rows(self._lake)

    def save(self, row: Row) -> None:
        """Put a row in the place of the one with its reference."""
        batch = row["ingest_batch"]
        others = [
            one
            for one in _rows(self._lake, f"ingest_batch = '{batch}'")
            if one["object_ref"] != row["object_ref"]
        ]
        require_open(_publish(self._lake, batch, [*others, row], self._as_of))

    def thumbnail(self, row: Row) -> str | None:
        """Where the thumbnail is; None when there is none, as for what has been decided."""
        store = self._lake.objects(_ZONE)
        path = thumbnail_path(row["ingest_batch"], row["object_ref"])
        if not store.exists(path):
            return None
        return str(store.local(path) or f"{store.uri}/{path}")

    def content(self, row: Row) -> bytes | None:
        """The object itself; None when it is no longer there or has changed."""
        with Session(self._lake) as session:
            session.mount(LANDING_OBJECT, arrow_schema(load_contract(LANDING_OBJECT)))
            found = session.query(
                f"SELECT object_path FROM {LANDING_OBJECT} WHERE object_ref = $ref",
                {"ref": row["object_ref"]},
            ).to_pylist()
        content = self._lake.objects("landing").get(found[0]["object_path"]) if found else None
        is_same = content and hashlib.sha256(content).hexdigest() == row["object_sha256"]
        return content if is_same else None


def thumbnail_path(batch: str, ref: str) -> str:
    """Where the thumbnail of an object lies in the quarantine zone."""
    return f"{_THUMBNAILS}/{batch}/{ref}.png"


def put_thumbnail(lake: Lake, batch: str, ref: str, picture: bytes) -> None:
    """Store the thumbnail of an object."""
    lake.objects(_ZONE).put(thumbnail_path(batch, ref), picture)


def decisions(lake: Lake, batch: str) -> dict[str, Decision]:
    """What was decided of the contents that a batch holds, by SHA-256; the last decision holds."""
    with Session(lake) as session:
        for table in (REVIEW, DICOM_INSTANCE):
            session.mount(table, arrow_schema(load_contract(table)))
        rows = session.query(
            f"SELECT * FROM {REVIEW} WHERE state <> 'waiting' AND object_sha256 IN "
            f"(SELECT object_sha256 FROM {DICOM_INSTANCE} WHERE ingest_batch = '{batch}') "
            "ORDER BY decided_at, object_ref"
        ).to_pylist()
    decided = {row["object_sha256"]: decision_of(row) for row in rows}
    return {sha256: decision for sha256, decision in decided.items() if decision}


def publish_review(
    lake: Lake,
    batch: str,
    asked: Iterable[Row],
    applied: Mapping[str, Decision],
    *,
    as_of: date,
) -> Publication:
    """Publish what a batch asks people, and what they decided of it.

    Rows are read once more, so that a decision made while the batch ran is not lost.

    Args:
        lake: The lake.
        batch: The batch.
        asked: Rows of the objects that wait now.
        applied: The decisions, by SHA-256, that the run went by.
        as_of: The day of the run.
    """
    held = {row["object_ref"]: row for row in _rows(lake, f"ingest_batch = '{batch}'")}
    rows = {
        ref: row | {"is_applied": decision_of(row) == applied.get(row["object_sha256"])}
        for ref, row in held.items()
        if decision_of(row)
    }
    for row in asked:
        ref, before = row["object_ref"], held.get(row["object_ref"])
        is_same = before is not None and before["object_sha256"] == row["object_sha256"]
        if not (is_same and ref in rows):
            first = before["queued_on"] if before and is_same else row["queued_on"]
            rows[ref] = row | {"ingest_batch": batch, "queued_on": first}
    publication = _publish(lake, batch, rows.values(), as_of)
    store = lake.objects(_ZONE)
    wanted = {thumbnail_path(batch, row["object_ref"]) for row in asked}
    stale = {info.path for info in store.list(f"{_THUMBNAILS}/{batch}")} - wanted
    store.delete(sorted(stale))
    return publication


def decided_batches(lake: Lake) -> list[str]:
    """The batches of which something was decided that no run has taken into account."""
    rows = _rows(lake, "state <> 'waiting' AND NOT is_applied")
    return sorted({str(row["ingest_batch"]) for row in rows})


def waiting_count(lake: Lake) -> int:
    """How many objects wait for a person."""
    return len(_rows(lake, "state = 'waiting'"))


_ZONE = "quarantine"
_THUMBNAILS = "thumbnails"


def _rows(lake: Lake, where: str = "true") -> list[Row]:
    with Session(lake) as session:
        session.mount(REVIEW, arrow_schema(load_contract(REVIEW)))
        found: list[Row] = session.query(
            f"SELECT * FROM {REVIEW} WHERE {where} ORDER BY queued_on, object_ref"
        ).to_pylist()
    return found


def _publish(lake: Lake, batch: str, rows: Iterable[Row], as_of: date) -> Publication:
    schema = arrow_schema(load_contract(REVIEW))
    nullable = pa.schema([(field.name, field.type) for field in schema])
    table = pa.Table.from_pylist(
        sorted(rows, key=lambda row: str(row["object_ref"])), schema=nullable
    )
    return publish_table(lake, REVIEW, table, as_of=as_of, partition=batch)
