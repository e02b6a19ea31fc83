"""A small hospital for tests of steps: rows in the form of a contract, objects on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from irw_pipeline.contracts.arrow import arrow_schema
from irw_pipeline.contracts.model import load_contract
from irw_pipeline.ids import TableName
from irw_pipeline.steps.publish_table import Publication, publish_table
from irw_pipeline_tests.factories.dicom import ct_image, to_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from irw_pipeline.steps.warehouse import Warehouse

CANARY = "DOE-CANARY"
PATIENT = TableName("raw", "ehr_patient")
ENCOUNTER = TableName("raw", "ehr_encounter")
MPI = TableName("raw", "mpi_entry")


def rows(table: TableName, *given: Mapping[str, Any]) -> pa.Table:
    """Rows with the contract's columns; what is not given is null, whatever the contract says."""
    schema = arrow_schema(load_contract(table))
    nullable = pa.schema([(field.name, field.type) for field in schema])
    return pa.Table.from_pylist([dict(row) for row in given], schema=nullable)


def patient(identifier: str = "MRN-0815", **values: Any) -> dict[str, Any]:
    """The patient of `ct_image`, or another one."""
    known = {"birthdate": "1950-01-02", "gender": "F", "first": "Temika", "last": "Wuckert"}
    return {"id": identifier, **known, **values}


def encounter(identifier: str, of: str = "MRN-0815", **values: Any) -> dict[str, Any]:
    known = {"start": "2020-03-01T10:00:00Z", "encounterclass": "ambulatory", "code": "1"}
    return {"id": identifier, "patient": of, **known, **values}


def publish(warehouse: Warehouse, table: TableName, *given: Mapping[str, Any]) -> Publication:
    return publish_table(warehouse.lake, table, rows(table, *given), as_of=warehouse.as_of)


def versions(warehouse: Warehouse, *tables: str) -> list[int | None]:
    return [warehouse.lake.version(TableName.parse(table)) for table in tables]


def read(warehouse: Warehouse, table: str, where: str = "true") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = warehouse.read(TableName.parse(table), where).to_pylist()
    return found


def write_image(folder: Path, name: str, **attributes: object) -> None:
    """Write `ct_image` with some attributes into a drop; `name` gives its SOP Instance UID too."""
    folder.mkdir(exist_ok=True)
    uid = f"1.2.3.4.5.6.1.{sum(name.encode())}"
    image = ct_image(**{"SOPInstanceUID": uid, **attributes})
    (folder / name).write_bytes(to_bytes(image))
