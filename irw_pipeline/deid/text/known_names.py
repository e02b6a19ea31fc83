"""Patterns of known names: in any order, case and spelling, glued, cut, or beside an initial.

A name that is a word of imaging too (Long, White, Hand) goes only where it is written as a name.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import permutations
from typing import TYPE_CHECKING

from irw_pipeline.deid.text.known_present import bones
from irw_pipeline.deid.text.marks import GONE, NAMED
from irw_pipeline.deid.text.spelling import bare_spellings, folded, spelling_pattern
from irw_pipeline.deid.text.words import common_words, evidence_pattern, evidence_words, word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MIN_NAME_LETTERS = 2
_MIN_BARE_LETTERS = 3
_MIN_CUT_LETTERS = 5
_MIN_GLUED_LETTERS = 5
_LONGEST_CUT = 64
_MIN_RARE_LETTERS = 7
"""So long a name counts within a longer word too, as for the audit."""

_NO_NAMES = evidence_words("forms_of_address") | {
    one.lower() for one in evidence_words("credentials")
}
"""Prefixes and suffixes of a DICOM name; `Dr` stands before other names as well."""
_PARTICLES = evidence_words("particles")
_SPACELESS = (
    "CJK",
    "HIRAGANA",
    "KATAKANA",
    "HALFWIDTH",
    "HANGUL",
    "THAI",
    "LAO",
    "KHMER",
    "MYANMAR",
)
_CYRILLIC = re.compile("[\u0400-\u04ff]{4,}")
_CASES = "\u0430\u044f\u044c"
_HONORIFIC = "さん|様|氏|先生|女士|小姐|님|씨"
_SEPARATORS = r"[\s,.^_=;-]"
_START, _STOP = r"(?<![^\W\d_])", r"(?![^\W\d_])"  # digits and underscores do not hide a name
_OWNER = r"(?:['\u2019]s)?"
_LETTERS = re.compile(r"[^\W\d_]{7,}")
_SOME_INITIAL = re.compile(rf"{_START}\w\.|,[ ]?\w\b")
_MARK = f"[{GONE}{NAMED}]"
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
    cut: tuple[str, ...] = ()
    """Beginnings of strong parts, in letters only."""
    initials: frozenset[str] = frozenset()

    @cached_property
    def _stems(self) -> list[tuple[str, str]]:
        """What no spelling of a part is without, and the part."""
        return [(_bones_of(one), one) for one in self.strong | self.weak]

    def may_stand_in(self, shadow: str) -> bool:
        """Whether a pattern could match flattened text."""
        within = bones(shadow)
        return (
            bool(self.unspaced)
            or shadow[-_LONGEST_CUT:].casefold().endswith(self.cut)
            or any(stem in within for stem, _ in self._stems)
            or bool(self.cut_in(shadow))
        )

    @cached_property
    def _long_cut(self) -> frozenset[str]:
        long = (one for one in self.cut if len(one) >= _MIN_RARE_LETTERS)
        return frozenset(one for one in long if not _is_word(one))

    def cut_in(self, shadow: str) -> frozenset[str]:
        """The words of flattened text that are long beginnings of strong parts."""
        if not self._long_cut:
            return frozenset()
        return self._long_cut.intersection(_LETTERS.findall(shadow.casefold()))

    def in_text(self, shadow: str) -> tuple[frozenset[str], frozenset[str]]:
        """The strong and weak parts that a pattern can find in flattened text."""
        within = bones(shadow)
        found = [one for stem, one in self._stems if stem in within]
        return frozenset(self.strong.intersection(found)), frozenset(self.weak.intersection(found))


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
    parts.initials = frozenset(token[0] for token in parts.strong | parts.weak)
    cut = {
        bare[:length].casefold()
        for token in parts.strong
        for bare in bare_spellings(token)
        for length in range(1, min(len(bare), _LONGEST_CUT))
    }
    parts.cut = tuple(sorted(cut))
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


def _rows(names: NameParts, shadow: str) -> re.Pattern[str] | None:
    """Two parts or more side by side, with initials and particles between them."""
    strong, weak = names.in_text(shadow)
    if not (strong or weak):
        return None
    if len(strong | weak) == 1 and not names.particles:
        within, stem = bones(shadow), _bones_of(next(iter(strong | weak)))
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
    return re.compile(rf"{_START}(?:{row}{lone}){_OWNER}{_STOP}", re.IGNORECASE)


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
        rf"{_START}(?:{initial}\.[ ]?)+{part}{_OWNER}{_STOP}"
        rf"|{_START}{part},[ ]?(?:{initial}\b\.?[ ]?)+(?!['\u2019\w])",
        re.IGNORECASE,
    )


def _ends(names: NameParts, shadow: str) -> re.Pattern[str] | None:
    """A name that is cut at the end of the text; values of 16 letters end within one."""
    strong, _ = names.in_text(shadow)
    ending = shadow[-_LONGEST_CUT:].casefold()
    cut = frozenset(one for one in names.cut if ending.endswith(one))
    long_cut = {form for form in cut if len(form) >= _MIN_CUT_LETTERS and not _is_word(form)}
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
    return re.compile(rf"{_START}(?:{'|'.join(ends)})", re.IGNORECASE)


def _cut_words(names: NameParts, shadow: str) -> re.Pattern[str] | None:
    """A name that a device cut in front of other words."""
    cut = names.cut_in(shadow)
    return re.compile(rf"{_START}(?:{_plain(cut)}){_STOP}", re.IGNORECASE) if cut else None


def _singles(names: NameParts, shadow: str) -> re.Pattern[str] | None:
    """A strong part by itself, with initials beside it."""
    strong, _ = names.in_text(shadow)
    return _singles_of(strong, names.initials) if strong else None


@lru_cache(maxsize=1024)
def _singles_of(strong: frozenset[str], initials: frozenset[str]) -> re.Pattern[str]:
    initial = _initial(initials)
    return re.compile(
        rf"{_START}(?:(?<![\w])(?:{initial}[ .]+)+)?{_names(strong, initials)}{_OWNER}"
        rf"(?:[ ,^]+{initial}\.?(?![\w'\u2019-]))?{_STOP}",
        re.IGNORECASE,
    )


def _names(strong: frozenset[str], initials: frozenset[str]) -> str:
    glued = {
        form
        for token in strong
        if len(token) >= _MIN_GLUED_LETTERS
        for letter in initials
        for form in (letter + token, token + letter)
        if form.isascii() and not _is_word(form)
    }
    return f"(?:{_alternatives(strong)}{'|' + _plain(glued) if glued else ''})"


def _within_words(names: NameParts, shadow: str) -> re.Pattern[str] | None:
    """A long strong part, and the word around it."""
    strong, _ = names.in_text(shadow)
    rare = frozenset(t for t in strong if len(t) >= _MIN_RARE_LETTERS and not _is_word(t))
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
        rf"(?<=[a-z,] )(?:{capital}){_OWNER}{_STOP}",  # within a sentence
        rf"{_START}{any_case}['\u2019]s{_STOP}",
        rf"{_START}(?:{capital}) (?=(?:{_OF_PERSON})\b)",
        rf"(?<={_MARK})[ ^_]{any_case}{_STOP}",
        rf"{_START}{any_case}(?=[\s,^_(\[#:]{{1,3}}{_MARK})",
    ]
    return _compiled("|".join(forms))


def _weak_behind_cues(names: NameParts, shadow: str) -> re.Pattern[str] | None:
    _, any_case = _weak_of(names, shadow)
    if not any_case:
        return None
    return _compiled(rf"\b(?:{_BEFORE_PERSON})[.:,]?\s{{1,2}}(?P<name>{any_case}{_STOP})")


def _weak_at_ends(names: NameParts, shadow: str) -> re.Pattern[str] | None:
    """CHEST WHITE is no white matter."""
    _, weak = names.in_text(shadow)
    before = {token for token in weak if token.isascii()} & set(evidence_words("before_nouns"))
    if not before:
        return None
    capital = _plain({token.title() for token in before})
    return _compiled(
        rf"{_START}(?:{capital}|{capital.upper()})(?=\s*(?:\Z|[,;^_\n\d{GONE}{NAMED}]))"
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


def _bounded(token: str) -> str:
    """A name in a script with spaces does not count within a word."""
    form = re.escape(token)
    spaceless = unicodedata.name(token[0], "").startswith(_SPACELESS)
    return form if spaceless else f"{_START}{form}{_STOP}"


def _is_word(text: str) -> bool:
    one = word(text)
    return one.is_clinical or one.is_common or one.takes_noun


def _longest(form: str) -> tuple[int, str]:
    return -len(form), form


def _bones_of(token: str) -> str:
    return bones(token.rstrip(_CASES))


def _alternatives(tokens: Iterable[str]) -> str:
    """The tokens in all their spellings, Cyrillic ones with the endings of their cases."""
    return "|".join(
        spelling_pattern(token.rstrip(_CASES)) + r"[\u0430-\u044f]{0,3}"
        if _CYRILLIC.fullmatch(token)
        else spelling_pattern(token)
        for token in sorted(tokens, key=_longest)
    )


def _plain(forms: Iterable[str]) -> str:
    return "|".join(re.escape(form) for form in sorted(forms, key=_longest))
