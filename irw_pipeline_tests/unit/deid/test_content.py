from __future__ import annotations

from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ComprehensiveSRStorage

from irw_pipeline.deid.engine import Engine
from irw_pipeline.deid.outcome import Released
from irw_pipeline.deid.policy.policy import load_policy
from irw_pipeline_tests.factories.dicom import broker, ct_image, from_bytes, subject, to_bytes

IMAGE_UID = "1.2.3.4.5.6.1"


def code(value: str, scheme: str = "DCM", meaning: str = "a concept") -> Sequence:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return Sequence([item])


def content(value_type: str, concept: Sequence, **values: Any) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType, item.ConceptNameCodeSequence = (
        "CONTAINS",
        value_type,
        concept,
    )
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def measured(value: str, unit: str) -> Sequence:
    item = Dataset()
    item.NumericValue, item.MeasurementUnitsCodeSequence = value, code(unit, "UCUM", unit)
    return Sequence([item])


def image_reference() -> Sequence:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = (
        "1.2.840.10008.5.1.4.1.1.2",
        IMAGE_UID,
    )
    return Sequence([item])


def report(*items: Dataset) -> Dataset:
    return ct_image(
        SOPClassUID=ComprehensiveSRStorage,
        Modality="SR",
        PixelData=None,
        Rows=None,
        Columns=None,
        ValueType="CONTAINER",
        ConceptNameCodeSequence=code("126000"),
        ContentSequence=Sequence(items),
    )


def released(dataset: Dataset, policy: str = "research") -> list[Dataset]:
    outcome = Engine(load_policy(policy), broker()).deidentify(to_bytes(dataset), subject())
    assert isinstance(outcome, Released), outcome
    return list(from_bytes(outcome.content).get("ContentSequence") or ())


def only(item: Dataset, policy: str = "research") -> Dataset:
    kept = released(report(item, content("TEXT", code("1", "99X"), TextValue="stays")), policy)
    assert kept[-1].TextValue == ("stays" if policy != "strict" else None)
    assert len(kept) == 2
    return kept[0]


FINDING, COMMENT = ("121071", "DCM"), ("121106", "DCM")


@pytest.mark.parametrize("concept", [FINDING, COMMENT, ("my-note", "99LOCAL")])
@pytest.mark.parametrize("policy", ["research", "limited_dataset", "safe_harbor"])
def test_text_is_cleaned_whatever_its_concept(concept: tuple[str, str], policy: str) -> None:
    item = content("TEXT", code(*concept), TextValue="Nodule in the left lobe, Temika Wuckert")
    assert only(item, policy).TextValue == "Nodule in the left lobe"


def test_text_of_which_nothing_is_left_is_a_dummy_for_the_tree_must_stay_valid() -> None:
    assert only(content("TEXT", code(*FINDING), TextValue="Wuckert")).TextValue == "REMOVED"


def test_people_are_dummies_and_the_subject_is_the_pseudonym() -> None:
    observer = content("PNAME", code("121008"), PersonName="Hilpert^Dana")
    stranger = content("PNAME", code("who", "99LOCAL"), PersonName="Hilpert^Dana")
    patient = content("PNAME", code("121029"), PersonName="Wuckert^Temika")
    assert only(observer).PersonName == only(stranger).PersonName == "REMOVED"
    assert only(patient).PersonName == subject().research_id


@pytest.mark.parametrize(
    "item",
    [
        content("TEXT", code("121022"), TextValue="ACC 4711 b"),
        content("TEXT", code("121009"), TextValue="General Hospital"),
        content("DATE", code("121031"), Date="19500102"),
        content("PNAME", code("121152"), PersonName="Hilpert^Dana"),
        content("CONTAINER", code("121000"), ContentSequence=Sequence([Dataset()])),
    ],
    ids=lambda item: str(item.ConceptNameCodeSequence[0].CodeValue),
)
def test_what_the_standard_removes_goes_with_its_item(item: Dataset) -> None:
    kept = released(report(item, content("TEXT", code("1", "99X"), TextValue="stays")))
    assert [one.TextValue for one in kept] == ["stays"]


def test_an_item_keeps_its_place_where_others_name_it_by_position() -> None:
    refers = Dataset()
    refers.RelationshipType, refers.ReferencedContentItemIdentifier = "INFERRED FROM", [1, 4]
    finding = content("TEXT", code(*FINDING), TextValue="seen", ContentSequence=Sequence([refers]))
    kept = released(
        report(
            content("TEXT", code("121022"), TextValue="ACC 4711 b"),
            content("CONTAINER", code("121000"), ContentSequence=Sequence([Dataset()])),
            finding,
        )
    )
    assert [item.get("TextValue") for item in kept] == ["REMOVED", None, "seen"]
    assert "ContentSequence" not in kept[1]
    assert kept[2].ContentSequence[0].ReferencedContentItemIdentifier == [1, 4]


@pytest.mark.parametrize(
    ("policy", "day", "moment"),
    [
        ("research", "20200220", "20200220101500"),
        ("limited_dataset", "20200530", "20200530101500"),
        ("safe_harbor", None, None),
    ],
)
def test_dates_follow_the_policy(policy: str, day: str | None, moment: str | None) -> None:
    """A listed concept and a local one; the offset is 100 days."""
    items = [
        content("DATE", code("111060"), Date="20200530"),
        content("DATETIME", code("when", "99LOCAL"), DateTime="20200530101500"),
    ]
    kept = released(report(*items, content("TEXT", code("1", "99X"), TextValue="stays")), policy)
    days = [one.Date for one in kept if one.ValueType == "DATE"]
    moments = [one.DateTime for one in kept if one.ValueType == "DATETIME"]
    if policy == "safe_harbor":  # Study Date is X/D: a dummy keeps the template valid
        assert (days, moments) == (["19000101"], [])
    else:
        assert (days, moments) == ([day], [moment])


@pytest.mark.parametrize("concept", [("121112", "DCM"), ("121080", "DCM"), ("any", "99LOCAL")])
def test_references_to_objects_still_resolve(concept: tuple[str, str]) -> None:
    """An image reference and a UID as a value lead to the same released instance."""
    image = only(content("IMAGE", code(*concept), ReferencedSOPSequence=image_reference()))
    uid = only(content("UIDREF", code("112002"), UID=IMAGE_UID))
    expected = broker().uid(IMAGE_UID)
    assert image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == uid.UID == expected


@pytest.mark.parametrize(
    ("age", "unit", "after"), [("93", "a", "90"), ("89", "a", "89"), ("1200", "mo", "1080")]
)
def test_ages_over_89_are_one_group(age: str, unit: str, after: str) -> None:
    item = only(content("NUM", code("121033"), MeasuredValueSequence=measured(age, unit)))
    assert item.MeasuredValueSequence[0].NumericValue == float(after)


def test_measurements_and_codes_stay_and_free_code_meanings_are_cleaned() -> None:
    item = only(
        content(
            "CODE",
            code("363698007", "SCT", "Finding site"),
            ConceptCodeSequence=code("x", "99LOCAL", "Liver of Wuckert"),
        )
    )
    assert item.ConceptCodeSequence[0].CodeMeaning == "Liver of"
    assert item.ConceptNameCodeSequence[0].CodeMeaning == "Finding site"
    size = only(
        content("NUM", code("410668003", "SCT"), MeasuredValueSequence=measured("12", "mm"))
    )
    assert size.MeasuredValueSequence[0].NumericValue == 12


def test_somebody_called_text_breaks_no_tree() -> None:
    dataset = report(content("TEXT", code(*FINDING), TextValue="small"))
    dataset.ReferringPhysicianName = "Text^Contains"
    assert [(i.ValueType, i.RelationshipType) for i in released(dataset)] == [("TEXT", "CONTAINS")]


def test_a_report_of_the_strict_policy_has_no_content() -> None:
    assert released(report(content("TEXT", code(*FINDING), TextValue="small")), "strict") == []
