"""What the reference makes of single elements, asked once and remembered for their exact bytes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pydicom.dataelem import RawDataElement

from irw_pipeline.deid.content import VALUE_TYPE
from irw_pipeline.deid.walk import Walk, stays
from irw_pipeline.dicom.scan import Element, UnusualError, scan, scan_items, sequence_bytes

if TYPE_CHECKING:
    from irw_pipeline.deid.actions import Context
    from irw_pipeline.deid.rule_table import RuleTable
    from irw_pipeline.dicom.codec import Codec, Pieces

PIECE_BYTES = 1 << 14
"""Larger elements are not remembered: they seldom come twice."""

_CHARSET = 0x0008_0005
_CREATORS, _BLOCKS = range(0x10, 0x100), range(0x1000, 0x1_0000)

Made = tuple[bytes, list[str]]
"""What became of an element: its new bytes, empty if it is gone, and the actions applied."""


class Place(NamedTuple):
    """Where elements stand: in which sequence, 0 for none, and whether their text is a dummy's."""

    parent: int
    is_dummy: bool


TOP = Place(0, is_dummy=False)


@dataclass
class Scope:
    """What is the same for the objects of a series; `memos` hold what became of each piece."""

    codec: Codec
    table: RuleTable
    context: Context
    empties: dict[tuple[Place, bytes, bytes], Made]
    """What became of elements without a value: the same for every person."""

    memos: dict[Place, dict[tuple[bytes, bytes], Made]] = field(
        default_factory=lambda: defaultdict(dict)
    )


class Answers:
    """Asks and remembers; `held` is about how many bytes the answers take."""

    def __init__(self) -> None:
        """Begin without any answer."""
        self.held = 0

    def elements(
        self, data: bytes, elements: list[Element], scope: Scope, place: Place
    ) -> tuple[Pieces, list[str]]:
        """What became of the elements of one data set, by tag, and the actions applied."""
        made: Pieces = {}
        letters: list[str] = []
        creators: Pieces = {}
        memo = scope.memos[place]
        for element in elements:
            tag, vr, start, _, stop, _ = element
            piece = data[start:stop]
            creator_tag = _creator_tag(tag) if tag & 0x1_0000 else 0
            if creator_tag == tag:
                creators[tag] = piece
                continue
            creator = creators.get(creator_tag, b"")
            found = memo.get((creator, piece))
            if found is None:
                if vr == b"SQ" and not creator_tag:
                    found = self._sequence(data, element, scope, place)
                else:
                    found = self._single(piece, element, creator, scope, place)
                if len(piece) <= PIECE_BYTES:
                    memo[creator, piece] = found
                    self.held += 2 * len(piece)
            new, applied = found
            letters += applied
            if new:
                made[tag] = new
                if creator:
                    made[creator_tag] = creator
        return made, letters

    def of_empty(
        self, piece: bytes, element: Element, creator: bytes, scope: Scope, place: Place
    ) -> Made:
        """What becomes of the same element without a value."""
        empty = scope.codec.empty(piece, element.value - element.start)
        key = (place, creator, empty)
        if key not in scope.empties:
            scope.empties[key] = _asked(empty, element, creator, scope, place)
        return scope.empties[key]

    def _single(
        self, piece: bytes, element: Element, creator: bytes, scope: Scope, place: Place
    ) -> Made:
        gone = self.of_empty(piece, element, creator, scope, place)
        if not gone[0]:  # what goes although it holds nothing goes whatever it holds
            return gone
        if gone[1] == ["K"] and not creator and element.vr != b"UN":
            raw = scope.codec.raw(element.tag, element.vr, piece[element.value - element.start :])
            if stays(raw, element.vr.decode(), scope.context):
                return piece, gone[1]
        return _asked(piece, element, creator, scope, place)

    def _sequence(self, data: bytes, element: Element, scope: Scope, place: Place) -> Made:
        """Walk a sequence as the reference does, with the action that it gives to an empty one."""
        tag, _, start, value, stop, is_open = element
        codec = scope.codec
        new, action = self.of_empty(data[start:value], element, b"", scope, place)
        if not new or action == ["Z"]:
            return new, action
        nested = Place(tag, place.is_dummy or action == ["D"])
        letters = [*action]
        items = []
        for item in scan_items(data, value, stop, is_implicit=codec.is_implicit, is_open=is_open):
            inner = item_elements(data, item.start, item.end, codec)
            if any(one.tag == VALUE_TYPE for one in inner):  # a content item is judged as a whole
                return _asked(data[start:stop], element, b"", scope, place)
            made, applied = self.elements(data, inner, scope, nested)
            letters += applied
            items.append((b"".join([made[t] for t in sorted(made)]), item.stop != item.end))
        return sequence_bytes(data[start:value], items, is_open=is_open), letters


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
        walk.visit(dataset, place.parent, is_dummy=place.is_dummy)
        letters = list(walk.counts.elements())
        if tag not in dataset:
            return b"", letters
        if isinstance(dataset.get_item(tag), RawDataElement):
            return piece, letters
        return codec.write(dataset)[tag], letters
    except Exception as error:
        raise UnusualError from error  # the reference says what is wrong with it


def item_elements(data: bytes, start: int, end: int, codec: Codec) -> list[Element]:
    """The elements of one item.

    Raises:
        UnusualError: It has a character set of its own, or pydicom should judge it.
    """
    elements = scan(data, start, end, is_implicit=codec.is_implicit)
    if any(element.tag == _CHARSET for element in elements):
        raise UnusualError
    return elements


def _creator_tag(tag: int) -> int:
    """The private creator of a private tag; a creator is its own (PS3.5 7.8.1)."""
    number = tag & 0xFFFF
    if number in _CREATORS:
        return tag
    if number not in _BLOCKS:
        raise UnusualError
    return tag - number | number >> 8
