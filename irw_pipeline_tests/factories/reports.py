"""Reports with an answer key: which spans identify somebody, and which words must stay.

Names, places and numbers are drawn per seed from syllables and from rare names of many origins,
none of which the cleaner's tables hold. `develop` is what the rules were written with, `evaluate`
what they were not.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING

from irw_pipeline.deid.text.words import word
from irw_pipeline.identity.subject import IdentifierKind, KnownIdentifier
from irw_pipeline_tests.factories.report_names import CODAS, GIVEN, ONSETS, SURNAMES, VOWELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SETS = ("develop", "evaluate")
OFFSET_DAYS = 37
NEUTRAL = "neutral"
"""The kind of a span whose words may stay or go: Street, Hospital."""
_TEMPLATES = Path(__file__).parent / "report_templates"
_KEY = re.compile(r"\{(\w+)\}")
_WORD = re.compile(r"[^\W_]+")
_TITLES = frozenset(
    ["dr", "mr", "mrs", "ms", "md", "do", "rn", "rt", "prof", "med", "mme", "dra", "frau", "herr"]
)
"""Words that may go with the name that they belong to."""


@dataclass(frozen=True)
class Report:
    """One report: its text, the spans that identify, and what a header knows of the patient."""

    text: str
    spans: tuple[tuple[int, int, str], ...]
    known: frozenset[KnownIdentifier] = field(repr=False)


@dataclass
class Score:
    """Counts over reports; `leaked` names the kinds of the spans that survived."""

    spans: int = 0
    leaked: list[tuple[str, str]] = field(default_factory=list)
    words: int = 0
    lost: list[str] = field(default_factory=list)

    @property
    def removed_share(self) -> float:
        """Share of identifying spans of which no word survived."""
        return 1 - len(self.leaked) / self.spans

    @property
    def lost_share(self) -> float:
        """Share of the other words that are gone."""
        return len(self.lost) / self.words


def reports(which: str, seed: int) -> list[Report]:
    """Return every template of a set, filled with what the seed draws."""
    templates = (_TEMPLATES / f"{which}.txt").read_text("utf-8").strip().split("\n---\n")
    return [_filled(text, random.Random(f"{which}{seed}{n}")) for n, text in enumerate(templates)]  # noqa: S311 - no secret


def score(pairs: Iterable[tuple[Report, str]]) -> Score:
    """Compare cleaned texts with the answer key."""
    total = Score()
    for report, cleaned in pairs:
        _compare(report, cleaned, total)
    return total


def _compare(report: Report, cleaned: str, total: Score) -> None:
    words = list(_WORD.finditer(report.text))
    left = _WORD.findall(cleaned)
    matcher = SequenceMatcher(None, [match[0] for match in words], left, autojunk=False)
    kept = {
        index
        for block in matcher.get_matching_blocks()
        for index in range(block.a, block.a + block.size)
    }
    inside: set[int] = set()
    for start, end, kind in report.spans:
        of_span = [i for i, m in enumerate(words) if start <= m.start() < end]
        inside.update(of_span)
        if kind == NEUTRAL:
            continue
        total.spans += 1
        if kind.startswith(("date", "birth", "month")):
            is_leaked = re.search(rf"(?<!\w){re.escape(report.text[start:end])}(?!\w)", cleaned)
        else:
            is_leaked = any(i in kept and len(words[i][0]) > 1 for i in of_span)  # type: ignore[assignment]
        if is_leaked:
            total.leaked.append((kind, report.text[start:end]))
    for index, match in enumerate(words):
        if index in inside or match[0].isdigit() or match[0].lower() in _TITLES:
            continue
        total.words += 1
        if index not in kept:
            total.lost.append(match[0])


def _filled(template: str, draw: random.Random) -> Report:
    person = _Person(draw)
    is_upper = _KEY.sub("", template).isupper()
    parts: list[str] = []
    spans: list[tuple[int, int, str]] = []
    end = length = 0
    for match in _KEY.finditer(template):
        before = template[end : match.start()]
        lead, value = person.value(match[1])
        if is_upper and match[1] not in ("url", "email"):
            lead, value = lead.upper(), value.upper()
        parts += (before, lead, value)
        length += len(before) + len(lead)
        spans.append((length, length + len(value), match[1]))
        length += len(value)
        end = match.end()
    return Report("".join((*parts, template[end:])), tuple(spans), person.known)


class _Person:
    """The patient of one report, and the source of everybody else in it."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._first, self._last = self._name(GIVEN), self._name(SURNAMES)
        self._birth = date(1950, 1, 1) + timedelta(days=draw.randrange(18_000))
        self._mrn = str(draw.randrange(10**6, 10**8))
        kind = IdentifierKind
        self.known = frozenset(
            {
                KnownIdentifier(kind.NAME, f"{self._last}^{self._first}"),
                KnownIdentifier(kind.PATIENT_ID, self._mrn),
                KnownIdentifier(kind.BIRTH_DATE, self._birth.isoformat()),
            }
        )

    def value(self, key: str) -> tuple[str, str]:
        """Return what stands before the identifying part, and that part."""
        kind, _, form = key.partition("_")
        if kind in ("patient", "person"):
            return self._named(kind, form)
        if kind in ("date", "birth"):
            return "", self._date(form, self._birth if kind == "birth" else None)
        return "", _VALUES[key](self)

    def _named(self, kind: str, form: str) -> tuple[str, str]:
        first, last = self._first, self._last
        if kind == "person":
            first, last = self._name(GIVEN), self._name(SURNAMES)
        middle = self._draw.choice("ABCDEFGHJKLMNPRSTW")
        forms = {
            "": f"{first} {last}",
            "lf": f"{last}, {first}",
            "init": f"{first[0]}. {last}",
            "mid": f"{first} {middle}. {last}",
            "caret": f"{last}^{first}",
            "last": last,
        }
        if form == "title":
            return self._draw.choice(("Mr. ", "Mrs. ", "Ms. ")), last
        return "", forms[form]

    def _name(self, rare: list[str]) -> str:
        """A rare real name, or one made of syllables; never one that the cleaner lists."""
        while True:
            name = self._draw.choice(rare) if self._draw.random() < 0.5 else self._syllables()
            one = word(name)
            if not (one.is_name or one.may_be_name or one.is_common or one.is_clinical):
                return name

    def _syllables(self) -> str:
        count = self._draw.choice((2, 2, 3))
        parts = [self._draw.choice(ONSETS) + self._draw.choice(VOWELS) for _ in range(count)]
        return ("".join(parts) + self._draw.choice(CODAS)).title()

    def _date(self, form: str, given: date | None) -> str:
        day = given or date(2012, 1, 1) + timedelta(days=self._draw.randrange(4_000))
        forms = {"us": "%m/%d/%Y", "iso": "%Y-%m-%d", "long": "%B %d, %Y", "dash": "%d-%b-%Y"}
        return day.strftime(forms[form])

    def digits(self, count: int) -> str:
        """So many digits, none of them a leading zero."""
        return str(self._draw.randrange(10 ** (count - 1), 10**count))

    def pick(self, values: str) -> str:
        """One of the words."""
        return self._draw.choice(values.split())

    def town(self) -> str:
        """A made-up town."""
        return self._name(_TOWNS)


_TOWNS = [
    "Quillhampton",
    "Osterbrugge",
    "Varnhollow",
    "Ketchowa",
    "Brindlemoor",
    "Tsalaghi",
    "Wexfordton",
    "Ponderosaville",
]


def _hospital(one: _Person) -> str:
    kind = one.pick(
        "Regional_Medical_Center General_Hospital Community_Hospital Memorial_Hospital Clinic"
    )
    return f"{one.town()} {kind.replace('_', ' ')}"


_VALUES: dict[str, Callable[[_Person], str]] = {
    "first": lambda one: one._name(GIVEN),
    "last": lambda one: one._name(SURNAMES),
    "street": lambda one: (
        f"{one.digits(3)} {one.town()} {one.pick('Street Ave Road Lane Blvd Drive')}"
    ),
    "city": lambda one: one.town(),
    "zip": lambda one: one.digits(5),
    "hospital": _hospital,
    "phone": lambda one: (
        one.pick("({0})_{1}-{2} {0}-{1}-{2} {0}.{1}.{2}")
        .replace("_", " ")
        .format(one.digits(3), one.digits(3), one.digits(4))
    ),
    "fax": lambda one: f"{one.digits(3)}-{one.digits(3)}-{one.digits(4)}",
    "email": lambda one: f"{one._name(SURNAMES).lower()}@{one.town().lower()}.org",
    "ssn": lambda one: f"{one.digits(3)}-{one.digits(2)}-{one.digits(4)}",
    "mrn": lambda one: one._mrn,
    "accession": lambda one: one.pick("A R CT ACC").upper() + one.digits(8),
    "account": lambda one: one.digits(9),
    "plan": lambda one: f"{one.pick('W X HP')}{one.digits(8)}",
    "license": lambda one: f"{one.pick('D K S')}{one.digits(7)}",
    "npi": lambda one: one.digits(10),
    "vin": lambda one: "1HG" + one.pick("CM BH EJ") + one.digits(5) + "A" + one.digits(6),
    "plate": lambda one: f"{one.pick('KLM RTX BVN')}-{one.digits(4)}",
    "serial": lambda one: f"{one.pick('SN XR M')}{one.digits(6)}",
    "url": lambda one: f"https://pacs.{one.town().lower()}.org/v/{one.digits(5)}",
    "ip": lambda one: f"10.{one.digits(2)}.{one.digits(2)}.{one.digits(2)}",
    "caseno": lambda one: f"S{one.digits(2)}-{one.digits(5)}",
    "age": lambda one: str(90 + int(one.digits(1))),
    "month_year": lambda one: (
        one.pick("January March May August October") + f" 20{one.digits(2)[0]}{one.digits(1)}"
    ),
}
