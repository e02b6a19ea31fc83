"""What an object's own header says of its patient, and of the other people and places it names."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from pydicom.datadict import dictionary_has_tag, dictionary_keyword, dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from irw_pipeline.deid.elements import REGISTERED_UID, items_of, vr_of
from irw_pipeline.deid.known.values import identifiers_in, is_of_imaging
from irw_pipeline.identity.subject import IdentifierKind, KnownIdentifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pydicom.dataset import Dataset
    from pydicom.tag import BaseTag

_PATIENT = {
    "PatientName": IdentifierKind.NAME,
    "OtherPatientNames": IdentifierKind.NAME,
    "PatientBirthName": IdentifierKind.NAME,
    "PatientMotherBirthName": IdentifierKind.NAME,
    "ResponsiblePerson": IdentifierKind.NAME,
    "PatientID": IdentifierKind.PATIENT_ID,
    "OtherPatientIDs": IdentifierKind.PATIENT_ID,
    "MedicalRecordLocator": IdentifierKind.PATIENT_ID,
    "ClinicalTrialSubjectID": IdentifierKind.PATIENT_ID,
    "ClinicalTrialSubjectReadingID": IdentifierKind.PATIENT_ID,
    "AccessionNumber": IdentifierKind.ACCESSION,
    "SpecimenAccessionNumber": IdentifierKind.ACCESSION,
    "PatientBirthDate": IdentifierKind.BIRTH_DATE,
    "PatientAddress": IdentifierKind.ADDRESS,
    "PatientInstitutionResidence": IdentifierKind.ADDRESS,
    "ScheduledPatientInstitutionResidence": IdentifierKind.ADDRESS,
    "RegionOfResidence": IdentifierKind.ADDRESS,
    "PatientTelephoneNumbers": IdentifierKind.PHONE,
    "PatientTelecomInformation": IdentifierKind.PHONE,
    "InsurancePlanIdentification": IdentifierKind.OTHER,
    **dict.fromkeys(
        (
            "AdmissionID",
            "ServiceEpisodeID",
            "StudyID",
            "RequestedProcedureID",
            "ScheduledProcedureStepID",
            "PerformedProcedureStepID",
            "PlacerOrderNumberImagingServiceRequest",
            "FillerOrderNumberImagingServiceRequest",
            "PlacerOrderNumberProcedure",
            "FillerOrderNumberProcedure",
            "SpecimenIdentifier",
            "ContainerIdentifier",
        ),
        IdentifierKind.OTHER,
    ),
}
_DEVICES = ("DeviceSerialNumber", "GantryID", "DetectorID", "CassetteID", "PlateID", "GeneratorID")
_OTHERS = {
    **dict.fromkeys(
        (
            "InstitutionName",
            "InstitutionalDepartmentName",
            "ClinicalTrialSiteName",
            "ClinicalTrialCoordinatingCenterName",
            "CurrentPatientLocation",
            "PerformedLocation",
            "ScheduledProcedureStepLocation",
            "ScheduledStudyLocation",
            "RequestingService",
            "VerifyingOrganization",
            "IssuerOfPatientID",
            "StationName",
            "PerformedStationName",
            "ScheduledStationName",
            "PerformedStationAETitle",
            "ScheduledStationAETitle",
            "ScheduledStudyLocationAETitle",
            "StationAETitle",
            "RetrieveAETitle",
            *_DEVICES,
            "UniqueDeviceIdentifier",
            "ManufacturerDeviceIdentifier",
            "ModifyingDeviceID",
            "SecondaryCaptureDeviceID",
            "HardcopyCreationDeviceID",
        ),
        IdentifierKind.OTHER,
    ),
    "InstitutionAddress": IdentifierKind.ADDRESS,
    "ReferringPhysicianAddress": IdentifierKind.ADDRESS,
    "PersonAddress": IdentifierKind.ADDRESS,
    "ReferringPhysicianTelephoneNumbers": IdentifierKind.PHONE,
    "PersonTelephoneNumbers": IdentifierKind.PHONE,
    "PersonTelecomInformation": IdentifierKind.PHONE,
    "OrderCallbackPhoneNumber": IdentifierKind.PHONE,
    "OrderCallbackTelecomInformation": IdentifierKind.PHONE,
}
_NUMBERED = {
    "StudyID",
    "RequestedProcedureID",
    "ScheduledProcedureStepID",
    "PerformedProcedureStepID",
    "InstitutionalDepartmentName",
    "RequestingService",
    *_DEVICES,
    "SpecimenIdentifier",
    "ContainerIdentifier",
}
"""As one word without a digit these name a kind of thing, such as KNEE or RADIOLOGY."""

_MAKER_TAGS = (Tag("Manufacturer"), Tag("ManufacturerModelName"))
CODED_PERSONS = Tag("PersonIdentificationCodeSequence")
_CODE = {"CodeValue": IdentifierKind.OTHER, "CodeMeaning": IdentifierKind.NAME}
_PATIENT_TAGS = {Tag(keyword): kind for keyword, kind in _PATIENT.items()}
_OTHER_TAGS = {Tag(keyword): kind for keyword, kind in _OTHERS.items()}
_NUMBERED_TAGS = frozenset(map(Tag, _NUMBERED))
_STANDARD_ROOT = "1.2.840.10008."


def _never(_tag: int) -> bool:
    return False


def patient_identifiers(
    dataset: Dataset, is_kept: Callable[[int], bool] = _never
) -> frozenset[KnownIdentifier]:
    """What the header says of the patient, in sequences too.

    Args:
        dataset: Not modified.
        is_kept: Whether the policy lets the value of an attribute stand; it is then no secret.

    Raises:
        UnwalkableError: A sequence cannot be parsed.
    """
    return _found(dataset, _PATIENT_TAGS, is_kept)


def people_and_places(
    dataset: Dataset, is_kept: Callable[[int], bool] = _never
) -> frozenset[KnownIdentifier]:
    """What the header names besides: staff, relatives, institutions, devices; in sequences too.

    Args:
        dataset: Not modified.
        is_kept: As for the patient.

    Raises:
        UnwalkableError: A sequence cannot be parsed.
    """
    found = set(_found(dataset, _OTHER_TAGS, is_kept))
    for item in _items(dataset):
        for tag in item.keys():  # noqa: SIM118 - iterating a data set converts every element
            if vr_of(item, tag) == "PN" and tag not in _PATIENT_TAGS and not is_kept(tag):
                persons = [one for one in _values(item, tag) if not is_of_imaging(one)]
                found |= identifiers_in(IdentifierKind.NAME, persons)
        if CODED_PERSONS in item and not is_kept(CODED_PERSONS):
            for code in items_of(item, CODED_PERSONS):
                for keyword, kind in _CODE.items():
                    found |= identifiers_in(kind, _values(code, Tag(keyword)))
    return frozenset(found)


def makers(dataset: Dataset) -> frozenset[str]:
    """Names of makers and models, in sequences too: they identify nobody, wherever they stand."""
    return frozenset(
        value.casefold()
        for item in _items(dataset)
        for tag in _MAKER_TAGS
        for value in _values(item, tag)
    )


@lru_cache(maxsize=20_000)
def is_telling(tag: int, vr: str) -> bool:
    """Whether the functions above look at an attribute with this VR."""
    return vr == "PN" or tag in _PATIENT_TAGS or tag in _OTHER_TAGS or tag in _MAKER_TAGS


@lru_cache(maxsize=4096)
def is_secret_uid(tag: int) -> bool:
    """Whether an attribute holds the UID of a thing of this hospital."""
    is_known = dictionary_has_tag(tag) and dictionary_VR(tag) == "UI"
    return is_known and not REGISTERED_UID.search(dictionary_keyword(tag))


def unique_ids(
    attributes: Iterable[tuple[int, bytes]], is_kept: Callable[[int], bool] = _never
) -> frozenset[KnownIdentifier]:
    """The UIDs of the object, its study, series and other things of this hospital.

    Args:
        attributes: Tags and raw values of the attributes with VR UI.
        is_kept: As for the patient.
    """
    return frozenset(
        KnownIdentifier(IdentifierKind.UID, uid)
        for tag, value in attributes
        if is_secret_uid(tag) and not is_kept(tag)
        for uid in value.decode("latin-1").strip(" \0").split("\\")
        if uid and not uid.startswith(_STANDARD_ROOT)
    )


def _found(
    dataset: Dataset, kinds: Mapping[BaseTag, IdentifierKind], is_kept: Callable[[int], bool]
) -> frozenset[KnownIdentifier]:
    found: set[KnownIdentifier] = set()
    for item in _items(dataset):
        for tag in item.keys():  # noqa: SIM118 - as above
            if (kind := kinds.get(Tag(tag))) is None or is_kept(tag):
                continue
            found |= identifiers_in(kind, _values(item, tag), needs_digit=tag in _NUMBERED_TAGS)
    return frozenset(found)


def _items(dataset: Dataset) -> Iterator[Dataset]:
    """The data set and every item of every sequence in it."""
    yield dataset
    for tag in list(dataset.keys()):
        if vr_of(dataset, tag) == "SQ":
            for item in items_of(dataset, tag):
                yield from _items(item)


def _values(dataset: Dataset, tag: int) -> list[str]:
    if tag not in dataset:
        return []
    try:
        value = dataset[tag].value
    except Exception:  # noqa: BLE001 - a value that cannot be read is found by its raw bytes
        raw = dataset.get_item(tag)
        value = raw.value if isinstance(raw, RawDataElement) else None
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    many = [value] if isinstance(value, str) or not hasattr(value, "__iter__") else list(value)
    if value is not None and hasattr(value, "components"):  # a person name iterates over letters
        many = [value]
    return [text for text in (str(one).strip(" \0") for one in many if one is not None) if text]
