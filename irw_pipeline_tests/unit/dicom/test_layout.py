from __future__ import annotations

import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEGBaseline8Bit

from irw_pipeline.dicom.layout import CutShortError, elements, encoding_of
from irw_pipeline.dicom.read import ObjectReadError, read_dataset
from irw_pipeline_tests.factories.dicom import SYNTAXES, ct_image, pydicom_files, to_bytes


def values(content: bytes) -> list[tuple[int, int, bytes]]:
    return [
        (one.tag, one.top, content[one.start : one.stop])
        for one in elements(content, encoding_of(content))
    ]


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("is_undefined", [True, False])
def test_every_value_is_placed_nested_ones_too(syntax: UID, is_undefined: bool) -> None:  # noqa: FBT001 - pytest
    inner, outer = Dataset(), Dataset()
    inner.ImageComments = "deep"
    outer.ReferencedStudySequence = Sequence([inner])
    outer["ReferencedStudySequence"].is_undefined_length = is_undefined
    outer.is_undefined_length_sequence_item = is_undefined
    found = values(to_bytes(ct_image(ReferencedSeriesSequence=Sequence([outer])), syntax))
    assert (0x0020_4000, 0x0008_1115, b"deep") in found
    assert (0x0010_0020, 0x0010_0020, b"MRN-0815") in found
    assert found[-1][:2] == (0x7FE0_0010, 0x7FE0_0010)
    assert len(found[-1][2]) == 32


def test_encapsulated_pixels_are_one_value() -> None:
    image = ct_image(PixelData=encapsulate([b"abcd", b"efgh"]))
    image["PixelData"].VR = "OB"
    image["PixelData"].is_undefined_length = True
    content = to_bytes(image, JPEGBaseline8Bit)
    tag, _, value = values(content)[-1]
    assert tag == 0x7FE0_0010
    assert content.endswith(value)
    assert value.endswith(b"\xfe\xff\xdd\xe0\0\0\0\0")


@pytest.mark.parametrize("cut", [1, 9, 31])
def test_a_cut_object_is_cut_short(cut: int) -> None:
    with pytest.raises(CutShortError):
        values(to_bytes(ct_image(), ExplicitVRLittleEndian)[:-cut])


def test_where_pydicom_reads_the_layout_agrees() -> None:
    """Each top-level value of every file that pydicom ships stands where pydicom says it does."""
    looked = 0
    for path in pydicom_files():
        content = path.read_bytes()
        try:
            dataset = read_dataset(content)
            placed = {one.start for one in elements(content, encoding_of(content))}
        except (ObjectReadError, CutShortError):
            continue
        encoding = encoding_of(content)
        if encoding.is_deflated or path.name == "no_preamble_dicm_in_data":
            continue
        for element in dataset.values():
            at = getattr(element, "value_tell", None) or getattr(element, "file_tell", None)
            assert at in placed, (path.name, element.tag)
            looked += 1
    assert looked > 5000
