"""May letters be drawn on a plain slice? A question cheap enough for every slice.

Programs draw in one value, mostly the highest: its pixels then lie in strokes, where anatomy has
few pixels of one high value, apart from each other, or all in one place; or the lowest, with few
values near it. What may show letters is looked at as other images are; the sieve decides no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np
from pydicom.uid import ExplicitVRBigEndian

from irw_pipeline.deid.pixels.blank import PIXEL_DATA
from irw_pipeline.deid.pixels.rules import is_sieved
from irw_pipeline.dicom.header import number_of
from irw_pipeline.dicom.write import transfer_syntax_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from pydicom.dataset import FileDataset

_SAMPLED = 12  # frames of a long object
_EVERY = 4  # row of a frame tells which value is the most usual
_LEAST_INK = 24  # pixels of a few small letters
_MOST_INK = 0.1  # of all pixels
_STROKES = 0.5  # pairs of neighbours by pixel of ink
_APART = 0.05  # of the range: the lowest value of anatomy has neighbours within it
_MOST_NEAR = 3  # times as many pixels as have it; smoothed letters have some
_WIDEST = 13  # pixels of a stroke
_MOST_SOLID = 0.02


class Shape(NamedTuple):
    """How the pixels of uncompressed grey slices lie: frames of rows x columns words of a type."""

    frames: int
    rows: int
    columns: int
    dtype: str

    @property
    def frame_bytes(self) -> int:
        """How many bytes a frame takes."""
        return self.rows * self.columns * np.dtype(self.dtype).itemsize


class PixelsWanted(NamedTuple):
    """How many bytes pixel data must have by the header, and how to sieve them if they are."""

    length: int
    shape: Shape | None


def shape_of(dataset: FileDataset) -> Shape | None:
    """How the pixels lie; None where rules do not ask, or where they are no uncompressed grey."""
    if not is_sieved(dataset) or number_of(dataset, "SamplesPerPixel") != 1:
        return None
    frames, rows, columns, bits = (
        int(number_of(dataset, keyword) or 0)
        for keyword in ("NumberOfFrames", "Rows", "Columns", "BitsAllocated")
    )
    if rows <= 0 or columns <= 0 or bits not in {8, 16}:
        return None
    sign = "i" if number_of(dataset, "PixelRepresentation") == 1 else "u"
    return Shape(max(frames, 1), rows, columns, f"<{sign}{bits // 8}")


def shows_letters(dataset: FileDataset) -> bool:
    """Whether letters may be drawn on the slices of an object; compressed ones are not asked."""
    element, shape = dataset.get(PIXEL_DATA), shape_of(dataset)
    if element is None or shape is None or element.is_undefined_length:
        return False
    if transfer_syntax_of(dataset) == ExplicitVRBigEndian and shape.dtype[-1] == "2":
        shape = shape._replace(dtype=f">{shape.dtype[1:]}")
    content = element.value
    if not isinstance(content, bytes) or len(content) < shape.frames * shape.frame_bytes:
        return False
    return may_show_letters(lambda at, length: content[at : at + length], 0, shape)


def may_show_letters(read: Callable[[int, int], bytes], begin: int, shape: Shape) -> bool:
    """Whether letters may be drawn on a slice, or on one of the frames of some.

    Args:
        read: Gives the bytes at an offset, of a length.
        begin: Where the pixels begin.
        shape: How they lie.
    """
    count = shape.frames
    chosen = range(count) if count <= _SAMPLED else np.linspace(0, count - 1, _SAMPLED).astype(int)
    return any(
        _may_show(_frame(read(begin + int(one) * shape.frame_bytes, shape.frame_bytes), shape))
        for one in chosen
    )


def _frame(content: bytes, shape: Shape) -> NDArray[Any]:
    return np.frombuffer(content, dtype=shape.dtype).reshape(shape.rows, shape.columns)


def _may_show(frame: NDArray[Any]) -> bool:
    low, high = int(frame.min()), int(frame.max())
    if high == low:
        return False
    if _is_drawn(frame == high):
        return True
    lowest = frame == low
    if _is_drawn(lowest):
        near = np.count_nonzero(frame <= low + _APART * (high - low))
        if near <= _MOST_NEAR * np.count_nonzero(lowest):
            return True
    middle = (high - low) // 2 + 1
    counts = np.bincount((frame[::_EVERY].astype(np.int64) - low).ravel(), minlength=middle + 1)
    usual = low + middle + int(counts[middle:].argmax())
    return usual != high and _is_drawn(frame == usual)


def _is_drawn(ink: NDArray[np.bool_]) -> bool:
    count = int(np.count_nonzero(ink))
    if not _LEAST_INK <= count <= _MOST_INK * ink.size:
        return False
    columns = ink.shape[1]
    flat = ink.ravel()
    where = np.flatnonzero(flat[: -columns - 1])  # few, so that what follows costs nothing
    pairs = np.count_nonzero(flat[where + 1]) + np.count_nonzero(flat[where + columns])
    if pairs < _STROKES * count:
        return False
    solid = cv2.erode(ink.view(np.uint8), np.ones((_WIDEST, _WIDEST), np.uint8))
    return int(np.count_nonzero(solid)) <= _MOST_SOLID * count
