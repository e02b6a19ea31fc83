"""Reports in a third hand: notes, dictation, tables, letters and short header values.

Names, places and numbers are drawn per seed from lists of many cultures, common words among them;
half of the patients are known from a header, often in another spelling than the text has.
"""

from __future__ import annotations

import random
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from irw_pipeline.identity.subject import IdentifierKind, KnownIdentifier
from irw_pipeline_tests.factories.reports import NEUTRAL, Report

if TYPE_CHECKING:
    from collections.abc import Callable

_FOLDER = Path(__file__).parent / "report_templates"
_LISTS = yaml.safe_load((_FOLDER / "mixed_names.yaml").read_text("utf-8"))
_SURNAMES = _LISTS["surnames"].split()
_PARTICLED = (
    "van der Meulen",
    "von Habermann",
    "da Conceição",
    "bin Rashid",
    "Le Goff",
    "zu Lippe",
)
_WORDS = _LISTS["words"].split()
_GIVEN = _LISTS["given"].split()
_WORDS_GIVEN = _LISTS["given_words"].split()
_TOWNS = _LISTS["towns"].split()
_STREETS = _LISTS["streets"].split()
_PLACES = _LISTS["places"].split()
_HOSPITALS = (
    "{} Memorial Hospital",
    "{} Regional Medical Center",
    "{} Clinic",
    "Klinikum {}",
    "Hôpital {}",
    "{} VA Medical Center",
    "University Hospital {}",
    "{} Nursing Home",
)
_MONTHS = _LISTS["months"].split()
_STROKES = str.maketrans("łŁđĐøØðı", "lLdDoOdi")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_DAYS: tuple[Callable[[int, int, int], str], ...] = (
    lambda y, m, d: f"{m}/{d}/{y}",
    lambda y, m, d: f"{d:02}.{m:02}.{y}",
    lambda y, m, d: f"{y}-{m:02}-{d:02}",
    lambda y, m, d: f"{y}{m:02}{d:02}",
    lambda y, m, d: f"{d}-{_MONTHS[m - 1][:3]}-{y}",
    lambda y, m, d: f"{d:02}{_MONTHS[m - 1][:3].upper()}{y}",
    lambda y, m, d: f"{_MONTHS[m - 1]} {d}, {y}",
    lambda y, m, d: f"{d}th of {_MONTHS[m - 1]} {y}",
    lambda y, m, d: f"{y}/{m:02}/{d:02}",
    lambda y, m, d: f"{d:02}.{m:02}.{y % 100:02}",
)
_SHORT_DAYS: tuple[Callable[[int, int, int], str], ...] = (
    lambda _, m, d: f"{m}/{d}",
    lambda _, m, d: f"{_MONTHS[m - 1][:3]} {d}",
    lambda _, m, d: f"{d}th of {_MONTHS[m - 1]}",
)
_MONTH_YEARS: tuple[Callable[[int, int, int], str], ...] = (
    lambda y, m, _: f"{_MONTHS[m - 1]} {y}",
    lambda y, m, _: f"{_MONTHS[m - 1][:3]} '{y % 100:02}",
    lambda y, m, _: f"{m:02}/{y}",
)
_PERSON = re.compile(r"([pdrs]\d?)(f|l|m|i|li)(_c)?", re.IGNORECASE)
_PART = re.compile(r"([«»])")


def mixed_reports(seed: int) -> list[Report]:
    """Return every template, filled with what the seed draws."""
    templates = (_FOLDER / "mixed.txt").read_text("utf-8").strip("\n").split("\n---\n")
    return [_Filled(f"mixed{seed}/{n}").report(text) for n, text in enumerate(templates)]


def clinical_texts() -> list[str]:
    """Return texts that identify nobody: descriptions, protocols, findings, makers, eponyms."""
    return (_FOLDER / "clinical.txt").read_text("utf-8").strip("\n").split("\n")


class _Filled:
    """One report in the making: identifying parts of a value stand in «», the rest is neutral."""

    def __init__(self, seed: str) -> None:
        self._draw = random.Random(seed)  # noqa: S311 - no secret
        self._people: dict[str, tuple[str, str, str]] = {}
        self._birth = self._day()
        self._ids = {"mrn": self._code(), "acc": self._code()}

    def report(self, template: str) -> Report:
        text, spans = "", []
        for piece in re.split(r"(\{\w+\})", template):
            if not piece.startswith("{"):
                text += piece
                continue
            key, start = piece[1:-1], len(text)
            for part in _PART.split(self._value(key)):
                if part == "«":
                    begin = len(text)
                elif part == "»":
                    spans.append((begin, len(text), _kind(key)))
                else:
                    text += part
            spans.append((start, len(text), NEUTRAL))
        known = self._known() if self._draw.random() < 0.5 else frozenset()
        return Report(text, tuple(spans), known)

    def _known(self) -> frozenset[KnownIdentifier]:
        given, last, middle = self._person("p")
        year, month, day = self._birth
        kind = IdentifierKind
        return frozenset(
            {
                KnownIdentifier(kind.NAME, f"{last}^{given}^{middle}"),
                KnownIdentifier(kind.PATIENT_ID, self._ids["mrn"]),
                KnownIdentifier(kind.ACCESSION, self._ids["acc"]),
                KnownIdentifier(kind.BIRTH_DATE, f"{year}{month:02}{day:02}"),
            }
        )

    def _person(self, who: str) -> tuple[str, str, str]:
        if who not in self._people:
            draw, is_word = self._draw, self._draw.random() < 0.2
            last = draw.choice(_WORDS if is_word else (*_SURNAMES, *_PARTICLED))
            is_word = draw.random() < 0.15
            given = draw.choice(_WORDS_GIVEN if is_word else _GIVEN)
            self._people[who] = (given, last, draw.choice("ABCDEFGHJKLMNPRSTW"))
        return self._people[who]

    def _value(self, key: str) -> str:
        if person := _PERSON.fullmatch(key):
            return self._named(
                person[1].lower(), person[2].lower(), person[3], is_upper=key.isupper()
            )
        if key in ("time", "age", "mm"):
            return self._plain(key)
        value = getattr(self, f"_{key.lower()}")()
        return str(value.upper() if key.isupper() else value)

    def _named(self, who: str, form: str, small: str | None, *, is_upper: bool) -> str:
        given, last, middle = self._person(who)
        value = {"f": given, "l": last, "m": middle, "i": given[0], "li": last[0]}[form]
        value = self._spelt(value)
        value = value.upper() if is_upper else value.lower() if small else value
        return f"«{value}»"

    def _spelt(self, name: str) -> str:
        """The name with its accents, without, or with umlauts spelt out."""
        chance = self._draw.random()
        if chance < 0.4:
            return name
        name = name.translate(_UMLAUTS) if chance > 0.7 else name
        decomposed = unicodedata.normalize("NFKD", name.translate(_STROKES).replace("ß", "ss"))
        return "".join(char for char in decomposed if not unicodedata.combining(char))

    def _plain(self, key: str) -> str:
        draw = self._draw
        if key == "time":
            return f"{draw.randint(0, 23)}:{draw.randint(0, 59):02}"
        return str(draw.randint(18, 88) if key == "age" else draw.randint(2, 48))

    def _digits(self, count: int) -> str:
        return "".join(self._draw.choices("0123456789", k=count - 1)) + self._draw.choice(
            "123456789"
        )

    def _letters(self, count: int) -> str:
        return "".join(self._draw.choices("ABDEFGHJLNPRSTUWXYZ", k=count))

    def _code(self) -> str:
        digits, letters = self._digits, self._letters
        return self._draw.choice(
            (digits(7), digits(9), letters(1) + digits(7), f"{letters(2)}-{digits(2)}-{digits(6)}")
        )

    def _day(self) -> tuple[int, int, int]:
        return self._draw.randint(1930, 2024), self._draw.randint(1, 12), self._draw.randint(4, 20)

    def _mrn(self) -> str:
        return f"«{self._ids['mrn']}»"

    def _acc(self) -> str:
        return f"«{self._ids['acc']}»"

    def _num(self) -> str:
        return f"«{self._digits(self._draw.choice((6, 7, 8)))}»"

    def _ext(self) -> str:
        return f"ext «{self._digits(3)}»"

    def _phone(self) -> str:
        area, line = self._digits(3), self._digits(4)
        return "«{}»".format(
            self._draw.choice(
                (
                    f"({area}) 555-{line}",
                    f"{area}.555.{line}",
                    f"555-{line}",
                    f"0{line} {self._digits(6)}",
                    f"+49 89 {self._digits(7)}",
                    f"+33 1 {self._digits(2)} {self._digits(2)} {self._digits(2)}",
                )
            )
        )

    def _ssn(self) -> str:
        return f"«{self._digits(3)}-{self._digits(2)}-{self._digits(4)}»"

    def _nhs(self) -> str:
        return f"«{self._digits(3)} {self._digits(3)} {self._digits(4)}»"

    def _plate(self) -> str:
        return f"«{self._letters(3)} {self._digits(4)}»"

    def _lic(self) -> str:
        return f"«{self._letters(1)}{self._digits(8)}»"

    def _serial(self) -> str:
        return f"«{self._letters(3)}{self._digits(6)}»"

    def _ben(self) -> str:
        return f"«{self._letters(3)}{self._digits(9)}»"

    def _iban(self) -> str:
        return "«DE{} {}»".format(self._digits(2), " ".join(self._digits(4) for _ in range(4)))

    def _ip(self) -> str:
        return "«10.{}.{}.{}»".format(*(self._draw.randint(2, 250) for _ in range(3)))

    def _email(self) -> str:
        return f"«{self._letters(1).lower()}.{self._letters(6).lower()}@stlukes.org»"

    def _url(self) -> str:
        return f"«https://portal.{self._letters(7).lower()}.org/patient/{self._digits(6)}»"

    def _date(self) -> str:
        return f"«{self._draw.choice(_DAYS)(*self._day())}»"

    def _sdate(self) -> str:
        return f"«{self._draw.choice(_SHORT_DAYS)(*self._day())}»"

    def _mdate(self) -> str:
        return f"«{self._draw.choice(_MONTH_YEARS)(*self._day())}»"

    def _dob(self) -> str:
        return f"«{self._draw.choice(_DAYS)(*self._birth)}»"

    def _age90(self) -> str:
        return f"«{self._draw.randint(91, 104)}»"

    def _town(self) -> str:
        return f"«{self._draw.choice(_TOWNS)}»"

    def _hosp(self) -> str:
        return self._draw.choice(_HOSPITALS).format(f"«{self._draw.choice(_PLACES)}»")

    def _addr(self) -> str:
        street, town = self._draw.choice(_STREETS), self._draw.choice(_TOWNS)
        number, code = self._draw.randint(2, 999), self._digits(5)
        return self._draw.choice(
            (
                f"«{number} {street}» Street, «{town}», TX «{code}»",
                f"«{number} {street}» Ave Apt «12», «{town}»",
                f"«{street}straße {number}», «{code} {town}»",
                f"«{number}», rue «{street}», «{code} {town}»",
            )
        )


def _kind(key: str) -> str:
    kinds = {"dob": "birth", "sdate": "date", "mdate": "month"}
    return kinds.get(key.lower(), key.lower())
