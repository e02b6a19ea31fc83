from __future__ import annotations

import random
import zlib

import pytest
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian

from irw_pipeline.dicom import read
from irw_pipeline.dicom.read import ObjectReadError, quiet_pydicom, read_dataset
from irw_pipeline.dicom.write import IMPLEMENTATION_CLASS_UID, write_dataset
from irw_pipeline.ids import ReasonCode
from irw_pipeline_tests.factories.dicom import SYNTAXES, ct_image, pydicom_files, to_bytes

ALL_SYNTAXES = [*SYNTAXES, DeflatedExplicitVRLittleEndian]


def reason(content: bytes) -> ReasonCode:
    with pytest.raises(ObjectReadError) as caught:
        read_dataset(content)
    assert "Wuckert" not in str(caught.value)
    return caught.value.reason


@pytest.mark.parametrize(
    "content",
    [
        b"Id,BIRTHDATE\n1,2020-01-01\n" * 40,
        b"x",
        random.Random(1).randbytes(5000),  # noqa: S311 - a fixed series of bytes
        b"%PDF-1.4" + b"\0" * 400,
    ],
)
def test_what_is_not_dicom_is_told_apart(content: bytes) -> None:
    assert reason(content) is ReasonCode.NOT_DICOM


def test_an_empty_object_is_its_own_reason() -> None:
    assert reason(b"") is ReasonCode.EMPTY_OBJECT


@pytest.mark.parametrize("syntax", ALL_SYNTAXES)
@pytest.mark.parametrize("cut", [1, 10, 31])
def test_an_object_cut_within_an_element_is_unreadable(cut: int, syntax: UID) -> None:
    assert reason(to_bytes(ct_image(), syntax)[:-cut]) is ReasonCode.UNREADABLE


def test_short_pixel_data_is_unreadable() -> None:
    assert reason(to_bytes(ct_image(Rows=400))) is ReasonCode.UNREADABLE


def test_a_deflated_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few kilobytes may inflate without end; the limit is what stops it, not the memory."""
    monkeypatch.setattr(read, "MAX_INFLATED_BYTES", 1 << 20)
    small = to_bytes(ct_image(), DeflatedExplicitVRLittleEndian)
    start = 144 + int.from_bytes(small[140:144], "little")
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    bomb = small[:start] + packer.compress(bytes(30 << 20)) + packer.flush()
    assert len(bomb) < 1 << 20
    assert reason(bomb) is ReasonCode.UNREADABLE


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_data_set_without_file_meta_is_read(syntax: UID) -> None:
    content = to_bytes(ct_image(), syntax)
    bare = content[144 + int.from_bytes(content[140:144], "little") :]
    dataset = read_dataset(bare)
    assert dataset.PatientID == "MRN-0815"
    assert read_dataset(write_dataset(dataset)).file_meta.TransferSyntaxUID == syntax


@pytest.mark.parametrize("syntax", ALL_SYNTAXES)
def test_writing_keeps_syntax_and_pixels_and_nothing_of_the_old_meta(syntax: UID) -> None:
    content = write_dataset(read_dataset(to_bytes(ct_image(), syntax)))
    assert b"CANARY" not in content
    again = read_dataset(content)
    assert again.file_meta.TransferSyntaxUID == syntax
    assert again.file_meta.ImplementationClassUID == IMPLEMENTATION_CLASS_UID
    assert again.PixelData == bytes(range(32))
    assert content == write_dataset(again)


def test_reading_leaves_pydicom_as_loud_as_it_was() -> None:
    from pydicom import config  # noqa: PLC0415 - its state is what is looked at

    before = config.settings.reading_validation_mode
    with quiet_pydicom():
        pass
    assert config.settings.reading_validation_mode == before


def test_every_pydicom_file_is_read_or_refused_with_a_reason() -> None:
    refused = 0
    for path in pydicom_files():
        try:
            read_dataset(path.read_bytes())
        except ObjectReadError:
            refused += 1
    assert 0 < refused < 20
