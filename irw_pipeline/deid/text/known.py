"""What is known of one person, taken out of text: names, ids in any spacing, addresses."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from irw_pipeline.deid.text.known_names import NAME_STEPS
from irw_pipeline.deid.text.known_present import bones
from irw_pipeline.deid.text.marks import GONE, NAMED
from irw_pipeline.deid.text.name_parts import name_parts
from irw_pipeline.deid.text.spelling import flattened, spelling_pattern
from irw_pipeline.deid.text.words import common_words
from irw_pipeline.identity.subject import IdentifierKind, KnownIdentifier

if TYPE_CHECKING:
    from irw_pipeline.deid.text.name_parts import NameParts

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
    phrases, names = _forms(known)
    within = bones(shadow)
    found = frozenset(form for stem, form in phrases if stem in within)
    if not found and not names.may_stand_in(shadow):
        return text
    for step in (None, *NAME_STEPS):
        if step is None:
            pattern = _phrase_pattern(found) if found else None
        else:
            pattern = step(names, shadow)
        if pattern is None:
            continue
        part = "name" if pattern.groupindex else 0
        if spans := [match.span(part) for match in pattern.finditer(shadow)]:
            mark = NAMED if step else GONE
            marked, shadow = _without(marked, spans, mark), _without(shadow, spans, mark)
    return text if marked == composed else marked


def _without(text: str, spans: list[tuple[int, int]], mark: str) -> str:
    ends = [0, *(stop for _, stop in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    return mark.join(text[end:start] for end, start in zip(ends, starts, strict=True))


@lru_cache(maxsize=256)
def _forms(known: frozenset[KnownIdentifier]) -> tuple[frozenset[tuple[str, str]], NameParts]:
    """The phrases and ids of one person, each with what no spelling of it is without; the names."""
    names = sorted(one.value.strip(" \0") for one in known if one.kind is IdentifierKind.NAME)
    phrases = frozenset(
        (bones(value), form)
        for one in known
        if one.kind not in (IdentifierKind.NAME, IdentifierKind.BIRTH_DATE)
        for value, form in _phrase_forms(one.kind, one.value.strip(" \0"))
    )
    return phrases, name_parts(names)


@lru_cache(maxsize=1024)
def _phrase_pattern(phrases: frozenset[str]) -> re.Pattern[str]:
    joined = "|".join(sorted(phrases, key=lambda form: (-len(form), form)))
    return re.compile(rf"(?<![^\W_])(?:{joined})(?![^\W_])", re.IGNORECASE)


def _phrase_forms(kind: IdentifierKind, value: str) -> set[tuple[str, str]]:
    """An id, address or phrase, or a part of it, and a pattern of it."""
    if kind in _PHRASE_KINDS:
        values = {value, *_address_parts(value)} if kind is IdentifierKind.ADDRESS else {value}
        return {(one, spelling_pattern(one)) for one in values if _is_telling(one)}
    if not _is_telling(value):
        return set()
    bare = re.sub(r"[\W_]", "", value)
    if bare.isdigit() and len(bare) >= _MIN_LOOSE_DIGITS:
        return {(value, r"[-. ()/]{0,2}".join(bare)), (value, spelling_pattern(value))}
    parts = [re.escape(one) for one in re.findall(r"[^\W\d_]+|\d+", value)]
    forms = {(value, spelling_pattern(value))}
    if len(bare) >= MIN_ID_CHARACTERS and any(char.isdigit() for char in bare):
        forms.add((value, r"[-._/ ]?".join(parts)))
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
