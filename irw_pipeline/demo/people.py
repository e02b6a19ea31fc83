"""The demo's patients and staff: generated identities from short lists of our own making.

Names are rare words on purpose: a search of released bytes for them finds leaks, not chance.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from irw_pipeline.demo.draw import Draw

Field = Literal["breast", "prostate", "neuro", "bowel", "spine", "genomics", "control"]

OLD_ISSUER = "OLDTOWN-RIS"
OLDEST, DECEASED = 2, 4
"""Numbers of the patient older than 89 and of the one who has died."""
_FIELDS: tuple[Field, ...] = (
    "breast",
    "prostate",
    "neuro",
    "bowel",
    "spine",
    "genomics",
    "control",
    "breast",
    "control",
    "neuro",
)
_WOMEN = (
    "Averilda",
    "Bettrys",
    "Corisande",
    "Delphina",
    "Eulalie",
    "Fredrika",
    "Ginevra",
    "Hesperia",
    "Isolda",
    "Jessamyn",
    "Zoë",
)
_MEN = (
    "Aldwin",
    "Bartolo",
    "Caspian",
    "Dunstan",
    "Evander",
    "Florizel",
    "Gawain",
    "Halbert",
    "Ignatz",
    "Jocelin",
    "Åskell",
)
_LAST = (
    "Quillfeather",
    "Brambleworth",
    "Thistledown",
    "Öberskog",
    "Marchbanksy",
    "Wetherstone",
    "Pennygrove",
    "Łukowiak",
    "Hollinsward",
    "Castelmira",
    "Fernsbyton",
    "O'Dannagher",
    "Vanderzwaluw",
    "Nuñezal",
    "Greystokely",
    "Ashcombery",
    "Tolliverson",
)
_STREETS = ("Lanternmaker Row", "Otterbrook Lane", "Gooseberry Terrace", "Saltmarsh Parade")
_CITIES = (
    ("Eastmereham", "Mereham County", "25931", "02931"),
    ("Port Wexcombe", "Wexcombe County", "25933", "02933"),
    ("Dunvallow", "Mereham County", "25931", "02938"),
)
_RACES = ("white", "white", "white", "black", "asian", "native", "other")


@dataclass(frozen=True)
class Person:
    """One person; `fields` of research decide the story, `old_mrn` is set when the MPI knows it."""

    number: int
    ehr_id: str
    field: Field
    first: str
    last: str
    sex: Literal["F", "M"]
    born_on: date
    died_on: date | None
    diagnosed_on: date
    race: str
    ethnicity: str
    street: str
    city: str
    county: str
    fips: str
    postcode: str
    phone: str
    ssn: str
    licence: str
    passport: str
    old_mrn: str | None
    height_cm: int
    weight_kg: int

    @property
    def header_name(self) -> str:
        """The name as a DICOM PN."""
        return f"{self.last}^{self.first}"

    def age_on(self, day: date) -> int:
        """Return the age in completed years."""
        had_birthday = (day.month, day.day) >= (self.born_on.month, self.born_on.day)
        return day.year - self.born_on.year - (0 if had_birthday else 1)


@dataclass(frozen=True)
class Clinician:
    """One provider of the EHR, who also signs images."""

    provider_id: str
    first: str
    last: str
    sex: Literal["F", "M"]
    speciality: str

    @property
    def header_name(self) -> str:
        """The name as a DICOM PN."""
        return f"{self.last}^{self.first}^^Dr."


_STAFF = (
    ("Peregrine", "Holmwoodie", "M", "GENERAL PRACTICE"),
    ("Seraphina", "Drakenfeld", "F", "GENERAL PRACTICE"),
    ("Thaddeus", "Ollivanter", "M", "RADIOLOGY"),
    ("Wilhelmina", "Crispinbury", "F", "RADIOLOGY"),
    ("Ludovica", "Stormalong", "F", "ONCOLOGY"),
)
OPERATORS = ("Tamsinet^Rowena", "Birkettson^Odo")


def make_staff(seed: int) -> tuple[Clinician, ...]:
    """Return the clinicians; the first two refer, the next two report."""
    return tuple(
        Clinician(
            Draw(seed, "staff", number).uuid(), first, last, "F" if sex == "F" else "M", speciality
        )
        for number, (first, last, sex, speciality) in enumerate(_STAFF)
    )


def _sex(field: Field, number: int) -> Literal["F", "M"]:
    if field == "breast":
        return "F"
    if field == "prostate":
        return "M"
    return "F" if number % 2 else "M"


def make_person(seed: int, number: int, *, has_old_mrn: bool) -> Person:
    """Return person `number`, the same one whatever the size of the hospital.

    `OLDEST` is older than 89 at every study; `DECEASED` has died after the last one.
    """
    draw = Draw(seed, "person", number)
    field = _FIELDS[number % len(_FIELDS)]
    sex = _sex(field, number)
    firsts = _WOMEN if sex == "F" else _MEN
    # the two lengths have no common factor, so a name pair repeats only after 187 people
    first, last = firsts[number % len(firsts)], _LAST[number % len(_LAST)]
    born_on = date(1938, 1, 1) + timedelta(days=draw.integer(0, 45 * 365))
    diagnosed_on = date(2015, 3, 1) + timedelta(days=draw.integer(0, 2200))
    if number == OLDEST:
        born_on = date(1925, 3, 14)
    city, county, fips, postcode = draw.pick(_CITIES)
    return Person(
        number=number,
        ehr_id=str(uuid.UUID(draw.uuid())),
        field=field,
        first=first,
        last=last,
        sex=sex,
        born_on=born_on,
        died_on=diagnosed_on + timedelta(days=800) if number == DECEASED else None,
        diagnosed_on=diagnosed_on,
        race=draw.pick(_RACES),
        ethnicity="hispanic" if draw.chance(12) else "nonhispanic",
        street=f"{draw.integer(101, 987)} {draw.pick(_STREETS)}",
        city=city,
        county=county,
        fips=fips,
        postcode=postcode,
        phone=f"555-{draw.integer(200, 989)}-{draw.digits(4)}",
        ssn=f"999-{draw.integer(10, 99)}-{draw.integer(1000, 9999)}",
        licence=f"S999{draw.digits(5)}",
        passport=f"X{draw.digits(8)}X",
        old_mrn=f"OT{draw.digits(7)}" if has_old_mrn else None,
        height_cm=draw.integer(152, 178) if sex == "F" else draw.integer(164, 193),
        weight_kg=draw.integer(51, 98),
    )


def make_people(seed: int, count: int) -> tuple[Person, ...]:
    """Return the patients of the EHR; one in five has images under an old MRN too."""
    return tuple(make_person(seed, number, has_old_mrn=number % 5 == 1) for number in range(count))


def make_stranger(seed: int) -> Person:
    """Return a person who has images here and is in neither the EHR nor the MPI."""
    return make_person(seed, 900_001, has_old_mrn=False)
