"""A text as words in a row, each with what its form and the word lists say of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from irw_pipeline.deid.text.marks import BAR
from irw_pipeline.deid.text.words import Word, evidence_words, word

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*(?:-[^\W\d_]+(?:['\u2019][^\W\d_]+)*)*")
_MIXED = re.compile(
    r"^(?!(?:Ma?c|De|Di|La|Le|Van|Von|Fitz|St|Du|Del|El|Al|[OD]['\u2019])[A-Z])\w*(?:[a-z][A-Z]|[A-Z]{2}[a-z])"
)
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_ACRONYM = 3
_LISTED = 4
_PARTICLES = evidence_words("particles")
_NOUNS = evidence_words("nouns")


@dataclass(slots=True)
class Token:
    """One word of a text; `start` and `end` as in slices."""

    text: str
    start: int
    end: int
    word: Word
    gap: str
    """What stands between the word and the one before it."""
    is_glued: bool
    """Whether digits or an underscore touch it."""
    is_protected: bool = False
    """An eponym with its noun."""

    @property
    def is_capital(self) -> bool:
        """Written as names are: with a capital, or all of them."""
        return self.text[0].isupper()

    @property
    def is_upper(self) -> bool:
        """Written in capitals only, and more than one."""
        return self.text.isupper() and len(self.text) > 1

    @property
    def is_initial(self) -> bool:
        """One capital letter."""
        return len(self.text) == 1 and self.text.isupper()

    @property
    def is_mixed(self) -> bool:
        """Of a made form as CardioHealth, which is no name of a person."""
        return self.word is _NO_NAME

    @property
    def is_particle(self) -> bool:
        """A small word inside names: van, de la."""
        return self.text.lower() in _PARTICLES

    @property
    def stays(self) -> bool:
        """Whether no evidence but the strongest takes it for a name."""
        return self.is_protected or self.word.is_clinical

    @property
    def weight(self) -> int:
        """Evidence that it is part of a name: 2 listed, 1 possible, 0 none."""
        one = self.word
        if self.stays or self.is_initial or one.is_eponym:
            return 0
        if one.is_name:
            return 2 if len(self.text) >= _LISTED else 1
        if one.may_be_name:
            return 1
        return int(one.is_unknown and not (self.is_upper and len(self.text) <= _ACRONYM))


_NO_NAME = Word(
    is_clinical=True,
    is_eponym=False,
    takes_noun=False,
    is_common=False,
    is_given=False,
    is_surname=False,
    may_be_name=False,
    may_be_given=False,
)


def tokens_of(text: str) -> list[Token]:
    """Return the words of the text in their order."""
    found = list(_tokens(text))
    for index, token in enumerate(found):
        if token.word.takes_noun:
            token.is_protected = _has_noun(found, index)
    return found


def is_prose(tokens: list[Token]) -> bool:
    """Return whether the text is written in sentences, in which a capital means something."""
    small = sum(1 for token in tokens if token.text.islower() and len(token.text) > 1)
    return small >= 4 and small > 0.5 * len(tokens)  # noqa: PLR2004 - words, and the most of them


def _tokens(text: str) -> Iterator[Token]:
    end = 0
    for match in _TOKEN.finditer(text):
        before = text[match.start() - 1 : match.start()]
        after = text[match.end() : match.end() + 1]
        glued = before.isdigit() or after.isdigit() or BAR in (before, after)
        yield Token(
            text=match[0],
            start=match.start(),
            end=match.end(),
            word=_word_of(match[0]),
            gap=text[end : match.start()],
            is_glued=glued,
        )
        end = match.end()


def _word_of(text: str) -> Word:
    """The whole word, or, of a word with hyphens, what its parts have in common."""
    if "-" not in text:
        one = word(text)
        if one.is_unknown and _MIXED.search(text):  # SUVmax, PixelData; not McGill
            return one if any(_is_long_name(part) for part in _PARTS.findall(text)) else _NO_NAME
        return one
    parts = [word(part) for part in text.split("-") if part.lower() not in _PARTICLES]
    if len(parts) == 1:  # Al-Khoury
        return parts[0]
    if any(part.is_eponym for part in parts):  # Legg-Calve-Perthes
        return next(part for part in parts if part.is_eponym)
    is_name = any(part.is_name or part.is_unknown for part in parts)
    return Word(
        is_clinical=any(part.is_clinical for part in parts) and not any(p.is_name for p in parts),
        is_eponym=all(part.is_eponym or part.takes_noun for part in parts),
        takes_noun=any(part.takes_noun for part in parts),
        is_common=all(part.is_common or part.is_clinical for part in parts),
        is_given=is_name and any(part.is_given for part in parts),
        is_surname=is_name and any(part.is_surname for part in parts),
        may_be_name=any(part.may_be_name for part in parts),
        may_be_given=any(part.may_be_given for part in parts),
    )


def _is_long_name(text: str) -> bool:
    return len(text) >= _LISTED and word(text).is_name


def _has_noun(tokens: list[Token], index: int) -> bool:
    """Whether a noun of medicine follows within three words, or "of" stands before."""
    for step in range(1, 4):
        if index + step >= len(tokens):
            break
        following = tokens[index + step]
        if any(char in following.gap for char in ".:;,\n"):
            break
        if following.text.lower() in _NOUNS:
            return True
        if not (following.word.takes_noun or following.word.is_clinical):
            break
    if index >= 2 and tokens[index - 1].text.lower() == "of":  # noqa: PLR2004 - two words before
        return tokens[index - 2].text.lower() in _NOUNS
    return False
