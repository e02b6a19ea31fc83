"""All that the warehouse knows of each EHR patient and that must not survive."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from irw_pipeline.identity.known import known_from_patient_row
from irw_pipeline.identity.resolve import PatientIndex
from irw_pipeline.identity.subject import IdentifierKind, KnownIdentifier
from irw_pipeline.ids import TableName
from irw_pipeline.steps.read_batch import DICOM_INSTANCE, READ

if TYPE_CHECKING:
    from irw_pipeline.steps.warehouse import Warehouse

EHR_PATIENT = TableName("raw", "ehr_patient")
EHR_IMAGING_STUDY = TableName("raw", "ehr_imaging_study")
MPI_ENTRY = TableName("raw", "mpi_entry")
SOURCES = (EHR_PATIENT, EHR_IMAGING_STUDY, MPI_ENTRY, DICOM_INSTANCE)


def patient_index(warehouse: Warehouse) -> PatientIndex:
    """Return the index that resolves a PatientID to an EHR patient."""
    mpi = warehouse.read(MPI_ENTRY).to_pylist()
    return PatientIndex(
        warehouse.read(EHR_PATIENT).column("id").to_pylist(),
        [(row["patient_id"], row["issuer"], str(row["ehr_patient_id"])) for row in mpi],
    )


def known_patients(warehouse: Warehouse) -> dict[str, frozenset[KnownIdentifier]]:
    """Return the known identifiers of each EHR patient by the EHR's id.

    The patient's row, every id that the MPI gives, accession numbers of the EHR and of received
    headers, and the ids and names of received headers that resolve to the patient.
    """
    known: defaultdict[str, set[KnownIdentifier]] = defaultdict(set)
    for row in warehouse.read(EHR_PATIENT).to_pylist():
        known[row["id"]] |= known_from_patient_row(row)
    for row in warehouse.read(MPI_ENTRY).to_pylist():
        _add(known[row["ehr_patient_id"]], IdentifierKind.PATIENT_ID, row["patient_id"])
    for row in warehouse.read(EHR_IMAGING_STUDY).to_pylist():
        _add(known[row["patient"]], IdentifierKind.ACCESSION, row["accession_number"])
    index = patient_index(warehouse)
    for row in _headers(warehouse):
        match = index.match(row["patient_id"] or "", row["issuer_of_patient_id"] or "")
        if match is not None:
            found = known[match.ehr_patient_id]
            _add(found, IdentifierKind.PATIENT_ID, row["patient_id"])
            _add(found, IdentifierKind.NAME, row["patient_name"])
            _add(found, IdentifierKind.ACCESSION, row["accession_number"])
    return {patient: frozenset(identifiers) for patient, identifiers in known.items()}


def _headers(warehouse: Warehouse) -> list[dict[str, Any]]:
    with warehouse.session([DICOM_INSTANCE]) as session:
        rows: list[dict[str, Any]] = session.query(
            "SELECT DISTINCT patient_id, issuer_of_patient_id, patient_name, accession_number "
            f"FROM {DICOM_INSTANCE} WHERE read_status = '{READ}'"
        ).to_pylist()
    return rows


def _add(found: set[KnownIdentifier], kind: IdentifierKind, value: str | None) -> None:
    if value and value.strip():
        found.add(KnownIdentifier(kind, value.strip()))
