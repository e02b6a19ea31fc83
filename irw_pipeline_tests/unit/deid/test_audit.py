from __future__ import annotations

import gzip
import random
import zlib
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    JPEGBaseline8Bit,
)
from pypdf import PdfWriter

from irw_pipeline.deid.audit import streams as audit_streams
from irw_pipeline.deid.audit.search import (
    Finding,
    residual_identifiers,
    residual_identifiers_of_file,
)
from irw_pipeline.identity.subject import IdentifierKind as Kind
from irw_pipeline.identity.subject import KnownIdentifier
from irw_pipeline_tests.factories.dicom import SYNTAXES, ct_image, to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAME = KnownIdentifier(Kind.NAME, "Kirlin^Ada")


def clean_image(**attributes: object) -> Dataset:
    blank = dict.fromkeys(("PatientName", "PatientID", "PatientBirthDate", "AccessionNumber"), "")
    return ct_image(**{**blank, **attributes})


def findings(
    dataset: Dataset, *known: KnownIdentifier, syntax: UID = ExplicitVRLittleEndian
) -> list[Finding]:
    return residual_identifiers(to_bytes(dataset, syntax), known)


@pytest.mark.parametrize("syntax", [*SYNTAXES, DeflatedExplicitVRLittleEndian])
def test_a_name_is_found_in_every_syntax_and_its_place_is_named(syntax: UID) -> None:
    item = Dataset()
    item.ImageComments = "for KIRLIN today"
    dataset = clean_image(ReferencedStudySequence=Sequence([item]))
    assert findings(dataset, NAME, syntax=syntax) == [Finding(Kind.NAME, "(0008,1110)")]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16-le", "utf-16-be"])
def test_every_encoding_is_searched(encoding: str) -> None:
    dataset = clean_image()
    dataset.add_new(0x00091001, "OB", " MÜLLER ".encode(encoding))
    assert findings(dataset, KnownIdentifier(Kind.NAME, "Müller"))


@pytest.mark.parametrize(
    "text", ["kirlinson", "Adam", "akirlin", "12.4711.5", "2.25.4711012", "A4711012", "heart"]
)
def test_a_token_inside_a_word_is_none(text: str) -> None:
    known = (NAME, KnownIdentifier(Kind.PATIENT_ID, "4711012"), KnownIdentifier(Kind.NAME, "Heart"))
    assert findings(clean_image(ImageComments=text), *known) == []


@pytest.mark.parametrize("text", ["jwuckert2", "WuckertA.jpg", "aQX-778812b"])
def test_a_long_name_or_id_counts_within_a_word(text: str) -> None:
    known = (
        KnownIdentifier(Kind.NAME, "Wuckert^Ada"),
        KnownIdentifier(Kind.PATIENT_ID, "QX-778812"),
    )
    assert findings(clean_image(ImageComments=text), *known)


@pytest.mark.parametrize("text", ["1950-01-02", "01/02/1950", "02.01.1950", "Jan 2, 1950"])
def test_the_birth_date_is_found_in_its_usual_forms(text: str) -> None:
    born = KnownIdentifier(Kind.BIRTH_DATE, "19500102")
    assert findings(clean_image(ImageComments=text), born)
    assert findings(clean_image(PatientBirthDate="19500102"), born)


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_another_date_may_fall_on_the_day_of_birth(syntax: UID) -> None:
    born = KnownIdentifier(Kind.BIRTH_DATE, "1950-01-02")
    dataset = clean_image(StudyDate="19500102", AcquisitionDateTime="19500102101010")
    assert findings(dataset, born, syntax=syntax) == []


def test_short_tokens_count_in_the_header_and_not_in_pixels() -> None:
    assert findings(clean_image(PixelData=b"\0\0 Ada ".ljust(32, b"\0")), NAME) == []
    assert findings(clean_image(ImageComments="Ada"), NAME)
    assert findings(clean_image(PixelData=b" Kirlin ".ljust(32, b"\0")), NAME)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "shift_jis"])
@pytest.mark.parametrize("at", [0, 1, (1 << 22) - 5, (1 << 22) + 7, (1 << 22) + 100_000])
def test_long_tokens_are_found_anywhere_in_large_pixels(encoding: str, at: int) -> None:
    """Also across the pieces in which they are searched."""
    noise = bytearray(random.Random(at).randbytes((1 << 22) + 200_000))  # noqa: S311 - a fixed series
    text = ("山田太郎一二 " if encoding == "shift_jis" else " WUCKERT ").encode(encoding)
    noise[at : at + len(text)] = text
    dataset = clean_image(PixelData=bytes(noise))
    dataset.SpecificCharacterSet = "ISO_IR 13"
    known = (KnownIdentifier(Kind.NAME, "Wuckert^Ada"), KnownIdentifier(Kind.NAME, "山田太郎一二"))
    found = findings(dataset, *known)
    assert found == [Finding(Kind.NAME, "(7FE0,0010)")]
    dataset.PixelData = bytes(noise).replace(text, bytes(len(text)))
    assert findings(dataset, *known) == []


@pytest.mark.parametrize(
    "pack", [gzip.compress, zlib.compress, lambda data: b"head" + zlib.compress(data)]
)
def test_what_is_packed_in_a_value_is_searched(pack: Callable[[bytes], bytes]) -> None:
    dataset = clean_image()
    dataset.add_new(0x00091001, "OB", pack(b"scanned for Kirlin, and so on " * 9))
    assert findings(dataset, NAME) == [Finding(Kind.NAME, "(0009,1001)")]
    assert findings(dataset, KnownIdentifier(Kind.NAME, "Nobody")) == []


def test_what_is_packed_beyond_measure_is_no_clean_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_streams, "MAX_INFLATED_BYTES", 1 << 16)
    dataset = clean_image()
    dataset.add_new(0x00091001, "OB", zlib.compress(bytes(1 << 20)))
    assert findings(dataset, NAME) == [Finding(Kind.OTHER, "(0009,1001)")]


def test_the_text_of_a_pdf_is_searched() -> None:
    writer = PdfWriter()
    writer.add_blank_page(72, 72)
    writer.add_metadata({"/Author": "Ada Kirlin"})
    stream = BytesIO()
    writer.write(stream)
    dataset = clean_image(EncapsulatedDocument=stream.getvalue().replace(b"Kirlin", b"Kirl\\151n"))
    assert findings(dataset, NAME) == [Finding(Kind.NAME, "(0042,0011)")]


@pytest.mark.parametrize(
    "head", [b"\xff\xd8\xff\xe0\0\4JF", b"\xff\x4f\xff\x51\0\4SI"], ids=["jpeg", "jpeg2000"]
)
def test_comments_of_compressed_frames_are_searched_for_short_tokens_too(head: bytes) -> None:
    marker = b"\xff\xfe" if head.startswith(b"\xff\xd8") else b"\xff\x64"
    frame = head + marker + b"\0\x0dfor Ada too" + b"\xff\xda\0\2" + bytes(40)
    dataset = clean_image(PixelData=encapsulate([frame]))
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    assert findings(dataset, NAME, syntax=JPEGBaseline8Bit) == [Finding(Kind.NAME, "(7FE0,0010)")]


@pytest.mark.parametrize("number", ["4711", "47110", "4711012"])
def test_a_short_number_may_be_a_time_or_a_dose(number: str) -> None:
    known = KnownIdentifier(Kind.PATIENT_ID, number)
    dataset = clean_image(SliceThickness=number, StudyTime=number, InstanceNumber=number)
    assert findings(dataset, known) == []
    assert bool(findings(clean_image(ImageComments=number), known)) == (len(number) > 4)


def test_a_uid_of_the_source_is_found_whole_only() -> None:
    known = KnownIdentifier(Kind.UID, "1.2.3.4.5.6.7")
    assert findings(clean_image(ImageComments="see 1.2.3.4.5.6.7"), known)
    assert findings(clean_image(ImageComments="1.2.3.4.5.6.77 21.2.3.4.5.6.7"), known) == []


@pytest.mark.parametrize("name", ["Chest^Head", "Head^Chest"])
def test_two_common_words_count_side_by_side_only(name: str) -> None:
    known = KnownIdentifier(Kind.NAME, name)
    assert findings(clean_image(ImageComments="chest and head"), known) == []
    assert findings(clean_image(ImageComments="for Head, Chest"), known)


def test_a_maker_in_a_private_creator_of_the_standard_is_no_hit() -> None:
    """Somebody's institution may be called as the maker that every scanner of his names."""
    maker = KnownIdentifier(Kind.OTHER, "Philips")
    for creator, found in (("Philips Imaging DD 001", []), ("Philips of Ledbury", ["(2001,0010)"])):
        image = clean_image()
        block = image.private_block(0x2001, creator, create=True)
        block.add_new(0x03, "FL", 1.0)
        assert [one.where for one in findings(image, maker)] == found
    assert findings(clean_image(ImageComments="Philips Imaging DD 001"), maker)


def test_a_particle_of_a_name_is_no_name_alone() -> None:
    known = KnownIdentifier(Kind.NAME, "Mac Giolla^Caoimhe")
    assert findings(clean_image(ImageComments="MAC 00:1B"), known) == []
    for text in ("Dr. Giolla", "Mac Giolla", "caoimhe"):
        assert findings(clean_image(ImageComments=text), known)


def test_a_name_within_an_ordinary_word_is_none() -> None:
    known = KnownIdentifier(Kind.NAME, "Overlay^Kirlins")
    assert findings(clean_image(ImageComments="six overlays"), known) == []
    assert findings(clean_image(ImageComments="six overlay"), known)
    assert findings(clean_image(ImageComments="xkirlinsx"), known)


def test_a_body_part_of_the_standard_names_nobody() -> None:
    known = KnownIdentifier(Kind.NAME, "QIN-HEADNECK-01")
    assert findings(clean_image(BodyPartExamined="HEADNECK"), known) == []
    assert findings(clean_image(BodyPartExamined="HEADNECK 2"), known)
    assert findings(clean_image(ProtocolName="HEADNECK"), known)


def test_what_follows_the_data_set_is_searched() -> None:
    content = to_bytes(clean_image()) + b"\xfc\xff\xfc\xffOB\0\0\x08\0\0\0 Kirlin "
    assert residual_identifiers(content, [NAME]) == [Finding(Kind.NAME, "(FFFC,FFFC)")]


def test_a_file_is_searched_as_its_bytes_are(tmp_path: Path) -> None:
    for image in (
        clean_image(ImageComments="Kirlin"),
        clean_image(PixelData=b" Kirlin ".ljust(32)),
    ):
        content = to_bytes(image)
        (tmp_path / "file").write_bytes(content)
        found = residual_identifiers_of_file(tmp_path / "file", [NAME])
        assert found == residual_identifiers(content, [NAME]) != []


def test_the_repr_of_what_is_known_and_found_shows_no_value() -> None:
    found = findings(clean_image(ImageComments="Kirlin"), NAME)
    assert "irlin" not in repr(found) + repr(NAME)
