"""The Synthea CSV form of an EHR extract, in the column sets of several of its versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from irw_pipeline.errors import InputError
from irw_pipeline.ids import TableName
from irw_pipeline.omop.sources.csv_file import csv_files, empty_table, read_csv

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from irw_pipeline.contracts.model import Column
    from irw_pipeline.omop.sources.source import SourceTable

# File (without endings) -> table; parents first. `notes` is ours, beside Synthea's own files.
_TABLE_OF_FILE = {
    "patients": "ehr_patient",
    "organizations": "ehr_organization",
    "providers": "ehr_provider",
    "payers": "ehr_payer",
    "encounters": "ehr_encounter",
    "conditions": "ehr_condition",
    "procedures": "ehr_procedure",
    "medications": "ehr_medication",
    "observations": "ehr_observation",
    "immunizations": "ehr_immunization",
    "imaging_studies": "ehr_imaging_study",
    "devices": "ehr_device",
    "supplies": "ehr_supply",
    "allergies": "ehr_allergy",
    "careplans": "ehr_careplan",
    "payer_transitions": "ehr_payer_transition",
    "notes": "ehr_note",
}
_FILE_OF_TABLE = {TableName("raw", table): file for file, table in _TABLE_OF_FILE.items()}
_REQUIRED_FILES = ("patients", "encounters")

# What exports before 2020 or so call the same thing.
_RENAMED: Mapping[str, Mapping[str, str]] = {
    "encounters": {"cost": "base_encounter_cost"},
    "procedures": {"date": "start", "cost": "base_cost"},
    "medications": {"cost": "base_cost"},
    "immunizations": {"cost": "base_cost"},
    "payer_transitions": {
        "start_year": "start_date",
        "end_year": "end_date",
        "ownership": "plan_ownership",
    },
}


@dataclass(frozen=True)
class SyntheaDrop:
    """A folder of Synthea CSV files, by lower-case file name without endings."""

    files: Mapping[str, Path]
    format_name: str = "Synthea CSV"

    @property
    def tables(self) -> tuple[TableName, ...]:
        """Every table that the form knows, parents first."""
        return tuple(_FILE_OF_TABLE)

    def read(self, table: TableName, columns: Sequence[Column]) -> SourceTable:
        """Return one table as received; empty when the drop does not have its file.

        Raises:
            InputError: The file is not well-formed, or lacks required columns.
        """
        file = _FILE_OF_TABLE[table]
        path = self.files.get(file)
        if path is None:
            return empty_table(table, columns)
        return read_csv(path, table, columns, _RENAMED.get(file))


def open_drop(folder: Path) -> SyntheaDrop | None:
    """Return the drop, or None when the folder holds no file of this form.

    Raises:
        InputError: Some files are of this form, but one that all others lean on is missing.
    """
    files = {name: path for name, path in csv_files(folder).items() if name in _TABLE_OF_FILE}
    if not files:
        return None
    missing = [f"{name}.csv" for name in _REQUIRED_FILES if name not in files]
    if missing:
        raise InputError(
            f"the EHR drop lacks {' and '.join(missing)} (plain, .gz or .zst); "
            "add what is missing and run again"
        )
    return SyntheaDrop(files)
