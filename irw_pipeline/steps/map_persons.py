"""The crosswalk: one row for each person whom the EHR or, without an EHR, the images know."""

from __future__ import annotations

import pyarrow as pa

from irw_pipeline.contracts.arrow import arrow_schema
from irw_pipeline.contracts.model import load_contract
from irw_pipeline.identity.broker import dicom_person_key, ehr_person_key
from irw_pipeline.steps.known_patients import EHR_PATIENT
from irw_pipeline.steps.publish_table import Publication, publish_table
from irw_pipeline.steps.read_batch import DICOM_INSTANCE, READ
from irw_pipeline.steps.warehouse import PERSON_MAP, Warehouse


def map_persons(warehouse: Warehouse) -> Publication:
    """Publish `vault.person_map`; the same persons under the same key give the same rows."""
    broker = warehouse.broker
    people: dict[str, dict[str, str | None]] = {}
    for identifier in warehouse.read(EHR_PATIENT).column("id").to_pylist():
        people[ehr_person_key(identifier)] = {"ehr_patient_id": identifier}
    if not people:
        with warehouse.session([DICOM_INSTANCE]) as session:
            found = session.query(
                "SELECT DISTINCT patient_id, coalesce(issuer_of_patient_id, '') AS issuer "
                f"FROM {DICOM_INSTANCE} WHERE read_status = '{READ}' AND patient_id IS NOT NULL"
            ).to_pylist()
        for row in found:
            key = dicom_person_key(row["issuer"], row["patient_id"])
            people[key] = {
                "patient_id": row["patient_id"],
                "issuer_of_patient_id": row["issuer"] or None,
            }
    rows = [
        {
            "person_key": key,
            "person_id": broker.person_id(key),
            "research_id": broker.research_id(key),
            "date_offset_days": broker.date_offset_days(key),
            "key_id": broker.key_id,
            **names,
        }
        for key, names in sorted(people.items())
    ]
    schema = arrow_schema(load_contract(PERSON_MAP))
    table = pa.Table.from_pylist(rows, schema=schema)
    return publish_table(warehouse.lake, PERSON_MAP, table, as_of=warehouse.as_of)
