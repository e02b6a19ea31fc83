"""Patterns of known names: in any order, case and spelling, glued, cut, or beside an initial.

A name that is a word of imaging too (Long, White, Hand) goes only where it is written as a name.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from irw_pipeline.deid.text.known_present import bones
from irw_pipeline.deid.text.marks import GONE, NAMED
from irw_pipeline.deid.text.name_parts import (
    CASES,
    LONGEST_CUT,
    MIN_RARE_LETTERS,
    START,
    STOP,
    NameParts,
    bones_of,
    is_word,
)
from irw_pipeline.deid.text.spelling import folded, spelling_pattern
from irw_pipeline.deid.text.words import evidence_pattern, evidence_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_MIN_CUT_LETTERS = 5
_MIN_GLUED_LETTERS = 5
_CYRILLIC = re.compile("[\u0400-\u04ff]{4,}")
_SEPARATORS = r"[\s,.^_=;-]"
_OWNER = r"(?:['\u2019]s)?"
_SOME_INITIAL = re.compile(rf"{START}\w\.|,[ ]?\w\b")
_MARK = f"[{GONE}{NAMED}]"
_BEFORE_PERSON = evidence_pattern("before_known")
_OF_PERSON = evidence_pattern("deeds")


def _rows(names: NameParts, shadow: str) -> re.Pattern[str] | None:
    """Two parts or more side by side, with initials and particles between them."""
    strong, weak = names.in_text(shadow)
    if not (strong or weak):
        return None
    if len(strong | weak) == 1 and not names.particles:
        within, stem = bones(shadow), bones_of(next(iter(strong | weak)))
        # two of one letter have become one
        if len(stem) > 1 and within.find(stem, within.find(stem) + 1) < 0:
            return None
    return _rows_of(strong, weak, frozenset(names.particles))


@lru_cache(maxsize=1024)
def _rows_of(
    strong: frozenset[str], weak: frozenset[str], particles: frozenset[str]
) -> re.Pattern[str]:
    part = f"(?:{_alternatives(strong | weak)})"
    unit, lone = part, ""
    if particles:
        small = f"(?:{_alternatives(particles)})"
        unit = rf"(?:{small}{_SEPARATORS}*)*{part}(?:{_SEPARATORS}+{small})*"
        if strong:
            names = f"(?:{_alternatives(strong)})"
            lone = rf"|(?:{small}{_SEPARATORS}*)+{names}|{names}(?:{_SEPARATORS}+{small})+"
    row = rf"{unit}(?:{_SEPARATORS}*{unit}|[\s,.^_]+[A-Z]\.?(?=[\s,.^_]+{unit}))+"
    return re.compile(rf"{START}(?:{row}{lone}){_OWNER}{STOP}", re.IGNORECASE)


def _with_initials(names: NameParts, shadow: str) -> re.Pattern[str] | None:
    """A part behind initials with full stops, or before a comma and initials."""
    strong, weak = names.in_text(shadow)
    if not (strong or weak) or not _SOME_INITIAL.search(shadow):
        return None
    return _with_initials_of(strong | weak, _initial(names.initials))


@lru_cache(maxsize=1024)
def _with_initials_of(tokens: frozenset[str], initial: str) -> re.Pattern[str]:
    part = f"(?:{_alternatives(tokens)})"
    return re.compile(
        rf"{START}(?:{initial}\.[ ]?)+{part}{_OWNER}{STOP}"
        rf"|{START}{part},[ ]?(?:{initial}\b\.?[ ]?)+(?!['\u2019\w])",
        re.IGNORECASE,
    )


def _ends(names: NameParts, shadow: str) -> re.Pattern[str] | None:
    """A name that is cut at the end of the text; values of 16 letters end within one."""
    strong, _ = names.in_text(shadow)
    ending = shadow[-LONGEST_CUT:].casefold()
    cut = frozenset(one for one in names.cut if ending.endswith(one))
    long_cut = {form for form in cut if len(form) >= _MIN_CUT_LETTERS and not is_word(form)}
    if not (long_cut or (cut and strong)):
        return None
    return _ends_of(strong, cut, frozenset(long_cut), names.initials)


@lru_cache(maxsize=1024)
def _ends_of(
    strong: frozenset[str],
    cut: frozenset[str],
    long_cut: frozenset[str],
    initials: frozenset[str],
) -> re.Pattern[str]:
    ends = [rf"{_names(strong, initials)}{_SEPARATORS}+(?:{_plain(cut)})\Z"] if strong else []
    ends += [rf"(?:{_plain(long_cut)})\Z"] if long_cut else []
    return re.compile(rf"{START}(?:{'|'.join(ends)})", re.IGNORECASE)


def _cut_words(names: NameParts, shadow: str) -> re.Pattern[str] | None:
    """A name that a device cut in front of other words."""
    cut = names.cut_in(shadow)
    return re.compile(rf"{START}(?:{_plain(cut)}){STOP}", re.IGNORECASE) if cut else None


def _singles(names: NameParts, shadow: str) -> re.Pattern[str] | None:
    """A strong part by itself, with initials beside it."""
    strong, _ = names.in_text(shadow)
    return _singles_of(strong, names.initials) if strong else None


@lru_cache(maxsize=1024)
def _singles_of(strong: frozenset[str], initials: frozenset[str]) -> re.Pattern[str]:
    initial = _initial(initials)
    return re.compile(
        rf"{START}(?:(?<![\w])(?:{initial}[ .]+)+)?{_names(strong, initials)}{_OWNER}"
        rf"(?:[ ,^]+{initial}\.?(?![\w'\u2019-]))?{STOP}",
        re.IGNORECASE,
    )


def _names(strong: frozenset[str], initials: frozenset[str]) -> str:
    glued = {
        form
        for token in strong
        if len(token) >= _MIN_GLUED_LETTERS
        for letter in initials
        for form in (letter + token, token + letter)
        if form.isascii() and not is_word(form)
    }
    return f"(?:{_alternatives(strong)}{'|' + _plain(glued) if glued else ''})"


def _within_words(names: NameParts, shadow: str) -> re.Pattern[str] | None:
    """A long strong part, and the word around it."""
    strong, _ = names.in_text(shadow)
    rare = frozenset(t for t in strong if len(t) >= MIN_RARE_LETTERS and not is_word(t))
    return _within_words_of(rare) if rare else None


@lru_cache(maxsize=1024)
def _within_words_of(rare: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"[^\W\d_]*(?:{_alternatives(rare)})[^\W\d_]*", re.IGNORECASE)


def _weak_of(names: NameParts, shadow: str) -> tuple[str, str]:
    """The weak parts as names are written, and in any case; empty where none is in the text."""
    _, weak = names.in_text(shadow)
    ascii_only = {token for token in weak if token.isascii()}
    if not ascii_only:
        return "", ""
    return _plain({token.title() for token in ascii_only}), f"(?i:{_plain(ascii_only)})"


def _weak_as_names(names: NameParts, shadow: str) -> re.Pattern[str] | None:
    """A name that is a word too, where it is written as a name."""
    capital, any_case = _weak_of(names, shadow)
    if not capital:
        return None
    forms = [
        rf"(?<=[a-z,] )(?:{capital}){_OWNER}{STOP}",  # within a sentence
        rf"{START}{any_case}['\u2019]s{STOP}",
        rf"{START}(?:{capital}) (?=(?:{_OF_PERSON})\b)",
        rf"(?<={_MARK})[ ^_]{any_case}{STOP}",
        rf"{START}{any_case}(?=[\s,^_(\[#:]{{1,3}}{_MARK})",
    ]
    return _compiled("|".join(forms))


def _weak_behind_cues(names: NameParts, shadow: str) -> re.Pattern[str] | None:
    _, any_case = _weak_of(names, shadow)
    if not any_case:
        return None
    return _compiled(rf"\b(?:{_BEFORE_PERSON})[.:,]?\s{{1,2}}(?P<name>{any_case}{STOP})")


def _weak_at_ends(names: NameParts, shadow: str) -> re.Pattern[str] | None:
    """CHEST WHITE is no white matter."""
    _, weak = names.in_text(shadow)
    before = {token for token in weak if token.isascii()} & set(evidence_words("before_nouns"))
    if not before:
        return None
    capital = _plain({token.title() for token in before})
    return _compiled(
        rf"{START}(?:{capital}|{capital.upper()})(?=\s*(?:\Z|[,;^_\n\d{GONE}{NAMED}]))"
    )


def _of_no_case(names: NameParts, _shadow: str) -> re.Pattern[str] | None:
    if not names.unspaced:
        return None
    return _compiled("|".join(sorted(names.unspaced, key=_longest)))


NAME_STEPS: tuple[Callable[[NameParts, str], re.Pattern[str] | None], ...] = (
    _rows,
    _with_initials,
    _ends,
    _singles,
    _within_words,
    _cut_words,
    _weak_as_names,
    _weak_behind_cues,
    _weak_at_ends,
    _of_no_case,
)
"""Each gives a pattern for what is left of a flattened text, None where it cannot match."""


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _initial(initials: Iterable[str]) -> str:
    letters = "".join(sorted({re.escape((folded(one) or one)[0].upper()) for one in initials}))
    return rf"(?-i:[{letters}])"


def _longest(form: str) -> tuple[int, str]:
    return -len(form), form


def _alternatives(tokens: Iterable[str]) -> str:
    """The tokens in all their spellings, Cyrillic ones with the endings of their cases."""
    return "|".join(
        spelling_pattern(token.rstrip(CASES)) + r"[\u0430-\u044f]{0,3}"
        if _CYRILLIC.fullmatch(token)
        else spelling_pattern(token)
        for token in sorted(tokens, key=_longest)
    )


def _plain(forms: Iterable[str]) -> str:
    return "|".join(re.escape(form) for form in sorted(forms, key=_longest))
