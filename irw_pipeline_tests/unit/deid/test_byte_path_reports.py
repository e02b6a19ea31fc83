"""Content trees of reports are walked on their bytes as the reference walks them."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ComprehensiveSRStorage, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from irw_pipeline.deid.policy.policy import known_policies
from irw_pipeline_tests.factories.dicom import ct_image, to_bytes
from irw_pipeline_tests.factories.differential import CASES, compare, known_subject, mutated

SYNTAXES = (ExplicitVRLittleEndian, ImplicitVRLittleEndian)


@pytest.mark.parametrize("policy", known_policies())
@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("is_open", [False, True])
def test_every_kind_of_content_item(policy: str, syntax: UID, is_open: bool) -> None:  # noqa: FBT001 - a case
    content = to_bytes(report(is_open=is_open), syntax)
    assert compare(content, known_subject(), policy) == "by bytes"


def test_a_tree_whose_items_all_go() -> None:
    tree = item(
        "CONTAINER", "1", ContentSequence=Sequence([item("TEXT", "110119", TextValue="AE")])
    )
    assert compare(to_bytes(report(tree)), known_subject()) == "by bytes"
    alone = item("TEXT", "110119", TextValue="AE")
    assert compare(to_bytes(report(alone)), known_subject()) == "by bytes"


def test_a_tree_that_names_items_by_position_takes_the_reference() -> None:
    named = item("TEXT", "110119", TextValue="AE", ReferencedContentItemIdentifier=[1, 1])
    assert compare(to_bytes(report(named)), known_subject()) == "by reference"


def test_mutated_reports() -> None:
    chance = random.Random(20261)  # noqa: S311 - it chooses test cases
    sources = [to_bytes(report(is_open=o), s) for o in (False, True) for s in SYNTAXES]
    ways: Counter[str] = Counter()
    for number in range(CASES // 4):
        content = mutated(chance.choice(sources), chance)
        policy = known_policies()[number % len(known_policies())]
        ways[compare(content, known_subject(), policy)] += 1
    assert ways["by bytes"] >= CASES // 200


def report(*tree: Dataset, is_open: bool = False) -> Dataset:
    """A report that holds a tree, or an item of every kind."""
    dataset = ct_image(
        SOPClassUID=ComprehensiveSRStorage,
        Modality="SR",
        ValueType="CONTAINER",
        ConceptNameCodeSequence=coded("126000"),
        ContentSequence=Sequence(tree or every_item()),
    )
    for keyword in ("PixelData", "Rows", "Columns"):
        delattr(dataset, keyword)
    dataset["ContentSequence"].is_undefined_length = is_open
    for one in dataset.ContentSequence:
        one.is_undefined_length_sequence_item = is_open
    return dataset


def every_item() -> list[Dataset]:
    age = Dataset()
    age.NumericValue, age.MeasurementUnitsCodeSequence = "97", coded("a", "UCUM")
    length = Dataset()
    length.NumericValue, length.MeasurementUnitsCodeSequence = "97.5", coded("mm", "UCUM")
    image = Dataset()
    image.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    image.ReferencedSOPInstanceUID = "1.2.3.4.5.6.1"
    leaves = [
        item("TEXT", "121071", TextValue="No nodule. Wuckert seen on 2020-03-01 by Dr. Moreira."),
        item("TEXT", "110119", TextValue="AE_WUCKERT"),  # goes
        item("PNAME", "121008", PersonName="Moreira^Bastian"),
        item("DATE", "111060", Date="20200301"),
        item("DATETIME", "111526", DateTime="20200301101500"),
        item("TIME", "111061", Time="101500"),
        item("UIDREF", "112002", UID="1.2.3.4.5.6.2"),
        item("NUM", "121033", MeasuredValueSequence=Sequence([age])),  # an age over 89 years
        item("NUM", "103339001", MeasuredValueSequence=Sequence([length])),
        item("CODE", "121058", ConceptCodeSequence=coded("77477000", "SCT")),
        item("IMAGE", "121112", ReferencedSOPSequence=Sequence([image])),
        item("TEXT", "", TextValue="MRN-0815"),
    ]
    nested = item("CONTAINER", "121070", ContentSequence=Sequence(leaves))
    return [*leaves, nested, item("CONTAINER", "121072")]


def item(value_type: str, concept: str, **values: object) -> Dataset:
    made = Dataset()
    made.RelationshipType, made.ValueType = "CONTAINS", value_type
    if concept:
        made.ConceptNameCodeSequence = coded(concept)
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def coded(value: str, scheme: str = "DCM") -> Sequence:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, "a concept"
    return Sequence([code])
