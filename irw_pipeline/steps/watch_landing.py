"""What the sensors decide: which landed objects and drops are new and settled."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from irw_pipeline.ids import ReasonCode, TableName
from irw_pipeline.steps.land_drop import (
    DICOM_PREFIX,
    LANDING_DROP,
    Drop,
    make_current,
    unregistered,
)
from irw_pipeline.steps.review_queue import decided_batches

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from irw_pipeline.lake.objects import ObjectInfo
    from irw_pipeline.steps.warehouse import Warehouse

SETTLE = timedelta(seconds=15)
"""An object that changed within this time may still be under way; it is taken at a later tick."""

RETRIED = (ReasonCode.PATIENT_UNKNOWN, ReasonCode.PATIENT_ID_MISSING, ReasonCode.IDENTITY_MISMATCH)
"""Reasons that a new EHR extract or MPI may cure."""

_OURS = re.compile(r"dicom/[0-9a-f]{2}/([0-9a-f]{64})-[0-9a-f]{16}")


def new_objects(warehouse: Warehouse, now: datetime) -> list[ObjectInfo]:
    """The settled DICOM objects of the landing zone that no batch holds yet.

    Raises:
        InboxUnavailableError: The zone could not be listed; unreadable is not empty.
    """
    listed = warehouse.lake.objects("landing").list(DICOM_PREFIX)
    return unregistered(warehouse, settled((content_tagged(info) for info in listed), now))


def new_ehr_drop(warehouse: Warehouse, now: datetime) -> Drop | None:
    """The first settled folder below `ehr/` of the landing zone that is no known drop.

    Raises:
        InboxUnavailableError: The zone could not be listed.
    """
    known = set(warehouse.read(LANDING_DROP, "kind = 'ehr'").column("location").to_pylist())
    folders: dict[str, list[ObjectInfo]] = {}
    for info in warehouse.lake.objects("landing").list("ehr"):
        parts = info.path.split("/")
        if len(parts) > 2:  # noqa: PLR2004 - ehr/<folder>/<file>
            folders.setdefault("/".join(parts[:2]), []).append(info)
    for location, files in sorted(folders.items()):
        if location not in known and len(settled(files, now)) == len(files):
            return Drop("ehr", _drop_id(files), location)
    return None


def take_ehr_drop(warehouse: Warehouse, drop: Drop) -> None:
    """Make a landed folder the current EHR drop."""
    make_current(warehouse, drop)


def waiting_batches(warehouse: Warehouse) -> list[str]:
    """The batches with objects that a new EHR extract, or what a person decided, may release."""
    table = TableName("quarantine", "instance")
    reasons = ", ".join(f"'{reason}'" for reason in RETRIED)
    with warehouse.session([table]) as session:
        found = session.query(
            f"SELECT DISTINCT ingest_batch FROM {table} WHERE reason_code IN ({reasons})"
        )
    return sorted({*map(str, found.column(0).to_pylist()), *decided_batches(warehouse.lake)})


def settled(objects: Iterable[ObjectInfo], now: datetime) -> list[ObjectInfo]:
    """The objects that have not changed for a while."""
    return [
        info for info in objects if info.modified_at is None or info.modified_at + SETTLE <= now
    ]


def content_tagged(info: ObjectInfo) -> ObjectInfo:
    """An object that we landed carries its content's digest in its name; use that as its tag."""
    ours = _OURS.fullmatch(info.path)
    return replace(info, etag=ours.group(1)) if ours else info


def _drop_id(files: Sequence[ObjectInfo]) -> str:
    digest = hashlib.sha256()
    for info in sorted(files):
        digest.update(f"{info.path}\0{info.size_bytes}\0{info.etag}\0".encode())
    return digest.hexdigest()[:16]
