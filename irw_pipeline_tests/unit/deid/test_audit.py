from __future__ import annotations

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from irw_pipeline.deid.audit import Finding, residual_identifiers
from irw_pipeline.identity.subject import IdentifierKind as Kind
from irw_pipeline.identity.subject import KnownIdentifier
from irw_pipeline_tests.factories.dicom import SYNTAXES, ct_image, to_bytes

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


def test_the_repr_of_what_is_known_and_found_shows_no_value() -> None:
    found = findings(clean_image(ImageComments="Kirlin"), NAME)
    assert "irlin" not in repr(found) + repr(NAME)
