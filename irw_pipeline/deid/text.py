"""Free text without identifiers: what is known of the person, and what looks like one, goes.

Everything else stays. First form, no language model: a stranger's name without a title is not seen.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from irw_pipeline.deid.dates import replace_dates, shift_day
from irw_pipeline.deid.words import common_words
from irw_pipeline.identity.subject import IdentifierKind, KnownIdentifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

MIN_NAME_LETTERS = 2
MIN_BARE_LETTERS = 3
MIN_ID_CHARACTERS = 4
_PHRASE_KINDS = frozenset({IdentifierKind.ADDRESS, IdentifierKind.OTHER})

_UID = re.compile(r"(?<![\w.])[0-2](?:\.\d+){5,}(?![\w.])")
_PATTERNS = (
    re.compile(r"(?:https?|ftp)://\S+|(?<!\w)www\.\S+", re.IGNORECASE),
    re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"),
    re.compile(r"(?<![\w.])(?:\+?1[-. ]?)?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?!\w)"),
    re.compile(r"(?<![\w.])\+\d{1,3}(?:[-. ()]{0,2}\d{2,4}){2,5}(?!\w)"),
    re.compile(r"(?<![\w.-])\d{3}-\d{4}(?![\w-])"),
    # an address of a machine, not a version number: a private range, or long octets
    re.compile(
        r"(?<![\w.])(?:10|127|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2,3}(?![\w.])"
        r"|(?<![\w.])\d{2,3}\.\d{2,3}\.\d{1,3}\.\d{1,3}(?![\w.])"
    ),
    re.compile(
        r"(?:(?<=MRN)|(?<=DOB)|(?<=SSN)|(?<=Accession)|(?<=ACC)|(?<=\bSN)) ?[:#=]+ ?[\w./-]+",
        re.IGNORECASE,
    ),
    # Dr, Mr in mixed case only: "DR CHEST" and "MR BRAIN" are modalities
    re.compile(
        r"(?<!\w)(?:Dr|Mr|Mrs|Ms|Prof)(?:\. ?| )(?:[A-Z]\. ?)*[A-Z][\w'-]+(?: [A-Z][\w'-]+)?"
    ),
    re.compile(r"(?<![\w.])\d{7,}(?![\w.]*\w)"),
)


def clean_text(
    text: str,
    known: Iterable[KnownIdentifier],
    *,
    date_offset_days: int | None,
    map_uid: Callable[[str], str] | None = None,
) -> str:
    """Return `text` without identifiers, all other words in their order and form.

    Args:
        text: One value; of any language, names are found in any case and order.
        known: What is known of the person, and the people and places of the header.
        date_offset_days: Days to move dates back by; 0 keeps them, None removes them. The birth
            date is always removed.
        map_uid: Gives the pseudonym of a UID that stands in the text; None leaves UIDs.
    """
    held = frozenset(known)
    births = _birth_dates(held)

    def replace(day: date) -> date | None:
        if date_offset_days is None or day in births:
            return None
        return shift_day(day, date_offset_days)

    cleaned = _UID.sub(lambda match: _mapped(match[0], map_uid), text)
    cleaned = clean_known(cleaned, held)
    dates: list[str] = []
    cleaned = replace_dates(cleaned, replace)
    cleaned = _hold_dates(cleaned, dates)
    for pattern in _PATTERNS:
        cleaned = pattern.sub("", cleaned)
    for number, value in enumerate(dates):
        cleaned = cleaned.replace(f"\x01{chr(0xE000 + number)}\x01", value)
    return text if cleaned == text else _tidy(cleaned)


def clean_known(text: str, known: Iterable[KnownIdentifier]) -> str:
    """Return `text` without the known identifiers only; for codes, versions and product names."""
    held = known if isinstance(known, frozenset) else frozenset(known)
    cleaned = text
    for pattern in _known_patterns(held):
        cleaned = pattern.sub("", cleaned)
    return text if cleaned == text else _tidy(cleaned)


def name_tokens(name: str) -> set[str]:
    """The parts of a name, DICOM PN or plain; without the digits of synthetic names too."""
    tokens: set[str] = set()
    for part in re.split(r"[\^=\s,.;/\\]+", name):
        for form in {part, *part.split("-"), unicodedata.normalize("NFKC", part)}:
            bare = re.sub(r"\d+$", "", form)
            tokens |= {form, _folded(form)} | ({bare} if len(bare) >= MIN_BARE_LETTERS else set())
    return {token for token in tokens if len(token) >= MIN_NAME_LETTERS and not token.isdigit()}


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _birth_dates(known: frozenset[KnownIdentifier]) -> set[date]:
    found: set[date] = set()

    def note(day: date) -> date:
        found.add(day)
        return day

    for one in known:
        if one.kind is IdentifierKind.BIRTH_DATE:
            replace_dates(one.value, note)
    return found


@lru_cache(maxsize=256)
def _known_patterns(known: frozenset[KnownIdentifier]) -> tuple[re.Pattern[str], ...]:
    """The patterns of one person: phrases and ids, name parts in a row, single parts."""
    phrases: set[str] = set()
    tokens: set[str] = set()
    for one in known:
        value = one.value.strip(" \0")
        if one.kind is IdentifierKind.NAME:
            tokens |= name_tokens(value)
        elif one.kind is not IdentifierKind.BIRTH_DATE:
            phrases |= _phrase_forms(one.kind, value)
    patterns = []
    if phrases:
        patterns.append(_alternation(phrases, r"(?<![^\W_])(?:{})(?![^\W_])"))
    if tokens:
        escaped = "|".join(re.escape(t) for t in sorted(tokens, key=lambda t: (-len(t), t)))
        part = f"(?:{escaped})"
        # digits and underscores do not hide a name: smith01, john_smith
        patterns.append(
            re.compile(
                rf"(?<![^\W\d_]){part}(?:[\s,.^_=-]*{part}|[\s,.^_]+[A-Z]\.?(?=[\s,.^_]+{part}))+(?![^\W\d_])",
                re.IGNORECASE,
            )
        )
    single = {t for t in tokens if t.lower() not in common_words()}
    bounded = {t for t in single if t.isascii() or t.lower() != t.upper()}
    if bounded:
        patterns.append(_alternation(bounded, r"(?<![^\W\d_])(?:{})(?:'s)?(?![^\W\d_])"))
    if single - bounded:  # scripts without letter case are written without spaces
        patterns.append(_alternation(single - bounded, "(?:{})"))
    return tuple(patterns)


def _alternation(values: set[str], form: str) -> re.Pattern[str]:
    ordered = sorted(values, key=lambda value: (-len(value), value))
    return re.compile(form.format("|".join(_loose(value) for value in ordered)), re.IGNORECASE)


def _loose(value: str) -> str:
    """A pattern of the value in which spaces may be of any kind."""
    return re.sub(r"(?:\\ |\s)+", r"\\s+", re.escape(value))


def _phrase_forms(kind: IdentifierKind, value: str) -> set[str]:
    if len(value) < MIN_ID_CHARACTERS or value.lower() in common_words():
        return set()
    if kind in _PHRASE_KINDS:
        return {value}
    bare = re.sub(r"[\W_]", "", value)
    spaced = {value, bare}
    if len(bare) == 9 and kind is IdentifierKind.SSN:  # noqa: PLR2004
        spaced |= {f"{bare[:3]}{s}{bare[3:5]}{s}{bare[5:]}" for s in "- ."}
    if len(bare) == 10 and bare.isdigit():  # noqa: PLR2004
        spaced |= {f"{bare[:3]}{s}{bare[3:6]}{s}{bare[6:]}" for s in "- ."}
    return {form for form in spaced if len(form) >= MIN_ID_CHARACTERS}


def _mapped(uid: str, map_uid: Callable[[str], str] | None) -> str:
    if map_uid is None or uid.startswith("1.2.840.10008."):
        return uid
    return map_uid(uid)


def _hold_dates(text: str, dates: list[str]) -> str:
    """Put every date out of sight of the number patterns."""

    def hold(match: re.Match[str]) -> str:
        dates.append(match[0])
        return f"\x01{chr(0xE000 + len(dates) - 1)}\x01"

    return re.sub(
        r"(?<!\d)(?:19|20)\d{6}(?!\d)|(?<!\d)\d{4}-\d\d-\d\d(?!\d)|2\.25\.\d+", hold, text
    )


def _tidy(text: str) -> str:
    """Close the gaps that removals left; line breaks stay."""
    text = re.sub(r"[ \t]{2,}", " ", text)
    text = re.sub(r"\(\s*\)|\[\s*\]", "", text)
    return re.sub(r"[ \t]+([,;])", r"\1", text).strip(" \t,;^_")
