"""The tables of the EHR drop and their columns, as Synthea's CSV export of 2024 writes them.

Ours on top: notes.csv, and ACCESSION_NUMBER in imaging_studies.csv.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

COLUMNS: dict[str, tuple[str, ...]] = {
    name: tuple(columns.split(","))
    for name, columns in {
        "patients": "Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,LAST,SUFFIX,MAIDEN,"
        "MARITAL,RACE,ETHNICITY,GENDER,BIRTHPLACE,ADDRESS,CITY,STATE,COUNTY,FIPS,ZIP,LAT,LON,"
        "HEALTHCARE_EXPENSES,HEALTHCARE_COVERAGE,INCOME",
        "encounters": "Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,PAYER,ENCOUNTERCLASS,CODE,"
        "DESCRIPTION,BASE_ENCOUNTER_COST,TOTAL_CLAIM_COST,PAYER_COVERAGE,REASONCODE,"
        "REASONDESCRIPTION",
        "conditions": "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION",
        "procedures": "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION,BASE_COST,REASONCODE,"
        "REASONDESCRIPTION",
        "medications": "START,STOP,PATIENT,PAYER,ENCOUNTER,CODE,DESCRIPTION,BASE_COST,"
        "PAYER_COVERAGE,DISPENSES,TOTALCOST,REASONCODE,REASONDESCRIPTION",
        "observations": "DATE,PATIENT,ENCOUNTER,CATEGORY,CODE,DESCRIPTION,VALUE,UNITS,TYPE",
        "immunizations": "DATE,PATIENT,ENCOUNTER,CODE,DESCRIPTION,BASE_COST",
        "imaging_studies": "Id,DATE,PATIENT,ENCOUNTER,SERIES_UID,BODYSITE_CODE,"
        "BODYSITE_DESCRIPTION,MODALITY_CODE,MODALITY_DESCRIPTION,INSTANCE_UID,SOP_CODE,"
        "SOP_DESCRIPTION,PROCEDURE_CODE,ACCESSION_NUMBER",
        "organizations": "Id,NAME,ADDRESS,CITY,STATE,ZIP,LAT,LON,PHONE,REVENUE,UTILIZATION",
        "providers": "Id,ORGANIZATION,NAME,GENDER,SPECIALITY,ADDRESS,CITY,STATE,ZIP,LAT,LON,"
        "ENCOUNTERS,PROCEDURES",
        "devices": "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION,UDI",
        "supplies": "DATE,PATIENT,ENCOUNTER,CODE,DESCRIPTION,QUANTITY",
        "allergies": "START,STOP,PATIENT,ENCOUNTER,CODE,SYSTEM,DESCRIPTION,TYPE,CATEGORY,"
        "REACTION1,DESCRIPTION1,SEVERITY1,REACTION2,DESCRIPTION2,SEVERITY2",
        "careplans": "Id,START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION,REASONCODE,"
        "REASONDESCRIPTION",
        "payers": "Id,NAME,OWNERSHIP,ADDRESS,CITY,STATE_HEADQUARTERED,ZIP,PHONE,AMOUNT_COVERED,"
        "AMOUNT_UNCOVERED,REVENUE,COVERED_ENCOUNTERS,UNCOVERED_ENCOUNTERS,COVERED_MEDICATIONS,"
        "UNCOVERED_MEDICATIONS,COVERED_PROCEDURES,UNCOVERED_PROCEDURES,COVERED_IMMUNIZATIONS,"
        "UNCOVERED_IMMUNIZATIONS,UNIQUE_CUSTOMERS,QOLS_AVG,MEMBER_MONTHS",
        "payer_transitions": "PATIENT,MEMBERID,START_DATE,END_DATE,PAYER,SECONDARY_PAYER,"
        "PLAN_OWNERSHIP,OWNER_NAME",
        "notes": "Id,DATE,PATIENT,ENCOUNTER,TYPE,TITLE,ACCESSION_NUMBER,TEXT",
    }.items()
}
SAMPLE_COLUMNS = (
    "SAMPLE_ID",
    "PATIENT",
    "COLLECTED_ON",
    "SAMPLE_TYPE",
    "ANATOMIC_SITE",
    "CONSENT_SCOPE",
    "EXOME_AVAILABLE",
    "GENOME_AVAILABLE",
    "FILE_URI",
)
MPI_COLUMNS = ("patient_id", "issuer", "ehr_patient_id")

Row = Mapping[str, str]


class Chart:
    """The rows of the EHR drop while they are written down, in order, table by table."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {name: [] for name in COLUMNS}

    def add(self, table: str, row: Row) -> None:
        """Add a row; columns that it leaves out are empty."""
        self.rows[table].append(row)


def stamp(moment: datetime) -> str:
    """Return a moment of the site's time, which is UTC, as Synthea writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def write_csv(path: Path, columns: tuple[str, ...], rows: list[Row]) -> None:
    """Write one CSV file: UTF-8, lines ended by LF, quotes only where needed.

    Raises:
        ValueError: A row has a column that the table has not.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
