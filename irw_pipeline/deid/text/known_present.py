"""Which of the known names and phrases can stand in a text at all: only these are compiled.

A header names a dozen people and places, most values none of them, and compiling the patterns of
all takes longer than everything else that is done for the first object of a person.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from irw_pipeline.deid.text.spelling import flattened

_SPELT = str.maketrans({"æ": "a", "œ": "o", "þ": "th"})
_DROPPED = re.compile(r"[\W_ej]+")
_REPEATED = re.compile(r"(.)\1+", re.DOTALL)


@lru_cache(maxsize=16_384)
def bones(text: str) -> str:
    """Return what all spellings of a text have in common, so that one within another is found.

    Case, accents, doubled letters and all but letters and digits go, and the letters that one
    spelling has and another has not (`spelling`): Jäger, JAEGER and Jager are `agr`.
    """
    lowered = flattened(unicodedata.normalize("NFC", text)).casefold().translate(_SPELT)
    return _REPEATED.sub(r"\1", _DROPPED.sub("", lowered))
