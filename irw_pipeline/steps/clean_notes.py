"""Notes of the EHR are cleaned of identity; the raw text never reaches a SQL file."""

from __future__ import annotations

import pyarrow as pa

from irw_pipeline.deid.text import clean_text
from irw_pipeline.identity.subject import IdentifierKind, KnownIdentifier
from irw_pipeline.ids import TableName
from irw_pipeline.steps.known_patients import known_patients
from irw_pipeline.steps.warehouse import PERSON_MAP, Warehouse

EHR_NOTE = TableName("raw", "ehr_note")
_SCHEMA = pa.schema([(name, pa.string()) for name in ("note_id", "note_text", "note_title")])


def cleaned_note(warehouse: Warehouse) -> pa.Table:
    """Return one row for each note of a known patient: `note_id`, `note_text`, `note_title`.

    Text is cleaned of all that is known of the patient and of patterns; dates go back by the
    patient's offset. A note whose patient is unknown is left out.
    """
    notes = warehouse.read(EHR_NOTE).to_pylist()
    if not notes:
        return _SCHEMA.empty_table()
    known_of = known_patients(warehouse)
    persons = warehouse.read(PERSON_MAP, "ehr_patient_id IS NOT NULL").to_pylist()
    offsets = {row["ehr_patient_id"]: int(row["date_offset_days"]) for row in persons}
    rows = []
    for note in sorted(notes, key=lambda row: str(row["id"])):
        if note["patient"] not in offsets:
            continue
        known = set(known_of.get(note["patient"], ()))
        if note.get("accession_number"):
            known.add(KnownIdentifier(IdentifierKind.ACCESSION, note["accession_number"]))
        held = frozenset(known)
        days = offsets[note["patient"]]
        rows.append(
            {
                "note_id": note["id"],
                "note_text": clean_text(note["text"] or "", held, date_offset_days=days),
                "note_title": clean_text(note["title"] or "", held, date_offset_days=days),
            }
        )
    return pa.Table.from_pylist(rows, schema=_SCHEMA)
