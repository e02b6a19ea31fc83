"""Does the file end where its last element ends? pydicom reads a cut object without complaint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydicom.dataelem import RawDataElement
from pydicom.sequence import Sequence

if TYPE_CHECKING:
    from pydicom.dataset import Dataset, FileDataset

UNDEFINED = 0xFFFF_FFFF
_DELIMITER_LITTLE = b"\xfe\xff\xdd\xe0\0\0\0\0"
_DELIMITER_BIG = b"\xff\xfe\xe0\xdd\0\0\0\0"


def ends_cleanly(content: bytes, dataset: FileDataset) -> bool:
    """Whether every top-level element has all its bytes and nothing of an element is left over.

    pydicom drops a last element of undefined length that has no delimiter, and fewer than eight
    trailing bytes, silently; both show as bytes after the end of the last element it kept.
    """
    last = None
    for element in dataset.values():
        if isinstance(element, RawDataElement):
            value = element.value or b""
            if element.length != UNDEFINED and len(value) < element.length:
                return False
            position = element.value_tell
        else:
            position = element.file_tell or 0
            if isinstance(element.value, Sequence) and not _items_are_whole(element.value):
                return False
        if last is None or position > last[0]:
            last = (position, element)
    if last is None:
        return False
    if getattr(dataset, "file_meta", None) and dataset.file_meta.get("TransferSyntaxUID") == (
        "1.2.840.10008.1.2.1.99"
    ):
        return True
    return _tail_is_whole(content, last[0], last[1])


def _items_are_whole(sequence: Sequence) -> bool:
    return all(_values_are_whole(item) for item in sequence)


def _values_are_whole(item: Dataset) -> bool:
    for element in item.values():
        if isinstance(element, RawDataElement):
            if element.length != UNDEFINED and len(element.value or b"") < element.length:
                return False
        elif isinstance(element.value, Sequence) and not _items_are_whole(element.value):
            return False
    return True


def _tail_is_whole(content: bytes, position: int, element: object) -> bool:
    if isinstance(element, RawDataElement):
        end = position + len(element.value or b"")
        tail = content[end:]
        if element.length == UNDEFINED:
            return tail.startswith((_DELIMITER_LITTLE, _DELIMITER_BIG))
        return not tail.strip(b"\0")
    # a last sequence of undefined length must have its delimiter (PS3.5 7.5.2)
    tail = content[position:].rstrip(b"\0")
    return tail.endswith((b"\xfe\xff\xdd\xe0", b"\xff\xfe\xe0\xdd"))
