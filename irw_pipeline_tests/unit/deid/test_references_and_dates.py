"""References still lead to what they led to; intervals within and between objects are kept."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

import pytest
from pydicom._uid_dict import UID_dictionary
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from irw_pipeline.deid.engine import Engine
from irw_pipeline.deid.outcome import Released
from irw_pipeline.deid.policy.policy import lay_over, load_policy
from irw_pipeline.dicom.read import quiet_pydicom, read_dataset
from irw_pipeline.errors import DicomReadError
from irw_pipeline_tests.factories.dicom import (
    broker,
    ct_image,
    from_bytes,
    pydicom_files,
    subject,
    to_bytes,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.dataelem import DataElement

PET = "1.2.840.10008.5.1.4.1.1.128"
REFERENCES = {
    "ReferencedSOPInstanceUID",
    "ReferencedFrameOfReferenceUID",
    "FrameOfReferenceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "SOPInstanceUID",
    "TrackingUID",
    "UID",
}
CLASSES = {"SOPClassUID", "ReferencedSOPClassUID"}


@lru_cache
def engine(policy: str) -> Engine:
    return Engine(load_policy(policy), broker())


def release(dataset: Dataset, policy: str = "research") -> Dataset:
    outcome = engine(policy).deidentify(to_bytes(dataset), subject())
    assert isinstance(outcome, Released), outcome
    return from_bytes(outcome.content)


def uids(dataset: Dataset, keywords: set[str]) -> Iterator[str]:
    element: DataElement
    with quiet_pydicom():
        for element in dataset.iterall():
            if element.keyword in keywords and element.value:
                yield str(element.value)


@pytest.mark.parametrize("policy", ["research", "limited_dataset", "safe_harbor"])
def test_every_reference_of_every_file_resolves_as_before(policy: str) -> None:
    """Each UID by which one object finds another is the broker's image of one in the source."""
    released = with_references = 0
    for path in pydicom_files():
        content = path.read_bytes()
        outcome = engine(policy).deidentify(content, subject())
        if not isinstance(outcome, Released):
            continue
        released += 1
        with quiet_pydicom():
            try:
                source = read_dataset(content)
            except DicomReadError:
                continue
        before = set(uids(source, REFERENCES))
        after = from_bytes(outcome.content)
        kept = set(uids(after, REFERENCES))
        expected = {uid if uid in UID_dictionary else broker().uid(uid) for uid in before}
        assert kept <= expected, path.name
        assert set(uids(after, CLASSES)) <= set(uids(source, CLASSES)) | expected, path.name
        with_references += len(kept) > 4
    assert released > 100
    assert with_references >= 3


@pytest.mark.parametrize("name", ["rtstruct.dcm", "liver_1frame.dcm", "test-SR.dcm"])
def test_structure_sets_segmentations_and_reports_lose_no_reference(name: str) -> None:
    path = next(path for path in pydicom_files() if path.name == name)
    outcome = engine("research").deidentify(path.read_bytes(), subject())
    assert isinstance(outcome, Released)
    with quiet_pydicom():
        before = list(uids(read_dataset(path.read_bytes()), {"ReferencedSOPInstanceUID"}))
    after = list(uids(from_bytes(outcome.content), {"ReferencedSOPInstanceUID"}))
    assert after == [broker().uid(uid) for uid in before]
    assert len(after) > 0


def pet_image() -> Dataset:
    tracer = Dataset()
    tracer.Radiopharmaceutical = "Fluorodeoxyglucose"
    tracer.RadiopharmaceuticalStartTime = "091500"
    tracer.RadiopharmaceuticalStopTime = "091530"
    tracer.RadiopharmaceuticalStartDateTime = "20200301091500.00"
    tracer.RadiopharmaceuticalStopDateTime = "20200301091530.00"
    return ct_image(
        SOPClassUID=PET,
        Modality="PT",
        AcquisitionDate="20200301",
        AcquisitionTime="101500",
        SeriesDate="20200301",
        SeriesTime="101400",
        DecayCorrection="START",
        RadiopharmaceuticalInformationSequence=Sequence([tracer]),
    )


@pytest.mark.parametrize("policy", ["research", "limited_dataset"])
def test_the_uptake_time_of_a_tracer_is_kept(policy: str) -> None:
    after = release(pet_image(), policy)
    tracer = after.RadiopharmaceuticalInformationSequence[0]
    acquired = datetime.strptime(after.AcquisitionDate + after.AcquisitionTime, "%Y%m%d%H%M%S")  # noqa: DTZ007 - DICOM times have no zone
    for keyword in ("RadiopharmaceuticalStartDateTime", "RadiopharmaceuticalStopDateTime"):
        moment = datetime.strptime(str(tracer[keyword].value)[:14], "%Y%m%d%H%M%S")  # noqa: DTZ007 - as above
        assert moment.date() == acquired.date()
        assert moment < acquired
    assert str(tracer.RadiopharmaceuticalStartDateTime)[8:14] == tracer.RadiopharmaceuticalStartTime
    assert tracer.RadiopharmaceuticalStopTime == "091530"
    assert after.SeriesTime == "101400"


def test_dates_of_every_form_move_by_the_same_offset() -> None:
    after = release(
        ct_image(
            ContentDate="20200301",
            AcquisitionDateTime="20200301235959.123456-0500",
            DateOfSecondaryCapture="20200301",
            ImageComments="compared with 2020-03-01, 03/01/2020 and 1 Mar 2020",
        )
    )
    assert after.ContentDate == "20191122"
    assert after.AcquisitionDateTime == "20191122235959.123456-0500"
    assert after.DateOfSecondaryCapture == "20191122"
    assert after.ImageComments == "compared with 2019-11-22, 11/22/2019 and 22 Nov 2019"


def test_uids_in_text_are_mapped_and_those_of_the_standard_stay() -> None:
    after = release(ct_image(ImageComments="made of 1.2.3.4.5.6.1 as 1.2.840.10008.5.1.4.1.1.2"))
    mapped = broker().uid("1.2.3.4.5.6.1")
    assert after.ImageComments == f"made of {mapped} as 1.2.840.10008.5.1.4.1.1.2"
    assert mapped == after.SOPInstanceUID


def test_retained_uids_stay_everywhere() -> None:
    policy = load_policy("research")
    kept = Engine(
        lay_over(policy, "site", "project: site\nversion: '1'\noptions: [retain_uids]"), broker()
    )
    dataset = ct_image(ImageComments="made of 1.2.3.4.5.6.1", IrradiationEventUID="1.2.3.4.7")
    outcome = kept.deidentify(to_bytes(dataset), subject())
    assert isinstance(outcome, Released)
    after = from_bytes(outcome.content)
    assert after.SOPInstanceUID == "1.2.3.4.5.6.1"
    assert after.IrradiationEventUID == "1.2.3.4.7"
    assert after.ImageComments == "made of 1.2.3.4.5.6.1"


def test_a_retained_institution_is_not_taken_out_of_its_own_attribute() -> None:
    policy = load_policy("research")
    kept = Engine(
        lay_over(
            policy, "site", "project: site\nversion: '1'\noptions: [retain_institution_identity]"
        ),
        broker(),
    )
    outcome = kept.deidentify(to_bytes(ct_image(InstitutionName="Elm Clinic")), subject())
    assert isinstance(outcome, Released)
    assert from_bytes(outcome.content).InstitutionName == "Elm Clinic"
