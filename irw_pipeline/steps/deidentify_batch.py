"""One batch is de-identified: every received object is released or quarantined, none is lost.

Objects are staged in the restricted zone; the rows are judged; then, in this order, what people are
asked, quarantine and log are committed, the objects moved, and the catalogue committed last, so
that a crash at any point only under-releases.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from irw_pipeline.compute.mapping import map_items
from irw_pipeline.contracts.arrow import arrow_schema
from irw_pipeline.contracts.model import load_contract
from irw_pipeline.deid.engine import ENGINE_VERSION, Engine
from irw_pipeline.deid.policy.policy import Policy, load_policy
from irw_pipeline.ids import ReasonCode, TableName
from irw_pipeline.steps.find_subjects import Found, subject_finder
from irw_pipeline.steps.gate import Judged, judge
from irw_pipeline.steps.hear_batch import hear_batch
from irw_pipeline.steps.publish_table import Publication, publish_judged, publish_table
from irw_pipeline.steps.read_batch import DICOM_INSTANCE, READ
from irw_pipeline.steps.release_object import Done, Item, Work, release_object, unexpected
from irw_pipeline.steps.review_queue import decisions, publish_review
from irw_pipeline.steps.warehouse import LANDING_OBJECT, Warehouse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from irw_pipeline.lake.tables import Lake
    from irw_pipeline.steps.review_row import Row

INSTANCE = TableName("imaging", "instance")
ACTION_LOG = TableName("imaging", "action_log")
QUARANTINED = TableName("quarantine", "instance")


@dataclass(frozen=True)
class BatchOutcome:
    """What was published of one batch, and how many objects it had received."""

    received: int
    quarantined: Publication
    review: Publication
    action_log: Publication
    instances: Publication


def deidentify_batch(warehouse: Warehouse, batch: str) -> BatchOutcome:
    """De-identify, judge and publish one batch.

    Raises:
        PolicyError: The policy of the settings is unknown or malformed.
    """
    policy = load_policy(warehouse.settings.policy)
    raw = warehouse.read(DICOM_INSTANCE, f"ingest_batch = '{batch}'").to_pylist()
    raw.sort(key=lambda row: str(row["object_ref"]))
    staging = _fresh_staging(warehouse.lake, batch)
    try:
        decided = decisions(warehouse.lake, batch)
        work = Work(
            Engine(policy, warehouse.broker),
            warehouse.lake,
            batch,
            staging,
            warehouse.as_of,
            decided,
        )
        released, refused, asked = _decide(warehouse, batch, raw, policy, work)
        rows = pa.Table.from_pylist(
            [row for row, _ in released.values()],
            schema=arrow_schema(load_contract(INSTANCE)),
        )
        judged = judge(warehouse.lake, load_contract(INSTANCE), rows, as_of=warehouse.as_of)
        _move_refused(judged, released, refused)
        review = publish_review(warehouse.lake, batch, asked, decided, as_of=warehouse.as_of)
        return _publish(warehouse, batch, judged, released, refused, review, staging)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


_DATES = ("study_date", "series_date", "acquisition_date", "content_date")
"""An object without any of these cannot be placed on its person's time line."""

Released = dict[str, tuple[dict[str, Any], dict[str, int]]]
Refused = dict[str, tuple[str, str | None]]


def _decide(
    warehouse: Warehouse, batch: str, raw: list[dict[str, Any]], policy: Policy, work: Work
) -> tuple[Released, Refused, list[Row]]:
    paths = {
        row["object_ref"]: row["object_path"]
        for row in warehouse.read(LANDING_OBJECT, f"ingest_batch = '{batch}'").to_pylist()
    }
    refused: Refused = {
        row["object_ref"]: (row["read_status"], None) for row in raw if row["read_status"] != READ
    }
    readable = [row for row in raw if row["read_status"] == READ]
    found: dict[str, Found] = {}
    items: list[Item] = []
    for row, one in zip(readable, subject_finder(warehouse).find_all(readable), strict=True):
        ref = row["object_ref"]
        if one.subject is None:
            refused[ref] = (str(one.reason), one.detail)
        else:
            found[ref] = one
            items.append(Item(ref, paths[ref], one.subject))
    pool = warehouse.pool()
    items = hear_batch(work.engine, warehouse.lake, items, pool)
    taken = _released_elsewhere(warehouse, batch)
    released: Released = {}
    asked: list[Row] = []
    for done in map_items(partial(release_object, work), items, backend=pool, on_death=_dead):
        ref, made_row = done.object_ref, done.row
        subject = found[ref].subject
        if made_row is None or subject is None:
            refused[ref] = (done.reason, done.detail or None)
            asked += [done.review] if done.review else []
            continue
        row = made_row
        if not any(row[column] for column in _DATES):
            refused[ref] = (ReasonCode.MISSING_REQUIRED_ATTRIBUTE.value, "(0008,0020)")
            continue
        if row["sop_instance_uid"] in taken:
            refused[ref] = (ReasonCode.DUPLICATE_INSTANCE.value, "(0008,0018)")
            continue
        taken.add(str(row["sop_instance_uid"]))
        made = {
            "ingest_batch": batch,
            "person_id": subject.person_id,
            "research_id": subject.research_id,
            "policy": f"{policy.name}@{policy.version}",
            "policy_sha256": policy.sha256,
            "key_id": warehouse.broker.key_id,
            "engine_version": ENGINE_VERSION,
            "identity_warning": found[ref].warning,
            "object_path": "/".join(
                (
                    "objects",
                    subject.research_id,
                    str(row["study_instance_uid"]),
                    str(row["series_instance_uid"]),
                    f"{row['sop_instance_uid']}.dcm",
                )
            ),
        }
        released[ref] = ({**row, **made}, done.actions)
    return released, refused, asked


def _dead(item: Item) -> Done:
    return unexpected(item, "worker died")


def _released_elsewhere(warehouse: Warehouse, batch: str) -> set[str]:
    with warehouse.session([INSTANCE]) as session:
        found = session.query(
            f"SELECT sop_instance_uid FROM {INSTANCE} WHERE ingest_batch <> '{batch}'"
        )
    return set(found.column(0).to_pylist())


def _move_refused(judged: Judged, released: Released, refused: Refused) -> None:
    """Objects whose row broke a row rule leave `released` for `refused`, with the row's reason."""
    ref_of = {row["sop_instance_uid"]: ref for ref, (row, _) in released.items()}
    for entry in judged.refused.to_pylist():
        uid = json.loads(entry["row_json"])["sop_instance_uid"]
        ref = ref_of[uid]
        reason = entry["reason_code"]
        if reason == ReasonCode.REQUIRED_MISSING:  # what a column lacks, the header lacked
            reason = ReasonCode.MISSING_REQUIRED_ATTRIBUTE.value
        refused[ref] = (reason, entry["rule"])
        del released[ref]


def _publish(  # noqa: PLR0917 - the parts of one batch
    warehouse: Warehouse,
    batch: str,
    judged: Judged,
    released: Released,
    refused: Refused,
    review: Publication,
    staging: Path,
) -> BatchOutcome:
    def publish(table: TableName, rows: list[dict[str, Any]]) -> Publication:
        schema = arrow_schema(load_contract(table))
        return publish_table(
            warehouse.lake,
            table,
            pa.Table.from_pylist(rows, schema=schema),
            as_of=warehouse.as_of,
            partition=batch,
        )

    quarantined = publish(
        QUARANTINED,
        [
            {"ingest_batch": batch, "object_ref": ref, "reason_code": reason, "detail": detail}
            for ref, (reason, detail) in sorted(refused.items())
        ],
    )
    log = publish(ACTION_LOG, _log_rows(released))
    research = warehouse.lake.objects("research")
    before = warehouse.read(INSTANCE, f"ingest_batch = '{batch}'")
    if judged.verdict.passed:
        held = dict(zip(*(before.column(c).to_pylist() for c in _PATH_AND_SHA), strict=True))
        for ref, (row, _) in released.items():
            path = str(row["object_path"])
            if held.get(path) != row["object_sha256"] or not research.exists(path):
                research.take(path, staging / ref)
    instances = publish_judged(
        warehouse.lake, judged, partition=batch, lineage=_lineage(released, warehouse)
    )
    if judged.verdict.passed:
        kept = {str(row["object_path"]) for row, _ in released.values()}
        stale = set(before.column("object_path").to_pylist()) - kept
        research.delete(sorted(stale))
    return BatchOutcome(len(released) + len(refused), quarantined, review, log, instances)


_PATH_AND_SHA = ("object_path", "object_sha256")


def _log_rows(released: Released) -> list[dict[str, Any]]:
    return [
        {
            "ingest_batch": row["ingest_batch"],
            "sop_instance_uid": row["sop_instance_uid"],
            "action": action,
            "element_count": count,
            "policy_sha256": row["policy_sha256"],
            "key_id": row["key_id"],
            "engine_version": row["engine_version"],
        }
        for row, actions in released.values()
        for action, count in sorted(actions.items())
    ]


def _lineage(released: Released, warehouse: Warehouse) -> Mapping[str, str]:
    policies = sorted({str(row["policy"]) for row, _ in released.values()})
    return {
        "policy": ",".join(policies),
        "key_id": warehouse.broker.key_id,
        "engine_version": ENGINE_VERSION,
    }


def _fresh_staging(lake: Lake, batch: str) -> Path:
    local = lake.objects("restricted").local(f"staging/{batch}")
    if local is None:
        return Path(tempfile.mkdtemp(prefix="irw-staging-"))
    shutil.rmtree(local, ignore_errors=True)
    local.mkdir(parents=True)
    return local
