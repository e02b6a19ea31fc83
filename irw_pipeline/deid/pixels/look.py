"""What a person gets to see of an object whose pixels are uncertain: a picture, and proposed boxes.

It shows the patient as the object does, so it belongs where the object may be seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np

from irw_pipeline.deid.pixels.decision import Mark
from irw_pipeline.deid.pixels.detect import find_text
from irw_pipeline.deid.pixels.frames import decoded, frame_count
from irw_pipeline.deid.pixels.lines import MARGIN, writing_on
from irw_pipeline.deid.pixels.rules import may_carry_text
from irw_pipeline.deid.pixels.view import images_of, views
from irw_pipeline.dicom.header import number_of, text_of
from irw_pipeline.dicom.read import quiet_pydicom, read_dataset

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from pydicom.dataset import FileDataset

    from irw_pipeline.deid.pixels.box import Box

THUMBNAIL_SIDE = 1024
"""Pixels of the longer side of a thumbnail; smaller images keep their size."""

_OUTLINE = (0, 200, 255)  # blue, green, red


@dataclass(frozen=True)
class Look:
    """The facts of an object, what to blank by the detector's word, and a PNG of what it shows.

    Of a cine the picture has the highest value that each pixel ever has. Where no decoder reads
    the pixels there is neither picture nor proposal.
    """

    modality: str | None
    rows: int | None
    columns: int | None
    frames: int | None
    proposed: tuple[Mark, ...]
    picture: bytes | None = field(repr=False)


def look_at(content: bytes) -> Look:
    """Return what to show of an object.

    Raises:
        ObjectReadError: It is no readable object.
    """
    with quiet_pydicom():
        dataset = read_dataset(content)
        proposed: list[Mark] = []
        picture = None
        try:
            image, _ = next(images_of(dataset))
            proposed = [Mark(box) for box in _proposed(dataset, image)]
            picture = _png(image, proposed, THUMBNAIL_SIDE)
        except Exception:  # noqa: BLE001 - decoders raise many kinds; then a person sees no picture
            proposed = []
        return Look(
            modality=text_of(dataset, "Modality"),
            rows=_whole(number_of(dataset, "Rows")),
            columns=_whole(number_of(dataset, "Columns")),
            frames=_whole(number_of(dataset, "NumberOfFrames") or 1.0),
            proposed=tuple(proposed),
            picture=picture,
        )


def draw_frame(content: bytes, frame: int, marks: Iterable[Mark]) -> bytes | None:
    """A PNG of one frame (from 1) in full size, the marks outlined; None if it cannot be decoded.

    Raises:
        ObjectReadError: It is no readable object.
    """
    with quiet_pydicom():
        dataset = read_dataset(content)
        try:
            if not 1 <= frame <= frame_count(dataset):
                return None
            shown, properties = next(decoded(dataset, [frame - 1], is_raw=False))
            image = views(shown, dataset, properties["photometric_interpretation"])[0]
            own = [mark for mark in marks if mark.frame in {None, frame}]
            return _png(image, own, max(image.shape))
        except Exception:  # noqa: BLE001 - as above
            return None


def _proposed(dataset: FileDataset, image: NDArray[np.uint8]) -> list[Box]:
    found = writing_on(
        image.copy(), carries_text=bool(may_carry_text(dataset)), is_small_text_sought=True
    )
    if found is None:  # text that does not go
        lines = find_text(image, is_small_text_sought=True)
        found = [line.box.grown(MARGIN).within(*image.shape[:2]) for line in lines]
    return [box for box in found if box.area]


def _png(image: NDArray[np.uint8], marks: Iterable[Mark], longest: int) -> bytes:
    drawn = np.ascontiguousarray(image[..., ::-1])  # OpenCV has blue first
    for mark in marks:
        box = mark.box
        cv2.rectangle(drawn, (box.left, box.top), (box.right - 1, box.bottom - 1), _OUTLINE, 1)
    scale = min(1.0, longest / max(drawn.shape))
    if scale < 1:
        size = (max(round(drawn.shape[1] * scale), 1), max(round(drawn.shape[0] * scale), 1))
        drawn = np.asarray(cv2.resize(drawn, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return cv2.imencode(".png", drawn)[1].tobytes()


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)
