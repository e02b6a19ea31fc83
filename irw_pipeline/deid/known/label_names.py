"""Known names that are words too, in labels: Long of `Long AX T1`, Stone alone.

In a sentence the text cleaner sees how a word is used. A label has no sentence: what is written as
a name there, among abbreviations or alone, is the name.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from irw_pipeline.identity.subject import IdentifierKind

if TYPE_CHECKING:
    from irw_pipeline.identity.subject import KnownIdentifier

_LONGEST = 24
_MIN_LETTERS = 3
_PARTS = re.compile(r"[^\W\d_]+")


def without_names(label: str, known: frozenset[KnownIdentifier]) -> str:
    """Return a label without known names in it; a longer text, or one with other words, as it is.

    Args:
        label: A whole value.
        known: What is known of the person, and the people of the header.
    """
    if len(label) > _LONGEST or not (names := _names(known)):
        return label
    words = label.split()
    kept = [word for word in words if word.strip(",.;:/-_") not in names]
    if len(kept) == len(words) or any(char.islower() for char in "".join(kept)):
        return label
    return " ".join(kept)


@lru_cache(maxsize=256)
def _names(known: frozenset[KnownIdentifier]) -> frozenset[str]:
    return frozenset(
        part.title()
        for one in known
        if one.kind is IdentifierKind.NAME
        for part in _PARTS.findall(one.value)
        if len(part) >= _MIN_LETTERS
    )
