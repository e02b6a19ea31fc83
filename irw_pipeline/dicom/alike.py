"""Headers that are alike: the slices of a series share nearly all bytes, so only the rest is read.

A pattern is the header of an object seen before, in runs of bytes. The next header is compared run
by run, which Python does at memory speed; an element that differs is read by itself, and ends a run
from then on. What is not alike is scanned, and becomes a pattern. Nothing is converted here.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from irw_pipeline.dicom.scan import (
    END_BYTES,
    META_AT,
    PIXEL_DATA,
    UNDEFINED,
    Element,
    TooShortError,
    UnusualError,
    scan,
    scan_items,
)

if TYPE_CHECKING:
    from irw_pipeline.dicom.scan import Layout

MOST_CHANGES = 48
"""Headers that differ in more elements than this are not alike."""

_PATTERN_BYTES = 1 << 20
"""A longer header is no pattern for others: it would take too much memory."""

_LENGTH_AT = META_AT + 8
_CHARSET, _SERIES, _PADDING = 0x0008_0005, 0x0020_000E, 0xFFFC_FFFC
_STRICT = frozenset({0x0002_0002, 0x0002_0010})
"""SOP class and transfer syntax of the file meta: with others, an object is of another kind."""


class Change(NamedTuple):
    """An element that differs from the pattern's: its number there, and where it lies."""

    number: int
    element: Element


class Likeness(NamedTuple):
    """A header as the changes to a pattern; `pixel` is its pixel data, which stands last."""

    pattern: Pattern
    changes: list[Change]
    pixel: Element | None


class Pattern:
    """The header of one object, and which of its elements other objects of the series change."""

    def __init__(self, head: bytes, layout: Layout, size: int) -> None:
        """Take an object's header; it is cut into runs when another is compared.

        Args:
            head: The object, at least up to its pixel data.
            layout: Where its elements lie.
            size: The size of the whole object.

        Raises:
            UnusualError: The header is longer than `head`, or its character set is none.
        """
        elements = layout.elements[:]
        padding = elements.pop() if elements[-1].tag == _PADDING else None
        pixel = elements.pop() if elements and elements[-1].tag == PIXEL_DATA else None
        self.syntax, self.is_implicit, self.begin, _ = layout
        self.elements, self.pixel = elements, pixel
        self.end = pixel.start if pixel else size
        """Where the header ends."""
        self.head = head[: pixel.value if pixel else size]
        if len(self.head) != (pixel.value if pixel else size):
            raise UnusualError  # else what is missing would be gone from the released object
        meta = scan(head, META_AT, layout.begin, is_implicit=False)
        self.first = len(meta)
        """The number of the first element of the data set; those of the file meta come before."""
        self.places = [*meta, *elements]
        self.changing: tuple[int, ...] = ()
        charset = next((e for e in elements if e.tag == _CHARSET), None)
        if charset and charset.vr != b"CS":
            raise UnusualError
        self.charset = head[charset.value : charset.stop] if charset else b""
        """The value of SpecificCharacterSet, empty where there is none."""
        self.series = next((self.piece(e) for e in elements if e.tag == _SERIES), b"")
        self.serves_others = (
            bool(self.series)
            and padding is None
            and len(self.head) <= _PATTERN_BYTES
            and (pixel is None or self.is_implicit or pixel.value - pixel.start > END_BYTES)
        )
        self._pieces: list[bytes] = []
        self._runs: list[tuple[int, bytes]] = []

    def piece(self, element: Element) -> bytes:
        """One of its elements, encoded."""
        return self.head[element.start : element.stop]

    def expect(self, other: Pattern | None) -> None:
        """Cut it into runs where another pattern has seen changes."""
        tags = {other.places[number].tag for number in other.changing} if other else set()
        self._pieces = list(map(self.piece, self.places))
        self._cut({number for number, place in enumerate(self.places) if place.tag in tags})

    def likeness(self, head: bytes, size: int) -> Likeness | None:
        """What another object changes; None if it is not alike.

        Args:
            head: Its first bytes.
            size: The size of the whole object.
        """
        if head[META_AT - 4 : META_AT] != b"DICM":
            return None
        changes: list[Change] = []
        position, begin = META_AT, 0
        for number, run in self._runs:
            if head.startswith(run, position):
                position += len(run)
            else:
                position = self._step(begin, number, head, position, changes)
            begin = number + 1
            position = self._step(number, begin, head, position, changes)
            if position < 0 or len(changes) > MOST_CHANGES:
                return None
        pixel = self._pixel_of(head, position, size)
        is_whole = pixel is not None if self.pixel else position == size
        if not is_whole or not self._has_its_length(head, changes):
            return None
        if not {change.number for change in changes}.issubset(self.changing):
            self._cut({*self.changing, *(change.number for change in changes)})
        return Likeness(self, changes, pixel)

    def _cut(self, changing: set[int]) -> None:
        """Make runs of what lies between the elements that change."""
        numbers = sorted(changing)
        begins = [0, *(number + 1 for number in numbers)]
        ends = [*numbers, len(self.places)]
        pieces = self._pieces
        self._runs = [
            (end, b"".join(pieces[begin:end])) for begin, end in zip(begins, ends, strict=True)
        ]
        self.changing = tuple(numbers)

    def _step(self, begin: int, end: int, head: bytes, position: int, changes: list[Change]) -> int:
        """Compare elements one by one; where they end, -1 if they are not alike."""
        for number in range(begin, min(end, len(self.places)) if position >= 0 else 0):
            piece = self._pieces[number]
            if head.startswith(piece, position):
                position += len(piece)
                continue
            element = self._changed(number, head, position)
            if element is None:
                return -1
            changes.append(Change(number, element))
            position = element.stop
        return position

    def _changed(self, number: int, head: bytes, position: int) -> Element | None:
        """An element of the same tag and VR with another value, None if it is none."""
        tag, vr, start, value, _, _ = self.places[number]
        is_fixed = tag in _STRICT or (number == self.first and self.is_implicit)
        is_explicit = number < self.first or not self.is_implicit
        width = 2 if is_explicit and value - start == END_BYTES else 4
        if is_fixed or not head.startswith(self.head[start : value - width], position):
            return None
        value += position - start
        length = int.from_bytes(head[value - width : value], "little")
        if length != UNDEFINED:
            stop = value + length
            return (
                None
                if length & 1 or stop > len(head)
                else Element(tag, vr, position, value, stop, is_open=False)
            )
        if vr != b"SQ":
            return None
        try:
            items = scan_items(head, value, len(head), is_implicit=self.is_implicit, is_open=True)
        except (UnusualError, TooShortError):
            return None
        stop = (items[-1].stop if items else value) + END_BYTES
        return Element(tag, vr, position, value, stop, is_open=True)

    def _pixel_of(self, head: bytes, position: int, size: int) -> Element | None:
        """The pixel data that begins at `position`, None if it is not all that follows."""
        if self.pixel is None:
            return None
        tag, vr, start, value, _, is_open = self.pixel
        if position < 0 or not head.startswith(self.head[start : value - 4], position):
            return None
        value += position - start
        length = int.from_bytes(head[value - 4 : value], "little")
        fits = length == UNDEFINED if is_open else length & 1 == 0 and value + length == size
        return Element(tag, vr, position, value, size, is_open) if fits else None

    def _has_its_length(self, head: bytes, changes: list[Change]) -> bool:
        """Whether the file meta is as long as it says."""
        begin = self.begin
        for number, element in changes:
            if number < self.first:
                place = self.places[number]
                begin += element.stop - element.start - (place.stop - place.start)
        length = int.from_bytes(head[_LENGTH_AT : _LENGTH_AT + 4], "little")
        return begin == _LENGTH_AT + 4 + length


_recent: deque[Pattern] = deque(maxlen=4)
"""The patterns of the last series, the last one first; they change what is read, not the result."""


def patterns_for(head: bytes) -> list[Pattern]:
    """The patterns of the series that an object is of."""
    return [one for one in tuple(_recent) if head.find(one.series, 0, one.end) >= 0]


def remember(pattern: Pattern) -> None:
    """Compare the next objects with this one first."""
    if pattern.serves_others:
        if pattern in _recent:
            _recent.remove(pattern)
        else:
            pattern.expect(_recent[0] if _recent else None)
        _recent.appendleft(pattern)
