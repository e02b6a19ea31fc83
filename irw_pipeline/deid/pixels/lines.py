"""Which of the lines that the detector found are writing that could name somebody.

The detector also sees teeth, ribs and needles; what it found is read, and what reads as nothing is
no writing. A letter by itself (R, L) names nobody and tells the side: it stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from irw_pipeline.deid.pixels.box import Box, distinct, merged
from irw_pipeline.deid.pixels.detect import Line, find_text
from irw_pipeline.deid.pixels.read import read_line
from irw_pipeline.deid.pixels.strokes import followed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MARGIN = 4
"""Pixels by which a box grows at least: the network's boxes touch the letters."""

_ROUNDS = 8
_AROUND = 4  # heights of a line
_LEAST_AROUND = 64
_MOST_HEIGHT = 0.1  # of the image's longer side; more is anatomy, unless it reads very well
_SMALL = 100  # a line this high is plausible on any image
_SURE = 0.9
_PAIR = 0.8
_WORD = 0.5
_LONG_WORD = 0.35
_NEIGHBOUR = 0.5
_WIDE = 2.0
_MOST_GAP = 1.5  # of a line's height


def writing_on(
    image: NDArray[np.uint8],
    *,
    carries_text: bool,
    is_small_text_sought: bool,
    hidden: NDArray[np.bool_] | None = None,
) -> list[Box] | None:
    """Return the boxes to blank, grown; after them a second look finds nothing.

    Args:
        image: Shape (rows, columns, 3); the boxes, and what is hidden, are blanked on it.
        carries_text: Whether a rule expects text, so that a line which cannot be read counts.
        is_small_text_sought: Whether to look a second time, at twice the size.
        hidden: What is blanked anyway, of shape (rows, columns). A line that lies in it in part
            goes as a whole: half a letter can be guessed, and is not found.

    Returns:
        None if after several rounds there still is text: a person must look.
    """
    boxes: list[Box] = []
    areas: list[Box] = []
    for number in range(_ROUNDS):
        seen = find_text(image, is_small_text_sought=is_small_text_sought, areas=areas)
        if hidden is not None and not number:
            seen = [line for line in seen if not hidden[line.box.slices].all()]
        found = _writing_of(seen, image, carries_text=carries_text)
        if hidden is not None and not number:
            image[hidden] = 0
        if not found:
            return boxes
        boxes += found
        for box in found:
            image[box.slices] = 0
        areas = merged(_around(box).within(*image.shape[:2]) for box in found)
    return None


def _around(box: Box) -> Box:
    """Where a second look at what was blanked may find more."""
    height, _ = _size(box)
    return box.grown(max(_LEAST_AROUND, _AROUND * height))


def _writing_of(lines: list[Line], image: NDArray[np.uint8], *, carries_text: bool) -> list[Box]:
    """The boxes, grown, of those lines that are writing."""
    longest = max(image.shape[:2])
    least_unread = 0.8 if carries_text else 0.9
    taken: list[Box] = []
    others: list[Box] = []
    for line in lines:
        text, score = read_line(image, line.box)
        is_line = is_writing(line.box, text, score, longest) or (
            line.score >= least_unread and _is_like_a_line(line.box, longest)
        )
        if is_line:
            taken.append(line.box)
        elif line.score >= _NEIGHBOUR:
            others.append(line.box)
    while near := [box for box in others if any(_continues(box, one) for one in taken)]:
        taken += near
        others = [box for box in others if box not in near]
    whole = [followed(image, box) for box in distinct(taken)]
    return [_grown(box).within(*image.shape[:2]) for box in distinct(whole)]


def is_writing(box: Box, text: str, score: float, longest: int) -> bool:
    """Whether what was read in a box is a word or a number, and more than one letter.

    Args:
        box: Where it stands.
        text: What was read there.
        score: How sure the reader is of it.
        longest: The longer side of the image.
    """
    letters = sum(char.isalnum() for char in text)
    height, width = _size(box)
    if letters < 2:  # noqa: PLR2004 - a single letter
        return False
    if height > max(_MOST_HEIGHT * longest, _SMALL):
        return score >= _SURE and letters > 2  # noqa: PLR2004
    if letters == 2:  # noqa: PLR2004
        return score >= _PAIR
    return score >= (_LONG_WORD if width >= _WIDE * height else _WORD)


def _size(box: Box) -> tuple[int, int]:
    """Height of the letters and length of the line, also where it runs upwards."""
    sides = (box.bottom - box.top, box.right - box.left)
    return min(sides), max(sides)


def _is_like_a_line(box: Box, longest: int) -> bool:
    height, width = _size(box)
    return width >= 2.5 * height and height <= max(_MOST_HEIGHT * longest / 2, _SMALL / 2)


def _continues(box: Box, line: Box) -> bool:
    """Whether a box stands at an end of a line of about its height, as the rest of it would."""
    if line.is_upright:
        box, line = box.turned, line.turned
    height = line.bottom - line.top
    if not 0.5 <= (box.bottom - box.top) / height <= 2:  # noqa: PLR2004 - half to twice as high
        return False
    gap = int(_MOST_GAP * height)
    return box.overlaps(Box(line.top, line.left - gap, line.bottom, line.right + gap))


def _grown(box: Box) -> Box:
    """A margin all around, and along the line half a letter more: its ends are found last."""
    height, _ = _size(box)
    more = max(height // 2 - MARGIN, 0)
    grown = box.grown(max(MARGIN, height // 5))
    if box.is_upright:
        return Box(grown.top - more, grown.left, grown.bottom + more, grown.right)
    return Box(grown.top, grown.left - more, grown.bottom, grown.right + more)
