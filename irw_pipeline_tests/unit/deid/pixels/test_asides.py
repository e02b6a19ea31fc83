"""What PixelData holds beside pixels goes; pixels stay, and bytes that hold no such thing too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from irw_pipeline_tests.factories.burned_in import anatomy, image_of
from irw_pipeline_tests.factories.released import released_by_both as released

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = b"Quastenflosser, Ward 3"
SLICE = {
    "SOPClassUID": "1.2.840.10008.5.1.4.1.1.4",
    "Modality": "MR",
    "ImageType": ["ORIGINAL", "PRIMARY"],
}
STARTS = {JPEG2000Lossless: b"\xff\x52", JPEGLSLossless: b"\xff\xf7", JPEGBaseline8Bit: b"\xff\xc0"}


def a_slice(syntax: UID, frames: int = 3) -> Dataset:
    return image_of(np.stack([anatomy(64, 80, seed) for seed in range(frames)]), syntax, **SLICE)


def with_segment(dataset: Dataset, segment: bytes, tail: bytes = b"") -> bytes:
    """The frames of a compressed object, each with a segment in its header, and bytes behind."""
    start = STARTS[dataset.file_meta.TransferSyntaxUID]
    count = int(dataset.NumberOfFrames)
    frames = []
    for frame in generate_frames(dataset.PixelData, number_of_frames=count):
        at = frame.index(start)
        made = frame[:at] + segment + frame[at:] + tail
        frames.append(made + b"\0" * (len(made) % 2))
    return encapsulate(frames)


def segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2, "big") + payload


@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEGLSLossless], ids=lambda uid: uid.name)
@pytest.mark.parametrize("tail", [b"", NAME])
def test_a_comment_of_a_codestream_goes_and_no_pixel_changes(syntax: UID, tail: bytes) -> None:
    dataset = a_slice(syntax)
    source: NDArray[np.uint8] = dataset.pixel_array
    comment = segment(0x64, b"\0\1" + NAME) if syntax == JPEG2000Lossless else segment(0xFE, NAME)
    dataset.PixelData = with_segment(dataset, comment, tail)
    after = released(dataset, syntax)
    assert NAME not in after.PixelData
    assert (after.pixel_array == source).all()
    assert after.file_meta.TransferSyntaxUID == syntax


@pytest.mark.parametrize("marker", [0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xEF])
def test_application_segments_go_but_for_those_that_decoders_need(marker: int) -> None:
    dataset = a_slice(JPEGLSLossless)
    needed = segment(0xEE, b"Adobe\0d\0\0\0\0\0")
    dataset.PixelData = with_segment(dataset, needed + segment(marker, b"Exif\0\0" + NAME))
    after = released(dataset, JPEGLSLossless)
    assert NAME not in after.PixelData
    assert after.PixelData.count(needed) == 3


@pytest.mark.parametrize(
    "comment",
    [
        b"\0\1Created by OpenJPEG version 2.5.0",
        b"\0\1Kakadu-v7.3.3",
        b"\0\1Creator: JasPer Version 1.900",
    ],
)
def test_the_name_of_an_encoder_is_no_reason_to_change_a_byte(comment: bytes) -> None:
    dataset = a_slice(JPEG2000Lossless)
    dataset.PixelData = with_segment(dataset, segment(0x64, comment))
    before = dataset["PixelData"].value
    assert released(dataset, JPEG2000Lossless)["PixelData"].value == before


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_bytes_behind_the_last_pixel_go(syntax: UID) -> None:
    dataset = a_slice(syntax)
    pixels = dataset.PixelData
    dataset.PixelData = pixels + NAME
    assert released(dataset, syntax)["PixelData"].value == pixels
    dataset.PixelData = pixels + bytes(128)
    assert released(dataset, syntax)["PixelData"].value == pixels + bytes(128)


@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian], ids=lambda uid: uid.name
)
@pytest.mark.parametrize("is_signed", [False, True])
def test_a_plane_in_unused_bits_goes_with_its_attributes(syntax: UID, *, is_signed: bool) -> None:
    values = anatomy(64, 80).astype(np.int16) * 8 - (900 if is_signed else 0)
    plane = np.zeros((64, 80), np.uint16)
    plane[20:30, 10:60] = 1 << 15
    stored = (values.view(np.uint16) & 0xFFF) | plane
    dataset = image_of(
        stored[None], syntax, **SLICE, BitsStored=12, HighBit=11,
        PixelRepresentation=int(is_signed),
    )  # fmt: skip
    dataset.add_new(0x6000_0010, "US", 64)
    dataset.add_new(0x6000_0011, "US", 80)
    dataset.add_new(0x6000_0100, "US", 16)
    dataset.add_new(0x6000_0102, "US", 15)
    after = released(dataset, syntax)
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    kept = np.frombuffer(after.PixelData, f"{order}i2" if is_signed else f"{order}u2")
    assert (kept.reshape(64, 80) == values).all()
    assert not [element for element in after if element.tag.group == 0x6000]


def test_pixels_within_an_item_go() -> None:
    inner = Dataset()
    inner.Rows = inner.Columns = 8
    inner.PixelData = NAME.ljust(64)
    inner["PixelData"].VR = "OB"
    dataset = a_slice(ExplicitVRLittleEndian)
    dataset.ReferencedImageSequence = [inner]
    [item] = released(dataset, ExplicitVRLittleEndian).ReferencedImageSequence
    assert "PixelData" not in item


def test_pixels_of_run_lengths_may_look_like_the_end_of_a_codestream() -> None:
    """RLE has no markers: FF D9 and what follows are pixels there."""
    frames = np.stack([anatomy(64, 80, seed) for seed in range(2)])
    frames[:, -1, -9:] = [0xFF, 0xD9, 0x41, 0x52, 0x43, 0x54, 0x45, 0x56, 0x47]
    image = image_of(frames, RLELossless, **SLICE)
    assert b"\xff\xd9ARCT" in image.PixelData
    assert released(image, RLELossless).PixelData == image.PixelData
