"""Notes of the EHR are cleaned of identity; the raw text never reaches a SQL file."""

from __future__ import annotations

import pyarrow as pa

from irw_pipeline.deid.text.clean import clean_texts
from irw_pipeline.identity.subject import IdentifierKind, KnownIdentifier
from irw_pipeline.ids import TableName
from irw_pipeline.steps.known_patients import known_patients
from irw_pipeline.steps.warehouse import PERSON_MAP, Warehouse

EHR_NOTE = TableName("raw", "ehr_note")
_SCHEMA = pa.schema([(name, pa.string()) for name in ("note_id", "note_text", "note_title")])


def cleaned_note(warehouse: Warehouse) -> pa.Table:
    """Return one row for each note of a known patient: `note_id`, `note_text`, `note_title`.

    Text is cleaned as in images: of all that is known of the patient, of patterns, and of names and
    places that nobody told of; dates go back by the patient's offset. A note whose patient is
    unknown is left out.
    """
    notes = warehouse.read(EHR_NOTE).to_pylist()
    if not notes:
        return _SCHEMA.empty_table()
    known_of = known_patients(warehouse)
    persons = warehouse.read(PERSON_MAP, "ehr_patient_id IS NOT NULL").to_pylist()
    offsets = {row["ehr_patient_id"]: int(row["date_offset_days"]) for row in persons}
    ids: list[str] = []
    values: list[tuple[str, frozenset[KnownIdentifier], int | None]] = []
    for note in sorted(notes, key=lambda row: str(row["id"])):
        if note["patient"] not in offsets:
            continue
        known = set(known_of.get(note["patient"], ()))
        if note.get("accession_number"):
            known.add(KnownIdentifier(IdentifierKind.ACCESSION, note["accession_number"]))
        held = frozenset(known)
        days = offsets[note["patient"]]
        ids.append(note["id"])
        values += [(note["text"] or "", held, days), (note["title"] or "", held, days)]
    cleaned = clean_texts(values)
    columns = [ids, cleaned[::2], cleaned[1::2]]
    return pa.table([pa.array(column, pa.string()) for column in columns], schema=_SCHEMA)
