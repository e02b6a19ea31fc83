"""What holds of the engine for any object, not only for those that we thought of."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.datadict import dictionary_has_tag, dictionary_VR, keyword_for_tag
from pydicom.dataset import Dataset

from irw_pipeline.deid.engine import Engine
from irw_pipeline.deid.outcome import Rejected, Released
from irw_pipeline.deid.policy.policy import load_policy
from irw_pipeline.dicom.read import quiet_pydicom
from irw_pipeline.identity.subject import Subject
from irw_pipeline_tests.factories.any_dataset import ANY_ELEMENTS, Element, file_of
from irw_pipeline_tests.factories.dicom import broker, ct_image, from_bytes, subject, to_bytes

POLICIES = ("research", "safe_harbor", "limited_dataset", "strict")
ENGINES = {name: Engine(load_policy(name), broker()) for name in POLICIES}
KEYED_AGAIN = {
    "PatientID", "PatientName", "AccessionNumber", "StudyID", "DeviceSerialNumber", "StationName",
    "DetectorID", "GantryID", "PlateID", "CassetteID", "SpecimenIdentifier", "ContainerIdentifier",
    "RadiationMachineName", "DeidentificationMethod",
}  # fmt: skip
"""Pseudonyms of a pseudonym: a second pass keys them once more."""


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=120, deadline=None)
@given(elements=ANY_ELEMENTS)
def test_any_data_set_is_released_or_rejected_and_always_alike(
    policy: str, elements: tuple[Element, ...]
) -> None:
    content = file_of(elements)
    outcome = ENGINES[policy].deidentify(content, subject())
    assert isinstance(outcome, (Released, Rejected))
    assert outcome == Engine(load_policy(policy), broker()).deidentify(content, subject())


@settings(max_examples=120, deadline=None)
@given(ANY_ELEMENTS)
def test_a_second_pass_finds_nothing_more_to_do(elements: tuple[Element, ...]) -> None:
    """With dates not moved again: it is released, has the same elements, and the same values.

    UIDs and keyed pseudonyms are mapped once more, because nothing tells them from originals.
    """
    first = ENGINES["research"].deidentify(file_of(elements), subject())
    if isinstance(first, Rejected):
        return
    again = Subject(person_id=2, research_id="IRWBBBBBBBBBBBBBBBB", date_offset_days=0)
    second = ENGINES["research"].deidentify(first.content, again)
    assert isinstance(second, Released)
    with quiet_pydicom():
        before, after = (_content(pydicom.dcmread(BytesIO(one.content))) for one in (first, second))
    assert after == before


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dates(date(1990, 1, 1), date(2030, 1, 1)), min_size=2, max_size=5),
       st.integers(1, 365))  # fmt: skip
def test_intervals_between_all_dates_of_an_object_are_kept(days: list[date], offset: int) -> None:
    dataset = ct_image(StudyDate=f"{days[0]:%Y%m%d}", SeriesDate=f"{days[1]:%Y%m%d}")
    dataset.ContributingEquipmentSequence = []
    for day in days:
        item = Dataset()
        item.ContributionDateTime = f"{day:%Y%m%d}101500"
        dataset.ContributingEquipmentSequence.append(item)
    outcome = ENGINES["research"].deidentify(to_bytes(dataset), subject(offset))
    assert isinstance(outcome, Released)
    moved = from_bytes(outcome.content)
    back = timedelta(days=offset)
    assert moved.StudyDate == f"{days[0] - back:%Y%m%d}"
    assert moved.SeriesDate == f"{days[1] - back:%Y%m%d}"
    assert [item.ContributionDateTime for item in moved.ContributingEquipmentSequence] == [
        f"{day - back:%Y%m%d}101500" for day in days
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 10**12), min_size=2, max_size=6))
def test_uids_of_an_object_stay_as_equal_and_as_different_as_they_were(arcs: list[int]) -> None:
    dataset = ct_image()
    dataset.SourceImageSequence = []
    for arc in arcs:
        item = Dataset()
        item.ReferencedSOPClassUID = dataset.SOPClassUID
        item.ReferencedSOPInstanceUID = f"1.2.3.{arc}"
        dataset.SourceImageSequence.append(item)
    dataset.FrameOfReferenceUID = f"1.2.3.{arcs[0]}"
    outcome = ENGINES["research"].deidentify(to_bytes(dataset), subject())
    assert isinstance(outcome, Released)
    released = from_bytes(outcome.content)
    new = [item.ReferencedSOPInstanceUID for item in released.SourceImageSequence]
    assert new[0] == released.FrameOfReferenceUID
    for a, new_a in zip(arcs, new, strict=True):
        assert [new_b == new_a for new_b in new] == [b == a for b in arcs]


def _content(dataset: Dataset) -> list[tuple[int, str | None, object]]:
    """Tag, VR and bytes of every element, but for values that a second pass keys again."""
    found: list[tuple[int, str | None, object]] = []
    for tag in sorted(dataset.keys()):
        raw = dataset.get_item(tag)
        assert raw is not None
        if raw.VR == "SQ":
            found.append((int(tag), "SQ", None))
            found += [line for item in dataset[tag].value for line in _content(item)]
        else:
            is_uid = "UI" in (raw.VR, dictionary_has_tag(tag) and dictionary_VR(tag))
            is_keyed = is_uid or keyword_for_tag(tag) in KEYED_AGAIN
            found.append((int(tag), raw.VR, None if is_keyed else raw.value))
    return found
