"""Overlay planes stay without the writing on them; where that is uncertain they go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from irw_pipeline.deid.engine import Engine
from irw_pipeline.deid.outcome import Released
from irw_pipeline.deid.policy.policy import load_policy
from irw_pipeline_tests.factories.burned_in import NAME, anatomy, image_of, letters, write_on
from irw_pipeline_tests.factories.dicom import broker, from_bytes, subject, to_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset
    from pydicom.uid import UID

POLICIES = ("research", "safe_harbor", "limited_dataset")
ENGINES = {name: Engine(load_policy(name), broker()) for name in (*POLICIES, "strict")}


def contour(rows: int = 200, columns: int = 300) -> NDArray[np.uint8]:
    """A plane with the outline of a region."""
    y, x = np.mgrid[0:rows, 0:columns]
    away = np.hypot((y - 120) / 60, (x - 150) / 100)
    drawn: NDArray[np.uint8] = ((away > 0.97) & (away < 1.03)).astype(np.uint8)
    return drawn


def slice_with(
    planes: NDArray[np.uint8], syntax: UID = ExplicitVRLittleEndian, group: int = 0x6000
) -> Dataset:
    """A slice with one overlay of (frames, rows, columns)."""
    dataset = image_of(
        anatomy(200, 300)[None], syntax, SOPClassUID="1.2.840.10008.5.1.4.1.1.4", Modality="MR",
        ImageType=["ORIGINAL", "PRIMARY"],
    )  # fmt: skip
    frames, rows, columns = planes.shape
    dataset.add_new(group << 16 | 0x10, "US", rows)
    dataset.add_new(group << 16 | 0x11, "US", columns)
    if frames > 1:
        dataset.add_new(group << 16 | 0x15, "IS", frames)
    dataset.add_new(group << 16 | 0x22, "LO", "ROI liver, Dr. Quastenflosser")
    dataset.add_new(group << 16 | 0x40, "CS", "G")
    dataset.add_new(group << 16 | 0x50, "SS", [1, 1])
    dataset.add_new(group << 16 | 0x100, "US", 1)
    dataset.add_new(group << 16 | 0x102, "US", 0)
    packed = np.packbits(planes, bitorder="little").tobytes()
    dataset.add_new(group << 16 | 0x3000, "OW", packed + b"\0" * (len(packed) % 2))
    return dataset


def released(
    dataset: Dataset, syntax: UID = ExplicitVRLittleEndian, policy: str = "research"
) -> Dataset:
    outcome = ENGINES[policy].deidentify(to_bytes(dataset, syntax), subject())
    assert isinstance(outcome, Released), outcome
    return from_bytes(outcome.content)


def plane_of(dataset: Dataset, group: int = 0x6000) -> NDArray[np.uint8]:
    bits = np.unpackbits(
        np.frombuffer(dataset[group << 16 | 0x3000].value, np.uint8), bitorder="little"
    )
    return bits[: 200 * 300].reshape(200, 300)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_a_plane_without_writing_stays_byte_for_byte(syntax: UID, policy: str) -> None:
    dataset = slice_with(contour()[None], syntax, 0x6002)
    after = released(dataset, syntax, policy)
    assert after[0x6002_3000].value == dataset[0x6002_3000].value
    assert after[0x6002_0010].value == 200
    assert 0x6002_0022 not in after
    assert after["PixelData"].value == dataset["PixelData"].value


@pytest.mark.parametrize("size", [10, 16, 24])
def test_writing_goes_from_a_plane_and_its_drawing_stays(size: int) -> None:
    plane = contour()
    ink = write_on(plane, NAME, 8, 20, size, 1)
    after = plane_of(released(slice_with(plane[None])))
    assert not after[ink].any()
    assert (after[70:] == plane[70:]).all()


def test_writing_in_one_frame_of_a_plane_goes_from_all() -> None:
    planes = np.stack([contour()] * 3)
    mask = letters(NAME, 14)
    planes[1, 8 : 8 + mask.shape[0], 20 : 20 + mask.shape[1]] |= mask
    data = released(slice_with(planes))[0x6000_3000].value
    bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
    assert (bits[: planes.size].reshape(planes.shape) == np.stack([contour()] * 3)).all()


def a_page() -> NDArray[np.uint8]:
    plane = np.zeros((200, 300), np.uint8)
    for line in range(8):
        write_on(plane, "Seen today with a cough and fever", 4 + 24 * line, 5, 16, 1)
    return plane


@pytest.mark.parametrize("what", ["page", "cut short", "strict", "big endian", "many frames"])
def test_a_plane_that_is_uncertain_goes_as_a_whole(what: str) -> None:
    planes = a_page()[None] if what == "page" else contour()[None]
    if what == "many frames":
        planes = np.repeat(planes, 31, axis=0)
    syntax = ExplicitVRBigEndian if what == "big endian" else ExplicitVRLittleEndian
    dataset = slice_with(planes, syntax)
    if what == "cut short":
        dataset[0x6000_3000].value = dataset[0x6000_3000].value[:-100]
    after = released(dataset, syntax, "strict" if what == "strict" else "research")
    assert not [element for element in after if element.tag.group == 0x6000]
