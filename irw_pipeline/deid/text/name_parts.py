"""The parts of the names of one header, by how surely each is a name."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property
from itertools import permutations
from typing import TYPE_CHECKING

from irw_pipeline.deid.text.known_present import bones
from irw_pipeline.deid.text.spelling import bare_spellings, folded
from irw_pipeline.deid.text.words import common_words, evidence_words, word

if TYPE_CHECKING:
    from collections.abc import Iterable

MIN_NAME_LETTERS = 2
_MIN_BARE_LETTERS = 3
LONGEST_CUT = 64
MIN_RARE_LETTERS = 7
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
CASES = "\u0430\u044f\u044c"
_HONORIFIC = "さん|様|氏|先生|女士|小姐|님|씨"
_LETTERS = re.compile(r"[^\W\d_]{7,}")
START, STOP = r"(?<![^\W\d_])", r"(?![^\W\d_])"  # digits and underscores do not hide a name


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
        return [(bones_of(one), one) for one in self.strong | self.weak]

    def may_stand_in(self, shadow: str) -> bool:
        """Whether a pattern could match flattened text."""
        within = bones(shadow)
        return (
            bool(self.unspaced)
            or shadow[-LONGEST_CUT:].casefold().endswith(self.cut)
            or any(stem in within for stem, _ in self._stems)
            or bool(self.cut_in(shadow))
        )

    @cached_property
    def _long_cut(self) -> frozenset[str]:
        long = (one for one in self.cut if len(one) >= MIN_RARE_LETTERS)
        return frozenset(one for one in long if not is_word(one))

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
        for length in range(1, min(len(bare), LONGEST_CUT))
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


def _bounded(token: str) -> str:
    """A name in a script with spaces does not count within a word."""
    form = re.escape(token)
    spaceless = unicodedata.name(token[0], "").startswith(_SPACELESS)
    return form if spaceless else f"{START}{form}{STOP}"


def is_word(text: str) -> bool:
    """Whether a name is a word of medicine or of everyday text, or an eponym."""
    one = word(text)
    return one.is_clinical or one.is_common or one.takes_noun


def bones_of(token: str) -> str:
    """What no spelling and no case of a part is without."""
    return bones(token.rstrip(CASES))
