"""Overlay planes (60xx): bitmaps that are drawn over an image, in which letters may stand.

A plane that is kept is searched for writing as an image is. The retired form keeps a plane in bits
of the pixel data that no pixel uses (PS3.5 8.1.2, PS3.3 C.9.2.1.1): it goes, and so do those bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydicom.dataelem import DataElement
from pydicom.uid import ExplicitVRBigEndian

from irw_pipeline.deid.pixels.blank import PIXEL_DATA
from irw_pipeline.deid.pixels.frames import MOST_PIXELS
from irw_pipeline.deid.pixels.lines import writing_on
from irw_pipeline.dicom.header import number_of
from irw_pipeline.dicom.write import transfer_syntax_of

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

_GROUPS = range(0x6000, 0x6100, 2)
_ROWS, _COLUMNS, _FRAMES, _BIT_POSITION, _DATA = 0x0010, 0x0011, 0x0015, 0x0102, 0x3000
_MOST_FRAMES = 30
_MOST_TEXT = 0.35


def clean_planes(dataset: FileDataset) -> None:
    """Blank the writing on overlay planes. Changes `dataset`.

    A plane goes with all of its group if it cannot be read, if writing is all over it or does not
    go, or if it lies in bits of the pixel data.
    """
    for group in _GROUPS:
        tag = group << 16 | _DATA
        if tag not in dataset and not _is_embedded(dataset, group):
            continue
        try:
            cleaned = None if _is_embedded(dataset, group) else _cleaned(dataset, group)
        except Exception:  # noqa: BLE001 - pydicom raises many kinds; what cannot be read cannot be kept
            cleaned = None
        if cleaned is None:
            for one in [one for one in dataset.keys() if one.group == group]:  # noqa: SIM118 - as raw
                del dataset[one]
        elif cleaned != dataset[tag].value:
            dataset[tag] = DataElement(tag, dataset[tag].VR, cleaned)


def _cleaned(dataset: FileDataset, group: int) -> bytes | None:
    """The bytes of a plane without writing; None if the plane has to go."""
    value = dataset[group << 16 | _DATA].value
    rows, columns, frames = (
        int(dataset[group << 16 | one].value or 1) if group << 16 | one in dataset else 1
        for one in (_ROWS, _COLUMNS, _FRAMES)
    )
    count = rows * columns * frames
    if (
        frames > _MOST_FRAMES
        or not 0 < rows * columns <= MOST_PIXELS
        or len(value) * 8 < count
        or transfer_syntax_of(dataset) == ExplicitVRBigEndian  # its words are swapped
    ):
        return None
    bits = np.unpackbits(np.frombuffer(value, np.uint8), count=count, bitorder="little")
    planes = bits.reshape(frames, rows, columns)
    blanked = np.zeros((rows, columns), bool)
    for plane in planes:
        image = np.repeat(plane[..., None] * np.uint8(255), 3, axis=2)
        boxes = writing_on(image, carries_text=True, is_small_text_sought=True)
        if boxes is None:
            return None
        for box in boxes:
            blanked[box.slices] = True
    if blanked.mean() > _MOST_TEXT:
        return None
    planes[:, blanked] = 0
    packed = np.packbits(planes, bitorder="little").tobytes()
    return packed + b"\0" * (len(packed) % 2)


def clear_embedded(dataset: FileDataset) -> bool:
    """Clear the bits that no pixel uses, if an overlay plane may lie in them. Changes `dataset`.

    Unsigned pixels have zeros there afterwards, signed ones their sign; no pixel changes.
    """
    element = dataset.get(PIXEL_DATA)
    bits, stored, high = (
        int(number_of(dataset, keyword) or 0)
        for keyword in ("BitsAllocated", "BitsStored", "HighBit")
    )
    if (
        element is None
        or not isinstance(element.value, bytes)
        or not any(_is_embedded(dataset, group) for group in _GROUPS)
        or element.is_undefined_length
        or bits not in {8, 16, 32}
        or not 0 < stored <= high + 1 <= bits
    ):
        return False
    is_big = transfer_syntax_of(dataset) == ExplicitVRBigEndian
    kind = f"{'>' if is_big else '<'}u{bits // 8}"
    if is_big and bits == 8:  # noqa: PLR2004 - OW swaps its bytes
        kind = "u1"
    whole = len(element.value) // (bits // 8) * (bits // 8)
    words = np.frombuffer(element.value[:whole], dtype=kind).astype(np.int64)
    low = high + 1 - stored
    values = (words >> low) & ((1 << stored) - 1)
    if number_of(dataset, "PixelRepresentation") == 1:
        values = np.where(values >> (stored - 1), values - (1 << stored), values)
    cleared = ((values << low) & ((1 << bits) - 1)).astype(kind)
    content = cleared.tobytes() + element.value[whole:]
    if content == element.value:
        return False
    dataset[PIXEL_DATA] = DataElement(PIXEL_DATA, element.VR, content)
    return True


def _is_embedded(dataset: FileDataset, group: int) -> bool:
    tag = group << 16 | _BIT_POSITION
    try:
        return tag in dataset and int(dataset[tag].value or 0) != 0
    except Exception:  # noqa: BLE001 - pydicom raises many kinds; what it cannot read may be a position
        return True
