from __future__ import annotations

import os
import random
import struct
import zlib
from typing import TYPE_CHECKING

import pytest
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from irw_pipeline.dicom import layout, read
from irw_pipeline.dicom.read import ObjectReadError, examine_file, quiet_pydicom, read_dataset
from irw_pipeline.dicom.write import IMPLEMENTATION_CLASS_UID, write_dataset
from irw_pipeline.ids import ReasonCode
from irw_pipeline_tests.factories.dicom import (
    SYNTAXES,
    ct_image,
    from_bytes,
    pydicom_files,
    to_bytes,
)

if TYPE_CHECKING:
    from pathlib import Path

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


@pytest.mark.parametrize("syntax", ALL_SYNTAXES)
@pytest.mark.parametrize("has_length", [True, False])
def test_ten_thousand_nested_sequences_are_refused(syntax: UID, has_length: bool) -> None:  # noqa: FBT001 - pytest
    image = to_bytes(ct_image(PixelData=None), ExplicitVRLittleEndian)
    assert reason(recoded(image, nested(10_000, has_length=has_length), syntax)) == "UNREADABLE"


def test_a_million_elements_are_refused_before_they_are_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(layout, "MAX_ELEMENTS", 500)
    empty = b"".join(struct.pack("<HH2sH", 0x0051, n, b"LO", 0) for n in range(0x1000, 0x1200))
    assert reason(to_bytes(ct_image(PixelData=None)) + empty) is ReasonCode.UNREADABLE


def test_a_large_file_is_judged_by_its_lengths(tmp_path: Path) -> None:
    """It is a hole on the disk; no more than its header is looked at."""
    whole = to_bytes(ct_image())
    pixels = whole.rindex(b"\xe0\x7f\x10\0")
    for declared, answer in ((3 << 30, None), ((3 << 30) + 2, "UNREADABLE")):
        path = tmp_path / "large"
        path.write_bytes(whole[:pixels] + b"\xe0\x7f\x10\0OW\0\0" + struct.pack("<L", declared))
        os.truncate(path, pixels + 12 + (3 << 30))
        assert examined(path) == answer
    path.write_bytes(b"")
    os.truncate(path, 3 << 30)
    assert examined(path) == "NOT_DICOM"


def test_a_large_bomb_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "_LARGE_FILE", 1)
    monkeypatch.setattr(read, "MAX_INFLATED_BYTES", 1 << 20)
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    small = to_bytes(ct_image(), DeflatedExplicitVRLittleEndian)
    start = 144 + int.from_bytes(small[140:144], "little")
    (tmp_path / "bomb").write_bytes(small[:start] + packer.compress(bytes(30 << 20)))
    assert examined(tmp_path / "bomb") == "UNREADABLE"
    (tmp_path / "bomb").write_bytes(small)
    assert examined(tmp_path / "bomb") is None


def examined(path: Path) -> str | None:
    try:
        examine_file(path)
    except ObjectReadError as error:
        return str(error.reason)
    return None


def nested(depth: int, *, has_length: bool) -> bytes:
    """ContentSequence within ContentSequence, explicit VR little endian."""
    head, item = b"\x40\0\x30\xa7SQ\0\0", b"\xfe\xff\0\xe0"
    if not has_length:
        ends = b"\xfe\xff\r\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0"
        return (head + b"\xff" * 4 + item + b"\xff" * 4) * depth + ends * depth
    starts = [
        head + struct.pack("<L", level * 20 + 8) + item + struct.pack("<L", level * 20)
        for level in range(depth)
    ]
    return b"".join(reversed(starts))


def recoded(image: bytes, more: bytes, syntax: UID) -> bytes:
    """The image with more elements, in another encoding; their values are all in sequences."""
    if syntax == ImplicitVRLittleEndian:
        more = more.replace(b"SQ\0\0", b"")
    elif syntax == ExplicitVRBigEndian:
        more = _swapped(more)
    content = to_bytes(from_bytes(image), syntax)
    if syntax != DeflatedExplicitVRLittleEndian:
        return content + more
    start = 144 + int.from_bytes(content[140:144], "little")
    plain = zlib.decompress(content[start:], -zlib.MAX_WBITS) + more
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return content[:start] + packer.compress(plain) + packer.flush()


def _swapped(more: bytes) -> bytes:
    pieces: list[bytes] = []
    position = 0
    while position < len(more):
        tag = struct.pack(">HH", *struct.unpack_from("<HH", more, position))
        has_vr = more[position + 4 : position + 6] == b"SQ"
        at = position + (8 if has_vr else 4)
        length = struct.pack(">L", *struct.unpack_from("<L", more, at))
        pieces.append(tag + (b"SQ\0\0" if has_vr else b"") + length)
        position = at + 4
    return b"".join(pieces)


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
