from __future__ import annotations

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from irw_pipeline.deid.engine import Engine
from irw_pipeline.deid.known.header import patient_identifiers, people_and_places, unique_ids
from irw_pipeline.deid.known.told import told_by
from irw_pipeline.deid.outcome import Released
from irw_pipeline.deid.policy.policy import load_policy
from irw_pipeline.identity.subject import IdentifierKind as Kind
from irw_pipeline.identity.subject import KnownIdentifier
from irw_pipeline_tests.factories.dicom import broker, ct_image, from_bytes, subject, to_bytes


def item(**attributes: object) -> Dataset:
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def values(found: frozenset[KnownIdentifier], kind: Kind) -> set[str]:
    return {one.value for one in found if one.kind is kind}


def test_the_patient_is_known_by_names_numbers_and_addresses_nested_ones_too() -> None:
    dataset = ct_image(
        PatientAddress="12 Kirlin Row, Ledbury\r\n02081",
        PatientTelephoneNumbers=["555-010-1234", "555-010-9999"],
        AdmissionID="V-99817",
        RequestAttributesSequence=Sequence([item(RequestedProcedureID="RP4711")]),
        OtherPatientIDsSequence=Sequence([item(PatientID="OLD-77")]),
    )
    found = patient_identifiers(dataset)
    assert values(found, Kind.PATIENT_ID) == {"MRN-0815", "OLD-77"}
    assert values(found, Kind.OTHER) == {"V-99817", "RP4711"}
    assert values(found, Kind.PHONE) == {"555-010-1234", "555-010-9999"}
    assert {"12 Kirlin Row", "Ledbury", "02081"} < values(found, Kind.ADDRESS)
    assert "4711" not in repr(found)


def test_staff_places_and_devices_are_known() -> None:
    person = item(CodeValue="P-778", CodingSchemeDesignator="99X", CodeMeaning="Olga Marek")
    operator = item(PersonIdentificationCodeSequence=Sequence([person]), InstitutionName="Ledbury")
    dataset = ct_image(
        ReferringPhysicianName="Marek^Jan",
        StationName="LEDCT2",
        DeviceSerialNumber="88123",
        OperatorIdentificationSequence=Sequence([operator]),
    )
    found = people_and_places(dataset)
    assert values(found, Kind.NAME) == {"Marek^Jan", "Olga Marek"}
    assert values(found, Kind.OTHER) == {"LEDCT2", "88123", "P-778", "Ledbury"}


def test_a_word_of_imaging_names_nobody_and_no_place() -> None:
    dataset = ct_image(
        OperatorsName="HEADNECK", ReferringPhysicianName="Head", InstitutionName="TOSHIBA"
    )
    assert {one.value for one in people_and_places(dataset)} == {"Head"}


@pytest.mark.parametrize(
    "attributes",
    [
        {"PatientName": "ANONYMOUS^PATIENT", "OperatorsName": "unknown"},
        {"InstitutionName": "General Hospital", "InstitutionalDepartmentName": "Cardiology"},
        {"StationName": "ACME", "RequestedProcedureID": "knee"},
        {"StudyID": "KNEE", "RequestedProcedureID": "BRAIN"},
    ],
)
def test_what_names_nobody_is_not_known(attributes: dict[str, object]) -> None:
    blank = dict.fromkeys(("PatientName", "PatientID", "PatientBirthDate", "AccessionNumber"), "")
    dataset = ct_image(**{**blank, **attributes})
    assert patient_identifiers(dataset) | people_and_places(dataset) == frozenset()


def test_what_the_policy_keeps_is_no_secret() -> None:
    dataset = ct_image(InstitutionName="Ledbury Clinic", ReferringPhysicianName="Marek^Jan")
    found = people_and_places(dataset, lambda tag: tag == 0x00080080)
    assert {one.value for one in found} == {"Marek^Jan"}
    assert patient_identifiers(dataset, lambda _tag: True) == frozenset()


@pytest.mark.parametrize(
    ("attributes", "own"),
    [
        ({"InstitutionName": "Ledbury Memorial Hospital"}, "Ledbury"),
        ({"InstitutionName": "Clinic Great Malvern"}, "Great Malvern"),
        ({"PatientInstitutionResidence": "Ledbury care home"}, "Ledbury"),
        ({"UniqueDeviceIdentifier": "(01)LED431284"}, "LED431284"),
        ({"InstitutionName": "Royal Cancer Center"}, None),
    ],
)
def test_a_place_is_known_by_its_own_name_too(
    attributes: dict[str, object], own: str | None
) -> None:
    dataset = ct_image(**attributes)
    found = patient_identifiers(dataset) | people_and_places(dataset)
    told = {one.value for one in found if one.kind in {Kind.OTHER, Kind.ADDRESS}}
    assert own in told if own else told == set()


def test_a_maker_s_name_identifies_nobody_wherever_it_stands() -> None:
    image = ct_image(
        InstitutionName="Acme Scanners",
        Manufacturer="ACME Scanners",
        ManufacturerModelName="Row 64",
        SeriesDescription="ACME Scanners Row 64 for Ledbury Clinic",
        StationName="Ledbury Clinic",
    )
    for byte_path in (True, False):
        engine = Engine(load_policy("research"), broker(), byte_path=byte_path)
        outcome = engine.deidentify(to_bytes(image), subject())
        assert isinstance(outcome, Released)
        assert from_bytes(outcome.content).SeriesDescription == "ACME Scanners Row 64 for"


def test_a_place_called_as_a_part_of_the_maker_s_name_is_no_secret() -> None:
    image = ct_image(InstitutionName="TOSHIBA", Manufacturer="TOSHIBA_MEC", StationName="MEC 77")
    for byte_path in (True, False):
        engine = Engine(load_policy("research"), broker(), byte_path=byte_path)
        outcome = engine.deidentify(to_bytes(image), subject())
        assert isinstance(outcome, Released)
        assert from_bytes(outcome.content).Manufacturer == "TOSHIBA_MEC"
    told = told_by(image, lambda _tag: False)
    assert values(told.secrets(keeps_places=False), Kind.OTHER) == {"MEC 77"}


def test_uids_of_this_hospital_are_known_and_those_of_the_standard_are_not() -> None:
    attributes = [
        (0x0008_0016, b"1.2.840.10008.5.1.4.1.1.2\0"),
        (0x0008_0018, b"1.2.3.1\0"),
        (0x0020_000D, b"1.2.3.2"),
        (0x0008_010C, b"1.2.3.3"),  # of a coding scheme
        (0x0020_0052, b"1.2.840.10008.1.4.1.1"),
        (0x0008_3010, b"1.2.3.4\\1.2.3.5"),
    ]
    found = unique_ids(attributes, lambda tag: tag == 0x0020_000D)
    assert {one.value for one in found} == {"1.2.3.1", "1.2.3.4", "1.2.3.5"}
