"""Single encoded elements to pydicom data sets and back, little endian."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from pydicom.charset import convert_encodings, python_encoding
from pydicom.dataelem import RawDataElement
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_data_element
from pydicom.tag import BaseTag
from pydicom.values import convert_string

from irw_pipeline.dicom.scan import UnusualError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

Pieces = dict[int, bytes]
"""The encoded elements of one data set, header and value, by tag."""


class Codec:
    """Reads and writes elements in the encoding and character set of one object."""

    def __init__(self, charset: bytes, *, is_implicit: bool) -> None:
        """Read the character set as pydicom does.

        Args:
            charset: The value of SpecificCharacterSet, empty where there is none.
            is_implicit: Whether VRs are implicit.
        """
        self.is_implicit = is_implicit
        self._encodings = convert_encodings(convert_string(charset, is_little_endian=True))
        self._single = self.read(b"")
        shown = bytes(range(0x20, 0x7F))
        self.is_ascii = all(shown.decode(e) == shown.decode() for e in self._encodings)
        """Whether ASCII means itself."""

    def read(self, content: bytes) -> Dataset:
        """The data set of some encoded elements."""
        return read_dataset(
            BytesIO(content),
            self.is_implicit,
            is_little_endian=True,
            parent_encoding=self._encodings,
            at_top_level=False,
        )

    def raw(self, tag: int, vr: bytes, value: bytes) -> RawDataElement:
        """One element that is no sequence, as pydicom reads it."""
        return RawDataElement(
            BaseTag(tag),
            None if self.is_implicit else vr.decode(),
            len(value),
            value,
            0,
            self.is_implicit,
            True,  # noqa: FBT003 - a tuple of pydicom's: little endian
        )

    def read_single(self, tag: int, vr: bytes, value: bytes) -> Dataset:
        """The data set of one element that is no sequence; one object serves every call."""
        raw = self.raw(tag, vr, value)
        self._single.clear()
        self._single[raw.tag] = raw
        return self._single

    def write(self, dataset: Dataset) -> Pieces:
        """The encoded form of every element of a data set."""
        pieces = {}
        for tag in dataset.keys():  # noqa: SIM118 - iterating a data set converts every element
            stream = DicomBytesIO()
            stream.is_little_endian, stream.is_implicit_VR = True, self.is_implicit
            write_data_element(stream, dataset.get_item(tag), self._encodings)
            pieces[int(tag)] = stream.getvalue()
        return pieces

    def value(self, piece: bytes) -> bytes:
        """The value of an element whose VR has a length of two bytes, or that is implicit."""
        return piece[8:]

    def filled(self, header: bytes, value: bytes) -> bytes:
        """An element with another value.

        Args:
            header: Its tag, VR and length as they were.
            value: Of even length, and not too long for the VR.
        """
        is_short = len(header) == 8 and not self.is_implicit  # noqa: PLR2004 - PS3.5 7.1.2
        width = 2 if is_short else 4
        return header[:-width] + len(value).to_bytes(width, "little") + value


@lru_cache(maxsize=64)
def usual_codec(charset: bytes, *, is_implicit: bool) -> Codec:
    """The one codec for a character set that is known.

    Raises:
        UnusualError: It is not: pydicom must say how to read it.
    """
    if not all(term.strip() in python_encoding for term in charset.decode("latin-1").split("\\")):
        raise UnusualError
    return Codec(charset, is_implicit=is_implicit)
