"""Made-up people, places and numbers, all drawn from a seed.

Half of the names are put together from syllables, so that no list can hold them; the other half
are common names of many languages, among them ones that are also words, which a careless cleaner
takes from clinical text or leaves in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from irw_pipeline.demo.draw import Draw

_ONSETS = ("B", "Br", "D", "F", "G", "Gr", "H", "J", "K", "Kr", "L", "M", "N", "P", "R", "S", "Sh",
           "St", "T", "Tr", "V", "W", "Y", "Z")  # fmt: skip
_NUCLEI = ("a", "e", "i", "o", "u", "ai", "ea", "ie", "ou")
_CODAS = ("ld", "m", "nd", "ng", "r", "rk", "rt", "s", "sk", "th", "tz", "v", "x", "ck")
_SURNAME_ENDS = ("son", "sen", "ova", "ski", "mann", "berg", "well", "ton", "escu", "idze", "ez",
                 "etti", "wala", "nen", "yan", "oglu", "quist", "aard")  # fmt: skip
_GIVEN_ENDS = ("a", "ina", "elle", "o", "us", "ian", "ette", "eth", "iko", "ir")
_PLACE_ENDS = ("ville", "burg", "ford", "haven", "field", "stad", "minster", "holm", "ridge")
_GIVEN = (
    "Aisha", "Alejandro", "Amara", "Anneliese", "Bartholomew", "Beatriz", "Chidi", "Chiara",
    "Dmitri", "Ebony", "Eleanor", "Farid", "Fiona", "Giuseppe", "Gwendolyn", "Hamza",
    "Hans-Peter", "Imani", "Ingrid", "Jamal", "Jean-Luc", "Kateryna", "Kwame", "Lakshmi",
    "Leopold", "Mei-Ling", "Mohammed", "Ngozi", "Olena", "Oluwaseun", "Patricia", "Priyanka",
    "Quentin", "Rosalind", "Siobhan", "Svetlana", "Tatiana", "Thaddeus", "Umberto", "Valentina",
    "Wilhelmina", "Xiomara", "Yusuf", "Zachary",
)  # fmt: skip
_SURNAMES = (
    "Abernathy", "Adeyemi", "Bhattacharya", "Castellanos", "Chowdhury", "Dubois", "Eriksson",
    "Fitzgerald", "Gunawardena", "Hernandez", "Ivanova", "Jankowski", "Kapoor", "Lindqvist",
    "MacAllister", "Mbeki", "Nakamura", "Nguyen", "O'Sullivan", "Papadopoulos", "Quintero",
    "Rasmussen", "Schwarzenbach", "Tanaka", "Ueda", "Vandenberg", "Wojciechowski",
    "Yamaguchi", "Zimmermann", "Smith", "Johnson", "Williams", "Garcia", "Miller", "Kim", "Singh",
    "Ali", "van-der-Meer",
)  # fmt: skip
_WORDS_THAT_ARE_NAMES = ("Young", "Brown", "Long", "Short", "Bell", "Baker", "Rice", "Stone",
                         "Field", "Park", "Banks", "Cross", "Hand", "Church")  # fmt: skip
_STREETS = ("Street", "Avenue", "Lane", "Road", "Drive", "Court", "Boulevard")
_STATES = ("TX", "OH", "MN", "CA", "NY", "WA", "FL", "MA")
_HOUSES = ("Regional Medical Center", "Memorial Hospital", "University Hospital",
           "Imaging Associates", "Community Clinic", "Cancer Center")  # fmt: skip
_CAPITALS = "ABCDEFGHJKLMNPRSTUVWXYZ"


@dataclass(frozen=True)
class Person:
    """A patient with every identifier that 45 CFR 164.514(b)(2) lists, except a face."""

    given: str
    family: str
    middle: str
    maiden: str
    is_word: bool
    """Whether the family name is also an English word, which may rightly stand elsewhere."""
    mrn: str
    other_id: str
    birth: str
    sex: str
    age: str
    house: str
    street: str
    street_kind: str
    city: str
    state: str
    postcode: str
    phone: str
    fax: str
    email: str
    ssn: str
    plan: str
    account: str
    licence: str
    plate: str
    serial: str
    url: str
    ip: str
    biometric: str
    enrolment: str
    accession: str
    admission: str


@dataclass(frozen=True)
class Site:
    """A hospital: its name, its town, its people, its machines."""

    place: str
    name: str
    street: str
    city: str
    phone: str
    station: str
    staff: tuple[tuple[str, str], ...]
    strangers: tuple[tuple[str, str], ...]
    """People whom no header names: they stand in text only."""


def draw_person(draw: Draw) -> Person:
    """A patient whom nothing but the draw knows."""
    family, is_word = _surname(draw)
    given = _given(draw)
    handle = f"{given}.{family}".lower().replace("'", "")
    domain = made_word(draw).lower()
    phone, fax = _phone(draw), _phone(draw)
    return Person(
        given=given, family=family, middle=_given(draw), maiden=made_surname(draw), is_word=is_word,
        mrn=draw.pick(("MRN", "", "H", "0")) + draw.digits(8), other_id=_code(draw, 2, 7),
        birth=f"{draw.integer(1928, 1996)}{draw.integer(1, 12):02d}{draw.integer(1, 28):02d}",
        sex=draw.pick("FM"), age=f"{draw.integer(19, 84):03d}Y",
        house=str(draw.integer(1001, 9899)),
        street=made_word(draw), street_kind=draw.pick(_STREETS),
        city=made_place(draw), state=draw.pick(_STATES), postcode=f"7{draw.digits(4)}",
        phone=phone, fax=fax, email=f"{handle}@{domain}.{draw.pick(('org', 'com', 'de', 'co.uk'))}",
        ssn=f"{draw.integer(100, 899)}-{draw.integer(10, 99)}-{draw.integer(1000, 9999)}",
        plan=_code(draw, 3, 9), account=_code(draw, 2, 8), licence=_code(draw, 1, 8),
        plate=_code(draw, 3, 4), serial=_code(draw, 2, 6),
        url=f"https://portal.{domain}.org/p/{draw.digits(7)}",
        ip=f"10.{draw.integer(16, 250)}.{draw.integer(16, 250)}.{draw.integer(16, 250)}",
        biometric=_code(draw, 3, 8), enrolment=_code(draw, 4, 5),
        accession=_code(draw, 2, 8), admission=_code(draw, 1, 8),
    )  # fmt: skip


def draw_site(draw: Draw) -> Site:
    """A hospital with six people in its headers and four who stand in text only."""
    place = made_place(draw)
    people = [(_given(draw), made_surname(draw)) for _ in range(10)]
    return Site(
        place=place, name=f"{place} {draw.pick(_HOUSES)}", street=made_word(draw),
        city=made_place(draw), phone=_phone(draw), station=f"{place[:5].upper()}{draw.digits(3)}",
        staff=tuple(people[:6]), strangers=tuple(people[6:]),
    )  # fmt: skip


def made_word(draw: Draw) -> str:
    """A word of two syllables that no dictionary holds."""
    first = draw.pick(_ONSETS) + draw.pick(_NUCLEI) + draw.pick(_CODAS)
    return first + draw.pick(_ONSETS).lower() + draw.pick(_NUCLEI) + draw.pick(_CODAS)


def made_surname(draw: Draw) -> str:
    """A surname of syllables, as in many languages."""
    return draw.pick(_ONSETS) + draw.pick(_NUCLEI) + draw.pick(_CODAS) + draw.pick(_SURNAME_ENDS)


def made_place(draw: Draw) -> str:
    """The name of a town that is on no map."""
    return draw.pick(_ONSETS) + draw.pick(_NUCLEI) + draw.pick(_CODAS) + draw.pick(_PLACE_ENDS)


def _surname(draw: Draw) -> tuple[str, bool]:
    chance = draw.integer(1, 10)
    if chance == 1:
        return draw.pick(_WORDS_THAT_ARE_NAMES), True
    return (draw.pick(_SURNAMES), False) if chance <= 5 else (made_surname(draw), False)  # noqa: PLR2004 - half


def _given(draw: Draw) -> str:
    if draw.chance(50):
        return draw.pick(_GIVEN)
    return draw.pick(_ONSETS) + draw.pick(_NUCLEI) + draw.pick(_CODAS) + draw.pick(_GIVEN_ENDS)


def _phone(draw: Draw) -> str:
    area, exchange, line = draw.integer(201, 989), draw.integer(201, 989), draw.digits(4)
    form = draw.pick(
        (
            "({0}) {1}-{2}",
            "{0}-{1}-{2}",
            "{0}.{1}.{2}",
            "+1 {0} {1} {2}",
            "+44 20 7{1} {2}",
            "1-{0}-{1}-{2}",
        )
    )
    return form.format(area, exchange, line)


def _code(draw: Draw, letters: int, digits: int) -> str:
    return "".join(draw.pick(_CAPITALS) for _ in range(letters)) + draw.digits(digits)
