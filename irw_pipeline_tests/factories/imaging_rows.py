"""Rows of a lake with images and an EHR: two patients, their orders, procedures and encounters."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from irw_pipeline_tests.factories.tables import BROKER, fill

if TYPE_CHECKING:
    import duckdb

ANN, BOB, OFFSET = 1, 2, 100
RESEARCH_ID = {ANN: "IRWAAAAAAAAAAAAAAAA", BOB: "IRWBBBBBBBBBBBBBBBB"}
DAY = date(2020, 3, 10)  # as received; images carry it shifted
CT_HEAD, CT_CODE, XRAY_CODE = "303653007", "16335031000119103", "399208008"


def shifted(days: int = 0) -> date:
    return DAY + timedelta(days=days - OFFSET)


def instance(lake: duckdb.DuckDBPyConnection, uid: int, **values: Any) -> None:
    person = values.get("person_id", ANN)
    base = {
        "ingest_batch": "b",
        "sop_instance_uid": f"2.25.{uid}",
        "series_instance_uid": "2.25.20",
        "study_instance_uid": "2.25.30",
        "sop_class_uid": "1.2.840.10008.5.1.4.1.1.2",
        "person_id": ANN,
        "research_id": RESEARCH_ID[person],
        "modality": "CT",
        "study_date": shifted(),
        "object_bytes": 10,
    }
    fill(lake, "imaging.instance", **(base | values))


def procedure(lake: duckdb.DuckDBPyConnection, key: str, code: str, **values: Any) -> None:
    words = {CT_HEAD: "Computed tomography of head", CT_CODE: "CT of chest"}
    base = {
        "row_key": key,
        "patient": "ann",
        "encounter": "v1",
        "code": code,
        "description": words.get(code, "Plain X-ray of chest"),
        "start": f"{DAY}T08:00:00Z",
    }
    fill(lake, "raw.ehr_procedure", **(base | values))


def order(lake: duckdb.DuckDBPyConnection, **values: Any) -> None:
    base = {
        "row_key": "i",
        "id": "order-1",
        "patient": "ann",
        "encounter": "v1",
        "date": f"{DAY}T08:00:00Z",
        "modality_code": "CT",
        "procedure_code": CT_HEAD,
        "series_uid": "1.2.3",
    }
    fill(lake, "raw.ehr_imaging_study", **(base | values))


def encounter(lake: duckdb.DuckDBPyConnection, key: str, first: int, last: int) -> None:
    start, stop = (f"{DAY + timedelta(days=days)}T08:00:00Z" for days in (first, last))
    fill(lake, "raw.ehr_encounter", id=key, patient="ann", start=start, stop=stop)


def procedure_key(key: str) -> int:
    return BROKER.omop_key("procedure", f"ehr_procedure\x1f{key}\x1f0")


def visit_key(key: str) -> int:
    return BROKER.omop_key("visit", key)
