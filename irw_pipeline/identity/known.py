"""What the EHR's patient row knows of a person, in the form the de-identification searches for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irw_pipeline.identity.subject import IdentifierKind, KnownIdentifier

if TYPE_CHECKING:
    from collections.abc import Mapping

# City, county and state are left out: as words they stand in every header and identify nobody.
_COLUMNS = {
    "id": IdentifierKind.PATIENT_ID,
    "mrn": IdentifierKind.PATIENT_ID,
    "first": IdentifierKind.NAME,
    "middle": IdentifierKind.NAME,
    "last": IdentifierKind.NAME,
    "maiden": IdentifierKind.NAME,
    "birthdate": IdentifierKind.BIRTH_DATE,
    "ssn": IdentifierKind.SSN,
    "drivers": IdentifierKind.LICENCE,
    "passport": IdentifierKind.LICENCE,
    "address": IdentifierKind.ADDRESS,
    "zip": IdentifierKind.ADDRESS,
    "phone": IdentifierKind.PHONE,
    "email": IdentifierKind.OTHER,
}
_ZIP_DIGITS = 5


def known_from_patient_row(row: Mapping[str, str | None]) -> frozenset[KnownIdentifier]:
    """Return the identifiers of a row of `patients`; columns in lower case, absent ones are fine.

    First and last name also give the whole name, so that two common words side by side are found.
    """
    values = {column: (row.get(column) or "").strip() for column in _COLUMNS}
    values["zip"] = values["zip"] if len(values["zip"]) >= _ZIP_DIGITS else ""
    found = {KnownIdentifier(_COLUMNS[column], text) for column, text in values.items() if text}
    if values["first"] and values["last"]:
        whole = f"{values['last']}^{values['first']}"
        found.add(KnownIdentifier(IdentifierKind.NAME, whole))
    return frozenset(found)
