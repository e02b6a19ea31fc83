"""Plain slices are asked cheaply whether letters are drawn on them, by both engines alike."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from irw_pipeline_tests.factories.burned_in import NAME, anatomy, image_of, words_on, write_on
from irw_pipeline_tests.factories.dicom import from_bytes
from irw_pipeline_tests.factories.released import released_by_both as released

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

SYNTAXES = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian)


def slices(count: int = 1) -> NDArray[np.int16]:
    """Slices in the numbers of a CT scanner: signed, each value seldom."""
    return np.stack([anatomy(256, 256, seed).astype(np.int16) * 8 - 1000 for seed in range(count)])


def a_ct(frames: NDArray[np.int16], syntax: UID) -> Dataset:
    return image_of(
        frames, syntax, SOPClassUID="1.2.840.10008.5.1.4.1.1.2", Modality="CT",
        ImageType=["ORIGINAL", "PRIMARY", "AXIAL"], PixelRepresentation=1,
    )  # fmt: skip


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda uid: uid.name)
@pytest.mark.parametrize("ink", [-1.5, 0.7, 1.0, 1.5])
def test_letters_on_a_plain_slice_are_blanked(syntax: UID, ink: float) -> None:
    frames = slices()
    low, high = int(frames.min()), int(frames.max())
    write_on(frames[0], NAME, 120, 60, 15, round(low + ink * (high - low)))
    pixels = released(a_ct(frames, syntax), syntax).pixel_array
    shown = (np.clip(pixels, low, high) - low) / (high - low) * 255
    assert not [word for word in ("KOWAL", "TEMIKA") if word in words_on(shown.astype(np.uint8))]
    assert (pixels[170:] == frames[0, 170:]).all()


@pytest.mark.parametrize("number", [0, 11, 39])
def test_letters_on_one_of_the_frames_that_are_asked_are_blanked(number: int) -> None:
    frames = slices(40 if number == 39 else 12)
    write_on(frames[number], NAME, 30, 40, 15, 3000)
    pixels = released(a_ct(frames, ExplicitVRLittleEndian), ExplicitVRLittleEndian).pixel_array
    assert (pixels[number] < 3000).all()


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda uid: uid.name)
def test_a_plain_slice_is_never_looked_at(syntax: UID) -> None:
    dataset = a_ct(slices(3), syntax)
    after = released(dataset, syntax)
    assert after["PixelData"].value == dataset["PixelData"].value
    assert "BurnedInAnnotation" not in after


def test_a_real_slice_passes() -> None:
    source = from_bytes(Path(str(get_testdata_file("CT_small.dcm"))).read_bytes())
    assert "BurnedInAnnotation" not in released(source, ExplicitVRLittleEndian)
