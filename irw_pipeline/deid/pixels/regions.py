"""Which parts of an image hold no writing by the header's word, and which always do by ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from irw_pipeline.deid.pixels.box import Box
from irw_pipeline.deid.pixels.rules import device_boxes
from irw_pipeline.dicom.header import number_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import FileDataset

_CORNERS = (
    "RegionLocationMinY0",
    "RegionLocationMinX0",
    "RegionLocationMaxY1",
    "RegionLocationMaxX1",
)


def ultrasound_regions(dataset: FileDataset, rows: int, columns: int) -> tuple[Box, ...]:
    """The regions of an ultrasound image that show what the probe saw (PS3.3 C.8.5.5).

    None if the header names none, or if what it names lies outside of the image.
    """
    found = []
    for item in dataset.get("SequenceOfUltrasoundRegions") or ():
        corners = [number_of(item, keyword) for keyword in _CORNERS]
        if None not in corners:
            top, left, bottom, right = (int(corner or 0) for corner in corners)
            found.append(Box(top, left, bottom + 1, right + 1).within(rows, columns))
    return tuple(box for box in found if box.area)


def always_blank(dataset: FileDataset, rows: int, columns: int) -> NDArray[np.bool_]:
    """Where to blank without looking, of shape (rows, columns).

    Everything outside the ultrasound regions; where there are none, the boxes of the device.
    """
    regions = ultrasound_regions(dataset, rows, columns)
    mask = np.full((rows, columns), bool(regions))
    for box in regions:
        mask[box.slices] = False
    for box in () if regions else device_boxes(dataset):
        mask[box.within(rows, columns).slices] = True
    return mask
