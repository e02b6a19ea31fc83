"""The site's own dictionary: its staff, departments and places, which no pattern can know.

A text file, one term a line as `kind: term`; `#` begins a comment. Kinds: `staff` for names of
people (any order, with initials), `department`, `place` and `other` for phrases.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick, MatchKind

from irw_pipeline.deid.text.marks import GONE
from irw_pipeline.deid.text.name_parts import name_tokens
from irw_pipeline.deid.text.words import word
from irw_pipeline.errors import SettingsError
from irw_pipeline.settings import site_dictionary_file

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = ("staff", "department", "place", "other")
_MIN_LETTERS = 3


def mark_site_terms(text: str) -> str:
    """Return the text with the site's terms taken out; without a dictionary, as it is.

    Raises:
        SettingsError: The dictionary cannot be read, or a line of it has no known kind.
    """
    path = site_dictionary_file()
    if not path:
        return text
    matcher = _matcher(Path(path))
    lowered = text.lower()
    if matcher is None or len(lowered) != len(text):
        return text
    parts: list[str] = []
    end = 0
    for _, start, stop in matcher.find_matches_as_indexes(lowered):
        if start < end or text[start - 1 : start].isalnum() or text[stop : stop + 1].isalnum():
            continue
        parts += (text[end:start], GONE)
        end = stop
    return "".join((*parts, text[end:]))


@lru_cache(maxsize=4)
def _matcher(path: Path) -> AhoCorasick | None:
    forms = sorted({form for kind, term in _terms(path) for form in _forms(kind, term)})
    return AhoCorasick(forms, matchkind=MatchKind.LeftmostLongest) if forms else None


def _terms(path: Path) -> Iterator[tuple[str, str]]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = None
    if lines is None:
        raise SettingsError("the site dictionary cannot be read; correct IRW_SITE_DICTIONARY")
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        kind, _, term = line.partition(":")
        if kind.strip() not in KINDS or not term.strip():
            raise SettingsError(
                f"line {number} of the site dictionary is not `kind: term` with a kind of "
                f"{', '.join(KINDS)}; correct it"
            )
        yield kind.strip(), term.strip()


def _forms(kind: str, term: str) -> set[str]:
    """The lower-case ways in which a term may stand in a text."""
    if kind != "staff":
        return {re.sub(r"\s+", " ", term).lower()}
    parts = [part for part in re.split(r"[\s,^=]+", term) if part]
    whole = {" ".join(parts), " ".join(reversed(parts)), "^".join(parts)}
    if len(parts) > 1:
        first, last = (parts[-1], parts[0]) if "," in term or "^" in term else (parts[0], parts[-1])
        whole |= {f"{first} {last}", f"{last}, {first}", f"{last} {first}", f"{last},{first}"}
        whole |= {
            f"{first[0]}. {last}",
            f"{first[0]} {last}",
            f"{last}, {first[0]}",
            f"{last} {first[0]}",
        }
    single = {part for part in name_tokens(term) if len(part) >= _MIN_LETTERS}
    single = {part for part in single if not (word(part).is_clinical or word(part).is_common)}
    return {form.lower() for form in whole | single}
