"""The first pass over a batch: what all headers of one person tell is known of each object."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from irw_pipeline.compute.mapping import map_items
from irw_pipeline.deid.known.told import Told
from irw_pipeline.steps.hear_header import hear_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from irw_pipeline.compute.mapping import Backend
    from irw_pipeline.deid.engine import Engine
    from irw_pipeline.deid.known.told import Teller
    from irw_pipeline.identity.subject import Subject
    from irw_pipeline.lake.tables import Lake
    from irw_pipeline.steps.release_object import Item


def hear_batch(engine: Engine, lake: Lake, items: Sequence[Item], pool: Backend) -> list[Item]:
    """Return the items with subjects that know what the batch tells of them, in their order."""
    hear = partial(_hear, engine.teller, lake)
    told: dict[int, Told] = {}
    heard = map_items(hear, items, backend=pool, on_death=lambda _item: Told())
    for item, one in zip(items, heard, strict=True):
        person = item.subject.person_id
        told[person] = told.get(person, Told()) | one
    keeps_places = engine.policy.keeps_places
    secrets = {person: all_.secrets(keeps_places=keeps_places) for person, all_ in told.items()}
    subjects: dict[int, Subject] = {}
    for item in items:
        subject = item.subject
        known = subject.known | secrets[subject.person_id]
        subjects.setdefault(subject.person_id, replace(subject, known=known))
    return [replace(item, subject=subjects[item.subject.person_id]) for item in items]


def _hear(teller: Teller, lake: Lake, item: Item) -> Told:
    """What one object tells; nothing if it cannot be read, which its release finds too.

    Raises:
        LakeUnavailableError: The zone did not answer.
    """
    with lake.objects("landing").as_file(item.object_path) as file:
        try:
            return hear_file(teller, file).told if file else Told()
        except Exception:  # noqa: BLE001 - release meets the same, and makes it an outcome
            return Told()
