"""The audit: is anything known of the patient still in the finished bytes?

It does not trust the engine: it looks at bytes, and at where the elements lie. What it looks for
is in `patterns`, what is packed within the bytes in `streams`.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from mmap import ACCESS_READ, MADV_DONTNEED, PAGESIZE, mmap
from operator import attrgetter
from typing import TYPE_CHECKING

from pydicom.charset import convert_encodings

from irw_pipeline.deid.audit.forms import forms_in, uids_in
from irw_pipeline.deid.audit.patterns import (
    MIN_IN_PIXELS,
    matcher_for,
    stands_alone,
)
from irw_pipeline.deid.audit.streams import UnsearchableError, comments, unpacked
from irw_pipeline.deid.policy.options import safe_creators
from irw_pipeline.deid.shapes import BODY_PART, body_parts
from irw_pipeline.dicom.layout import PIXELS, LayoutError, elements, encoding_of
from irw_pipeline.dicom.read import inflate, quiet_pydicom
from irw_pipeline.identity.subject import IdentifierKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from irw_pipeline.deid.audit.patterns import Matcher, Pattern
    from irw_pipeline.dicom.layout import Buffer, Element, Encoding
    from irw_pipeline.identity.subject import KnownIdentifier

_BIRTH_DATES = frozenset({0x0010_0030})
_TREE = frozenset({0x0040_A010, 0x0040_A040, 0x0040_A050})
"""The terms that build a report's tree (PS3.3 C.17.3)."""

_CHARSET = 0x0008_0005
_NUMBERS = frozenset({b"DA", b"DS", b"DT", b"IS", b"TM", b"UI"})
_DATES = frozenset({b"DA", b"DT"})
_TEXTS = frozenset({b"LO", b"LT", b"PN", b"SH", b"ST", b"UC", b"UR", b"UT"})
_BINARY = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"UN"})
_SHORT_BINARY = 1024
"""Fewer bytes than this hold no token by chance, and may well be text."""

_PLAIN_DIGITS = 8
"""Fewer digits than this may equal a time, a count or a dose by chance."""

_START = attrgetter("start")
_CHUNK = 1 << 22
_MARGIN = 64


@dataclass(frozen=True)
class Finding:
    """An identifier that survived: its kind and where (a tag or a region), never the value."""

    kind: IdentifierKind
    where: str


def residual_identifiers(content: Buffer, known: Iterable[KnownIdentifier]) -> list[Finding]:
    """Return where identifiers stand in a finished DICOM file, in the order of their place.

    Every byte is searched: preamble, file meta, header, pixel data, what follows, the inflated
    form of a deflated data set and of packed values, the text of a PDF, the comments of compressed
    frames. Letters match in either case; a token must stand alone, not inside a word. In the text
    of the header the usual forms of phone and social security numbers, mail addresses and
    labelled ids count although nobody knows them.
    """
    held = frozenset(known)
    encoding = encoding_of(content)
    if not encoding.is_deflated:
        return list(dict.fromkeys(_search_of(content, encoding, held).run()))
    meta = content[: encoding.start]
    inflated = b"".join(inflate(content, encoding.start))
    found = [
        *_search_of(meta, encoding, held).run(),
        *_search_of(inflated, encoding._replace(start=0), held).run(),
    ]
    return list(dict.fromkeys(found))


def residual_identifiers_of_file(path: Path, known: Iterable[KnownIdentifier]) -> list[Finding]:
    """Return what `residual_identifiers` does, and hold a few megabytes whatever the size."""
    with path.open("rb") as stream, mmap(stream.fileno(), 0, access=ACCESS_READ) as content:
        return residual_identifiers(content, known)


def _search_of(content: Buffer, encoding: Encoding, held: frozenset[KnownIdentifier]) -> _Search:
    try:
        places = list(elements(content, encoding))
    except LayoutError:  # then every byte is searched as text is
        places = []
    unique = [one for one in held if one.kind is IdentifierKind.UID]
    uids = frozenset(one.value.encode() for one in unique)
    named = held.difference(unique)
    return _Search(content, places, matcher_for(named, _charset(content, places)), uids)


def _charset(content: Buffer, places: list[Element]) -> tuple[str, ...]:
    for place in places:
        if place.tag == _CHARSET:
            return _encodings(content[place.start : place.stop])
    return ()


@lru_cache(maxsize=64)
def _encodings(value: bytes) -> tuple[str, ...]:
    try:
        with quiet_pydicom():
            return tuple(convert_encodings(value.decode("latin-1").strip(" \0").split("\\")))
    except (LookupError, ValueError):
        return ()


class _Search:
    """One pass over one buffer whose elements lie in `places`, none where it is plain bytes."""

    def __init__(
        self,
        content: Buffer,
        places: list[Element],
        matcher: Matcher | None,
        uids: frozenset[bytes],
    ) -> None:
        self._content = content
        self._places = places
        # whatever is no binary value is searched as header, and holds nothing packed
        self._binaries = [one for one in places if one.vr in _BINARY or one.tag in PIXELS]
        self._matcher = matcher
        self._uids = uids
        self._margin = (matcher.longest if matcher else 0) + _MARGIN

    def run(self) -> Iterator[Finding]:
        at = 0
        for place in self._binaries:
            if _is_large_binary(place):
                yield from self._header(at, place.start)
                yield from self._binary(place)
                at = place.stop
        yield from self._header(at, len(self._content))
        for place in self._binaries:
            yield from self._hidden(place)

    def _header(self, start: int, stop: int) -> Iterator[Finding]:
        """Search everything between large binary values, in pieces."""
        for at in range(start, stop, _CHUNK):
            begin = max(0, at - self._margin)
            end = min(stop, at + _CHUNK)
            lowered = self._content[begin : end + self._margin].lower()
            inside = range(at - begin, end - begin)
            yield from self._known(lowered, begin, inside)
            if self._uids:
                for uid, found in uids_in(lowered, inside.start, len(lowered)):
                    if uid in self._uids and found in inside:
                        yield Finding(IdentifierKind.UID, self._where(begin + found))
            for kind, found in forms_in(lowered, inside.start, len(lowered)):
                place = self._place(begin + found)
                if place is not None and place.vr in _TEXTS and found in inside:
                    yield Finding(kind, _name(place))

    def _known(self, lowered: bytes, begin: int, inside: range) -> Iterator[Finding]:
        if self._matcher is None:
            return
        matches = self._matcher.automaton.find_matches_as_indexes(lowered, overlapping=True)
        for number, start, _ in matches:
            pattern = self._matcher.patterns[number]
            if start in inside and stands_alone(lowered, start, pattern):
                place = self._place(begin + start)
                if place is None or not (_is_by_chance(pattern, place) or self._is_listed(place)):
                    yield Finding(pattern.kind, self._where(begin + start))

    def _is_listed(self, place: Element) -> bool:
        """Whether a value is one that the standard lists: a private creator, a body part."""
        is_creator = place.tag & 0x1_0000 and not place.tag & 0xFF00
        if not is_creator and place.tag != BODY_PART:
            return False
        value = self._content[place.start : place.stop].decode("latin-1").strip(" \0")
        return value in (safe_creators() if is_creator else body_parts())

    def _binary(self, place: Element) -> Iterator[Finding]:
        """Search a large binary value for where a long pattern may begin, then look closely."""
        if self._matcher is None:
            return
        for at in range(place.start, place.stop, _CHUNK):
            piece = self._content[at : min(place.stop, at + _CHUNK + _MARGIN)]
            for anchors in self._matcher.anchors:
                for _, start, end in anchors.find_matches_as_indexes(piece):
                    yield from self._closely(at + start, at + end)
            if isinstance(self._content, mmap):  # let go of what was read
                page = at - at % PAGESIZE
                self._content.madvise(MADV_DONTNEED, page, len(piece))

    def _closely(self, start: int, end: int) -> Iterator[Finding]:
        begin = max(0, start - _MARGIN)
        lowered = self._content[begin : end + self._margin].lower()
        yield from self._known(lowered, begin, range(start - begin, end - begin))

    def _hidden(self, place: Element) -> Iterator[Finding]:
        """Search what is packed in a value, and the comments of compressed frames."""
        try:
            if place.tag in PIXELS:
                for at, comment in comments(self._content, place.start, place.stop):
                    yield from self._within(comment, at)
            elif place.vr in _BINARY and place.stop > place.start:
                for inner in unpacked(self._content[place.start : place.stop]):
                    yield from self._within(inner, place.start)
        except UnsearchableError:
            yield Finding(IdentifierKind.OTHER, _name(place))

    def _within(self, inner: bytes, at: int) -> Iterator[Finding]:
        for one in _Search(inner, [], self._matcher, self._uids).run():
            yield Finding(one.kind, self._where(at))

    def _place(self, position: int) -> Element | None:
        index = bisect_right(self._places, position, key=_START) - 1
        place = self._places[index] if index >= 0 else None
        return place if place and position < max(place.stop, place.start + 1) else None

    def _where(self, position: int) -> str:
        if place := self._place(position):
            return _name(place)
        if self._places and position < self._places[0].start:
            return "preamble or file meta"
        return "outside of all values"


def _name(place: Element) -> str:
    return f"({place.top >> 16:04X},{place.top & 0xFFFF:04X})"


def _is_large_binary(place: Element) -> bool:
    is_long = place.stop - place.start > _SHORT_BINARY
    return place.tag in PIXELS or (is_long and place.vr in _BINARY)


def _is_by_chance(pattern: Pattern, place: Element) -> bool:
    """Whether a match tells nothing where it stands.

    A study date, moved back or not, may fall on the day of birth, a time or a dose may have the
    digits of an id, somebody may be called Text as an item of a report is, and a large binary
    value holds every short token somewhere.
    """
    if pattern.kind is IdentifierKind.BIRTH_DATE:
        return place.vr in _DATES and place.tag not in _BIRTH_DATES
    if pattern.kind is IdentifierKind.NAME and place.tag in _TREE:
        return True
    if pattern.is_number and pattern.characters < _PLAIN_DIGITS:
        return place.vr in _NUMBERS
    return pattern.characters < MIN_IN_PIXELS and _is_large_binary(place)
