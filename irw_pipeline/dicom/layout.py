"""Where every element of an encoded object lies, nested ones too; nothing is converted.

One loop without recursion, so that neither depth nor size of a hostile object costs more than the
limits here allow. It judges nothing else: what is odd but bounded is left to whoever reads on.
"""

from __future__ import annotations

import re
import struct
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
)
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32, VR

if TYPE_CHECKING:
    from collections.abc import Generator
    from mmap import mmap

Buffer: TypeAlias = "bytes | mmap"

MAX_DEPTH = 64
"""Sequences within sequences; the deepest real content trees have a third of it."""

MAX_ELEMENTS = 1_000_000
"""Elements and items of one object; an enhanced object of 10,000 frames has half of it."""

_TEXT = re.compile(rb"[\t\n\r -~]+")
_LAST_COMMAND, _PIXEL_GROUP = 0x0000_FFFF, 0x7FE0_0000
PIXELS = frozenset({0x7FE0_0008, 0x7FE0_0009, 0x7FE0_0010})
UNDEFINED = 0xFFFF_FFFF
_MAGIC_AT, _META_AT = 128, 132
_TRANSFER_SYNTAX = 0x0002_0010
_ITEM, _SEQUENCE_END = 0xFFFE_E000, 0xFFFE_E0DD
_LONG = frozenset(str(vr).encode() for vr in EXPLICIT_VR_LENGTH_32)
_SHORT = frozenset(str(vr).encode() for vr in VR if len(vr) == 2) - _LONG  # noqa: PLR2004 - not "US or SS"
_USUAL = struct.Struct("<HH2sH").unpack_from
_LAST_META, _DELIMITERS = 0x0002, 0xFFFE
_FRAGMENTED = frozenset({b"OB", b"OW"})


class LayoutError(Exception):
    """The elements exceed a limit; says which, no value."""


class CutShortError(LayoutError):
    """An element is longer than what holds it."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("an element is longer than what holds it")


class Element(NamedTuple):
    """One element that is no sequence, or the start of one; its value is `[start, stop)`.

    `top` is the tag of the element of the data set itself that it is, or is nested in.
    """

    tag: int
    top: int
    vr: bytes
    start: int
    stop: int


class Encoding(NamedTuple):
    """How a data set is encoded, and where it begins."""

    start: int
    is_implicit: bool
    is_big: bool
    is_deflated: bool


class _Open(NamedTuple):
    """A sequence or an item that is under way."""

    end: int
    is_undefined: bool
    is_implicit: bool


def encoding_of(data: Buffer) -> Encoding:
    """How the data set of an object is encoded, by its file meta, else by its first bytes.

    Raises:
        CutShortError: The file meta is cut short.
    """
    start, syntax = 0, ""
    if data[_MAGIC_AT:_META_AT] == b"DICM" and (
        data[_META_AT : _META_AT + 2] == b"\2\0" or data[:2] != b"\x08\0"
    ):  # else the four letters stand in a value of an object without a preamble
        start = _META_AT
        for one in elements(data, Encoding(start, *_EXPLICIT_LITTLE), is_meta=True):
            if one.tag == _TRANSFER_SYNTAX:
                syntax = data[one.start : one.stop].strip(b" \0").decode("latin-1")
            start = one.stop
    if not syntax:
        is_big = data[start : start + 1] == b"\0"
        return Encoding(start, not _is_vr(data[start + 4 : start + 6]), is_big, is_deflated=False)
    return Encoding(
        start,
        syntax == ImplicitVRLittleEndian,
        syntax == ExplicitVRBigEndian,
        syntax == DeflatedExplicitVRLittleEndian,
    )


_EXPLICIT_LITTLE = (False, False, False)


def elements(  # noqa: C901, PLR0912, PLR0915 - the one loop that every header byte passes, kept flat
    data: Buffer, encoding: Encoding, *, is_meta: bool = False
) -> Generator[Element, None, int]:
    """Yield the elements of a data set in the order of their bytes, nested ones too.

    An element of private or unknown VR is a value. Zeros and text behind the data set
    are left out, and so are fewer than eight bytes. Returns where it ended.

    Args:
        data: The object; for a deflated data set, what it inflates to.
        encoding: How it is encoded.
        is_meta: Whether to stop after the file meta.

    Raises:
        CutShortError: An element is longer than what holds it.
        LayoutError: The elements are nested too deeply, or there are too many.
    """
    order = ">" if encoding.is_big else "<"
    tags, short, long = (struct.Struct(order + form).unpack_from for form in ("HH", "H", "L"))
    opened: list[_Open] = []
    position, end, count, top = encoding.start, len(data), 0, 0
    is_usual = not (encoding.is_big or encoding.is_implicit or is_meta)
    while True:
        while is_usual and not opened and end - position >= 8:  # noqa: PLR2004 - the shortest
            group, number, vr, length = _USUAL(data, position)
            stop = position + 8 + length
            if vr not in _SHORT or stop > end or not _LAST_META < group < _DELIMITERS:
                break
            if (count := count + 1) > MAX_ELEMENTS:
                raise LayoutError("too many elements")
            top = group << 16 | number
            yield Element(top, top, vr, position + 8, stop)
            position = stop
        while opened and not opened[-1].is_undefined and position >= opened[-1].end:
            opened.pop()
        limit = opened[-1].end if opened else end
        if limit - position < 8:  # noqa: PLR2004 - the shortest element
            if limit == end:
                return position
            raise CutShortError
        group, number = tags(data, position)
        tag = group << 16 | number
        if is_meta and group != 2:  # noqa: PLR2004 - the file meta group
            return position
        if (count := count + 1) > MAX_ELEMENTS:
            raise LayoutError("too many elements")
        is_implicit = opened[-1].is_implicit if opened else encoding.is_implicit
        vr, value, length = _header(data, position, tag, short, long, is_implicit=is_implicit)
        stop = limit if length == UNDEFINED else value + length
        if not opened:
            if (stop > limit or not group) and _is_after_the_end(data, position, tag, top):
                return position
            top = tag
        if stop > limit:
            raise CutShortError
        if group == 0xFFFE:  # noqa: PLR2004 - items and delimiters
            if tag == _ITEM:
                _open(opened, _Open(stop, length == UNDEFINED, is_implicit))
            elif opened:
                _close(opened)
            stop = value
        elif vr == b"SQ" or (length == UNDEFINED and not _is_fragmented(tag, vr)):
            as_implicit = is_implicit or data[position + 4 : position + 6] == b"UN"
            _open(opened, _Open(stop, length == UNDEFINED, as_implicit))
            yield Element(tag, top, vr, value, value)
            stop = value
        else:
            if length == UNDEFINED:
                stop = _fragments_end(data, value, end, tags, long)
            yield Element(tag, top, vr, value, stop)
        position = stop


def _is_after_the_end(data: Buffer, position: int, tag: int, before: int) -> bool:
    """Whether what cannot be an element of the data set is something behind it: zeros, or text.

    Behind pixel data nothing else is due, so that whatever does not fit is no part of the object.
    """
    if tag <= _LAST_COMMAND:
        return before > _LAST_COMMAND
    return before >= _PIXEL_GROUP or bool(_TEXT.fullmatch(data[position : position + 8]))


def _header(
    data: Buffer, position: int, tag: int, short: _Unpack, long: _Unpack, *, is_implicit: bool
) -> tuple[bytes, int, int]:
    """VR, value's position and length; an element without letters for a VR has none (PS3.5 7.1)."""
    vr = data[position + 4 : position + 6]
    if is_implicit or tag >> 16 == 0xFFFE or not _is_vr(vr):  # noqa: PLR2004 - items have no VR
        return _dictionary_vr(tag), position + 8, long(data, position + 4)[0]
    if vr not in _LONG:
        return vr, position + 8, short(data, position + 6)[0]
    if len(data) < position + 12:
        raise CutShortError
    length = long(data, position + 8)[0]
    if vr == b"UN" and _dictionary_vr(tag) == b"SQ":
        vr = b"SQ"
    return vr, position + 12, length


def _open(opened: list[_Open], one: _Open) -> None:
    if len(opened) >= 2 * MAX_DEPTH:  # a sequence and its item
        raise LayoutError("nested too deeply")
    opened.append(one)


def _close(opened: list[_Open]) -> None:
    """A delimiter ends what is under way without a length; a stray one ends nothing."""
    if opened[-1].is_undefined:
        opened.pop()


def _fragments_end(data: Buffer, position: int, end: int, tags: _Unpack, long: _Unpack) -> int:
    """Where encapsulated pixel data ends, its delimiter included (PS3.5 A.4)."""
    while position + 8 <= end:
        group, number = tags(data, position)
        length = long(data, position + 4)[0]
        if group << 16 | number == _SEQUENCE_END:
            return position + 8
        if group << 16 | number != _ITEM or position + 8 + length > end:
            break
        position += 8 + length
    raise CutShortError


def _is_fragmented(tag: int, vr: bytes) -> bool:
    return tag in PIXELS or vr in _FRAGMENTED


def _is_vr(letters: bytes) -> bool:
    return letters.isalpha() and letters.isupper()


@lru_cache(maxsize=10_000)
def _dictionary_vr(tag: int) -> bytes:
    return str(dictionary_VR(tag)).encode() if dictionary_has_tag(tag) else b"UN"


if TYPE_CHECKING:
    from collections.abc import Callable

    _Unpack: TypeAlias = Callable[[Buffer, int], tuple[int, ...]]
