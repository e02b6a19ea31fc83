"""One batch of landed objects becomes `raw.dicom_instance`: what each header says, as received."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from irw_pipeline.compute.mapping import map_items
from irw_pipeline.contracts.arrow import arrow_schema
from irw_pipeline.contracts.model import load_contract
from irw_pipeline.dicom.header import header_facts
from irw_pipeline.dicom.read import ObjectReadError, examine_file, read_header
from irw_pipeline.dicom.source import open_source, quick_facts
from irw_pipeline.ids import ReasonCode, TableName
from irw_pipeline.lake.objects import sha256_of
from irw_pipeline.steps.publish_table import Publication, publish_table
from irw_pipeline.steps.warehouse import LANDING_OBJECT, Warehouse

if TYPE_CHECKING:
    from pathlib import Path

    from irw_pipeline.lake.tables import Lake

DICOM_INSTANCE = TableName("raw", "dicom_instance")
READ = "READ"
"""The `read_status` of an object that could be read; any other is a reason code."""


def read_batch(warehouse: Warehouse, batch: str) -> Publication:
    """Publish one row for each object of a batch, readable or not."""
    manifest = warehouse.read(LANDING_OBJECT, f"ingest_batch = '{batch}'").to_pylist()
    manifest.sort(key=lambda row: str(row["object_ref"]))
    read = partial(read_one, warehouse.lake)
    rows = [
        {"ingest_batch": batch, **row}
        for row in map_items(read, manifest, backend=warehouse.pool(), on_death=_dead)
    ]
    schema = arrow_schema(load_contract(DICOM_INSTANCE))
    return publish_table(
        warehouse.lake,
        DICOM_INSTANCE,
        pa.Table.from_pylist(rows, schema=schema),
        as_of=warehouse.as_of,
        partition=batch,
    )


def read_one(lake: Lake, entry: dict[str, Any]) -> dict[str, Any]:
    """Return the row of one landed object; what cannot be read has its reason as status."""
    row: dict[str, Any] = {"object_ref": entry["object_ref"], "read_status": READ}
    with lake.objects("landing").as_file(entry["object_path"]) as file:
        if file is None:
            return {**row, "read_status": ReasonCode.OBJECT_MISSING.value}
        row["object_sha256"] = sha256_of(file)
        try:
            return {**row, **_facts(file)}
        except ObjectReadError as error:
            return {**row, "read_status": error.reason.value}
        except Exception:  # noqa: BLE001 - the per-instance boundary: a surprise is an outcome
            return {**row, "read_status": ReasonCode.UNREADABLE.value}


def _facts(file: Path) -> dict[str, object]:
    """What the header says; pixels are not read where the encoding is a usual one.

    Raises:
        ObjectReadError: It is no object that can be read.
    """
    if not file.stat().st_size:
        raise ObjectReadError(ReasonCode.EMPTY_OBJECT, "no bytes")
    examine_file(file)
    with open_source(file) as source:
        return quick_facts(source) or header_facts(read_header(file))


def _dead(entry: dict[str, Any]) -> dict[str, Any]:
    return {"object_ref": entry["object_ref"], "read_status": ReasonCode.UNREADABLE.value}
