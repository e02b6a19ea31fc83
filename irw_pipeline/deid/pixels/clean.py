"""One object: its pixels are looked at where rules say so, and what shows text is blanked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydicom.dataset import Dataset

from irw_pipeline.deid.elements import put
from irw_pipeline.deid.outcome import Rejected
from irw_pipeline.deid.pixels.blank import PIXEL_DATA, Mask, blank
from irw_pipeline.deid.pixels.decision import Decision, State
from irw_pipeline.deid.pixels.lines import writing_on
from irw_pipeline.deid.pixels.regions import always_blank
from irw_pipeline.deid.pixels.rules import is_looked_at, is_small_text_sought, may_carry_text
from irw_pipeline.deid.pixels.sieve import shows_letters
from irw_pipeline.deid.pixels.view import images_of
from irw_pipeline.dicom.header import text_of
from irw_pipeline.ids import ReasonCode

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

    from irw_pipeline.deid.pixels.box import Box

_MOST_TEXT = 0.65
"""Where more of an image would be blanked it is a document, and little of it would be left."""


@dataclass(frozen=True)
class Cleaned:
    """What was done: whether the pixels were looked at, and whether they were changed."""

    is_looked_at: bool
    is_changed: bool


UNTOUCHED = Cleaned(is_looked_at=False, is_changed=False)


def clean(dataset: FileDataset, decision: Decision | None = None) -> Cleaned | Rejected:
    """Blank what shows text; `dataset` is changed only where something is blanked.

    Where a person has looked, nothing else is looked for: accepted pixels stay what they are, or
    what was marked is blanked beside what always is.

    `PIXELS_UNDECODABLE` if they should be looked at and cannot be, `PIXELS_UNCERTAIN` if a person
    must look: text is all over the image or does not go, or the device says that there is some and
    none was found; `REJECTED_IN_REVIEW` if the person said so.
    """
    if decision and decision.state is State.REJECTED:
        return Rejected(ReasonCode.REJECTED_IN_REVIEW, "by the person who looked at it")
    if PIXEL_DATA not in dataset:
        return UNTOUCHED
    if not (decision or is_looked_at(dataset) or shows_letters(dataset)):
        return UNTOUCHED
    if decision and decision.state is State.ACCEPTED:
        return Cleaned(is_looked_at=True, is_changed=False)
    try:
        return _blank_marked(dataset, decision) if decision else _clean(dataset)
    except Exception as error:  # noqa: BLE001 - decoders raise many kinds, and their texts quote values
        return Rejected(ReasonCode.PIXELS_UNDECODABLE, type(error).__name__)


def stamp(dataset: FileDataset, cleaned: Cleaned) -> None:
    """Say in the header that the pixels show no text; after the walk and its own stamp."""
    if cleaned.is_looked_at:
        put(dataset, "BurnedInAnnotation", "NO")
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator = "113101", "DCM"
        item.CodeMeaning = "Clean Pixel Data Option"
        dataset.DeidentificationMethodCodeSequence.append(item)


def _blank_marked(dataset: FileDataset, decision: Decision) -> Cleaned:
    always = always_blank(dataset, int(dataset.Rows), int(dataset.Columns))
    return Cleaned(is_looked_at=True, is_changed=blank(dataset, Mask(always, decision.marks)))


def _clean(dataset: FileDataset) -> Cleaned | Rejected:
    mask = always_blank(dataset, int(dataset.Rows), int(dataset.Columns))
    within = int((~mask).sum()) or 1
    boxes: list[Box] = []
    carries_text = bool(may_carry_text(dataset))
    for image, is_one_of_many in images_of(dataset):
        found = writing_on(
            image,
            hidden=mask,
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
    return Cleaned(is_looked_at=True, is_changed=blank(dataset, Mask(mask)))
