"""The disease of a patient's story in the EHR, the orders for imaging, and the odd rows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from irw_pipeline.demo import codes
from irw_pipeline.demo.clinical import (
    Disease,
    Encounter,
    add_drug,
    add_encounter,
    at,
    disease_of,
    observe,
)
from irw_pipeline.demo.draw import Draw
from irw_pipeline.demo.reports import report_text
from irw_pipeline.demo.story import Link, Study
from irw_pipeline.demo.tables import Chart, stamp

if TYPE_CHECKING:
    from irw_pipeline.demo.people import Clinician, Person

_MODALITY_NAMES = {
    "CT": "Computed Tomography",
    "MR": "Magnetic Resonance",
    "CR": "Computed Radiography",
    "DX": "Digital Radiography",
    "MG": "Mammography",
    "US": "Ultrasound",
    "PT": "Positron emission tomography",
}
_SOP_CLASSES = {
    "CT": ("1.2.840.10008.5.1.4.1.1.2", "CT Image Storage"),
    "MR": ("1.2.840.10008.5.1.4.1.1.4", "MR Image Storage"),
    "CR": ("1.2.840.10008.5.1.4.1.1.1", "Computed Radiography Image Storage"),
    "DX": ("1.2.840.10008.5.1.4.1.1.1.1", "Digital X-Ray Image Storage - For Presentation"),
    "MG": ("1.2.840.10008.5.1.4.1.1.1.2", "Digital Mammography X-Ray Image Storage"),
    "US": ("1.2.840.10008.5.1.4.1.1.6.1", "Ultrasound Image Storage"),
    "PT": ("1.2.840.10008.5.1.4.1.1.128", "Positron Emission Tomography Image Storage"),
}
_DICTATED = "Telephoned by Dr Drakenfeld"


def add_disease(chart: Chart, person: Person, staff: tuple[Clinician, ...]) -> None:
    """Add the visit of the diagnosis with its treatment, and a visit a year later."""
    disease = disease_of(person)
    main = disease.conditions[-1]
    is_injury = person.field == "spine"
    visit = add_encounter(
        chart,
        person,
        # before any examination of that day
        at(person.diagnosed_on, 6, 30),
        kind="emergency" if is_injury else "ambulatory",
        code=codes.EMERGENCY if is_injury else codes.PROBLEM,
        provider=staff[1],
        reason=main,
    )
    day = person.diagnosed_on.isoformat()
    stop = "" if person.field != "control" else (person.diagnosed_on + timedelta(14)).isoformat()
    for condition in disease.conditions:
        chart.add("conditions", visit.row(condition) | {"START": day, "STOP": stop})
    for drug in disease.drugs:
        add_drug(chart, visit, drug, main, days=180)
    _add_care(chart, visit, disease)
    later = add_encounter(
        chart,
        person,
        at(person.diagnosed_on + timedelta(days=375), 10, 15),
        kind="outpatient",
        code=codes.CHECK_UP,
        provider=staff[4],
        reason=main,
    )
    for encounter in (visit, later):
        if disease.test is not None:
            value = Draw("test", encounter.encounter_id).integer(41, 240) / 10
            chart.add("observations", observe(encounter, disease.test, str(value), "laboratory"))


def _add_care(chart: Chart, visit: Encounter, disease: Disease) -> None:
    main = disease.conditions[-1]
    reason = {"REASONCODE": main.code, "REASONDESCRIPTION": main.description}
    for number, procedure in enumerate(disease.procedures, start=1):
        start = visit.started_at + timedelta(minutes=30 * number)
        chart.add(
            "procedures",
            visit.row(procedure)
            | reason
            | {"START": stamp(start), "STOP": stamp(start + timedelta(minutes=25))}
            | {"BASE_COST": "2431.40"},
        )
    if disease.plan is not None:
        chart.add(
            "careplans",
            visit.row(disease.plan)
            | reason
            | {
                "Id": Draw("plan", visit.encounter_id).uuid(),
                "START": stamp(visit.started_at)[:10],
            },
        )
    if disease.plan == codes.SPINE_PLAN:
        udi = f"(01)89594617801781(11)150803(17)400818(10)1909219(21)W{visit.person.number:05d}"
        chart.add(
            "devices",
            visit.row(codes.WHEELCHAIR) | {"START": stamp(visit.started_at), "UDI": udi},
        )


def add_imaging(chart: Chart, study: Study) -> None:
    """Add what the EHR knows of a study: nothing, a procedure, or an imaging study as well."""
    if study.link is Link.NONE:
        return
    visit = add_encounter(
        chart,
        study.person,
        study.procedure_at - timedelta(minutes=10),
        kind="ambulatory",
        code=codes.OUTPATIENT,
        provider=study.referrer,
    )
    done_at = study.procedure_at
    chart.add(
        "procedures",
        visit.row(study.exam.procedure)
        | {"START": stamp(done_at), "STOP": stamp(done_at + timedelta(minutes=20))}
        | {"BASE_COST": "988.00"},
    )
    if study.link in (Link.ACCESSION, Link.STUDY_UID):
        _add_imaging_study(chart, visit, study)
    if Draw("note", study.uid).chance(85):
        chart.add(
            "notes",
            {
                "Id": Draw("note-id", study.uid).uuid(),
                "DATE": stamp(done_at + timedelta(hours=2)),
                "PATIENT": study.person.ehr_id,
                "ENCOUNTER": visit.encounter_id,
                "TYPE": "Radiology report",
                "TITLE": study.exam.title,
                "ACCESSION_NUMBER": study.accession if study.link is Link.ACCESSION else "",
                "TEXT": report_text(study),
            },
        )


def _add_imaging_study(chart: Chart, visit: Encounter, study: Study) -> None:
    """Add one row per instance, as Synthea does.

    A RIS that keeps the accession has its own UIDs; one that has the scanner's keeps no accession.
    """
    exam = study.exam
    has_accession = study.link is Link.ACCESSION
    sop_class, sop_name = _SOP_CLASSES[exam.modality]
    epoch = Draw("ris", study.uid).digits(13)
    for series in study.series:
        for instance in series.instances:
            made = f"1.2.840.99999999.1.{series.number}.{instance.number}.{epoch}"
            chart.add(
                "imaging_studies",
                {
                    "Id": Draw("imaging", study.uid).uuid(),
                    "DATE": stamp(study.procedure_at),
                    "PATIENT": study.person.ehr_id,
                    "ENCOUNTER": visit.encounter_id,
                    "SERIES_UID": f"1.2.840.99999999.1.{series.number}.{epoch}"
                    if has_accession
                    else series.uid,
                    "BODYSITE_CODE": exam.body_site.code,
                    "BODYSITE_DESCRIPTION": exam.body_site.description,
                    "MODALITY_CODE": exam.modality,
                    "MODALITY_DESCRIPTION": _MODALITY_NAMES[exam.modality],
                    "INSTANCE_UID": made if has_accession else instance.uid,
                    "SOP_CODE": sop_class,
                    "SOP_DESCRIPTION": sop_name,
                    "PROCEDURE_CODE": exam.procedure.code,
                    "ACCESSION_NUMBER": study.accession if has_accession else "",
                },
            )


def add_death(chart: Chart, person: Person, staff: tuple[Clinician, ...]) -> None:
    """Add the certificate of a patient who died, two weeks after the day."""
    if person.died_on is not None:
        add_encounter(
            chart,
            person,
            at(person.died_on + timedelta(days=14), 11),
            kind="wellness",
            code=codes.DEATH_CERTIFICATION,
            provider=staff[0],
        )


def add_odd_rows(chart: Chart, people: tuple[Person, ...]) -> None:
    """Add what real exports hold: a drug that ends before it starts, twins, rows of no visit."""
    first, last = people[0], people[3]
    drug = next(row for row in chart.rows["medications"] if row["PATIENT"] == first.ehr_id)
    earlier = f"{first.diagnosed_on.year - 3}-01-05T08:00:00Z"
    chart.add(
        "medications",
        {**drug, "CODE": codes.ACETAMINOPHEN.code, "STOP": earlier}
        | {"DESCRIPTION": codes.ACETAMINOPHEN.description},
    )
    for row in [row for row in chart.rows["observations"] if row["PATIENT"] == first.ehr_id][:3]:
        chart.add("observations", row)
    weight = next(row for row in chart.rows["observations"] if row["CODE"] == codes.WEIGHT.code)
    chart.add("observations", {**weight, "ENCOUNTER": "", "DATE": "2016-05-06T07:08:09Z"})
    visit = next(row for row in chart.rows["encounters"] if row["PATIENT"] == last.ehr_id)
    chart.add(
        "notes",
        {
            "Id": Draw("odd-note", last.ehr_id).uuid(),
            "DATE": visit["START"],
            "PATIENT": last.ehr_id,
            "ENCOUNTER": visit["Id"],
            "TYPE": "Nursing note",
            "TITLE": "Cafe\u0301 visit \u2615",  # a combining accent, not the composed letter
            # an embedded BOM, a zero-width space in the name, right-to-left marks, an emoji
            "TEXT": f"\ufeff{_DICTATED}:\u00a0{last.first}\u200b {last.last.upper()} "
            "\u202b\u05e9\u05dc\u05d5\u05dd\u202c feels \U0001f642; temp 37\u00b75\u2103,\r\n"
            f"\tasks for \u201c{last.last}\u201d.",
        },
    )
