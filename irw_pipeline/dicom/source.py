"""An object where it lies: its first bytes in memory, the rest read or copied when asked for."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from irw_pipeline.dicom.alike import Likeness, Pattern, patterns_for, remember
from irw_pipeline.dicom.codec import Codec
from irw_pipeline.dicom.header import FACT_TAGS, facts_of
from irw_pipeline.dicom.read import ObjectReadError
from irw_pipeline.dicom.scan import UID_VALUE, TooShortError, UnusualError, layout_of
from irw_pipeline.ids import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO
    from pathlib import Path
    from typing import BinaryIO

    from irw_pipeline.dicom.scan import Layout

_HEAD_BYTES, _LONG_HEAD_BYTES = 1 << 16, 1 << 22
_CHANGED_BYTES = 1 << 12
"""A header may be so much longer than one that it is like."""

_COPY_BYTES = 1 << 20
_CHARSET, _INSTANCE = 0x0008_0005, 0x0008_0018


@dataclass
class Source:
    """An object in memory, or a file of which `head` is in memory."""

    head: bytes = field(repr=False)
    size: int
    stream: FileIO | None = field(default=None, repr=False)
    _likeness: Likeness | None = field(default=None, repr=False)

    def layout(self) -> Layout:
        """Where the elements lie; the head is made longer until it holds them.

        Raises:
            UnusualError: pydicom must read it.
        """
        try:
            return layout_of(self.head, self.size)
        except TooShortError:
            self._lengthen(_LONG_HEAD_BYTES)
            try:
                return layout_of(self.head, self.size)
            except TooShortError as error:
                raise UnusualError from error

    def likeness(self) -> Likeness:
        """The header as changes to one seen before; to itself, if none is alike.

        Raises:
            UnusualError: pydicom must read it.
        """
        if self._likeness is None:
            for pattern in patterns_for(self.head):
                if len(self.head) < min(self.size, pattern.end + _CHANGED_BYTES):
                    self._lengthen(pattern.end + _HEAD_BYTES)
                found = pattern.likeness(self.head, self.size)
                if found:
                    remember(pattern)
                    self._likeness = found
                    return found
            return self.alone()
        return self._likeness

    def alone(self) -> Likeness:
        """The header as a pattern of its own, without a change.

        Raises:
            UnusualError: pydicom must read it.
        """
        layout = self.layout()  # it may make the head longer
        pattern = Pattern(self.head, layout, self.size)
        remember(pattern)
        self._likeness = Likeness(pattern, [], pattern.pixel)
        return self._likeness

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

    def _lengthen(self, length: int) -> None:
        """Have so many bytes in memory.

        Raises:
            UnusualError: There are no more than now, or it has more than may be.
        """
        if self.stream is None or len(self.head) >= min(self.size, _LONG_HEAD_BYTES):
            raise UnusualError
        self.head = os.pread(self.stream.fileno(), min(length, _LONG_HEAD_BYTES), 0)


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


def _facts(source: Source) -> dict[str, object]:
    pattern, changes, _ = source.likeness()
    if any(c.element.tag in _SERIES_TAGS and c.number >= pattern.first for c in changes):
        pattern, changes, _ = source.alone()
    instance = next((e for e in pattern.elements if e.tag == _INSTANCE), None)
    value = pattern.head[instance.value : instance.stop] if instance else b""
    for _, element in changes:
        if element.tag == _INSTANCE:
            value = source.head[element.value : element.stop]
    if not UID_VALUE.fullmatch(value):
        raise UnusualError
    facts = _facts_of_series(pattern)
    if not facts["sop_class_uid"]:
        raise UnusualError
    return {**facts, "sop_instance_uid": value.rstrip(b"\0").decode()}


_SERIES_TAGS = FACT_TAGS - {_INSTANCE} | {_CHARSET}


@lru_cache(maxsize=4)
def _facts_of_series(pattern: Pattern) -> dict[str, object]:
    """The facts that the objects like a pattern share; their instance UID is another's."""
    chosen = [e for e in pattern.elements if e.tag in _SERIES_TAGS]
    content = b"".join([pattern.piece(e) for e in chosen if e.tag in FACT_TAGS])
    codec = Codec(pattern.charset, is_implicit=pattern.is_implicit)
    return facts_of(codec.read(content), pattern.syntax)
