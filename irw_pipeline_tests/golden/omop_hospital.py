"""A hospital of three patients as rows, and the CDM that the SQL files make of it."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import duckdb

from irw_pipeline.contracts.arrow import conform
from irw_pipeline.contracts.model import load_contract
from irw_pipeline.identity.broker import Broker, Key, ehr_person_key
from irw_pipeline.ids import TableName
from irw_pipeline.lake import macros

ROOT = Path(__file__).parents[2]
SQL = ROOT / "irw_pipeline" / "omop" / "sql"
TABLES = sorted(path.stem for path in SQL.glob("*.sql") if not path.stem.startswith("image_"))
LATE = {"procedure_occurrence", "condition_era", "drug_era"}  # they read other CDM tables
BROKER = Broker(Key(b"a secret of the tests"))
IMAGE_PERSON, STUDY = 77, "2.25.5"

CONCEPTS = [  # id, code, vocabulary, domain, standard
    (8507, "M", "Gender", "Gender", "S"),
    (8532, "F", "Gender", "Gender", "S"),
    (8527, "5", "Race", "Race", "S"),
    (9201, "IP", "Visit", "Visit", "S"),
    (32817, "OMOP4976890", "Type Concept", "Type Concept", "S"),
    (11, "100", "SNOMED", "Condition", "S"),
    (12, "200", "SNOMED", "Procedure", "S"),
    (13, "201", "SNOMED", "Measurement", "S"),
    (14, "300", "RxNorm", "Drug", "S"),
    (15, "8302-2", "LOINC", "Measurement", "S"),
    (16, "cm", "UCUM", "Unit", "S"),
    (17, "56799-0", "LOINC", "Observation", "S"),
    (18, "416098002", "SNOMED", "Observation", "S"),
    (19, "101", "SNOMED", "Condition", None),
    (20, "102", "SNOMED", "Condition", "S"),
]
MAPS: list[tuple[int, int, str | None]] = [
    (11, 11, None),
    (12, 12, None),
    (12, 13, None),
    (14, 14, None),
    (15, 15, None),
]
MAPS += [(17, 17, None), (18, 18, None), (19, 11, None), (19, 20, "D"), (20, 20, None)]

RECEIVED = {  # CSV text: a header, then the rows; an empty field is null
    "ehr_patient": """
id,birthdate,deathdate,first,last,ssn,address,city,state,zip,race,gender
ann,1980-06-15,,Ann,O'Hara Lee,999-12-3456,7 Elm Street,Lowell,Massachusetts,01851,white,F
old,1920-01-01,2015-03-01,,,,,,VT,5901,,M
new,2020-01-01,,,,,,,,,,M""",
    "ehr_organization": """
id,name,state,zip
org,Elm Clinic,MA,018512222""",
    "ehr_provider": """
id,name,organization,gender
doc,Dr Dee,org,F""",
    "ehr_encounter": """
id,patient,organization,provider,encounterclass,start,stop,total_claim_cost
v1,ann,org,doc,inpatient,2020-03-01T10:00:00Z,2020-03-05T11:00:00Z,12.5
v2,ann,gone,gone,moonwalk,2020-04-01T10:00:00Z,2020-03-31T11:00:00Z,""",
    "ehr_condition": """
row_key,patient,encounter,code,start,stop
c1,ann,v1,100,2020-03-01,
c2,ann,v1,nil,2020-03-01,2020-03-02
c3,ann,v1,101,2020-03-20,
c4,stranger,,100,2020-03-20,""",
    "ehr_procedure": """
row_key,patient,encounter,code,start
p1,ann,v1,200,2020-03-02T08:00:00Z
p2,ann,v2,201,2020-04-01T08:00:00Z
p3,old,v1,nil,2014-04-01T08:00:00Z""",
    "ehr_medication": """
row_key,patient,encounter,code,dispenses,start,stop
m1,ann,v1,300,3,2020-03-01T10:00:00Z,2020-02-20T10:00:00Z""",
    "ehr_allergy": """
row_key,patient,code,category,start
a1,ann,300,medication,2019-01-01""",
    "ehr_device": """
row_key,patient,code,start,udi
d1,ann,nil,2020-03-01T10:00:00Z,(01)12345678901234(11)170829(17)420913(10)160(21)SERIAL9""",
    "ehr_supply": """
row_key,patient,code,date,quantity
s1,ann,nil,2020-03-01,2""",
    "ehr_immunization": """
row_key,patient,code,date
i1,old,140,2015-02-01""",
    "ehr_careplan": """
id,patient,code,start
k1,old,nil,2015-02-01""",
    "ehr_observation": """
row_key,patient,encounter,date,code,value,type,units
o1,ann,v1,2020-03-04T09:30:00Z,8302-2,168.4,numeric,cm
o2,ann,v1,2020-03-04T09:30:00Z,56799-0,12 Canary Road,text,
o3,ann,v1,2020-03-04T09:30:00Z,nil,"says Ann, today",text,
o4,ann,v1,2020-03-04T09:30:00Z,nil,annual visit,text,
o5,ann,v1,2020-03-04T09:30:00Z,nil,2020-03-04,text,
o6,ann,v1,2020-03-04T09:30:00Z,nil,seen on 3/4/2020,text,
o7,ann,v1,2020-03-04T09:30:00Z,nil,lives 7 ELM street.,text,""",
    "ehr_note": """
id,patient,encounter,date,type,accession_number,text,title
n1,ann,v1,2020-03-02,radiology,ACC1,CANARY Ann,CANARY""",
    "biobank_sample": """
sample_id,patient,collected_on,sample_type,consent_scope
b1,ann,2020-03-03,Blood,research
b2,ann,2020-03-03,Blood,withdrawn""",
}


_TYPES = {"!": "BIGINT", "#": "INTEGER", ":": "DATE", "?": "BOOLEAN"}


def _typed(columns: str) -> str:
    """SQL of columns: the last character tells the type, VARCHAR without one."""
    return ", ".join(
        f"{name.rstrip('!#:?')} {_TYPES.get(name[-1], 'VARCHAR')}" for name in columns.split()
    )


# only the columns that the SQL reads
OTHER_TABLES = {
    "vault.person_map": _typed("person_id! research_id ehr_patient_id date_offset_days#"),
    "imaging.instance": _typed(
        "person_id! study_date: series_date: acquisition_date: content_date:"
        " patient_age_years# patient_sex"
    ),
    "imaging.link": _typed(
        "series_instance_uid study_instance_uid person_id! procedure_occurrence_id!"
        " visit_occurrence_id! is_procedure_made?"
    ),
    "imaging.study": _typed("study_instance_uid study_date: modalities"),
    "imaging.series": _typed("series_instance_uid person_id! accession_pseudonym"),
    "cleaned_note": _typed("note_id note_text note_title"),
    "omop.concept": _typed(
        "concept_id! concept_code vocabulary_id domain_id standard_concept concept_name"
        " concept_class_id"
    ),
    "omop.concept_relationship": _typed(
        "concept_id_1! concept_id_2! relationship_id invalid_reason"
    ),
    "omop.concept_ancestor": _typed("ancestor_concept_id! descendant_concept_id!"),
    "omop.vocabulary": _typed("vocabulary_id vocabulary_version"),
}


def session() -> duckdb.DuckDBPyConnection:
    """Return a connection with the lake's macros and empty tables of every kind that is read."""
    connection = duckdb.connect()
    macros.install(connection, BROKER.hmac_pads(), "UTC")
    for layer in ("raw", "vault", "imaging", "omop"):
        connection.execute(f"CREATE SCHEMA {layer}")
    for path in (ROOT / "data_contracts" / "raw").glob("*.odcs.yaml"):
        table = TableName("raw", path.name.removesuffix(".odcs.yaml"))
        columns = ", ".join(f'"{column.name}" VARCHAR' for column in load_contract(table).columns)
        connection.execute(f"CREATE TABLE {table} ({columns})")
    for name, columns in OTHER_TABLES.items():
        connection.execute(f"CREATE TABLE {name} ({columns})")
    return connection


def add_persons(connection: duckdb.DuckDBPyConnection) -> None:
    for (patient,) in connection.execute("SELECT id FROM raw.ehr_patient").fetchall():
        key = ehr_person_key(patient)
        connection.execute(
            "INSERT INTO vault.person_map VALUES (?, ?, ?, ?)",
            [BROKER.person_id(key), BROKER.research_id(key), patient, BROKER.date_offset_days(key)],
        )


def view_names(text: str) -> list[str]:
    return re.findall(r"^-- Uses view (\w+)\.$", text, re.MULTILINE)


def add_view(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    text = (SQL / "views" / f"{name}.sql").read_text()
    for other in view_names(text):
        add_view(connection, other)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {text}")


def build(connection: duckdb.DuckDBPyConnection) -> None:
    for table in sorted(TABLES, key=lambda name: (name in LATE, name)):
        text = (SQL / f"{table}.sql").read_text()
        for name in view_names(text):
            add_view(connection, name)
        rows = connection.execute(text).to_arrow_table()
        contract = load_contract(TableName("omop", table))
        assert rows.column_names == [column.name for column in contract.columns], table
        fitted, misfits = conform(rows, contract)
        assert fitted is not None, (table, misfits)
        connection.register("fitted", fitted)
        connection.execute(f"CREATE TABLE omop.{table} AS SELECT * FROM fitted")
        connection.unregister("fitted")
    add_view(connection, "ehr_procedure_row")


def hospital() -> duckdb.DuckDBPyConnection:
    """Return the CDM of the three patients and one person whom only images know."""
    connection = session()
    for table, text in RECEIVED.items():
        for row in csv.DictReader(text.strip().splitlines()):
            columns = ", ".join(f'"{name}"' for name in row)
            marks = ", ".join("?" for _ in row)
            given = [value or None for value in row.values()]
            connection.execute(f"INSERT INTO raw.{table} ({columns}) VALUES ({marks})", given)
    add_persons(connection)
    for concept in CONCEPTS:
        connection.execute(
            "INSERT INTO omop.concept VALUES (?, ?, ?, ?, ?, 'name', 'class')", [*concept]
        )
    for pair in MAPS:
        connection.execute(
            "INSERT INTO omop.concept_relationship VALUES (?, ?, 'Maps to', ?)", [*pair]
        )
    ann = BROKER.person_id(ehr_person_key("ann"))
    for statement, values in (
        ("vault.person_map VALUES (?, 'IRWAAAAAAAAAAAAAAAA', NULL, 30)", [IMAGE_PERSON]),
        (
            "imaging.instance VALUES (?, DATE '2021-05-05', NULL, NULL, NULL, 40, 'F')",
            [IMAGE_PERSON],
        ),
        ("imaging.link VALUES ('2.25.1', ?, ?, 555, NULL, TRUE)", [STUDY, IMAGE_PERSON]),
        ("imaging.link VALUES ('2.25.2', ?, ?, 555, NULL, TRUE)", [STUDY, IMAGE_PERSON]),
        ("imaging.link VALUES ('2.25.3', '2.25.6', ?, 556, NULL, FALSE)", [ann]),
        ("imaging.series VALUES ('2.25.3', ?, ?)", [ann, BROKER.accession("ACC1")]),
        ("imaging.study VALUES (?, DATE '2021-05-05', 'CT,SR')", [STUDY]),
        ("cleaned_note VALUES ('n1', 'clean text', 'clean title')", []),
    ):
        connection.execute(f"INSERT INTO {statement}", values)
    build(connection)
    return connection


def rows(
    connection: duckdb.DuckDBPyConnection, query: str, *values: object
) -> list[tuple[Any, ...]]:
    return connection.execute(query, [*values]).fetchall()
