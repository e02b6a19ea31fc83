"""Where the elements of an encoded data set lie: tags, VRs and offsets, nothing is converted.

For explicit and implicit VR little endian only, and only for what is usual: whatever the standard
or pydicom would have to interpret (unordered tags, odd lengths, unknown VRs, UN of undefined
length, trailing bytes) raises `UnusualError`, and the caller reads the object with pydicom.
"""

from __future__ import annotations

import re
import struct
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from pydicom.datadict import dictionary_has_tag, dictionary_VR, repeater_has_tag
from pydicom.uid import AllTransferSyntaxes, ImplicitVRLittleEndian
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32, VR

if TYPE_CHECKING:
    from collections.abc import Callable

PIXEL_DATA = 0x7FE0_0010
UNDEFINED = 0xFFFF_FFFF
UID_VALUE = re.compile(rb"[0-2](?:\.(?:0|[1-9][0-9]*))+\0?")
"""A single UID, padded or not."""

META_AT = 132
_GROUP_LENGTH_BYTES, _META_GROUP = 12, 2
_TRANSFER_SYNTAX = 0x0002_0010
_FIRST_TAG = 0x0008_0000
_CHARSET = 0x0008_0005
_ITEM, _SEQUENCE_END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
ITEM_END = b"\xfe\xff\x0d\xe0\0\0\0\0"
END_BYTES = 8
_LONG = frozenset(str(vr).encode() for vr in EXPLICIT_VR_LENGTH_32)
_SHORT = frozenset(str(vr).encode() for vr in VR if len(vr) == 2) - _LONG  # noqa: PLR2004 - not "US or SS"
_EXPLICIT = struct.Struct("<HH2sH").unpack_from
_IMPLICIT = struct.Struct("<HHL").unpack_from
_ITEM_HEADER = struct.Struct("<4sL").unpack_from
_LENGTH = struct.Struct("<L").unpack_from
_SYNTAXES = {
    str(uid): uid == ImplicitVRLittleEndian
    for uid in AllTransferSyntaxes
    if uid.is_little_endian and not uid.is_deflated
}


class UnusualError(Exception):
    """The object is left to pydicom; holds no value."""


class TooShortError(Exception):
    """The data set goes on after the bytes at hand."""


class Element(NamedTuple):
    """One element: header at `start`, value at `value`; `stop` is after it and its delimiter."""

    tag: int
    vr: bytes
    start: int
    value: int
    stop: int
    is_open: bool


class Layout(NamedTuple):
    """The transfer syntax, whether VRs are implicit, where the data set begins, its elements."""

    syntax: str
    is_implicit: bool
    begin: int
    elements: list[Element]


class Item(NamedTuple):
    """One item of a sequence: its elements lie in `[start, end)`, what follows begins at `stop`."""

    start: int
    end: int
    stop: int


def read_meta(head: bytes) -> tuple[str, bool, int]:
    """The transfer syntax, whether VRs are implicit, and where the data set begins.

    Raises:
        UnusualError: No file meta as PS3.10 7.1 has it, or another encoding.
    """
    if head[128:140] != b"DICM\2\0\0\0UL\4\0":
        raise UnusualError
    start = META_AT + _GROUP_LENGTH_BYTES
    begin = start + int.from_bytes(head[140:144], "little")
    if begin > len(head):
        raise UnusualError
    elements = scan(head, start, begin, is_implicit=False)
    named = [e for e in elements if e.tag == _TRANSFER_SYNTAX]
    syntax = head[named[0].value : named[0].stop].rstrip(b" \0").decode("latin-1") if named else ""
    if syntax not in _SYNTAXES or any(e.tag >> 16 != _META_GROUP for e in elements):
        raise UnusualError
    return syntax, _SYNTAXES[syntax], begin


def layout_of(head: bytes, size: int) -> Layout:
    """Where the elements of an object lie; pixel data stands last, or there is none.

    Args:
        head: The first bytes of the object, up to its pixel data at least.
        size: The size of the whole object.

    Raises:
        UnusualError: Something that pydicom should judge.
        TooShortError: Header elements lie beyond `head`.
    """
    syntax, is_implicit, begin = read_meta(head)
    elements = scan(head, begin, size, is_implicit=is_implicit, is_top=True)
    if not elements or elements[0].tag < _FIRST_TAG:
        raise UnusualError
    return Layout(syntax, is_implicit, begin, elements)


def scan(  # noqa: C901, PLR0912 - the one loop that every header byte passes, kept flat for speed
    data: bytes,
    position: int,
    end: int,
    *,
    is_implicit: bool,
    is_top: bool = False,
    is_open: bool = False,
) -> list[Element]:
    """The elements from `position` on, in their order, without those of nested items.

    Args:
        data: The encoded data set, or its first bytes.
        position: Where the first element begins.
        end: Where the elements end; for an open item, where what encloses it ends.
        is_implicit: Whether VRs are implicit.
        is_top: Whether pixel data may lie beyond `data`, or be encapsulated.
        is_open: Whether an item delimiter ends the elements.

    Raises:
        UnusualError: Something that pydicom should judge.
        TooShortError: `data` ends before the elements do.
    """
    found: list[Element] = []
    size = len(data)
    before = -1
    if is_implicit and data[position + 4 : position + 6].isalpha():
        raise UnusualError  # explicit after all
    while position < end:
        start = position
        if is_open and data[start : start + END_BYTES] == ITEM_END:
            return found
        try:
            if is_implicit:
                group, number, length = _IMPLICIT(data, position)
                value = position + 8
                vr = implicit_vr(group << 16 | number)
            else:
                group, number, vr, length = _EXPLICIT(data, position)
                value = position + 8
                if vr in _LONG:
                    if length:
                        raise UnusualError
                    (length,) = _LENGTH(data, value)
                    value += 4
                elif vr not in _SHORT:
                    raise UnusualError
        except struct.error:
            raise TooShortError from None
        tag = group << 16 | number
        if tag <= before:
            raise UnusualError
        before = tag
        if length != UNDEFINED:
            position = value + length
            if length & 1 or position > end:
                raise UnusualError
        elif vr == b"SQ":
            items = scan_items(data, value, end, is_implicit=is_implicit, is_open=True)
            position = (items[-1].stop if items else value) + END_BYTES
        elif tag == PIXEL_DATA and is_top:
            position = end
        else:
            raise UnusualError
        found.append(Element(tag, vr, start, value, position, length == UNDEFINED))
        if position > size and not (tag == PIXEL_DATA and is_top and position == end):
            raise TooShortError
    if is_open:
        raise UnusualError
    return found


def scan_items(
    data: bytes, position: int, end: int, *, is_implicit: bool, is_open: bool
) -> list[Item]:
    """The items of a sequence whose value begins at `position`.

    Args:
        data: The encoded data set.
        position: Where the first item begins.
        end: Where the value ends; for an open sequence, where what encloses it ends.
        is_implicit: Whether VRs are implicit.
        is_open: Whether a sequence delimiter ends the items.

    Raises:
        UnusualError: Something that pydicom should judge.
        TooShortError: `data` ends within the sequence.
    """
    found: list[Item] = []
    while position < end:
        try:
            mark, length = _ITEM_HEADER(data, position)
        except struct.error:
            raise TooShortError from None
        start = position + 8
        if is_open and mark == _SEQUENCE_END and not length:
            return found
        if mark != _ITEM:
            raise UnusualError
        if length == UNDEFINED:
            elements = scan(data, start, end, is_implicit=is_implicit, is_open=True)
            last = elements[-1].stop if elements else start
            found.append(Item(start, last, last + END_BYTES))
        elif start + length > end:
            raise UnusualError
        else:
            found.append(Item(start, start + length, start + length))
        position = found[-1].stop
    if is_open:
        raise UnusualError
    return found


def item_elements(data: bytes, item: Item, *, is_implicit: bool) -> list[Element]:
    """The elements of one item.

    Raises:
        UnusualError: It has a character set of its own, or pydicom should judge it.
    """
    elements = scan(data, item.start, item.end, is_implicit=is_implicit)
    if any(element.tag == _CHARSET for element in elements):
        raise UnusualError
    return elements


def fragments_end(read: Callable[[int, int], bytes], position: int) -> int:
    """Where encapsulated pixel data ends that begins at `position`, its delimiter included.

    Args:
        read: Gives the bytes at an offset, of a length.
        position: Where its first item, the offset table, begins.

    Raises:
        UnusualError: Its items do not end in a delimiter.
    """
    while True:
        header = read(position, END_BYTES)
        if len(header) < END_BYTES:
            raise UnusualError
        mark, length = _ITEM_HEADER(header)
        if mark == _SEQUENCE_END and not length:
            return position + END_BYTES
        if mark != _ITEM or length == UNDEFINED:
            raise UnusualError
        position += END_BYTES + length


@lru_cache(maxsize=10_000)
def implicit_vr(tag: int) -> bytes:
    """The VR that the dictionary gives to a standard attribute, `UN` for all others."""
    is_private = tag >> 16 & 1  # those of group 7Fxx are private, though the form allows them
    is_listed = dictionary_has_tag(tag) or (not is_private and repeater_has_tag(tag))
    return str(dictionary_VR(tag)).encode() if is_listed else b"UN"


def sequence_bytes(header: bytes, items: list[tuple[bytes, bool]], *, is_open: bool) -> bytes:
    """A sequence element: its lengths computed, undefined where they were.

    Args:
        header: Its tag, VR and length as they were.
        items: The encoded elements of each item, and whether its length was undefined.
        is_open: Whether the length of the sequence was undefined.
    """
    encoded = [
        _ITEM + b"\xff\xff\xff\xff" + content + ITEM_END
        if is_open_item
        else _ITEM + len(content).to_bytes(4, "little") + content
        for content, is_open_item in items
    ]
    value = b"".join(encoded)
    if is_open:
        return header + value + _SEQUENCE_END + bytes(4)
    return header[:-4] + len(value).to_bytes(4, "little") + value
