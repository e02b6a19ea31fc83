"""What the header of one object tells, from its bytes where they are of a usual encoding.

What stands in a header repeats from slice to slice, so that it is converted once for the exact
bytes of the elements that tell something.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from pydicom.tag import Tag

from irw_pipeline.deid.elements import UnwalkableError
from irw_pipeline.deid.known import header as known
from irw_pipeline.deid.policy.rule_table import KIND_KEYWORDS, kind_of
from irw_pipeline.dicom.codec import usual_codec
from irw_pipeline.dicom.read import quiet_pydicom
from irw_pipeline.dicom.scan import UnusualError, implicit_vr, item_elements, scan_items
from irw_pipeline.identity.subject import IdentifierKind, KnownIdentifier

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydicom.dataset import Dataset, FileDataset

    from irw_pipeline.deid.policy.rule_table import RuleTable, RuleTables
    from irw_pipeline.dicom.alike import Likeness, Pattern
    from irw_pipeline.dicom.codec import Codec
    from irw_pipeline.dicom.scan import Element
    from irw_pipeline.dicom.source import Source

_CHARSET = 0x0008_0005
_KIND_TAGS = frozenset(int(Tag(keyword)) for keyword in KIND_KEYWORDS)
_FIXED = _KIND_TAGS | {_CHARSET}
_PATTERNS = 4
_MEMO_BYTES = 1 << 24
_ENTRY_BYTES = 256
_LARGEST = 1 << 14
"""Larger elements are not remembered: they seldom come twice."""


@dataclass(frozen=True)
class Told:
    """The patient, the other people and places, and the makers that headers name."""

    patient: frozenset[KnownIdentifier] = field(default=frozenset(), repr=False)
    others: frozenset[KnownIdentifier] = field(default=frozenset(), repr=False)
    makers: frozenset[str] = frozenset()

    def __or__(self, other: Told) -> Told:
        """What two headers tell together."""
        return Told(
            self.patient | other.patient, self.others | other.others, self.makers | other.makers
        )

    def secrets(self, *, keeps_places: bool) -> frozenset[KnownIdentifier]:
        """What must not be left of it; a maker's name identifies nobody, wherever it stands.

        Args:
            keeps_places: Whether places, devices and the like are no secrets.
        """
        makers = [_words(maker) for maker in self.makers]
        return self.patient | {
            one
            for one in self.others
            if (one.kind is IdentifierKind.NAME or not keeps_places)
            and not any(_words(one.value) <= maker for maker in makers)
        }


def _words(name: str) -> set[str]:
    return set(re.split(r"[\W_]+", name.casefold())) - {""}


def told_by(dataset: Dataset, is_kept: Callable[[int], bool]) -> Told:
    """What a data set tells.

    Args:
        dataset: Not modified.
        is_kept: Whether the policy lets the value of an attribute stand; it is then no secret.

    Raises:
        UnwalkableError: A sequence cannot be parsed.
    """
    return Told(
        known.patient_identifiers(dataset, is_kept),
        known.people_and_places(dataset, is_kept),
        known.makers(dataset),
    )


class Teller:
    """Finds and converts what tells something. Holds memos, no other state."""

    def __init__(self, tables: RuleTables) -> None:
        """Hold the policy's tables, which say what is no secret."""
        self._tables = tables
        self._memo: dict[object, Any] = {}
        self._held = 0
        self._patterns: dict[Pattern, Told] = {}
        self._tells: dict[tuple[int, bytes], bool] = {}

    def __reduce__(self) -> tuple[type[Teller], tuple[RuleTables]]:
        """Let a worker process have a copy without memos."""
        return (Teller, (self._tables,))

    def of_dataset(self, dataset: FileDataset) -> Told:
        """What an object tells that pydicom has read.

        Raises:
            UnwalkableError: A sequence cannot be parsed.
        """
        with quiet_pydicom():
            return told_by(dataset, self._tables.of(kind_of(dataset)).keeps)

    def of_source(self, source: Source) -> Told | None:
        """What an object of a usual encoding tells, None for what pydicom must read."""
        try:
            likeness = source.likeness()
            if not self.tells_the_same(source.head, likeness):
                likeness = source.alone()
            return self._of_pattern(likeness.pattern)
        except (UnusualError, UnwalkableError, RecursionError):
            return None

    def tells_the_same(self, head: bytes, likeness: Likeness) -> bool:
        """Whether a header tells what its pattern tells, under the same rules.

        Args:
            head: The header.
            likeness: What it changes in the pattern.

        Raises:
            UnusualError: pydicom must read it.
        """
        pattern, changes, _ = likeness
        changed = [change.element for change in changes if change.number >= pattern.first]
        places = [pattern.places[c.number] for c in changes if c.number >= pattern.first]
        if any(element.tag in _FIXED for element in changed):
            return False
        codec = usual_codec(pattern.charset, is_implicit=pattern.is_implicit)
        return self.pieces(head, changed, codec) == self.pieces(pattern.head, places, codec)

    def _of_pattern(self, pattern: Pattern) -> Told:
        if pattern not in self._patterns:
            codec = usual_codec(pattern.charset, is_implicit=pattern.is_implicit)
            kind = [pattern.piece(e) for e in pattern.elements if e.tag in _KIND_TAGS]
            pieces = self.pieces(pattern.head, pattern.elements, codec)
            if len(self._patterns) >= _PATTERNS:
                self._patterns.clear()
            self._patterns[pattern] = self.told(pieces, codec, self._table(codec, kind))
        return self._patterns[pattern]

    def told(self, pieces: tuple[bytes, ...], codec: Codec, table: RuleTable) -> Told:
        """What the elements that `pieces` found tell.

        Raises:
            UnwalkableError: A sequence cannot be parsed.
        """
        found = self._memo.get((codec, table, pieces))
        if found is None:
            found = Told()
            with quiet_pydicom():
                for piece in pieces:
                    key = (codec, table, piece)
                    one = self._memo.get(key)
                    if one is None:
                        one = told_by(codec.read(piece), table.keeps)
                        self._remember(key, one, len(piece))
                    found |= one
            self._remember((codec, table, pieces), found, sum(map(len, pieces)))
        return cast("Told", found)

    def pieces(self, data: bytes, elements: list[Element], codec: Codec) -> tuple[bytes, ...]:
        """The elements that tell something, encoded, those of nested items too.

        Raises:
            UnusualError: pydicom must read it.
        """
        found: list[bytes] = []
        tells = self._tells
        for element in elements:
            tag, vr, start, _, stop, _ = element
            is_telling = tells.get((tag, vr))
            if is_telling is None:
                is_telling = tells[tag, vr] = _is_telling(tag, vr)
            if not is_telling:
                continue
            if vr == b"SQ":
                found += self._nested(data, element, codec)
                if tag == known.CODED_PERSONS:
                    found.append(data[start:stop])
            elif vr == b"UN" and implicit_vr(tag) == b"SQ":
                raise UnusualError
            else:
                found.append(data[start:stop])
        return tuple(found)

    def _nested(self, data: bytes, element: Element, codec: Codec) -> tuple[bytes, ...]:
        _, _, start, value, stop, is_open = element
        key = (codec, data[start:stop])
        nested: tuple[bytes, ...] | None = self._memo.get(key)
        if nested is None:
            nested = ()
            is_implicit = codec.is_implicit
            for item in scan_items(data, value, stop, is_implicit=is_implicit, is_open=is_open):
                inner = item_elements(data, item, is_implicit=is_implicit)
                nested += self.pieces(data, inner, codec)
            self._remember(key, nested, stop - start)
        return nested

    def _table(self, codec: Codec, kind: list[bytes]) -> RuleTable:
        key = ("kind", codec, *kind)
        if key not in self._memo:
            with quiet_pydicom():
                table = self._tables.of(kind_of(codec.read(b"".join(kind))))
            self._remember(key, table, 0)
        return cast("RuleTable", self._memo[key])

    def _remember(self, key: object, value: object, size: int) -> None:
        if size > _LARGEST:
            return
        if self._held > _MEMO_BYTES:
            self._memo.clear()
            self._held = 0
        self._memo[key] = value
        self._held += size + _ENTRY_BYTES


def _is_telling(tag: int, vr: bytes) -> bool:
    """Whether an element is looked at: it tells something, or its items may."""
    true_vr = implicit_vr(tag) if vr == b"UN" else vr
    return true_vr == b"SQ" or known.is_telling(tag, true_vr.decode())
