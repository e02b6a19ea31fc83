"""Bytes within bytes that the audit must look into: what is packed, and comments among pixels."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import TYPE_CHECKING

from irw_pipeline.dicom.read import MAX_INFLATED_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from irw_pipeline.dicom.layout import Buffer

_GZIP = b"\x1f\x8b\x08"
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_MIN_PACKED = 16
_JPEG, _JPEG_2000 = b"\xff\xd8", b"\xff\x4f\xff\x51"
_COMMENTS = frozenset({0xFE, 0x64, *range(0xE0, 0xF0)})
"""COM of JPEG, COM of JPEG 2000, and the application segments (ISO 10918-1 B.2.4, 15444-1 A.9)."""

_IMAGE_BEGINS = frozenset({0xDA, 0xD9, 0x90})
_HEAD_BYTES = 1 << 16
_ITEM = 0xE000_FFFE


class UnsearchableError(Exception):
    """What is packed here cannot be looked into; nothing says that it is clean."""


def unpacked(value: bytes) -> Iterator[bytes]:
    """Yield what the gzip and zlib streams in a value inflate to, and the text of a PDF.

    Raises:
        UnsearchableError: A stream inflates beyond `MAX_INFLATED_BYTES`, or the PDF is damaged.
    """
    for magic in (_GZIP, *_ZLIB):
        at = value.find(magic)
        while at >= 0:
            if inflated := _inflated(value[at:]):
                yield inflated
            at = value.find(magic, at + 1)
    if value[:1024].lstrip().startswith(b"%PDF"):
        yield _pdf_text(value)


def _inflated(packed: bytes) -> bytes:
    """The content of a stream; empty where the letters stood by chance."""
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        inflated = inflater.decompress(packed, MAX_INFLATED_BYTES)
    except zlib.error:
        return b""
    if inflater.unconsumed_tail:
        raise UnsearchableError
    return inflated if len(inflated) >= _MIN_PACKED else b""


def _pdf_text(value: bytes) -> bytes:
    from pypdf import PdfReader  # noqa: PLC0415 - documents are rare, and its import is not cheap

    try:
        reader = PdfReader(BytesIO(value))
        told = (str(text) for text in (reader.metadata or {}).values())
        return "\n".join((*told, *(page.extract_text() for page in reader.pages))).encode()
    except Exception as error:
        raise UnsearchableError from error


def comments(content: Buffer, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
    """Yield place and content of each comment in encapsulated JPEG and JPEG 2000 streams.

    Args:
        content: The object.
        start: Where the value of its pixel data begins.
        stop: Where it ends.
    """
    while start + 8 <= stop:
        mark, length = struct.unpack_from("<LL", content, start)
        if mark != _ITEM:
            return
        head = content[start + 8 : start + 8 + min(length, _HEAD_BYTES)]
        if head.startswith((_JPEG, _JPEG_2000)):
            for at, comment in _segments(head):
                yield start + 8 + at, comment
        start += 8 + length


def _segments(head: bytes) -> Iterator[tuple[int, bytes]]:
    position = 2
    while position + 4 <= len(head) and head[position] == 0xFF:  # noqa: PLR2004 - begins a marker
        marker = head[position + 1]
        if marker in _IMAGE_BEGINS:
            return
        length = int.from_bytes(head[position + 2 : position + 4], "big")
        if marker in _COMMENTS:
            yield position + 4, head[position + 4 : position + 2 + length]
        position += 2 + max(length, 2)
