"""Is an object whole? pydicom reads a cut object, or one with an unknown VR, without complaint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydicom.dataelem import RawDataElement
from pydicom.sequence import Sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian
from pydicom.valuerep import VR

if TYPE_CHECKING:
    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset, FileDataset

UNDEFINED = 0xFFFF_FFFF
_DELIMITERS = (b"\xfe\xff\xdd\xe0\0\0\0\0", b"\xff\xfe\xe0\xdd\0\0\0\0")
_DELIMITER_TAGS = (b"\xfe\xff\xdd\xe0", b"\xff\xfe\xe0\xdd")
_KNOWN_VRS = frozenset(str(vr) for vr in VR)


def damage_of(content: bytes, dataset: FileDataset) -> str:
    """Say what is damaged, by kind; empty if every element has all its bytes and a known VR.

    pydicom drops a last element of undefined length that has no delimiter, and fewer than eight
    trailing bytes, silently; both show as bytes after the end of the last element it kept.
    """
    if not len(dataset):
        return "no elements"
    if not is_whole(dataset):
        return "an element is cut short or of an unknown VR"
    if dataset.file_meta.get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian:
        return ""  # the deflated stream was held whole before it was inflated
    last = max(dataset.values(), key=_position)
    return "" if _tail_is_whole(content, last) else "file ends within an element"


def is_whole(item: Dataset) -> bool:
    """Whether every element of a data set, and of the sequences parsed so far, is whole."""
    return all(_element_is_whole(element) for element in item.values())


def _element_is_whole(element: DataElement | RawDataElement) -> bool:
    if isinstance(element, RawDataElement):
        if element.VR is not None and element.VR not in _KNOWN_VRS:
            return False
        return element.length == UNDEFINED or len(element.value or b"") >= element.length
    if isinstance(element.value, Sequence):
        return all(is_whole(item) for item in element.value)
    return True


def _position(element: DataElement | RawDataElement) -> int:
    if isinstance(element, RawDataElement):
        return element.value_tell
    return element.file_tell or 0


def _tail_is_whole(content: bytes, last: DataElement | RawDataElement) -> bool:
    position = _position(last)
    if isinstance(last, RawDataElement):
        tail = content[position + len(last.value or b"") :]
        return tail.startswith(_DELIMITERS) if last.length == UNDEFINED else not tail.strip(b"\0")
    # a last sequence of undefined length must have its delimiter (PS3.5 7.5.2)
    return content[position:].rstrip(b"\0").endswith(_DELIMITER_TAGS)
