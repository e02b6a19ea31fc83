"""The hospital's master patient index: which DICOM patient id is which EHR patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irw_pipeline.errors import InputError
from irw_pipeline.ids import TableName
from irw_pipeline.omop.sources.csv_file import read_csv

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from irw_pipeline.contracts.model import Column
    from irw_pipeline.omop.sources.source import SourceTable

MPI_ENTRY = TableName("raw", "mpi_entry")


def read_mpi(path: Path, columns: Sequence[Column]) -> SourceTable:
    """Return one row per index entry: `patient_id`, `issuer` (null: any), `ehr_patient_id`.

    Raises:
        InputError: There is no such file, it is not well-formed, or it lacks required columns.
    """
    if not path.is_file():
        raise InputError(
            "the MPI file cannot be read; give a CSV with patient_id,issuer,ehr_patient_id"
        )
    return read_csv(path, MPI_ENTRY, columns, headed={"patient_id"})
