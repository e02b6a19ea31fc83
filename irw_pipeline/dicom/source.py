"""An object where it lies: its first bytes in memory, the rest read or copied when asked for."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from irw_pipeline.dicom.codec import Codec
from irw_pipeline.dicom.header import FACT_TAGS, facts_of
from irw_pipeline.dicom.read import ObjectReadError
from irw_pipeline.dicom.scan import (
    UID_VALUE,
    TooShortError,
    UnusualError,
    read_meta,
    scan_object,
)
from irw_pipeline.ids import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO
    from pathlib import Path
    from typing import BinaryIO

    from irw_pipeline.dicom.scan import Element

_HEAD_BYTES, _LONG_HEAD_BYTES = 1 << 16, 1 << 22
_COPY_BYTES = 1 << 20
_CHARSET, _INSTANCE = 0x0008_0005, 0x0008_0018


class Layout(NamedTuple):
    """The transfer syntax, whether VRs are implicit, and the elements of the data set itself."""

    syntax: str
    is_implicit: bool
    elements: list[Element]


@dataclass
class Source:
    """An object in memory, or a file of which `head` is in memory."""

    head: bytes = field(repr=False)
    size: int
    stream: FileIO | None = field(default=None, repr=False)
    _layout: Layout | None = field(default=None, repr=False)

    def layout(self) -> Layout:
        """Where the elements lie; the head is made longer until it holds them.

        Raises:
            UnusualError: pydicom must read it.
        """
        if self._layout is None:
            try:
                self._layout = _layout_of(self)
            except TooShortError:
                self._lengthen()
                try:
                    self._layout = _layout_of(self)
                except TooShortError as error:
                    raise UnusualError from error
        return self._layout

    def read(self, offset: int, length: int) -> bytes:
        """Bytes of the object, fewer at its end."""
        if self.stream is None or offset + length <= len(self.head):
            return self.head[offset : offset + length]
        return os.pread(self.stream.fileno(), length, offset)

    def copy(self, start: int, stop: int, target: BinaryIO) -> None:
        """Append the bytes `[start, stop)` of the object to a file, without holding them.

        Raises:
            ObjectReadError: `UNREADABLE`: the source became shorter.
            OSError: The target cannot be written.
        """
        if self.stream is None or stop <= len(self.head):
            target.write(memoryview(self.head)[start:stop])
            return
        target.flush()
        try:
            while start < stop:
                done = os.copy_file_range(
                    self.stream.fileno(), target.fileno(), stop - start, start
                )
                if not done:
                    break
                start += done
        except OSError:  # two file systems, or one that cannot
            pass
        target.seek(0, os.SEEK_END)
        while start < stop and (piece := self.read(start, min(_COPY_BYTES, stop - start))):
            target.write(piece)
            start += len(piece)
        if start < stop:
            raise ObjectReadError(ReasonCode.UNREADABLE, "became shorter while it was read")

    def _lengthen(self) -> None:
        if self.stream is None or len(self.head) >= min(self.size, _LONG_HEAD_BYTES):
            raise UnusualError  # there is no more, or too much
        self.head = os.pread(self.stream.fileno(), _LONG_HEAD_BYTES, 0)


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Give a file of which the first bytes are in memory.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb", buffering=0) as stream:
        size = os.fstat(stream.fileno()).st_size
        head = os.pread(stream.fileno(), _HEAD_BYTES, 0)
        yield Source(head, size, stream if len(head) < size else None)


def quick_facts(source: Source) -> dict[str, object] | None:
    """Return `header_facts` of an object of a usual encoding, None for what pydicom must read."""
    try:
        return _facts(source)
    except (UnusualError, RecursionError):
        return None


def _layout_of(source: Source) -> Layout:
    syntax, is_implicit, begin = read_meta(source.head)
    elements = scan_object(source.head, begin, source.size, is_implicit=is_implicit)
    return Layout(syntax, is_implicit, elements)


def _facts(source: Source) -> dict[str, object]:
    syntax, is_implicit, elements = source.layout()
    chosen = [e for e in elements if e.tag in FACT_TAGS or e.tag == _CHARSET]
    charset = next((source.head[e.value : e.stop] for e in chosen if e.tag == _CHARSET), b"")
    pieces = {e.tag: source.head[e.start : e.stop] for e in chosen if e.tag in FACT_TAGS}
    instance = pieces.pop(_INSTANCE, b"")[8:]
    if not UID_VALUE.fullmatch(instance):
        raise UnusualError
    facts = _facts_of_series(b"".join(pieces.values()), charset, syntax, is_implicit=is_implicit)
    if not facts["sop_class_uid"]:
        raise UnusualError
    return {**facts, "sop_instance_uid": instance.rstrip(b"\0").decode()}


@lru_cache(maxsize=256)
def _facts_of_series(
    content: bytes, charset: bytes, syntax: str, *, is_implicit: bool
) -> dict[str, object]:
    return facts_of(Codec(charset, is_implicit=is_implicit).read(content), syntax)
