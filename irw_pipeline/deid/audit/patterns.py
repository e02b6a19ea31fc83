"""What the audit looks for: the forms of each known identifier, encoded, and their automata.

Forms, encodings and boundaries are made here anew, shared with no cleaner, so that a mistake in
one is not repeated in the other. Only the list of common words is the same.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from irw_pipeline.deid.text.words import common_words, word
from irw_pipeline.identity.subject import IdentifierKind, KnownIdentifier

if TYPE_CHECKING:
    from collections.abc import Iterator

MIN_NAME = 3
MIN_ID = 4
MIN_DIGITS = 5
MIN_IN_PIXELS = 6
"""Shortest token that counts among binary bytes.

Random bytes hold a given token of n letters, in either case, at a given place with (2/256)^n. In
10^7 bytes (a compressed mammogram) that is 3e-1 hits for n = 4... 2e-6 for n = 6, and the token
boundaries take half of those; with a hundred forms a patient and 10^6 such objects, n = 6 costs
some hundred objects a look by a person, n = 5 would cost ten thousand.
"""
_ANCHOR_BYTES = 4
_ANCHORS_AT_ONCE = 64
"""Up to so many short patterns the library searches with vector instructions, at some GB/s."""

_RARE_NAME, _RARE_ID = 7, 8
_LONGEST_WORD = 24
_PARTICLES = frozenset(
    {"abu", "bin", "das", "del", "den", "der", "dos", "ibn", "las", "los", "mac", "san", "ter"}
    | {"van", "von"}
)
"""Parts of names that alone are no name: MAC before an address of hardware."""

_MIN_HALF = 4  # letters of one half of a double-barrelled name
_ENCODINGS = ("utf-8", "latin-1", "utf-16-le", "utf-16-be")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Pattern:
    """One form of one identifier in one encoding; letters in lower case."""

    kind: IdentifierKind
    encoded: bytes = field(repr=False)
    width: int  # bytes a character: 2 for UTF-16
    characters: int

    @property
    def is_number(self) -> bool:
        """Whether it is nothing but digits."""
        return self.encoded.replace(b"\0", b"").isdigit()


@dataclass(frozen=True)
class Matcher:
    """The patterns of one person; `anchors` find where a long one may begin, in any bytes."""

    patterns: tuple[Pattern, ...] = field(repr=False)
    automaton: BytesAhoCorasick = field(repr=False)
    anchors: tuple[BytesAhoCorasick, ...] = field(repr=False)
    longest: int


@lru_cache(maxsize=64)
def matcher_for(known: frozenset[KnownIdentifier], charset: tuple[str, ...]) -> Matcher | None:
    """Return what finds the identifiers, None where there is nothing to find.

    Args:
        known: What must not stand in an object.
        charset: Python's names of the object's own encodings; four common ones come with it.
    """
    patterns: dict[bytes, Pattern] = {}
    anchors: set[bytes] = set()
    for one in known:
        for form in _forms(one):
            for encoded, width in _encoded(form, charset):
                lowered = encoded.lower()
                patterns.setdefault(lowered, Pattern(one.kind, lowered, width, len(form)))
                if len(form) >= MIN_IN_PIXELS and one.kind is not IdentifierKind.BIRTH_DATE:
                    anchors.add(encoded[: _ANCHOR_BYTES + width - 1])
    if not patterns:
        return None
    ordered = tuple(patterns[key] for key in sorted(patterns))
    starts = sorted(anchors)
    return Matcher(
        ordered,
        BytesAhoCorasick([pattern.encoded for pattern in ordered]),
        tuple(
            BytesAhoCorasick(starts[at : at + _ANCHORS_AT_ONCE], matchkind=MatchKind.LeftmostFirst)
            for at in range(0, len(starts), _ANCHORS_AT_ONCE)
        ),
        max(map(len, patterns)),
    )


def stands_alone(lowered: bytes, start: int, pattern: Pattern) -> bool:
    """Whether a match is no part of a longer word or number, or too long to be one by chance."""
    before = lowered[max(0, start - pattern.width) : start].strip(b"\0")
    end = start + pattern.width * pattern.characters
    if pattern.width == 1:
        end = start + len(pattern.encoded)
    after = lowered[end : end + pattern.width].strip(b"\0")
    if _is_rare(pattern):
        return not (pattern.width == 1 and _is_within_a_word(lowered, start, end))
    if pattern.kind is IdentifierKind.NAME:  # digits beside a name do not hide it
        return not before.isalpha() and not after.isalpha()
    if before == b"." or (after == b"." and pattern.is_number):
        further = lowered[end + pattern.width : end + 2 * pattern.width].strip(b"\0")
        if before == b"." or further.isdigit():
            return False  # the digits of a decimal number or of a UID
    return not before.isalnum() and not after.isalnum()


def _is_within_a_word(lowered: bytes, start: int, end: int) -> bool:
    """Whether a match lies in a longer word of everyday or medicine: Overlay in overlays."""
    first, last = start, end
    while first > 0 and start - first < _LONGEST_WORD and lowered[first - 1 : first].isalpha():
        first -= 1
    while last - end < _LONGEST_WORD and lowered[last : last + 1].isalpha():
        last += 1
    if (first, last) == (start, end):
        return False
    known = word(lowered[first:last].decode("latin-1"))
    return known.is_clinical or known.is_common


def _is_rare(pattern: Pattern) -> bool:
    """Whether no other word or number holds it, so that it counts within one too: jwuckert2."""
    if pattern.kind is IdentifierKind.NAME:
        return pattern.characters >= _RARE_NAME
    is_text = not pattern.is_number and any(byte in b"0123456789" for byte in pattern.encoded)
    return is_text and pattern.characters >= _RARE_ID


def _encoded(form: str, charset: tuple[str, ...]) -> Iterator[tuple[bytes, int]]:
    for encoding in dict.fromkeys((*_ENCODINGS, *charset)):
        # bytes.lower() folds ASCII only: other letters are searched in every case
        for cased in {form, form.upper(), form.lower(), form.title()}:
            try:
                encoded = cased.encode(encoding)
            except (UnicodeError, LookupError):
                continue
            if not encoding.startswith("utf-16"):
                yield encoded, 1
            elif not encoded[1::2].strip(b"\0"):  # without its last zero it is both byte orders'
                yield encoded[:-1], 2
            elif encoded[::2].strip(b"\0"):
                yield encoded, 2


def _forms(one: KnownIdentifier) -> set[str]:
    value = one.value.strip(" \0")
    if one.kind is IdentifierKind.NAME:
        return _name_forms(value)
    if one.kind is IdentifierKind.BIRTH_DATE:
        return _date_forms(value)
    bare = re.sub(r"[\W_]", "", value)
    forms = {value, bare}
    if bare.isdigit() and one.kind is IdentifierKind.SSN:
        forms |= {f"{bare[:3]}{s}{bare[3:5]}{s}{bare[5:]}" for s in "- ."}
    if bare.isdigit() and one.kind is IdentifierKind.PHONE:
        last = bare[-10:]
        forms |= {last, f"({last[:3]}) {last[3:6]}-{last[6:]}"}
        forms |= {f"{last[:3]}{s}{last[3:6]}{s}{last[6:]}" for s in "-. "}
    return {form for form in forms if _is_telling(form)}


def _is_telling(form: str) -> bool:
    shortest = MIN_DIGITS if form.isdigit() else MIN_ID
    return len(form) >= shortest and form.lower() not in common_words() and len(set(form)) > 1


def _name_forms(value: str) -> set[str]:
    forms: set[str] = set()
    for group in value.split("="):  # the same name in letters, ideographs and sounds
        words = [part for part in re.split(r"[\^\s,.;]+", group) if part]
        for part in words:
            decomposed = unicodedata.normalize("NFKD", part)
            folded = "".join(char for char in decomposed if not unicodedata.combining(char))
            forms |= {part, re.sub(r"\d+$", "", part), folded}
            forms |= {half for half in part.split("-") if len(half) >= _MIN_HALF}
        # two parts side by side count even where each is a common word
        pairs = list(pairwise(words))
        for one, other in (*pairs, *((b, a) for a, b in pairs)):
            forms |= {f"{one}{s}{other}" for s in ("^", " ", ",", ", ", "_")}
    shortest = {True: MIN_NAME, False: 2}  # names of scripts without case have two characters
    return {
        form
        for form in forms
        if len(form) >= shortest[form.isascii()]
        and not form.isdigit()
        and form.lower() not in common_words()
        and form.lower() not in _PARTICLES
    }


def _date_forms(value: str) -> set[str]:
    digits = re.sub(r"\D", "", value)
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return set()
    y, m, d = f"{day.year:04d}", f"{day.month:02d}", f"{day.day:02d}"
    forms = {y + m + d, d + m + y, m + d + y}
    for s in "-/.":
        forms |= {f"{y}{s}{m}{s}{d}", f"{d}{s}{m}{s}{y}", f"{m}{s}{d}{s}{y}"}
        forms |= {f"{day.day}{s}{day.month}{s}{y}", f"{day.month}{s}{day.day}{s}{y}"}
    month = _MONTHS[day.month - 1]
    return forms | {
        f"{d}-{month}-{y}",
        f"{d} {month} {y}",
        f"{day.day} {month} {y}",
        f"{month} {d}, {y}",
        f"{month} {day.day}, {y}",
    }
