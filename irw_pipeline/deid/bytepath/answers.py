"""What the reference makes of single elements, asked once and remembered for their exact bytes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pydicom.dataelem import RawDataElement

from irw_pipeline.deid.bytepath.plain import changed
from irw_pipeline.deid.elements import may_be_registered
from irw_pipeline.deid.policy import content
from irw_pipeline.deid.walk import Walk, stays
from irw_pipeline.dicom.scan import (
    END_BYTES,
    Element,
    UnusualError,
    implicit_vr,
    item_elements,
    scan_items,
    sequence_bytes,
)
from irw_pipeline.dicom.write import is_dataset_element

if TYPE_CHECKING:
    from irw_pipeline.deid.actions import Context
    from irw_pipeline.deid.policy.rule_table import RuleTable
    from irw_pipeline.deid.policy.rules import Rule
    from irw_pipeline.dicom.codec import Codec, Pieces

PIECE_BYTES = 1 << 14
"""Larger elements are not remembered: they seldom come twice."""

_MAX_SHORT_BYTES = 1 << 15
_CREATORS, _BLOCKS = range(0x10, 0x100), range(0x1000, 0x1_0000)

Made = tuple[bytes, list[str]]
"""What became of an element: its new bytes, empty if it is gone, and the actions applied."""


class Place(NamedTuple):
    """Where elements stand, as `Walk.visit` is told."""

    parent: int
    is_dummy: bool
    value: tuple[int, Rule] | None = None


TOP = Place(0, is_dummy=False)


class _Plan(NamedTuple):
    """What is done to an attribute at a place, whatever its value: an action and a cleaner."""

    action: str
    using: str
    is_asked: bool
    """Whether the action depends on the value, or needs more than the value."""


KEPT = _Plan("K", "", is_asked=False)


@dataclass
class Scope:
    """What is the same for the objects of a series; `memos` hold what became of each piece."""

    codec: Codec
    table: RuleTable
    context: Context
    memos: dict[Place, dict[tuple[bytes, bytes], Made]] = field(
        default_factory=lambda: defaultdict(dict)
    )


class Answers:
    """Asks and remembers; `held` is about how many bytes the answers take."""

    def __init__(self) -> None:
        """Begin without any answer."""
        self.held = 0
        self._leaving: dict[tuple[RuleTable, int, bytes], bool] = {}
        self._plans: dict[tuple[RuleTable, Place], dict[tuple[int, bytes], _Plan]] = defaultdict(
            dict
        )
        self._keys: dict[tuple[Codec, bytes], content.ContentKey | None] = {}

    def clear(self) -> None:
        """Forget every answer; what the rules say stays."""
        self.held = 0
        self._keys.clear()
        self._leaving.clear()

    def elements(
        self, data: bytes, elements: list[Element], scope: Scope, place: Place
    ) -> tuple[Pieces, list[str]]:
        """What became of the elements of one data set, by tag, and the actions applied."""
        made: Pieces = {}
        letters: list[str] = []
        creators: Pieces = {}
        for element in elements:
            tag = element.tag
            creator_tag = creator_tag_of(tag) if tag & 0x1_0000 else 0
            if creator_tag == tag:
                creators[tag] = data[element.start : element.stop]
                continue
            creator = creators.get(creator_tag, b"")
            new, applied = self.element(data, element, creator, scope, place)
            letters += applied
            if new:
                made[tag] = new
                if creator:
                    made[creator_tag] = creator
        return made, letters

    def element(
        self, data: bytes, element: Element, creator: bytes, scope: Scope, place: Place
    ) -> Made:
        """What became of one element that is no private creator."""
        piece = data[element.start : element.stop]
        memo = scope.memos[place]
        found = memo.get((creator, piece))
        if found is None:
            if element.tag & 0x1_0000:
                found = self._private(piece, element, creator, scope, place)
            else:
                found = self._standard(data, element, scope, place)
            if len(piece) <= PIECE_BYTES:
                memo[creator, piece] = found
                self.held += 2 * len(piece)
        return found

    def _private(
        self, piece: bytes, element: Element, creator: bytes, scope: Scope, place: Place
    ) -> Made:
        """What no policy knows goes whatever it holds: it is asked about without its value."""
        key = (scope.table, element.tag, creator)
        if key not in self._leaving:
            empty = scope.codec.filled(piece[: element.value - element.start], b"")
            self._leaving[key] = _asked(empty, element, creator, scope, place) == (b"", ["X"])
            self.held += len(creator)
        if self._leaving[key]:
            return b"", ["X"]
        return _asked(piece, element, creator, scope, place)

    def _standard(self, data: bytes, element: Element, scope: Scope, place: Place) -> Made:
        tag, vr, start, _, stop, _ = element
        if not is_dataset_element(tag):
            return b"", []
        plan = self.plan(tag, vr, scope.table, place)
        if plan.action == "X":
            return b"", ["X"]
        if vr == b"SQ":
            return self._sequence(data, element, scope, place)
        made = None if plan.is_asked else _plain(data, element, plan, scope)
        return made or _asked(data[start:stop], element, b"", scope, place)

    def plan(self, tag: int, vr: bytes, table: RuleTable, place: Place) -> _Plan:
        """What the rules say of an attribute."""
        plans = self._plans[table, place]
        found = plans.get((tag, vr))
        if found is None:
            rule = place.value[1] if place.value and place.value[0] == tag else None
            rule = rule or table.rule(tag, place.parent)
            true_vr = (implicit_vr(tag) if vr == b"UN" else vr).decode()
            action = table.action(tag, true_vr, rule, place.parent, is_dummy=place.is_dummy)
            is_asked = vr == b"UN" or (action == "U" and rule is None and may_be_registered(tag))
            found = _Plan(action, rule.using if rule else "", is_asked)
            plans[tag, vr] = found
        return found

    def _sequence(self, data: bytes, element: Element, scope: Scope, place: Place) -> Made:
        """Walk a sequence as the reference does."""
        tag, _, start, value, stop, is_open = element
        codec = scope.codec
        action = self.plan(tag, b"SQ", scope.table, place).action
        if action == "Z":
            return codec.filled(data[start:value], b""), ["Z"]
        is_dummy = place.is_dummy or action == "D"
        letters = [action]
        items = []
        found = scan_items(data, value, stop, is_implicit=codec.is_implicit, is_open=is_open)
        for item in found:
            inner = item_elements(data, item, is_implicit=codec.is_implicit)
            is_open_item = item.stop != item.end
            key, rule = self._content(data, inner, scope)
            if rule and rule.action == "X":
                letters.append("X")
                continue
            if key and content.measures_age(key):
                alone = [(data[item.start : item.end], is_open_item)]
                whole = sequence_bytes(data[start:value], alone, is_open=False)
                new, applied = _asked(whole, element, b"", scope, place)
                applied.remove(action)
                new = new[value - start + END_BYTES : -END_BYTES if is_open_item else None]
            else:
                of_item = (content.value_tag(key), rule) if key and rule else None
                made, applied = self.elements(data, inner, scope, Place(tag, is_dummy, of_item))
                new = b"".join([made[t] for t in sorted(made)])
            letters += applied
            items.append((new, is_open_item))
        if len(items) < len(found):
            if not items and tag == content.CONTENT:
                return b"", letters
            is_open = False
        return sequence_bytes(data[start:value], items, is_open=is_open), letters

    def _content(
        self, data: bytes, inner: list[Element], scope: Scope
    ) -> tuple[content.ContentKey | None, Rule | None]:
        """Of a content item what decides its rule, and the rule; of other items neither."""
        telling = [e for e in inner if e.tag in (content.VALUE_TYPE, content.CONCEPT_NAME)]
        if not telling or telling[0].tag != content.VALUE_TYPE:
            return None, None
        shown = b"".join([data[e.start : e.stop] for e in telling])
        if (scope.codec, shown) not in self._keys:
            try:
                self._keys[scope.codec, shown] = content.key_of(scope.codec.read(shown))
            except Exception as error:
                raise UnusualError from error  # the reference says what is wrong with it
            self.held += len(shown)
        key = self._keys[scope.codec, shown]
        return key, scope.table.content.rule(key) if key else None


def _plain(data: bytes, element: Element, plan: _Plan, scope: Scope) -> Made | None:
    """What becomes of an element that holds one plain value, None if it does not."""
    tag, vr, start, value_at, stop, _ = element
    value = data[value_at:stop]
    if plan.action == "K":
        raw = scope.codec.raw(tag, vr, value)
        return (data[start:stop], ["K"]) if stays(raw, vr.decode(), scope.context) else None
    if not (value and scope.codec.is_ascii):
        return None
    new = changed(tag, vr, value, (plan.action, plan.using), scope.context)
    if new is None or len(new) > _MAX_SHORT_BYTES:
        return None
    return scope.codec.filled(data[start:value_at], new), [plan.action]


def _asked(piece: bytes, element: Element, creator: bytes, scope: Scope, place: Place) -> Made:
    """The answer of the reference on a data set of one element, and its private creator."""
    tag, vr, start, value, _, _ = element
    codec = scope.codec
    held = piece[value - start :]
    try:
        if held and not creator and vr != b"SQ":
            dataset = codec.read_single(tag, vr, held)
        else:
            dataset = codec.read(creator + piece)
        walk = Walk(scope.table, scope.context)
        walk.visit(dataset, place.parent, is_dummy=place.is_dummy, value=place.value)
        letters = list(walk.counts.elements())
        if tag not in dataset:
            return b"", letters
        if isinstance(dataset.get_item(tag), RawDataElement):
            return piece, letters
        return codec.write(dataset)[tag], letters
    except Exception as error:
        raise UnusualError from error  # the reference says what is wrong with it


def creator_tag_of(tag: int) -> int:
    """The private creator of a private tag; a creator is its own (PS3.5 7.8.1)."""
    number = tag & 0xFFFF
    if number in _CREATORS:
        return tag
    if number not in _BLOCKS:
        raise UnusualError
    return tag - number | number >> 8
