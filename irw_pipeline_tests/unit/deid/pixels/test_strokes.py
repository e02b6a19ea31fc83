"""What the detector alone does not see of a line, and where it need not look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from irw_pipeline.deid.pixels.box import Box, merged
from irw_pipeline.deid.pixels.lines import _continues, writing_on
from irw_pipeline.deid.pixels.strokes import followed, stroke_areas
from irw_pipeline_tests.factories.burned_in import NAME, NUMBER, anatomy, letters, write_on

if TYPE_CHECKING:
    from numpy.typing import NDArray

TEXT = f"{NAME} {NUMBER}"


def shown(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.repeat(frame[..., None], 3, axis=2)


@pytest.mark.parametrize("ink", [250, 0])
@pytest.mark.parametrize("is_upright", [False, True])
def test_a_line_goes_on_as_long_as_there_are_strokes_in_its_ink(
    ink: int, *, is_upright: bool
) -> None:
    frame = anatomy(300, 600) // 2 + np.uint8(60)
    mask = letters(TEXT, 20)
    frame[100 : 100 + mask.shape[0], 40 : 40 + mask.shape[1]][mask] = ink
    columns = np.flatnonzero(mask.any(axis=0)) + 40
    part = Box(104, 200, 122, 260)
    if is_upright:
        turned = followed(shown(np.ascontiguousarray(frame.T)), Box(200, 104, 260, 122))
        found = Box(turned.left, turned.top, turned.right, turned.bottom)
    else:
        found = followed(shown(frame), part)
    assert abs(found.left - columns.min()) <= 2
    assert abs(found.right - columns.max()) <= 3
    assert (found.top, found.bottom) == (part.top, part.bottom)


def test_a_line_ends_where_another_ink_or_nothing_follows() -> None:
    frame = anatomy(300, 600) // 2 + np.uint8(60)
    mask = letters("4711", 20)
    frame[100 : 100 + mask.shape[0], 40 : 40 + mask.shape[1]][mask] = 250
    write_on(frame, "0815", 100, 110, 20, 0)
    frame[112, :] = 250  # a rule through both is no letter
    found = followed(shown(frame), Box(104, 42, 122, 70))
    assert found.right <= 100


def test_of_a_large_image_only_what_has_strokes_is_looked_at_closely() -> None:
    frame = anatomy(1500, 1500)
    assert stroke_areas(shown(frame)) == []
    write_on(frame, NAME, 700, 900, 10, int(frame[700:712, 900:1000].max()) + 50)
    ink = letters(NAME, 10)
    areas = stroke_areas(shown(frame))
    text = Box(700, 900, 700 + ink.shape[0], 900 + ink.shape[1])
    assert any(area.joined(text) == area for area in areas)
    assert sum(area.area for area in areas) < 0.05 * frame.size
    small = shown(anatomy(400, 400))
    assert stroke_areas(small) == [Box(0, 0, 400, 400)]


@pytest.mark.parametrize("turns", [1, 3])
@pytest.mark.parametrize("size", [12, 24])
def test_upright_lines_are_blanked(turns: int, size: int) -> None:
    frame = anatomy(420, 640)
    ink = np.rot90(letters(NAME, size), turns)
    frame[60 : 60 + ink.shape[0], 300 : 300 + ink.shape[1]][ink] = 255
    boxes = writing_on(shown(frame), carries_text=True, is_small_text_sought=True)
    assert boxes
    blanked = np.zeros(frame.shape, bool)
    for box in boxes:
        blanked[box.slices] = True
    assert blanked[60 : 60 + ink.shape[0], 300 : 300 + ink.shape[1]][ink].all()


def test_merged_boxes_cover_and_do_not_overlap() -> None:
    chain = [Box(0, 0, 10, 10), Box(5, 5, 20, 20), Box(18, 0, 30, 6), Box(50, 50, 60, 60)]
    assert merged(chain) == [Box(0, 0, 30, 20), Box(50, 50, 60, 60)]


def test_what_stands_above_an_upright_line_goes_on_with_it_and_not_what_stands_beside() -> None:
    """A scale at the side of an ultrasound image once drew half of the image into itself."""
    scale = Box(95, 13, 230, 40)
    assert _continues(Box(60, 12, 90, 38), scale)
    assert not _continues(Box(136, 60, 290, 560), scale)
    line = scale.turned
    assert _continues(Box(12, 60, 38, 90), line)
    assert not _continues(Box(60, 136, 560, 290), line)
