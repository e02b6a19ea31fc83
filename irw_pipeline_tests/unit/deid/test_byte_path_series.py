"""Slices of one series are read as changes to one another, and give what each gives alone."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from irw_pipeline.deid.outcome import Released
from irw_pipeline.dicom.read import quiet_pydicom
from irw_pipeline.dicom.source import Source, open_source
from irw_pipeline_tests.factories.dicom import ct_image, to_bytes
from irw_pipeline_tests.factories.differential import (
    CASES,
    ENGINES,
    REFERENCES,
    compare,
    known_subject,
    mutated,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SYNTAXES = (ExplicitVRLittleEndian, ImplicitVRLittleEndian)


def slice_of(number: int, **attributes: object) -> Dataset:
    """A slice of one series, with what changes from slice to slice."""
    with quiet_pydicom():
        source, code, person = Dataset(), Dataset(), Dataset()
        code.CodeValue, code.CodeMeaning = f"T-{number}", f"level {number}"
        person.PersonName = "Moreira^B"
        source.ReferencedSOPInstanceUID = f"1.2.3.4.5.6.77.{number}"
        source.PurposeOfReferenceCodeSequence = Sequence([code])
        dataset = ct_image(
            SOPInstanceUID=f"1.2.3.4.5.6.1.{number}",
            InstanceNumber=number,
            SliceLocation=f"{2.5 * number}",
            ImagePositionPatient=["1", "2", f"{2.5 * number}"],
            ContentTime=f"1015{number % 60:02d}",
            SpecificCharacterSet="ISO_IR 192",
            SourceImageSequence=Sequence([source]),
            OperatorsName="Moreira^B",
            **attributes,
        )
        block = dataset.private_block(0x0019, "CREATOR", create=True)
        block.add_new(1, "OB", bytes([number % 256]) * 64)
        # a creator and an element of the standard's list of safe private ones
        safe = dataset.private_block(0x0019, "GEMS_ACQU_01", create=True)
        safe.add_new(0x9E, "LO", f"FSE {number}")
    return dataset


def nested_person(dataset: Dataset) -> None:
    item = Dataset()
    item.PerformingPhysicianName = "Wuckert^Temika"
    dataset.RequestAttributesSequence = Sequence([item])


def deeper(dataset: Dataset) -> None:
    item = dataset.SourceImageSequence[0]
    item.PurposeOfReferenceCodeSequence = Sequence([*item.PurposeOfReferenceCodeSequence] * 3)
    item.is_undefined_length_sequence_item = True
    dataset["SourceImageSequence"].is_undefined_length = True


CHANGES: dict[str, Callable[[Dataset], object]] = {
    "nothing": lambda _: None,
    "longer text": lambda d: setattr(d, "ImageComments", "level of Wuckert, seen on 2020-03-01"),
    "an element less": lambda d: delattr(d, "ContentTime"),
    "an element more": lambda d: setattr(d, "AcquisitionTime", "101500"),
    "an empty element": lambda d: setattr(d, "ContentTime", None),
    "a sequence more": nested_person,
    "a sequence of another form": deeper,
    "another patient": lambda d: setattr(d, "PatientName", "Zebra^Quartz"),
    "another operator": lambda d: setattr(d, "OperatorsName", "Quagga^Q"),
    "another maker": lambda d: setattr(d, "Manufacturer", "Moreira"),
    "another kind": lambda d: setattr(d, "Modality", "PT"),
    "another character set": lambda d: setattr(d, "SpecificCharacterSet", "ISO_IR 100"),
    "another study": lambda d: setattr(d, "StudyInstanceUID", "1.2.3.99"),
    "an accession": lambda d: setattr(d, "AccessionNumber", "A-4711"),
    "a stamped element": lambda d: setattr(d, "PatientIdentityRemoved", "NO"),
    "a malformed UID": lambda d: setattr(d, "SOPInstanceUID", "1.2.Wuckert"),
    "a malformed number": lambda d: setattr(d["SliceLocation"], "_value", "Wuckert"),
    "another private creator": lambda d: setattr(d[0x0019_0011], "value", "OTHER CREATOR"),
    "a private element less": lambda d: d.pop(0x0019_119E),
    "fewer pixels": lambda d: setattr(d, "PixelData", d.PixelData[:-2]),
    "more pixels": lambda d: setattr(d, "PixelData", d.PixelData + b"ab"),
    "a second overlay": lambda d: d.add_new(0x6002_0022, "LO", "level of Wuckert"),
    "no pixels": lambda d: delattr(d, "PixelData"),
    "bytes after the pixels": lambda d: d.add_new(0xFFFC_FFFC, "OB", bytes(4)),
}


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("policy", ["research", "safe_harbor"])
@pytest.mark.parametrize("change", CHANGES)
def test_slices_that_differ(change: str, policy: str, syntax: UID) -> None:
    for number in range(1, 5):
        dataset = slice_of(number)
        with quiet_pydicom():
            if number in {2, 4}:
                CHANGES[change](dataset)
            content = to_bytes(dataset, syntax)
        compare(content, known_subject(), policy)


def test_a_character_set_that_is_a_name_takes_the_reference() -> None:
    content = to_bytes(slice_of(1)).replace(b"\x08\0\x05\0CS", b"\x08\0\x05\0PN")
    assert compare(content, known_subject()) == "rejected"


def test_a_slice_is_read_as_changes_to_the_one_before() -> None:
    read = []
    for number in range(1, 9):
        content = to_bytes(slice_of(number))
        read.append(Source(content, len(content)).likeness())
    assert len({id(likeness.pattern) for likeness in read}) == 1
    assert all(0 < len(likeness.changes) < 12 for likeness in read[1:])


def test_series_of_mutated_slices() -> None:
    chance = random.Random(20262)  # noqa: S311 - it chooses test cases
    ways: Counter[str] = Counter()
    for number in range(CASES // 2):
        content = to_bytes(slice_of(number % 50), SYNTAXES[number // 50 % 2])
        policy = ("research", "limited_dataset")[number // 100 % 2]
        if number % 3:
            content = mutated(content, chance)
        ways[compare(content, known_subject(), policy)] += 1
    assert ways["by bytes"] >= CASES // 10


@pytest.mark.parametrize("filler", [60_000, 70_000, 600_000, 2_000_000])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_headers_longer_than_the_first_read(tmp_path: Path, filler: int, syntax: UID) -> None:
    """From file to file, alone and as the first and the later ones of a series."""
    target = tmp_path / "released.dcm"
    for number in range(1, 4):
        dataset = slice_of(number, ImageComments="level")
        block = dataset.private_block(0x0011, "LONG", create=True)
        block.add_new(1, "OB", bytes([number]) * filler)
        content = to_bytes(dataset, syntax)
        path = tmp_path / f"{number}.dcm"
        path.write_bytes(content)
        expected = REFERENCES["research"].deidentify(content, known_subject())
        assert isinstance(expected, Released)
        with open_source(path) as source:
            outcome = ENGINES["research"].deidentify_file(source, target, known_subject())
            assert source.likeness().pattern.head  # it took its bytes
        assert outcome == replace(expected, content=b"")
        assert target.read_bytes() == expected.content


def test_persons_who_share_a_series_share_nothing_else() -> None:
    """Two subjects for one and the same header: each gets a pseudonym and offset of its own."""
    content = to_bytes(slice_of(1))
    for days in (1, 2, 1):
        person = known_subject(f"IRWPERSON{days}", days)
        for engine in (ENGINES["research"], REFERENCES["research"]):
            outcome = engine.deidentify(content, person)
            assert f"IRWPERSON{days}".encode() in getattr(outcome, "content", b"")
        assert ENGINES["research"].deidentify(content, person) == outcome
