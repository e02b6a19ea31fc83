"""Strokes: what is thin and stands out, as letters are. Cheap, and without any network.

Where a large image has none the detector need not look for small text; where a line of text ends
for the detector, strokes in its ink tell whether it goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from irw_pipeline.deid.pixels.box import Box, merged

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SMALL_IMAGE = 1 << 20
"""Pixels up to which looking everywhere costs less than a second."""

_BLOCK = 16
_WIDEST = 9  # pixels of a stroke of small letters, and one more on either side
_LEAST = 10  # grey levels of 255 by which a stroke stands out
_OVER_NOISE = 4
_SHARE = 0.03  # of a block's pixels
_MOST_AREA = 0.6

_REACH = 12  # heights of a line that it may go on
_GAP = 1.3
_SAME_INK = 0.25  # of the contrast of the line
_LEAST_STROKE = 0.4
_LEAST_INK = 12


def stroke_areas(image: NDArray[np.uint8]) -> list[Box]:
    """Return the areas of an image where strokes of small letters may be.

    Everything where the image is small, or where most of it has strokes.

    Args:
        image: Shape (rows, columns, 3).
    """
    rows, columns = image.shape[:2]
    everywhere = [Box(0, 0, rows, columns)]
    if rows * columns <= _SMALL_IMAGE:
        return everywhere
    blocks = _blocks(np.maximum(*_standing_out(image, _WIDEST)))
    noise = cv2.medianBlur(np.median(blocks[..., ::4], axis=2).astype(np.uint8), 5)
    least = np.maximum(_LEAST, _OVER_NOISE * noise.astype(np.int16))
    has_strokes = (blocks > least[..., None]).mean(axis=2) >= _SHARE
    near = cv2.dilate(has_strokes.astype(np.uint8), np.ones((3, 3), np.uint8))
    if near.mean() > _MOST_AREA:
        return everywhere
    count, _, stats, _ = cv2.connectedComponentsWithStats(near, connectivity=8)
    found = [
        Box(int(top), int(left), int(top + height), int(left + width))
        for left, top, width, height, _ in stats[1:count]
    ]
    return merged(
        Box(*(_BLOCK * side for side in (b.top, b.left, b.bottom, b.right))).within(rows, columns)
        for b in found
    )


def followed(image: NDArray[np.uint8], line: Box) -> Box:
    """Return the box of a line of text, longer by what goes on in the same ink at its ends.

    Args:
        image: Shape (rows, columns, 3).
        line: Where the detector found letters, not grown.
    """
    if line.is_upright:
        return followed(np.ascontiguousarray(image.transpose(1, 0, 2)), line.turned).turned
    height = line.bottom - line.top
    if height < 4:  # noqa: PLR2004 - no letter
        return line
    reach = _REACH * height
    band = Box(
        line.top - height // 2, line.left - reach, line.bottom + height // 2, line.right + reach
    ).within(*image.shape[:2])
    ink = _ink_like(image[band.slices], line.moved(-band.top, -band.left), height)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    marks = [
        (int(left), int(left + width))
        for left, _, width, tall, _ in stats[1:]
        if height / 4 <= tall <= 1.5 * height and width <= 3 * height  # a letter's size
    ]
    left, right = line.left - band.left, line.right - band.left
    for start, stop in sorted(marks):
        if start - right <= _GAP * height:
            right = max(right, stop)
    for start, stop in sorted(marks, reverse=True):
        if left - stop <= _GAP * height:
            left = min(left, start)
    return Box(line.top, left + band.left, line.bottom, right + band.left)


def _ink_like(band: NDArray[np.uint8], line: Box, height: int) -> NDArray[np.bool_]:
    """Where strokes are in the ink of a line that lies in the band."""
    width = max(height // 2 | 1, 3)
    bright, dark = _standing_out(band, width)
    inside = line.within(*band.shape[:2]).slices
    grey = band.mean(axis=2)
    around = float(np.median(grey[:, line.left : line.right]))
    low, high = np.percentile(grey[inside], (5, 95))
    strokes = bright if high - around >= around - low else dark
    contrast = float(np.percentile(strokes[inside], 95))
    is_ink = strokes >= max(_LEAST_STROKE * contrast, _LEAST_INK)
    if not is_ink[inside].any():
        return np.zeros(band.shape[:2], bool)
    ink = np.median(band[inside][is_ink[inside]], axis=0)
    away = np.abs(band.astype(np.int16) - ink.astype(np.int16)).max(axis=2)
    return np.asarray(is_ink & (away <= max(_SAME_INK * contrast, _LEAST_INK)))


def _standing_out(
    image: NDArray[np.uint8], widest: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """By how much each pixel is brighter, and darker, than what surrounds thin things."""
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (widest, widest))
    bright = cv2.morphologyEx(image.max(axis=2), cv2.MORPH_TOPHAT, kernel)
    dark = cv2.morphologyEx(image.min(axis=2), cv2.MORPH_BLACKHAT, kernel)
    return np.asarray(bright, np.uint8), np.asarray(dark, np.uint8)


def _blocks(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The values by blocks, of shape (rows, columns, pixels of a block)."""
    rows, columns = values.shape
    padded = cv2.copyMakeBorder(
        values, 0, -rows % _BLOCK, 0, -columns % _BLOCK, cv2.BORDER_REPLICATE
    )
    down, across = padded.shape[0] // _BLOCK, padded.shape[1] // _BLOCK
    shaped = padded.reshape(down, _BLOCK, across, _BLOCK).transpose(0, 2, 1, 3)
    return np.asarray(shaped.reshape(down, across, _BLOCK * _BLOCK), np.uint8)
