"""Stored values to 8-bit colour images, on which a detector sees what a person may see.

Only for looking: nothing of it is written back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.pixels.processing import apply_color_lut

from irw_pipeline.dicom.header import number_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

_SAME = 0.6
"""Two windows that share this much of their range show the same text."""

_MOST_SAMPLED = 1 << 20


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
