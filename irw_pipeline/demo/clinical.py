"""A patient's course in the EHR: check-ups, the disease of the story and its treatment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from irw_pipeline.demo import codes
from irw_pipeline.demo.draw import Draw
from irw_pipeline.demo.registry import ORGANIZATION_ID, payer_of
from irw_pipeline.demo.tables import Chart, Row, stamp

if TYPE_CHECKING:
    from irw_pipeline.demo.codes import Code
    from irw_pipeline.demo.people import Clinician, Field, Person

_LOINC_UNITS = {
    codes.HEIGHT: "cm",
    codes.WEIGHT: "kg",
    codes.BODY_MASS_INDEX: "kg/m2",
    codes.SYSTOLIC: "mm[Hg]",
    codes.DIASTOLIC: "mm[Hg]",
    codes.HEART_RATE: "/min",
    codes.CREATININE: "mg/dL",
    codes.GLUCOSE: "mg/dL",
    codes.HEMOGLOBIN: "g/dL",
    codes.LEUKOCYTES: "10*3/uL",
    codes.PSA: "ng/mL",
    codes.MMSE: "{score}",
    codes.CRP: "mg/L",
}


@dataclass(frozen=True)
class Disease:
    """What a field of research means in codes: diagnosis, treatment, tests."""

    conditions: tuple[Code, ...]
    drugs: tuple[Code, ...] = ()
    procedures: tuple[Code, ...] = ()
    plan: Code | None = None
    test: Code | None = None


_DISEASES: dict[Field, tuple[Disease, ...]] = {
    "breast": (
        Disease(
            (codes.BREAST_CANCER,),
            (codes.TAMOXIFEN, codes.PACLITAXEL),
            (codes.BIOPSY_BREAST, codes.LUMPECTOMY, codes.CHEMOTHERAPY),
            codes.CANCER_PLAN,
        ),
        Disease(
            (codes.BREAST_CANCER,), (codes.ANASTROZOLE,), (codes.BIOPSY_BREAST,), codes.CANCER_PLAN
        ),
    ),
    "prostate": (
        Disease(
            (codes.PROSTATE_NEOPLASM, codes.PROSTATE_CANCER),
            (codes.LEUPROLIDE, codes.BICALUTAMIDE),
            (codes.BIOPSY_PROSTATE, codes.PROSTATECTOMY),
            codes.CANCER_PLAN,
            codes.PSA,
        ),
    ),
    "neuro": (
        Disease((codes.ALZHEIMER,), (codes.DONEPEZIL,), (), codes.DEMENTIA_PLAN, codes.MMSE),
        Disease((codes.PARKINSON,), (codes.LEVODOPA,), (), codes.PHYSIOTHERAPY_PLAN),
        Disease((codes.MULTIPLE_SCLEROSIS,), (codes.GLATIRAMER,)),
        Disease((codes.ALZHEIMER,), (codes.GALANTAMINE,), (), codes.DEMENTIA_PLAN, codes.MMSE),
    ),
    "bowel": (
        Disease(
            (codes.CROHN,),
            (codes.PREDNISONE, codes.ADALIMUMAB),
            (codes.COLONOSCOPY, codes.BIOPSY_COLON),
            None,
            codes.CRP,
        ),
        Disease(
            (codes.ULCERATIVE_COLITIS,), (codes.MESALAMINE,), (codes.COLONOSCOPY,), None, codes.CRP
        ),
    ),
    "spine": (
        Disease((codes.SPINE_INJURY,), (codes.ACETAMINOPHEN,), (), codes.SPINE_PLAN),
        Disease((codes.SPINE_FRACTURE,), (codes.ACETAMINOPHEN,), (), codes.PHYSIOTHERAPY_PLAN),
    ),
    "genomics": (Disease((codes.LUNG_CANCER,), (codes.PACLITAXEL,), (codes.CHEMOTHERAPY,)),),
    "control": (Disease((codes.SINUSITIS,), (codes.ACETAMINOPHEN,)),),
}


def disease_of(person: Person) -> Disease:
    """Return the disease of a patient's story; within a field the kinds take turns."""
    kinds = _DISEASES[person.field]
    # neither of ten and seven shares a factor with the numbers of kinds that matter here
    return kinds[(person.number // 10 + person.number % 10 // 7) % len(kinds)]


@dataclass(frozen=True)
class Encounter:
    """One visit; rows that happen in it carry its key."""

    encounter_id: str
    person: Person
    started_at: datetime

    def row(self, code: Code) -> dict[str, str]:
        """Return the columns that every clinical row of this visit shares."""
        return {
            "PATIENT": self.person.ehr_id,
            "ENCOUNTER": self.encounter_id,
            "CODE": code.code,
            "DESCRIPTION": code.description,
        }


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """Return a moment of the site's day; the site lives by UTC."""
    return datetime.combine(day, time(hour, minute))


def add_encounter(
    chart: Chart,
    person: Person,
    started_at: datetime,
    *,
    kind: str,
    code: Code,
    provider: Clinician,
    reason: Code | None = None,
) -> Encounter:
    """Add one visit of an hour and return it."""
    encounter_id = Draw("encounter", person.ehr_id, stamp(started_at), code.code).uuid()
    chart.add(
        "encounters",
        {
            "Id": encounter_id,
            "START": stamp(started_at),
            "STOP": stamp(started_at + timedelta(hours=1)),
            "PATIENT": person.ehr_id,
            "ORGANIZATION": ORGANIZATION_ID,
            "PROVIDER": provider.provider_id,
            "PAYER": payer_of(person),
            "ENCOUNTERCLASS": kind,
            "CODE": code.code,
            "DESCRIPTION": code.description,
            "BASE_ENCOUNTER_COST": "136.80",
            "TOTAL_CLAIM_COST": "704.20",
            "PAYER_COVERAGE": "500.00",
            "REASONCODE": reason.code if reason else "",
            "REASONDESCRIPTION": reason.description if reason else "",
        },
    )
    return Encounter(encounter_id, person, started_at)


def observe(encounter: Encounter, code: Code, value: str, category: str) -> Row:
    """Return one observation row."""
    units = _LOINC_UNITS.get(code, "")
    return encounter.row(code) | {
        "DATE": stamp(encounter.started_at),
        "CATEGORY": category,
        "VALUE": value,
        "UNITS": units,
        "TYPE": "numeric" if units else "text",
    }


def _add_vitals(chart: Chart, encounter: Encounter, draw: Draw) -> None:
    person = encounter.person
    mass_index = person.weight_kg / (person.height_cm / 100) ** 2
    vitals = (
        (codes.HEIGHT, f"{person.height_cm}.0"),
        (codes.WEIGHT, f"{person.weight_kg}.0"),
        (codes.BODY_MASS_INDEX, f"{mass_index:.1f}"),
        (codes.SYSTOLIC, f"{draw.integer(108, 155)}.0"),
        (codes.DIASTOLIC, f"{draw.integer(64, 96)}.0"),
        (codes.HEART_RATE, f"{draw.integer(56, 98)}.0"),
    )
    labs = (
        (codes.CREATININE, f"{draw.integer(6, 14) / 10}"),
        (codes.GLUCOSE, f"{draw.integer(72, 140)}.0"),
        (codes.HEMOGLOBIN, f"{draw.integer(108, 168) / 10}"),
        (codes.LEUKOCYTES, f"{draw.integer(38, 110) / 10}"),
    )
    for code, value in vitals:
        chart.add("observations", observe(encounter, code, value, "vital-signs"))
    for code, value in labs:
        chart.add("observations", observe(encounter, code, value, "laboratory"))
    smoking = draw.pick(("Never smoked tobacco (finding)", "Ex-smoker (finding)"))
    chart.add("observations", observe(encounter, codes.SMOKING, smoking, "social-history"))
    chart.add("observations", observe(encounter, codes.ADDRESS, person.street, "survey"))


def add_check_ups(chart: Chart, person: Person, staff: tuple[Clinician, ...]) -> None:
    """Add the yearly visits with vitals, laboratory, vaccines and the common conditions."""
    draw = Draw("check-up", person.ehr_id)
    comorbidity = draw.pick(codes.COMORBIDITIES)
    for number, days in enumerate((-760, -395, 310)):
        day = person.diagnosed_on + timedelta(days=days)
        visit = add_encounter(
            chart, person, at(day, 9), kind="wellness", code=codes.WELLNESS, provider=staff[0]
        )
        _add_vitals(chart, visit, draw)
        start, stop = stamp(visit.started_at), stamp(visit.started_at + timedelta(minutes=15))
        vaccine = draw.pick((codes.INFLUENZA, codes.INFLUENZA, codes.TETANUS, codes.PNEUMOCOCCAL))
        chart.add("immunizations", visit.row(vaccine) | {"DATE": start, "BASE_COST": "136.00"})
        chart.add(
            "procedures",
            visit.row(codes.SOCIAL_ASSESSMENT)
            | {"START": start, "STOP": stop, "BASE_COST": "431.40"},
        )
        if number == 0:
            chart.add("conditions", visit.row(comorbidity) | {"START": day.isoformat()})
            _add_comorbidity(chart, visit, comorbidity)
        if number == 1 and person.number % 4 == 0:
            _add_allergies(chart, visit)


def _add_comorbidity(chart: Chart, visit: Encounter, condition: Code) -> None:
    if condition == codes.HYPERTENSION:
        add_drug(chart, visit, codes.LISINOPRIL, condition, days=None)
    if condition == codes.DIABETES:
        add_drug(chart, visit, codes.METFORMIN, condition, days=None)
        start = stamp(visit.started_at)
        udi = f"(01)28769829942103(11)170829(17)420913(10)16081342(21){visit.person.number:05d}"
        chart.add("devices", visit.row(codes.GLUCOSE_METER) | {"START": start, "UDI": udi})
        chart.add("supplies", visit.row(codes.TEST_STRIPS) | {"DATE": start[:10], "QUANTITY": "50"})


def _add_allergies(chart: Chart, visit: Encounter) -> None:
    for code, kind, category in (
        (codes.ALLERGY_MOLD, "allergy", "environment"),
        (codes.ALLERGY_ASPIRIN, "intolerance", "medication"),
    ):
        chart.add(
            "allergies",
            visit.row(code)
            | {"START": visit.started_at.date().isoformat(), "SYSTEM": "Unknown"}
            | {"TYPE": kind, "CATEGORY": category},
        )


def add_drug(chart: Chart, visit: Encounter, code: Code, reason: Code, *, days: int | None) -> None:
    """Add one prescription; None for one that has not ended."""
    stop = "" if days is None else stamp(visit.started_at + timedelta(days=days))
    chart.add(
        "medications",
        visit.row(code)
        | {
            "START": stamp(visit.started_at),
            "STOP": stop,
            "PAYER": payer_of(visit.person),
            "BASE_COST": "129.94",
            "PAYER_COVERAGE": "100.00",
            "DISPENSES": "12",
            "TOTALCOST": "1559.28",
            "REASONCODE": reason.code,
            "REASONDESCRIPTION": reason.description,
        },
    )
