"""What the pipeline knows of one person while it de-identifies that person's objects."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


class IdentifierKind(StrEnum):
    """The kind of a known identifier; the only thing about it that may be reported."""

    NAME = "name"
    PATIENT_ID = "patient_id"
    ACCESSION = "accession"
    BIRTH_DATE = "birth_date"
    SSN = "ssn"
    LICENCE = "licence"
    PHONE = "phone"
    ADDRESS = "address"
    UID = "uid"
    OTHER = "other"


@dataclass(frozen=True)
class KnownIdentifier:
    """One identifier of a person, as the source wrote it; `repr` never shows the value."""

    kind: IdentifierKind
    value: str = field(repr=False)


@dataclass(frozen=True)
class Subject:
    """One person: the pseudonyms to write, the offset to shift by, and what must not survive.

    `known` holds what the EHR and the MPI say; the engine adds what the header itself says.
    """

    person_id: int
    research_id: str
    date_offset_days: int
    known: frozenset[KnownIdentifier] = field(default=frozenset(), repr=False)
    birth_date: date | None = field(default=None, repr=False)
