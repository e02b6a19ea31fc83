"""What is known of one person, taken out of text: names, ids in any spacing, addresses."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from irw_pipeline.deid.text_known_names import name_parts, name_patterns
from irw_pipeline.deid.text_marks import GONE
from irw_pipeline.deid.text_spelling import flattened, spelling_pattern
from irw_pipeline.deid.words import common_words
from irw_pipeline.identity.subject import IdentifierKind, KnownIdentifier

MIN_ID_CHARACTERS = 4
_MIN_LOOSE_DIGITS = 7
_MIN_PLACE_LETTERS = 5
_PHRASE_KINDS = frozenset({IdentifierKind.ADDRESS, IdentifierKind.OTHER})


def mark_known(text: str, known: frozenset[KnownIdentifier]) -> str:
    """Return the text with the known identifiers taken out and marked."""
    if not known or not text:
        return text
    composed = text if text.isascii() else unicodedata.normalize("NFC", text)
    marked, shadow = composed, flattened(composed)
    for pattern in _known_patterns(known):
        part = "name" if pattern.groupindex else 0
        if spans := [match.span(part) for match in pattern.finditer(shadow)]:
            marked, shadow = _without(marked, spans), _without(shadow, spans)
    return text if marked == composed else marked


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    ends = [0, *(stop for _, stop in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    return GONE.join(text[end:start] for end, start in zip(ends, starts, strict=True))


@lru_cache(maxsize=256)
def _known_patterns(known: frozenset[KnownIdentifier]) -> tuple[re.Pattern[str], ...]:
    """The patterns of one person: phrases and ids, then names."""
    names = sorted(one.value.strip(" \0") for one in known if one.kind is IdentifierKind.NAME)
    phrases = {
        form
        for one in known
        if one.kind not in (IdentifierKind.NAME, IdentifierKind.BIRTH_DATE)
        for form in _phrase_forms(one.kind, one.value.strip(" \0"))
    }
    patterns = []
    if phrases:
        joined = "|".join(sorted(phrases, key=lambda form: (-len(form), form)))
        patterns.append(re.compile(rf"(?<![^\W_])(?:{joined})(?![^\W_])", re.IGNORECASE))
    return (*patterns, *name_patterns(name_parts(names)))


def _phrase_forms(kind: IdentifierKind, value: str) -> set[str]:
    """Patterns of an id, address or phrase."""
    if kind in _PHRASE_KINDS:
        values = {value, *_address_parts(value)} if kind is IdentifierKind.ADDRESS else {value}
        return {spelling_pattern(one) for one in values if _is_telling(one)}
    if not _is_telling(value):
        return set()
    bare = re.sub(r"[\W_]", "", value)
    if bare.isdigit() and len(bare) >= _MIN_LOOSE_DIGITS:
        return {r"[-. ()/]{0,2}".join(bare), spelling_pattern(value)}
    parts = [re.escape(one) for one in re.findall(r"[^\W\d_]+|\d+", value)]
    forms = {spelling_pattern(value)}
    if len(bare) >= MIN_ID_CHARACTERS and any(char.isdigit() for char in bare):
        forms.add(r"[-._/ ]?".join(parts))
    return forms


def _address_parts(value: str) -> list[str]:
    """The parts of an address that tell where somebody lives: street with number, town, code."""
    parts = [part.strip() for part in re.split(r"[,;\n\r^]+", value)]
    return [
        part
        for part in parts
        if (any(char.isdigit() for char in part) and len(part) > MIN_ID_CHARACTERS)
        or (part.replace(" ", "").isalpha() and len(part) >= _MIN_PLACE_LETTERS)
    ]


def _is_telling(value: str) -> bool:
    return len(value) >= MIN_ID_CHARACTERS and value.lower() not in common_words()
