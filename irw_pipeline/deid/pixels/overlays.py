"""Overlay planes (60xx): bitmaps that are drawn over an image, in which letters may stand.

The retired form keeps a plane in bits of the pixel data that no pixel uses (PS3.5 8.1.2, PS3.3
C.9.2.1.1): when the attributes of the plane go, so do those bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydicom.dataelem import DataElement
from pydicom.uid import ExplicitVRBigEndian

from irw_pipeline.deid.pixels.blank import PIXEL_DATA
from irw_pipeline.dicom.header import number_of
from irw_pipeline.dicom.write import transfer_syntax_of

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

_GROUPS = range(0x6000, 0x6100, 2)
_BIT_POSITION = 0x0102


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
