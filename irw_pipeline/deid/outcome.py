"""What becomes of one object: a draft, then it is released, or rejected with a reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from irw_pipeline.identity.subject import KnownIdentifier
    from irw_pipeline.ids import ReasonCode


@dataclass(frozen=True)
class Released:
    """A de-identified object that passed the audit; `repr` shows nothing of its content.

    `row` holds the header columns of `imaging.instance`, `actions` the number of elements that
    each action letter of PS3.15 was applied to. `source_sop_instance_uid` lives in memory only.
    """

    content: bytes = field(repr=False)
    row: dict[str, object] = field(repr=False)
    actions: dict[str, int]
    source_sop_instance_uid: str = field(repr=False)


@dataclass(frozen=True)
class Rejected:
    """An object that goes to quarantine; `detail` names a tag or a kind, never a value."""

    reason: ReasonCode
    detail: str


@dataclass
class Draft:
    """A released object before its audit: new bytes, then the source's `pixels` (start, stop)."""

    start: bytes = field(repr=False)
    pixels: tuple[int, int]
    row: dict[str, object] = field(repr=False)
    actions: dict[str, int]
    source_sop_instance_uid: str = field(repr=False)
    identifiers: frozenset[KnownIdentifier] = field(repr=False)
