"""What an object's own header says of its patient, and of the other people and places it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from irw_pipeline.deid.elements import items_of, vr_of
from irw_pipeline.identity.subject import IdentifierKind, KnownIdentifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.dataset import Dataset

_PATIENT = {
    "PatientName": IdentifierKind.NAME,
    "OtherPatientNames": IdentifierKind.NAME,
    "PatientBirthName": IdentifierKind.NAME,
    "PatientMotherBirthName": IdentifierKind.NAME,
    "ResponsiblePerson": IdentifierKind.NAME,
    "PatientID": IdentifierKind.PATIENT_ID,
    "OtherPatientIDs": IdentifierKind.PATIENT_ID,
    "AccessionNumber": IdentifierKind.ACCESSION,
    "PatientBirthDate": IdentifierKind.BIRTH_DATE,
    "PatientAddress": IdentifierKind.ADDRESS,
    "PatientTelephoneNumbers": IdentifierKind.PHONE,
    "AdmissionID": IdentifierKind.OTHER,
    "SpecimenIdentifier": IdentifierKind.OTHER,
    "ContainerIdentifier": IdentifierKind.OTHER,
    "InsurancePlanIdentification": IdentifierKind.OTHER,
}
_PLACES = ("InstitutionName", "InstitutionAddress", "ClinicalTrialSiteName")
_PATIENT_TAGS = {Tag(keyword): kind for keyword, kind in _PATIENT.items()}
_PLACE_TAGS = frozenset(Tag(keyword) for keyword in _PLACES)


def patient_identifiers(dataset: Dataset) -> frozenset[KnownIdentifier]:
    """What the header says of the patient, in sequences too.

    Raises:
        UnwalkableError: A sequence cannot be parsed.
    """
    return frozenset(
        KnownIdentifier(kind, value)
        for item in _items(dataset)
        for tag, kind in _PATIENT_TAGS.items()
        if tag in item
        for value in _values(item, tag)
    )


def people_and_places(dataset: Dataset) -> frozenset[KnownIdentifier]:
    """Every person name of the header (staff, relatives) and its institutions, in sequences too."""
    found = set()
    for item in _items(dataset):
        for tag in item.keys():  # noqa: SIM118 - iterating a data set converts every element
            if tag in _PLACE_TAGS:
                found |= {KnownIdentifier(IdentifierKind.OTHER, v) for v in _values(item, tag)}
            elif vr_of(item, tag) == "PN":
                found |= {KnownIdentifier(IdentifierKind.NAME, v) for v in _values(item, tag)}
    return frozenset(found)


def is_telling(tag: int, vr: str) -> bool:
    """Whether the functions above look at an attribute with this VR, and not for what is in it."""
    return vr == "PN" or tag in _PATIENT_TAGS or tag in _PLACE_TAGS


def _items(dataset: Dataset) -> Iterator[Dataset]:
    """The data set and every item of every sequence in it."""
    yield dataset
    for tag in list(dataset.keys()):
        if vr_of(dataset, tag) == "SQ":
            for item in items_of(dataset, tag):
                yield from _items(item)


def _values(dataset: Dataset, tag: int) -> list[str]:
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
