"""The EHR's registers: patients, organizations, providers, payers and who is insured where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irw_pipeline.demo.draw import Draw
from irw_pipeline.demo.headers import HOSPITAL

if TYPE_CHECKING:
    from datetime import date

    from irw_pipeline.demo.people import Clinician, Person
    from irw_pipeline.demo.tables import Chart

ORGANIZATION_ID = Draw("organization").uuid()
MEDICARE_ID = Draw("payer", "medicare").uuid()
MUTUAL_ID = Draw("payer", "mutual").uuid()
_PLACE = {
    "ADDRESS": "17 Bellfounder Yard",
    "CITY": "Dunvallow",
    "STATE": "MA",
    "ZIP": "02938",
    "LAT": "42.41",
    "LON": "-71.13",
}
_PENSION_YEARS = 65


def payer_of(person: Person) -> str:
    """Return the key of the payer at the time of the diagnosis."""
    is_old = person.age_on(person.diagnosed_on) >= _PENSION_YEARS
    return MEDICARE_ID if is_old else MUTUAL_ID


def add_house(chart: Chart, staff: tuple[Clinician, ...]) -> None:
    """Add what does not depend on patients."""
    chart.add(
        "organizations",
        {"Id": ORGANIZATION_ID, "NAME": HOSPITAL, "PHONE": "555-0100", "REVENUE": "0.0"}
        | {"UTILIZATION": "1916"}
        | _PLACE,
    )
    for clinician in staff:
        chart.add(
            "providers",
            {
                "Id": clinician.provider_id,
                "ORGANIZATION": ORGANIZATION_ID,
                "NAME": f"{clinician.first} {clinician.last}",
                "GENDER": clinician.sex,
                "SPECIALITY": clinician.speciality,
                "ENCOUNTERS": "120",
                "PROCEDURES": "60",
            }
            | _PLACE,
        )
    for payer_id, name, ownership in (
        (MEDICARE_ID, "Medicare", "GOVERNMENT"),
        (MUTUAL_ID, "Larkspur Mutual", "PRIVATE"),
    ):
        chart.add(
            "payers",
            {
                "Id": payer_id,
                "NAME": name,
                "OWNERSHIP": ownership,
                "UNIQUE_CUSTOMERS": "40",
                "MEMBER_MONTHS": "4800",
            },
        )


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def add_patient(chart: Chart, person: Person) -> None:
    """Add the patient's own row and the insurance of the years around the diagnosis."""
    draw = Draw("registry", person.ehr_id)
    chart.add(
        "patients",
        {
            "Id": person.ehr_id,
            "BIRTHDATE": person.born_on.isoformat(),
            "DEATHDATE": _day(person.died_on),
            "SSN": person.ssn,
            "DRIVERS": person.licence,
            "PASSPORT": person.passport,
            "PREFIX": "Ms." if person.sex == "F" else "Mr.",
            "FIRST": person.first,
            "LAST": person.last,
            "MARITAL": draw.pick(("M", "S", "W", "D")),
            "RACE": person.race,
            "ETHNICITY": person.ethnicity,
            "GENDER": person.sex,
            "BIRTHPLACE": f"{person.city}  Massachusetts  US",
            "ADDRESS": person.street,
            "CITY": person.city,
            "STATE": "Massachusetts",
            "COUNTY": person.county,
            "FIPS": person.fips,
            "ZIP": person.postcode,
            "LAT": f"42.{draw.digits(6)}",
            "LON": f"-71.{draw.digits(6)}",
            "HEALTHCARE_EXPENSES": f"{draw.integer(9000, 90000)}.00",
            "HEALTHCARE_COVERAGE": f"{draw.integer(1000, 9000)}.00",
            "INCOME": str(draw.integer(21000, 99000)),
        },
    )
    year = person.diagnosed_on.year
    for start in (year - 1, year, year + 1):
        chart.add(
            "payer_transitions",
            {
                "PATIENT": person.ehr_id,
                "MEMBERID": draw.uuid(),
                "START_DATE": f"{start}-01-01T00:00:00Z",
                "END_DATE": f"{start + 1}-01-01T00:00:00Z",
                "PAYER": payer_of(person),
                "PLAN_OWNERSHIP": "Self",
                "OWNER_NAME": f"{person.first} {person.last}",
            },
        )
