"""What PixelData holds beside the pixels: comments of codestreams, bytes after the last pixel.

Nobody sees it on an image, and anything may be written there. It is cut out where it is more than
the name of an encoder; no pixel changes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml
from pydicom.dataelem import DataElement
from pydicom.pixels.utils import get_expected_length

from irw_pipeline.deid.pixels.blank import PIXEL_DATA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydicom.dataset import FileDataset

_ITEM_HEADER = 8
_ITEM, _SEQUENCE_END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
_STARTS = (b"\xff\xd8", b"\xff\x4f")  # SOI, SOC
_END = b"\xff\xd9"
_DATA_BEGINS = {0xD9, 0xDA, 0x90, 0x93}  # EOI, SOS, SOT, SOD
_COMMENTS = {0xFE: 0, 0x64: 2}  # COM of JPEG, and of JPEG 2000 behind its registration value
_APPLICATION = range(0xE0, 0xF0)
_HEAD, _TAIL = 1 << 12, 1 << 10
_MOST_KEPT = 32
_TELLING = re.compile(rb"[ -~]{4}|[^\0\xff].{15}", re.DOTALL)

Span = tuple[int, int]


class Fragment(NamedTuple):
    """A fragment of encapsulated pixel data: where its item, its bytes and their end lie."""

    item: int
    start: int
    stop: int


def behind_pixels(read: Callable[[int, int], bytes], begin: int, stop: int) -> bool:
    """Whether anything but zeros lies between the last pixel and the end of native pixel data.

    Args:
        read: Gives the bytes at an offset, of a length.
        begin: Where the last pixel, and what makes its length even, ends.
        stop: Where the element ends.
    """
    return stop > begin and bool(read(begin, stop - begin).strip(b"\0"))


def in_fragments(read: Callable[[int, int], bytes], begin: int) -> bool:
    """Whether encapsulated pixel data that begins at `begin` holds something to cut out.

    Only the ends of each fragment are read.

    Args:
        read: Gives the bytes at an offset, of a length.
        begin: Where its first item, the offset table, begins.
    """
    fragments = list(_fragments(read, begin))[1:]
    return _has_markers(read, fragments) and any(
        span for one in fragments for span in _spans(read, one.start, one.stop)
    )


def cut_out(dataset: FileDataset) -> bool:
    """Cut out of PixelData what is no pixel; whether there was something. Changes `dataset`."""
    element = dataset.get(PIXEL_DATA)
    if element is None or not isinstance(element.value, bytes):
        return False
    content = element.value
    if element.is_undefined_length:
        shorter = _without_asides(content)
        for keyword in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths"):
            if shorter != content and keyword in dataset:
                delattr(dataset, keyword)
    else:
        expected = _native_length(dataset, len(content))
        shorter = content[:expected] if content[expected:].strip(b"\0") else content
    if shorter == content:
        return False
    changed = DataElement(PIXEL_DATA, element.VR, shorter)
    changed.is_undefined_length = element.is_undefined_length
    dataset[PIXEL_DATA] = changed
    return True


def _native_length(dataset: FileDataset, length: int) -> int:
    try:
        expected = get_expected_length(dataset)
    except (AttributeError, TypeError, ValueError, KeyError):
        return length
    return expected + expected % 2 if isinstance(expected, int) and expected > 0 else length


def _without_asides(content: bytes) -> bytes:
    def read(at: int, length: int) -> bytes:
        return content[at : at + length]

    found = list(_fragments(read, 0))
    if not found:
        return content
    table, *fragments = found
    if not _has_markers(read, fragments):
        return content
    spans = {one: list(_spans(read, one.start, one.stop)) for one in fragments}
    if not any(spans.values()):
        return content
    made, moved = [], {}
    at = 0
    for one in fragments:
        moved[one.item - table.stop] = at
        piece = content[one.start : one.stop]
        for start, stop in reversed(spans[one]):
            piece = piece[: start - one.start] + piece[stop - one.start :]
        piece += b"\0" * (len(piece) % 2)
        made.append(_ITEM + len(piece).to_bytes(4, "little") + piece)
        at += len(made[-1])
    offsets = content[table.start : table.stop]
    moved_offsets = b"".join(
        moved.get(int.from_bytes(offsets[i : i + 4], "little"), 0).to_bytes(4, "little")
        for i in range(0, len(offsets), 4)
    )
    head = _ITEM + len(moved_offsets).to_bytes(4, "little") + moved_offsets
    return head + b"".join(made) + content[fragments[-1].stop :]


def _fragments(read: Callable[[int, int], bytes], at: int) -> Iterator[Fragment]:
    """The offset table and the fragments, as far as items follow each other."""
    while (header := read(at, _ITEM_HEADER))[:4] == _ITEM and len(header) == _ITEM_HEADER:
        start = at + _ITEM_HEADER
        stop = start + int.from_bytes(header[4:], "little")
        yield Fragment(at, start, stop)
        at = stop


def _has_markers(read: Callable[[int, int], bytes], fragments: list[Fragment]) -> bool:
    """Whether codestreams of JPEG or JPEG 2000: in others, such as RLE, any bytes are pixels."""
    return bool(fragments) and read(fragments[0].start, 2) in _STARTS


def _spans(read: Callable[[int, int], bytes], start: int, stop: int) -> Iterator[Span]:
    """What to cut out of a fragment: segments before the coded data, and bytes behind its end."""
    head = read(start, min(_HEAD, stop - start))
    if head[:2] in _STARTS:
        at = 2
        while len(head) >= at + 4 and head[at] == 0xFF and head[at + 1] not in _DATA_BEGINS:  # noqa: PLR2004 - a marker
            length = 2 + int.from_bytes(head[at + 2 : at + 4], "big")
            if at + length > len(head):  # longer than any that a coder needs
                head = read(start, min(at + length + _HEAD, stop - start))
            if not _is_needed(head[at + 1], head[at + 4 : at + length]):
                yield start + at, start + at + length
            at += length
    tail_start = max(start, stop - _TAIL)
    tail = read(tail_start, stop - tail_start)
    end = tail.rfind(_END) + len(_END)
    if end >= len(_END) and _TELLING.search(tail, end):
        yield tail_start + end, stop


def _is_needed(marker: int, payload: bytes) -> bool:
    if marker in _COMMENTS:
        text = payload[_COMMENTS[marker] :].strip(b" \0").decode("latin-1")
        return any(pattern.fullmatch(text) for pattern in _tables()[0])
    if marker in _APPLICATION:
        return len(payload) < _MOST_KEPT and any(
            marker == number and payload.startswith(begins) for number, begins in _tables()[1]
        )
    return True


@lru_cache(maxsize=1)
def _tables() -> tuple[tuple[re.Pattern[str], ...], tuple[tuple[int, bytes], ...]]:
    path = resources.files("irw_pipeline.deid") / "tables" / "codestream_comments.yaml"
    document: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return (
        tuple(re.compile(row["pattern"]) for row in document["comments"]),
        tuple((row["marker"], row["begins"].encode("latin-1")) for row in document["segments"]),
    )
