"""Which values of a header tell something of somebody, and which of their parts do."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from irw_pipeline.deid.text.words import common_words, word
from irw_pipeline.identity.subject import IdentifierKind, KnownIdentifier

if TYPE_CHECKING:
    from collections.abc import Iterable

_MIN_WORD = 5


def identifiers_in(
    kind: IdentifierKind, values: Iterable[str], *, needs_digit: bool = False
) -> set[KnownIdentifier]:
    """The values that tell something, and the parts of them that do.

    Args:
        kind: What they are.
        values: As the header has them.
        needs_digit: Whether one word without a digit names a kind of thing, such as KNEE.
    """
    found: set[KnownIdentifier] = set()
    for value in values:
        parts = [value]
        if kind is IdentifierKind.ADDRESS:
            parts += [part.strip() for part in re.split(r"[,;^\r\n]+", value)]
        if kind is not IdentifierKind.NAME:
            parts += [own for part in parts if (own := _own_name(part))]
            parts += re.findall(r"\(\d\d\)([^()]{6,})", value)  # of a unique device identifier
        found |= {
            KnownIdentifier(kind, part) for part in parts if _is_telling(part, kind, needs_digit)
        }
    return found


def is_of_imaging(value: str) -> bool:
    """Whether one word names a region, a maker or the like: HEADNECK, TOSHIBA."""
    one = word(value)
    return value.isalpha() and one.is_clinical and not one.may_be_name


def _own_name(place: str) -> str:
    """What tells a place from others of its kind: Ledbury of Ledbury Memorial Hospital."""
    words = place.split()
    while words and _is_generic(words[-1]):
        words.pop()
    while words and _is_generic(words[0]):
        words.pop(0)
    own = " ".join(words)
    is_name = own[:1].isupper() and own.replace(" ", "").isalpha() and len(own) >= _MIN_WORD
    return own if is_name and own != place else ""


def _is_generic(one: str) -> bool:
    bare = re.sub(r"[\W_]", "", one.lower())
    return bare in _words("place_words.txt") or bare in common_words()


def _is_telling(value: str, kind: IdentifierKind, needs_digit: bool) -> bool:  # noqa: FBT001 - private
    words = [one for one in re.split(r"[\W_]+", value.lower()) if one]
    if all(one in _words("placeholders.txt") for one in words):
        return False
    if kind is IdentifierKind.NAME or any(char.isdigit() for char in value):
        return True
    if len(words) == 1 and (needs_digit or len(value) < _MIN_WORD or is_of_imaging(value)):
        return False
    return not all(map(_is_generic, words))


@lru_cache(maxsize=2)
def _words(table: str) -> frozenset[str]:
    path = resources.files("irw_pipeline.deid") / "tables" / table
    lines = path.read_text("utf-8").splitlines()
    return frozenset(one for line in lines if not line.startswith("#") for one in line.split())
