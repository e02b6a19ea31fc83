"""The byte path gives what the reference gives, byte for byte, or leaves the object to it."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from irw_pipeline.deid.engine import Engine
from irw_pipeline.deid.outcome import Released
from irw_pipeline.deid.policy.policy import known_policies, load_policy
from irw_pipeline.dicom.header import header_facts
from irw_pipeline.dicom.read import ObjectReadError, quiet_pydicom, read_dataset
from irw_pipeline.dicom.source import open_source, quick_facts
from irw_pipeline_tests.factories.dicom import (
    broker,
    canary_dataset,
    ct_image,
    pydicom_data_files,
    pydicom_files,
    subject,
    to_bytes,
)
from irw_pipeline_tests.factories.differential import (
    CASES,
    ENGINES,
    REFERENCES,
    compare,
    is_decoded,
    known_subject,
    mutated,
)

SHARED = Path(__file__).parents[4] / "shared" / "data" / "dicom"


@pytest.mark.parametrize("policy", known_policies())
def test_every_pydicom_file(policy: str) -> None:
    ways = Counter(compare(path.read_bytes(), subject(), policy) for path in pydicom_files())
    assert ways["by bytes"] > ways["by reference"]


def test_every_file_of_pydicom_data() -> None:
    ways = Counter(compare(path.read_bytes(), subject()) for path in pydicom_data_files())
    assert ways["by bytes"] > ways["by reference"]


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="no public corpus beside the checkout")
def test_every_public_file() -> None:
    files = sorted(p for p in SHARED.rglob("*") if p.is_file())
    ways = Counter(compare(path.read_bytes(), subject()) for path in files)
    assert ways["by bytes"] > ways["by reference"]


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize("policy", known_policies())
def test_text_in_every_attribute(policy: str, syntax: UID) -> None:
    content = to_bytes(canary_dataset(), syntax)
    assert compare(content, known_subject(), policy) == "by bytes"


@pytest.mark.parametrize("syntax", [ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian])
def test_other_encodings_take_the_reference(syntax: UID) -> None:
    assert compare(to_bytes(ct_image(), syntax), subject()) == "by reference"


def test_a_file_gives_what_its_bytes_give(tmp_path: Path) -> None:
    target = tmp_path / "released.dcm"
    for path in pydicom_files():
        from_bytes = ENGINES["research"].deidentify(path.read_bytes(), subject())
        with open_source(path) as source:
            from_file = ENGINES["research"].deidentify_file(source, target, subject())
        if isinstance(from_bytes, Released):
            assert isinstance(from_file, Released)
            assert target.read_bytes() == from_bytes.content
            assert from_file == replace(from_bytes, content=b"")
            target.unlink()
        else:
            assert from_file == from_bytes
            assert not target.exists()


def test_a_large_file_is_copied_and_not_held(tmp_path: Path) -> None:
    """Its pixels are more than what is read at once, and its header too."""
    path, target = tmp_path / "large.dcm", tmp_path / "released.dcm"
    dataset = ct_image(Rows=2048, Columns=2048, PixelData=bytes(2048 * 2048 * 2))
    dataset.private_block(0x0019, "CREATOR", create=True).add_new(1, "OB", bytes(1 << 19))
    path.write_bytes(to_bytes(dataset))
    engine = Engine(load_policy("research"), broker())
    with open_source(path) as source:
        assert isinstance(engine.deidentify_file(source, target, subject()), Released)
    expected = REFERENCES["research"].deidentify(path.read_bytes(), subject())
    assert isinstance(expected, Released)
    assert target.read_bytes() == expected.content


def test_facts_of_a_file_are_those_that_pydicom_reads() -> None:
    quick = {}
    for path in pydicom_files():
        with open_source(path) as source:
            if facts := quick_facts(source):
                quick[path] = facts
    assert len(quick) > 50
    for path, facts in quick.items():
        try:
            assert facts == header_facts(read_dataset(path.read_bytes()))
        except ObjectReadError:
            continue  # damaged: the engine rejects it


def test_two_persons_never_share_an_answer() -> None:
    """What is remembered of one patient's text must not serve another's."""
    engine = Engine(load_policy("research"), broker())
    for name in ("Wuckert^Temika", "Moreira^Bastian"):
        last, first = name.split("^")
        content = to_bytes(ct_image(PatientName=name, StudyDescription="CT Wuckert Moreira"))
        released = engine.deidentify(content, subject())
        assert isinstance(released, Released)
        assert last.encode() not in released.content
        assert first.encode() not in released.content


def test_mutated_objects() -> None:
    """Values, VRs, lengths and single bytes of the header, changed at random (seeded)."""
    chance = random.Random(20260)  # noqa: S311 - it chooses test cases
    sources = [*mutation_sources()]
    ways: Counter[str] = Counter()
    for number in range(CASES):
        content = mutated(chance.choice(sources), chance)
        ways[
            compare(content, known_subject(), known_policies()[number % len(known_policies())])
        ] += 1
    assert ways["by bytes"] >= CASES // 20
    assert ways["rejected"] >= CASES // 10


def mutation_sources() -> list[bytes]:
    """Small whole objects with nested sequences, both encodings, both kinds of lengths."""
    sources = []
    for is_open in (False, True):
        dataset = nested_object(is_open=is_open)
        sources += [to_bytes(dataset, s) for s in (ExplicitVRLittleEndian, ImplicitVRLittleEndian)]
    files = [p for p in pydicom_files() if p.stat().st_size < 1 << 16]
    contents = [path.read_bytes() for path in files]
    return sources + [content for content in contents if not is_decoded(content)]


def nested_object(*, is_open: bool) -> Dataset:
    """A CT image with two levels of sequences."""
    with quiet_pydicom():
        inner = Dataset()
        inner.CodeMeaning, inner.CodeValue = "seen by Wuckert", "T-1"
        outer = Dataset()
        outer.ReferencedSOPInstanceUID = "1.2.3.4.5.6.77"
        outer.PurposeOfReferenceCodeSequence = Sequence([inner, inner])
        dataset = ct_image(OperatorsName="Moreira^B", SpecificCharacterSet="ISO_IR 192")
        dataset.SourceImageSequence = Sequence([outer])
        dataset.RequestAttributesSequence = Sequence([])
        dataset.private_block(0x0019, "CREATOR", create=True).add_new(1, "LO", "Wuckert")
        outer.is_undefined_length_sequence_item = is_open
        dataset["SourceImageSequence"].is_undefined_length = is_open
    return dataset
