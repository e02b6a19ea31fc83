"""Whose object is this? Each row of a batch gets its subject, or the reason why it must wait."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from irw_pipeline.identity.broker import Broker, ehr_person_key
from irw_pipeline.identity.issuers import Issuers
from irw_pipeline.identity.resolve import PatientIndex, disagreements
from irw_pipeline.identity.subject import KnownIdentifier, Subject
from irw_pipeline.ids import ReasonCode
from irw_pipeline.steps.known_patients import (
    EHR_PATIENT,
    known_patients,
    patient_index,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from irw_pipeline.steps.warehouse import Warehouse

_QUARANTINES_STUDY = {"birth_date", "sex"}


@dataclass(frozen=True)
class Found:
    """The outcome for one object: a subject with a warning perhaps, or a reason and a detail."""

    subject: Subject | None = field(default=None, repr=False)
    warning: str | None = None
    reason: ReasonCode | None = None
    detail: str | None = None


_SHARED = Found(reason=ReasonCode.IDENTITY_MISMATCH, detail="study of two persons")


class SubjectFinder:
    """Resolves header facts to subjects; holds the EHR's patient rows in memory only."""

    def __init__(
        self,
        broker: Broker,
        patients: Mapping[str, Mapping[str, str | None]],
        index: PatientIndex,
        known: Mapping[str, frozenset[KnownIdentifier]],
    ) -> None:
        """Hold the patients and what is known of them, both by EHR id, and the index."""
        self._broker = broker
        self._patients = patients
        self._index = index
        self._known = known

    def find_all(self, rows: Iterable[Mapping[str, Any]]) -> list[Found]:
        """Return an outcome for each row; one object's identity mismatch holds its whole study.

        Without an EHR the rows also say which issuer an object without one has.
        """
        listed = list(rows)
        issuers = Issuers()
        for row in listed:
            issuers.note(*_whose(row))
        found = [self._find(row, issuers) for row in listed]
        held = {
            row["study_instance_uid"]: one
            for row, one in zip(listed, found, strict=True)
            if one.reason is ReasonCode.IDENTITY_MISMATCH
        }
        held |= dict.fromkeys(_shared_studies(listed, found), _SHARED)
        return [
            held.get(row["study_instance_uid"], one) if one.subject is not None else one
            for row, one in zip(listed, found, strict=True)
        ]

    def _find(self, row: Mapping[str, Any], issuers: Issuers) -> Found:
        patient_id, issuer, study = _whose(row)
        match = self._index.match(patient_id, issuer)
        if not self._index.has_ehr and patient_id:
            key = issuers.person_key(patient_id, issuer, study)
            return Found(subject=self._subject(key, frozenset()))
        if match is None:
            if not patient_id:
                return Found(reason=ReasonCode.PATIENT_ID_MISSING, detail="(0010,0020)")
            return Found(reason=ReasonCode.PATIENT_UNKNOWN, detail="(0010,0020)")
        patient = self._patients[match.ehr_patient_id]
        differs = disagreements(row, patient)
        said = ",".join(sorted(differs)) or None
        if differs & _QUARANTINES_STUDY and not match.is_by_mpi:
            return Found(reason=ReasonCode.IDENTITY_MISMATCH, detail=said)
        known = self._known.get(match.ehr_patient_id, frozenset())
        return Found(self._subject(ehr_person_key(match.ehr_patient_id), known), warning=said)

    def _subject(self, person_key: str, known: frozenset[KnownIdentifier]) -> Subject:
        return Subject(
            person_id=self._broker.person_id(person_key),
            research_id=self._broker.research_id(person_key),
            date_offset_days=self._broker.date_offset_days(person_key),
            known=known,
        )


def _whose(row: Mapping[str, Any]) -> tuple[str, str, str]:
    columns = ("patient_id", "issuer_of_patient_id", "study_instance_uid")
    patient_id, issuer, study = (str(row[column] or "") for column in columns)
    return patient_id, issuer, study


def _shared_studies(rows: list[Mapping[str, Any]], found: list[Found]) -> set[str]:
    """The studies whose objects belong to more than one person: nobody can say whose they are."""
    persons: dict[str, set[int]] = {}
    for row, one in zip(rows, found, strict=True):
        if one.subject is not None and row["study_instance_uid"]:
            persons.setdefault(row["study_instance_uid"], set()).add(one.subject.person_id)
    return {study for study, people in persons.items() if len(people) > 1}


def subject_finder(warehouse: Warehouse) -> SubjectFinder:
    """Return a finder over the published EHR patients and MPI entries."""
    rows = warehouse.read(EHR_PATIENT).to_pylist()
    patients = {str(row["id"]).strip(): row for row in rows}
    index, known = patient_index(warehouse), known_patients(warehouse)
    return SubjectFinder(warehouse.broker, patients, index, known)
