from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import pytest
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from irw_pipeline.deid.engine import Engine
from irw_pipeline.deid.outcome import Rejected, Released
from irw_pipeline.deid.policy.policy import Policy, known_policies, load_policy
from irw_pipeline.identity.subject import IdentifierKind, KnownIdentifier, Subject
from irw_pipeline.ids import ReasonCode
from irw_pipeline_tests.factories.dicom import (
    CANARY,
    SYNTAXES,
    broker,
    canary_dataset,
    ct_image,
    from_bytes,
    subject,
    text_keywords,
    to_bytes,
)

if TYPE_CHECKING:
    from pydicom.uid import UID

POLICIES = known_policies()
STAMPS = {"DeidentificationMethod", "PatientID", "PatientName"}


@lru_cache
def engine(policy: str = "research") -> Engine:
    return Engine(load_policy(policy), broker())


def release(dataset: Dataset, policy: str = "research", person: Subject | None = None) -> Dataset:
    outcome = engine(policy).deidentify(to_bytes(dataset), person or subject())
    assert isinstance(outcome, Released), outcome
    return from_bytes(outcome.content)


def reject(dataset: Dataset) -> Rejected:
    outcome = engine().deidentify(to_bytes(dataset), subject())
    assert isinstance(outcome, Rejected)
    return outcome


def kept_by(policy: Policy) -> set[str]:
    """The text attributes that a policy says it keeps, read from its table alone."""
    actions = {rule.keyword: rule.action for rule in policy.rules}
    kept = set()
    for keyword in text_keywords():
        action = actions.get(keyword)
        if action is None:
            vr = dictionary_VR(tag_for_keyword(keyword) or 0)
            is_kept = policy.unlisted["text"] == "clean" and vr not in ("PN", "UR")
        else:
            is_kept = action in "KC"
        if is_kept:
            kept.add(keyword)
    # no rule names these, but the order number that they hold is known, and so it goes
    return kept - STAMPS - {"PlacerOrderNumberProcedure", "FillerOrderNumberProcedure"}


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("policy", POLICIES)
def test_canaries_survive_exactly_where_the_policy_keeps_text(policy: str, syntax: UID) -> None:
    """Every text attribute of the dictionary; `==` also catches over-removal."""
    outcome = engine(policy).deidentify(to_bytes(canary_dataset(), syntax), subject())
    assert isinstance(outcome, Released), outcome
    after = from_bytes(outcome.content)
    survived = {e.keyword for e in after.iterall() if str(e.value).startswith(CANARY)}
    assert survived == kept_by(load_policy(policy))
    for place in (b"OVERLAY", b"CURVE", b"PRIVATE", b"CREATOR", b"Nested", b"META", b"PREAMBLE"):
        assert CANARY.encode() + place not in outcome.content


@pytest.mark.parametrize("policy", POLICIES)
def test_nothing_known_of_the_patient_survives_in_any_text(policy: str) -> None:
    """With CANARY as the patient's name no attribute may keep it, whatever the policy keeps."""
    dataset = canary_dataset()
    for element in dataset:
        if isinstance(element.value, str) and element.value.startswith(CANARY):
            element.value = f"{CANARY} 1"
    known = frozenset({KnownIdentifier(IdentifierKind.NAME, CANARY)})
    person = Subject(person_id=1, research_id="IRWX", date_offset_days=9, known=known)
    outcome = engine(policy).deidentify(to_bytes(dataset), person)
    assert isinstance(outcome, Released), outcome
    assert CANARY.encode() not in outcome.content


@pytest.mark.parametrize("policy", POLICIES)
def test_the_result_depends_on_its_arguments_only(policy: str) -> None:
    content = to_bytes(ct_image())
    first = Engine(load_policy(policy), broker()).deidentify(content, subject())
    assert first == Engine(load_policy(policy), broker()).deidentify(content, subject())


def test_the_research_header_is_what_the_policy_says() -> None:
    after = release(ct_image(ContentDate="20200302", AcquisitionDateTime="20200301101500.5+0100"))
    assert after.PatientID == after.PatientName == subject().research_id
    assert after.PatientBirthDate == ""
    assert (after.PatientSex, after.PatientAge) == ("F", "070Y")
    assert (after.StudyDate, after.ContentDate) == ("20191122", "20191123")
    assert after.AcquisitionDateTime == "20191122101500.5+0100"
    assert after.StudyTime == "101500"
    assert after.AccessionNumber == broker().accession("ACC-4711")
    assert after.StudyDescription == "CT CHEST w/o contrast"
    assert after.PatientIdentityRemoved == "YES"
    assert after.LongitudinalTemporalInformationModified == "MODIFIED"
    codes = [item.CodeValue for item in after.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113105", "113103", "113104", "113107", "113108", "113111"]


def test_references_resolve_after_and_classes_stay() -> None:
    reference = Dataset()
    reference.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    reference.ReferencedSOPInstanceUID = "1.2.3.4.5.6.1"
    after = release(ct_image(ReferencedImageSequence=Sequence([reference])))
    item = after.ReferencedImageSequence[0]
    assert item.ReferencedSOPInstanceUID == after.SOPInstanceUID == broker().uid("1.2.3.4.5.6.1")
    assert item.ReferencedSOPClassUID == "1.2.840.10008.5.1.4.1.1.2"
    assert after.file_meta.MediaStorageSOPInstanceUID == after.SOPInstanceUID
    assert "SourceApplicationEntityTitle" not in after.file_meta


@pytest.mark.parametrize(
    ("age", "after"),
    [
        ("089Y", "089Y"),
        ("090Y", "090Y"),
        ("101Y", "090Y"),
        ("999M", "999M"),
        ("24", "024Y"),
        ("99y", "090Y"),
        ("old", None),
    ],
)
def test_ages_over_89_are_one_group(age: str, after: str | None) -> None:
    assert (release(ct_image(PatientAge=age)).PatientAge or None) == after


def test_text_keeps_what_was_done_and_loses_who() -> None:
    person = Subject(
        person_id=1,
        research_id="IRWX",
        date_offset_days=10,
        known=frozenset({KnownIdentifier(IdentifierKind.NAME, "Kirlin")}),
    )
    dataset = ct_image(
        StudyDescription="MRI BRAIN w/o contrast, temika wuckert, 617-555-0182",
        ReferringPhysicianName="Hilpert^Dana",
        ImageComments="mrn-0815 Mrs Kirlin for DANA HILPERT on 2020-03-01",
    )
    after = release(dataset, person=person)
    assert after.StudyDescription == "MRI BRAIN w/o contrast"
    assert after.ImageComments == "Mrs for on 2020-02-20"
    assert after.ReferringPhysicianName == ""


def test_safe_private_attributes_stay_and_are_cleaned_and_others_go() -> None:
    dataset = ct_image()
    safe = dataset.private_block(0x0019, "GEMS_ACQU_01", create=True)
    safe.add_new(0x23, "DS", "1.5")
    safe.add_new(0x9E, "LO", "WUCKERT FSE")
    safe.add_new(0x9F, "LO", "WHO KNOWS")
    after = release(dataset)
    block = after.private_block(0x0019, "GEMS_ACQU_01")
    assert (block[0x23].value, block[0x9E].value) == (1.5, "FSE")
    assert 0x9F not in block
    assert not [e for e in release(dataset, "strict") if e.tag.is_private]


def test_text_that_hides_under_a_wrong_vr_goes() -> None:
    dataset = ct_image()
    dataset.add(DataElement(tag_for_keyword("ProtocolName") or 0, "OB", b"John Public"))
    dataset.add(DataElement(tag_for_keyword("SoftwareVersions") or 0, "OB", b"John Public"))
    dataset.add(DataElement(0x00080FFE, "OB", b"John Public"))
    outcome = engine().deidentify(to_bytes(dataset), subject())
    assert isinstance(outcome, Released)
    assert b"John" not in outcome.content


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.104.1"}, ReasonCode.UNSUPPORTED_SOP_CLASS),
        ({"SOPClassUID": "1.2.840.10008.1.3.10"}, ReasonCode.UNSUPPORTED_SOP_CLASS),
        ({"SOPClassUID": "1.3.46.670589.1"}, ReasonCode.UNSUPPORTED_SOP_CLASS),
        ({"StudyInstanceUID": None}, ReasonCode.MISSING_REQUIRED_ATTRIBUTE),
    ],
)
def test_what_cannot_be_cleaned_waits(attributes: dict[str, object], reason: ReasonCode) -> None:
    assert reject(ct_image(**attributes)).reason is reason


def test_an_identifier_in_the_pixels_is_found_and_never_quoted() -> None:
    outcome = reject(ct_image(PixelData=b"\0\0\0\0" + b"Wuckert".ljust(28, b"\0")))
    assert outcome == Rejected(ReasonCode.RESIDUAL_IDENTIFIER, "name in (7FE0,0010)")


def test_the_repr_of_an_outcome_shows_nothing_of_the_source() -> None:
    outcome = engine().deidentify(to_bytes(ct_image()), subject())
    assert "1.2.3.4.5.6" not in repr(outcome)
    assert isinstance(outcome, Released)
    assert outcome.source_sop_instance_uid == "1.2.3.4.5.6.1"
    assert outcome.actions["U"] == 4
