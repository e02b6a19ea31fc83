"""Patterns of known names: in any order, case and spelling, glued, cut, or beside an initial.

A name that is a word of imaging too (Long, White, Hand) goes only where it is written as a name.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from itertools import permutations
from typing import TYPE_CHECKING

from irw_pipeline.deid.text_marks import GONE
from irw_pipeline.deid.text_spelling import bare_spellings, folded, spelling_pattern
from irw_pipeline.deid.words import common_words, evidence_pattern, evidence_words, word

if TYPE_CHECKING:
    from collections.abc import Iterable

MIN_NAME_LETTERS = 2
_MIN_BARE_LETTERS = 3
_MIN_CUT_LETTERS = 5
_MIN_GLUED_LETTERS = 5
_MIN_RARE_LETTERS = 7
"""So long a name counts within a longer word too, as for the audit."""

_NO_NAMES = evidence_words("titles") | {one.lower() for one in evidence_words("credentials")}
"""Prefixes and suffixes of a DICOM name; `Dr` stands before other names as well."""
_PARTICLES = evidence_words("particles")
_SPACELESS = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR")
_CYRILLIC = re.compile("[\u0400-\u04ff]{4,}")
_HONORIFIC = "さん|様|氏|先生|女士|小姐|님|씨"
_SEPARATORS = r"[\s,.^_=;-]"
_START, _STOP = r"(?<![^\W\d_])", r"(?![^\W\d_])"  # digits and underscores do not hide a name
_OWNER = r"(?:['\u2019]s)?"
_BEFORE_PERSON = evidence_pattern("before_known")
_OF_PERSON = evidence_pattern("deeds")


@dataclass
class NameParts:
    """The parts of the names of one header.

    `strong` ones go wherever they stand, `weak` ones are words too, `particles` go beside another
    part. `unspaced` are of scripts without letter case.
    """

    strong: set[str] = field(default_factory=set)
    weak: set[str] = field(default_factory=set)
    particles: set[str] = field(default_factory=set)
    unspaced: set[str] = field(default_factory=set)


def name_tokens(name: str) -> set[str]:
    """The parts of a name, DICOM PN or plain; without the digits of synthetic names too."""
    tokens: set[str] = set()
    for part in re.split(r"[\^=\s,.;/\\]+", name):
        for form in {part, *part.split("-"), unicodedata.normalize("NFKC", part)}:
            bare = re.sub(r"\d+$", "", form)
            tokens |= {form, folded(form)}
            tokens |= {bare} if len(bare) >= _MIN_BARE_LETTERS else set()
    return {
        token
        for token in tokens
        if len(token) >= MIN_NAME_LETTERS and not token.isdigit() and token.lower() not in _NO_NAMES
    }


def name_parts(names: Iterable[str]) -> NameParts:
    """Return the parts of names in the form of PN or plain, by how surely they are names."""
    parts = NameParts()
    for name in names:
        for group in name.split("="):
            parts.unspaced |= _joined(group)
            for component in re.split(r"[\^,;/\\]+", group):
                words = component.split()
                for one in words:
                    particle = len(words) > 1 and one.lower() in _PARTICLES
                    _sort(one, parts, is_particle=particle)
    parts.weak -= parts.strong
    parts.particles -= parts.strong | parts.weak
    return parts


def _sort(one: str, parts: NameParts, *, is_particle: bool) -> None:
    for token in name_tokens(one):
        lowered = token.lower()
        short = len(token) <= MIN_NAME_LETTERS and word(token).is_clinical
        if lowered == token.upper():
            parts.unspaced.add(_bounded(token))
        elif is_particle:
            parts.particles.add(lowered)
        elif lowered in common_words() or short:
            parts.weak.add(lowered)
        else:
            parts.strong.add(lowered)


def _joined(group: str) -> set[str]:
    """Patterns of a whole name in a script without letter case, in both orders."""
    words = [one for one in re.split(r"[\^\s,]+", group) if one and one.lower() == one.upper()]
    words = [re.escape(one) for one in words if not one.isascii()][:2]
    gap = r"[\s^=,\u30fb\uff0c]*"
    alone = {rf"(?<!\w){one}(?={_HONORIFIC}|\W|\Z)" for one in words if len(one) == 1}
    return alone | {f"{one}{gap}{other}" for one, other in permutations(words, 2)}


def name_patterns(parts: NameParts) -> list[re.Pattern[str]]:
    """Return patterns for flattened text, to be applied one after the other."""
    patterns: list[re.Pattern[str]] = []
    tokens = parts.strong | parts.weak
    if tokens:
        patterns += [_rows(parts, tokens), _with_initials(tokens)]
    if parts.strong:
        patterns += _singles(parts.strong, tokens)
    if weak := sorted(token for token in parts.weak if token.isascii()):
        patterns += _weak(weak)
    if parts.unspaced:
        patterns.append(re.compile("|".join(sorted(parts.unspaced, key=_longest))))
    return patterns


def _rows(parts: NameParts, tokens: set[str]) -> re.Pattern[str]:
    """Two parts or more side by side, with initials and particles between them."""
    part = f"(?:{_alternatives(tokens)})"
    unit, lone = part, ""
    if parts.particles:
        small = f"(?:{_alternatives(parts.particles)})"
        unit = rf"(?:{small}{_SEPARATORS}*)*{part}(?:{_SEPARATORS}+{small})*"
        if parts.strong:
            strong = f"(?:{_alternatives(parts.strong)})"
            lone = rf"|(?:{small}{_SEPARATORS}*)+{strong}|{strong}(?:{_SEPARATORS}+{small})+"
    row = rf"{unit}(?:{_SEPARATORS}*{unit}|[\s,.^_]+[A-Z]\.?(?=[\s,.^_]+{unit}))+"
    return re.compile(rf"{_START}(?:{row}{lone}){_OWNER}{_STOP}", re.IGNORECASE)


def _with_initials(tokens: set[str]) -> re.Pattern[str]:
    part = f"(?:{_alternatives(tokens)})"
    initial = _initial(tokens)
    return re.compile(
        rf"{_START}(?:{initial}\.[ ]?)+{part}{_OWNER}{_STOP}"
        rf"|{_START}{part},[ ]?(?:{initial}\b\.?[ ]?)+(?!['\u2019\w])",
        re.IGNORECASE,
    )


def _singles(strong: set[str], tokens: set[str]) -> list[re.Pattern[str]]:
    initials = sorted({token[0] for token in tokens})
    glued = {
        form
        for token in strong
        if len(token) >= _MIN_GLUED_LETTERS
        for letter in initials
        for form in (letter + token, token + letter)
        if form.isascii() and not _is_word(form)
    }
    names = f"(?:{_alternatives(strong)}{'|' + _plain(glued) if glued else ''})"
    initial = _initial(tokens)
    cut = {
        bare[:length]
        for token in strong
        for bare in bare_spellings(token)
        for length in range(1, len(bare))
    }
    long_cut = {form for form in cut if len(form) >= _MIN_CUT_LETTERS and not _is_word(form)}
    rare = {token for token in strong if len(token) >= _MIN_RARE_LETTERS and not _is_word(token)}
    ends = [rf"{names}{_SEPARATORS}+(?:{_plain(cut)})\Z"] if cut else []
    ends += [rf"(?:{_plain(long_cut)})\Z"] if long_cut else []  # values of 16 letters end within
    patterns = [re.compile(rf"{_START}(?:{'|'.join(ends)})", re.IGNORECASE)] if ends else []
    patterns.append(
        re.compile(
            rf"{_START}(?:(?<![\w])(?:{initial}[ .]+)+)?{names}{_OWNER}"
            rf"(?:[ ,^]+{initial}\.?(?![\w'\u2019-]))?{_STOP}",
            re.IGNORECASE,
        )
    )
    if rare:
        patterns.append(re.compile(rf"[^\W\d_]*(?:{_alternatives(rare)})[^\W\d_]*", re.IGNORECASE))
    return patterns


def _weak(weak: list[str]) -> list[re.Pattern[str]]:
    """A name that is a word too, where it is written as a name."""
    capital = _plain({token.title() for token in weak})
    any_case = f"(?i:{_plain(set(weak))})"
    before_nouns = [token for token in weak if token in evidence_words("before_nouns")]
    forms = [
        rf"(?<=[a-z,] )(?:{capital}){_OWNER}{_STOP}",  # within a sentence
        rf"{_START}{any_case}['\u2019]s{_STOP}",
        rf"{_START}(?:{capital}) (?=(?:{_OF_PERSON})\b)",
        rf"(?<={GONE})[ ^_]{any_case}{_STOP}",
        rf"{_START}{any_case}(?=[\s,^_(\[#:]{{1,3}}{GONE})",
    ]
    patterns = [
        re.compile("|".join(forms)),
        re.compile(rf"\b(?:{_BEFORE_PERSON})[.:,]?\s{{1,2}}(?P<name>{any_case}{_STOP})"),
    ]
    if before_nouns:  # CHEST WHITE is no white matter
        capital = _plain({token.title() for token in before_nouns})
        patterns.append(
            re.compile(rf"{_START}(?:{capital}|{capital.upper()})(?=\s*(?:\Z|[,;^_\n\d{GONE}]))")
        )
    return patterns


def _initial(tokens: set[str]) -> str:
    letters = "".join(sorted({re.escape(folded(token)[0].upper()) for token in tokens}))
    return rf"(?-i:[{letters}])"


def _bounded(token: str) -> str:
    """A name in a script with spaces does not count within a word."""
    form = re.escape(token)
    spaceless = unicodedata.name(token[0], "").startswith(_SPACELESS)
    return form if spaceless else rf"(?<!\w){form}(?!\w)"


def _is_word(text: str) -> bool:
    one = word(text)
    return one.is_clinical or one.is_common or one.takes_noun


def _longest(form: str) -> tuple[int, str]:
    return -len(form), form


def _alternatives(tokens: set[str]) -> str:
    """The tokens in all their spellings, Cyrillic ones with the endings of their cases."""
    return "|".join(
        spelling_pattern(token.rstrip("\u0430\u044f\u044c")) + r"[\u0430-\u044f]{0,3}"
        if _CYRILLIC.fullmatch(token)
        else spelling_pattern(token)
        for token in sorted(tokens, key=_longest)
    )


def _plain(forms: set[str]) -> str:
    return "|".join(re.escape(form) for form in sorted(forms, key=_longest))
