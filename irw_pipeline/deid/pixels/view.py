"""Stored values to 8-bit colour images, on which a detector sees what a person may see.

Only for looking: nothing of it is written back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.pixels.processing import apply_color_lut

from irw_pipeline.deid.pixels.frames import decoded, frame_count
from irw_pipeline.dicom.header import number_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset, FileDataset

SHORT_CINE = 30
"""A cine of no more frames is looked at frame by frame."""

_SAMPLED = 12
_SAME = 0.6
"""Two windows that share this much of their range show the same text."""

_MOST_SAMPLED = 1 << 20


def images_of(dataset: FileDataset) -> Iterator[tuple[NDArray[np.uint8], bool]]:
    """Yield what to look at of an object, and whether it is but one frame of many.

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


def views(frame: NDArray[Any], dataset: Dataset, photometric: str) -> list[NDArray[np.uint8]]:
    """Return one or more images of a frame, each of shape (rows, columns, 3).

    Grey values are shown in up to three windows: the whole range, where text drawn in the highest
    or lowest value stands out; what most values lie in; and the window that the header advises.

    Args:
        frame: Decoded values, shape (rows, columns[, 3]); colour is RGB.
        dataset: The header.
        photometric: What the values mean now.
    """
    if photometric == "PALETTE COLOR":
        frame = apply_color_lut(frame, dataset)
    if frame.ndim == 3:  # noqa: PLR2004 - colour
        top = int(np.iinfo(frame.dtype).max) if frame.dtype.itemsize > 1 else 255
        return [(frame if top == 255 else frame / top * 255).astype(np.uint8)]  # noqa: PLR2004
    is_inverted = photometric == "MONOCHROME1"
    return [
        _windowed(frame, low, high, is_inverted=is_inverted)
        for low, high in _windows(frame, dataset)
    ]


def _windows(frame: NDArray[Any], dataset: Dataset) -> list[tuple[float, float]]:
    step = max(int((frame.size / _MOST_SAMPLED) ** 0.5), 1)
    usual = np.percentile(frame[::step, ::step], (0.5, 99.5))
    wanted = [(float(frame.min()), float(frame.max())), (float(usual[0]), float(usual[1]))]
    wanted += _advised(dataset)
    chosen: list[tuple[float, float]] = []
    for low, high in wanted:
        if high > low and not any(_shared(low, high, *one) > _SAME for one in chosen):
            chosen.append((low, high))
    return chosen


def _advised(dataset: Dataset) -> Iterator[tuple[float, float]]:
    """The window of the header, in stored values."""
    center, width = number_of(dataset, "WindowCenter"), number_of(dataset, "WindowWidth")
    slope = number_of(dataset, "RescaleSlope") or 1.0
    intercept = number_of(dataset, "RescaleIntercept") or 0.0
    if center is not None and width:
        ends = [(center + side * width / 2 - intercept) / slope for side in (-1, 1)]
        yield min(ends), max(ends)


def _shared(low: float, high: float, other_low: float, other_high: float) -> float:
    inside = min(high, other_high) - max(low, other_low)
    return inside / (max(high, other_high) - min(low, other_low))


def _windowed(
    frame: NDArray[Any], low: float, high: float, *, is_inverted: bool
) -> NDArray[np.uint8]:
    grey = (np.clip(frame.astype(np.float32), low, high) - low) * (255 / (high - low))
    bytes_ = (255 - grey if is_inverted else grey).astype(np.uint8)
    return np.repeat(bytes_[..., None], 3, axis=2)
