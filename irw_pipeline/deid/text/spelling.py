"""One name in its spellings: with and without accents, as umlauts are spelt out, as it is cut."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SPELT_OUT = {
    "ä": ("ae", "a"),
    "ö": ("oe", "o"),
    "ü": ("ue", "u"),
    "ø": ("oe", "o"),
    "å": ("aa", "a"),
    "æ": ("ae", "a", "æ"),
    "œ": ("oe", "o", "œ"),
    "ß": ("ss", "s", "ß"),
    "þ": ("th", "þ"),
    "đ": ("dj", "d"),
}
_BASES = str.maketrans("łøđðħıŁØĐÐĦİ", "lodhhiLODDHI")
"""Letters with a stroke, which no normal form takes apart."""
_LIGATURES = str.maketrans(
    {"æ": "ae", "œ": "oe", "ß": "ss", "þ": "th", "Æ": "Ae", "Œ": "Oe", "Þ": "Th"}
)
_APOSTROPHES = "'\u2019\u2018`\u00b4"
_HYPHENS = "-\u2010\u2011\u2013"
_PIECE = re.compile(r"ae|oe|ue|ss|\s+|.", re.DOTALL)
_MIN_LOOSE = 5
"""In fewer letters than this an `e` more or less makes another word."""


def flattened(text: str) -> str:
    """Return the text letter for letter without accents, as long as before."""
    if text.isascii():
        return text
    return "".join(map(_base, text))


def folded(text: str) -> str:
    """Return the text in the letters of ASCII where they are Latin; it may grow."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES).translate(_BASES))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def spelling_pattern(name: str, letters: int | None = None) -> str:
    """Return a pattern of the name in flattened text: Jäger, Jager, JAEGER; Ruiz-Vo, Ruiz Vo.

    Args:
        name: In any case.
        letters: How many of its letters the pattern is of, all by default.
    """
    lowered = unicodedata.normalize("NFC", name).lower()
    is_long = sum(map(str.isalpha, lowered)) >= _MIN_LOOSE
    return "".join(_spelling(piece, is_long=is_long) for piece in _PIECE.findall(lowered[:letters]))


def _spelling(piece: str, *, is_long: bool) -> str:
    if piece in _SPELT_OUT:
        return f"(?:{'|'.join(_SPELT_OUT[piece])})"
    if piece[0] in "aou" and is_long:  # Jager is Jaeger too
        return f"{piece[0]}e?"
    if piece[0] in _APOSTROPHES:
        return f"[{_APOSTROPHES} ]?"
    if piece[0] in _HYPHENS:
        return f"[{_HYPHENS} ]?"
    if piece == "ss":
        return "(?:ss|ß)"
    return r"\s+" if piece.isspace() else re.escape(flattened(piece))


def bare_spellings(name: str) -> set[str]:
    """The name in letters only: without accents, and with umlauts spelt out."""
    lowered = unicodedata.normalize("NFC", name).lower()
    spelt = "".join(_SPELT_OUT.get(char, (char,))[0] for char in lowered)
    return {re.sub(r"[\W_]", "", folded(form)) for form in (lowered, spelt)}


@lru_cache(maxsize=4096)
def _base(char: str) -> str:
    plain = char.translate(_BASES)
    decomposed = unicodedata.normalize("NFD", plain)
    has_case = plain.lower() != plain.upper()
    return decomposed[0] if has_case and decomposed[0].isalpha() else char
