"""One object: its pixels are looked at where rules say so, and what shows text is blanked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.dataset import Dataset

from irw_pipeline.deid.outcome import Rejected
from irw_pipeline.deid.pixels.blank import PIXEL_DATA, blank
from irw_pipeline.deid.pixels.frames import decoded, frame_count
from irw_pipeline.deid.pixels.lines import writing_on
from irw_pipeline.deid.pixels.regions import always_blank
from irw_pipeline.deid.pixels.rules import is_looked_at, is_small_text_sought, may_carry_text
from irw_pipeline.deid.pixels.view import views
from irw_pipeline.dicom.header import text_of
from irw_pipeline.ids import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from pydicom.dataset import FileDataset

    from irw_pipeline.deid.pixels.box import Box

SHORT_CINE = 30
"""A cine of no more frames is looked at frame by frame."""

_SAMPLED = 12
_MOST_TEXT = 0.35


@dataclass(frozen=True)
class Cleaned:
    """What was done: whether the pixels were looked at, and whether they were changed."""

    is_looked_at: bool
    is_changed: bool


UNTOUCHED = Cleaned(is_looked_at=False, is_changed=False)


def clean(dataset: FileDataset) -> Cleaned | Rejected:
    """Blank what shows text; `dataset` is changed only where something is blanked.

    `PIXELS_UNDECODABLE` if they should be looked at and cannot be, `PIXELS_UNCERTAIN` if a person
    must look: text is all over the image or does not go, or the device says that there is some and
    none was found.
    """
    if PIXEL_DATA not in dataset or not is_looked_at(dataset):
        return UNTOUCHED
    try:
        return _clean(dataset)
    except Exception as error:  # noqa: BLE001 - decoders raise many kinds, and their texts quote values
        return Rejected(ReasonCode.PIXELS_UNDECODABLE, type(error).__name__)


def stamp(dataset: FileDataset, cleaned: Cleaned) -> None:
    """Say in the header that the pixels show no text; after the walk and its own stamp."""
    if cleaned.is_looked_at:
        dataset.BurnedInAnnotation = "NO"
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator = "113101", "DCM"
        item.CodeMeaning = "Clean Pixel Data Option"
        dataset.DeidentificationMethodCodeSequence.append(item)


def _clean(dataset: FileDataset) -> Cleaned | Rejected:
    mask = always_blank(dataset, int(dataset.Rows), int(dataset.Columns))
    within = int((~mask).sum()) or 1
    boxes: list[Box] = []
    carries_text = bool(may_carry_text(dataset))
    for image, is_one_of_many in _images(dataset):
        image[mask] = 0
        found = writing_on(
            image,
            carries_text=carries_text,
            is_small_text_sought=not is_one_of_many and is_small_text_sought(dataset),
        )
        if found is None:
            return Rejected(ReasonCode.PIXELS_UNCERTAIN, "text remains")
        boxes += found
        for box in found:
            mask[box.slices] = True
    if boxes and 1 - int((~mask).sum()) / within > _MOST_TEXT:
        return Rejected(ReasonCode.PIXELS_UNCERTAIN, "text all over")
    if not mask.any() and text_of(dataset, "BurnedInAnnotation") == "YES":
        return Rejected(ReasonCode.PIXELS_UNCERTAIN, "BurnedInAnnotation, and no text was found")
    return Cleaned(is_looked_at=True, is_changed=blank(dataset, mask))


def _images(dataset: FileDataset) -> Iterator[tuple[NDArray[np.uint8], bool]]:
    """What to look at, and whether it is but one frame of many.

    Of a cine first the highest and the lowest value that each pixel ever has, where standing text
    shows best; then every frame, or some of a long one.
    """
    count = frame_count(dataset)
    photometric = ""
    if count > 1:
        highest: NDArray[Any] | None = None
        lowest: NDArray[Any] | None = None
        for frame, properties in decoded(dataset, is_raw=False):
            photometric = properties["photometric_interpretation"]
            highest = frame if highest is None else np.maximum(highest, frame)
            lowest = frame.copy() if lowest is None else np.minimum(lowest, frame)
        for projection in (highest, lowest):
            if projection is not None:
                yield from ((image, False) for image in views(projection, dataset, photometric))
    chosen = range(count) if count <= SHORT_CINE else np.linspace(0, count - 1, _SAMPLED)
    for frame, properties in decoded(dataset, [int(one) for one in chosen], is_raw=False):
        photometric = properties["photometric_interpretation"]
        yield from ((image, count > 1) for image in views(frame, dataset, photometric))
