"""Who is who: a PatientID with its issuer meets the EHR's patient id, directly or by the MPI."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True)
class Match:
    """The EHR patient that a PatientID stands for, and whether the MPI said so."""

    ehr_patient_id: str = field(repr=False)
    is_by_mpi: bool


class PatientIndex:
    """Resolves (PatientID, issuer) to an EHR patient."""

    def __init__(
        self, ehr_patient_ids: Iterable[str], mpi: Iterable[tuple[str | None, str | None, str]]
    ) -> None:
        """Index the EHR's ids and the MPI's entries (patient id, issuer, EHR patient id)."""
        self._ehr = {identifier.strip() for identifier in ehr_patient_ids}
        self._exact: dict[tuple[str, str], str] = {}
        by_id: defaultdict[str, set[str]] = defaultdict(set)
        for patient_id, issuer, ehr_patient_id in mpi:
            key = ((patient_id or "").strip(), (issuer or "").strip())
            self._exact[key] = ehr_patient_id.strip()
            by_id[key[0]].add(ehr_patient_id.strip())
        self._by_id = dict(by_id)

    @property
    def has_ehr(self) -> bool:
        """Whether there is any EHR patient at all."""
        return bool(self._ehr)

    def match(self, patient_id: str, issuer: str) -> Match | None:
        """Return whom a PatientID stands for; None when nobody knows.

        An MPI entry wins over the same id in the EHR. An entry without issuer holds for any; a
        header without issuer takes an entry with one when the id names one patient only.
        """
        key = (patient_id.strip(), issuer.strip())
        found = self._exact.get(key) or self._exact.get((key[0], ""))
        if found is None and not key[1]:
            candidates = self._by_id.get(key[0], set())
            found = next(iter(candidates)) if len(candidates) == 1 else None
        if found is not None:
            return Match(found, is_by_mpi=True) if found in self._ehr else None
        if key[0] and key[0] in self._ehr:
            return Match(key[0], is_by_mpi=False)
        return None


def disagreements(
    header: Mapping[str, str | None], patient: Mapping[str, str | None]
) -> frozenset[str]:
    """Return what a header and an EHR row say differently: `birth_date`, `sex`, `name`.

    Only what both say is compared; sexes other than M and F say nothing; a name differs when no
    part of it is the same.
    """
    found = set()
    ours, theirs = _day(header.get("patient_birth_date")), _day(patient.get("birthdate"))
    if ours and theirs and ours != theirs:
        found.add("birth_date")
    sexes = {str(header.get("patient_sex") or "").upper(), str(patient.get("gender") or "").upper()}
    if sexes == {"M", "F"}:
        found.add("sex")
    words = _words(header.get("patient_name"))
    known = _words(
        " ".join(str(patient.get(column) or "") for column in ("first", "last", "maiden"))
    )
    if words and known and not words & known:
        found.add("name")
    return frozenset(found)


def _day(text: str | None) -> date | None:
    digits = (text or "").replace("-", "").strip()[:8]
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


def _words(name: str | None) -> set[str]:
    text = (name or "").casefold()
    return {word for word in "".join(c if c.isalnum() else " " for c in text).split() if word}
