"""What follows a data set is no part of it, and a data set that is cut short is still found."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from irw_pipeline.dicom.read import ObjectReadError, quiet_pydicom, read_dataset
from irw_pipeline.ids import ReasonCode
from irw_pipeline_tests.factories.dicom import ct_image, to_bytes

SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]
BEHIND = [
    b"\n",
    b"\r\n",
    b"\0" * 4096,
    b"Marker of the archive",
    b"WUCKERT TEMIKA MRN-0815",
    b"PRINTED BY LO SH ST",
]


def pixel_bytes(content: bytes) -> bytes:
    with quiet_pydicom():
        return bytes(read_dataset(content).PixelData)


@pytest.mark.parametrize("behind", BEHIND)
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_what_follows_pixel_data_is_cut_off(syntax: UID, behind: bytes) -> None:
    content = to_bytes(ct_image(), syntax)
    assert pixel_bytes(content + behind) == pixel_bytes(content)


@pytest.mark.parametrize("behind", BEHIND)
def test_what_follows_encapsulated_pixel_data_is_cut_off(behind: bytes) -> None:
    content = Path(str(get_testdata_file("MR_small_RLE.dcm"))).read_bytes()
    assert pixel_bytes(content + behind) == pixel_bytes(content)


@pytest.mark.parametrize("behind", [b"\n", b"\0" * 512, b"Marker of the archive"])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_what_follows_an_object_without_pixels_is_cut_off(syntax: UID, behind: bytes) -> None:
    header = ct_image()
    del header.PixelData
    with quiet_pydicom():
        dataset = read_dataset(to_bytes(header, syntax) + behind)
        assert dataset.BitsAllocated == 16
        assert len(dataset) == len(header)


@pytest.mark.parametrize("lost", [1, 7, 20, 33, 36, 41, 47])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_an_object_that_is_cut_short_is_unreadable(syntax: UID, lost: int) -> None:
    with pytest.raises(ObjectReadError) as caught:
        read_dataset(to_bytes(ct_image(), syntax)[:-lost])
    assert caught.value.reason is ReasonCode.UNREADABLE
