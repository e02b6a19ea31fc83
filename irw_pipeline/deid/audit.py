"""The audit: is anything known of the patient still in the finished bytes?

It does not trust the engine, and shares nothing with the cleaner but the list of common words:
forms, encodings and boundaries are made here anew, so that a mistake in one is not repeated in
the other.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Literal

import pydicom
from ahocorasick_rs import BytesAhoCorasick
from pydicom.charset import convert_encodings
from pydicom.datadict import dictionary_has_tag, dictionary_VR

from irw_pipeline.deid.words import common_words
from irw_pipeline.dicom.read import quiet_pydicom
from irw_pipeline.identity.subject import IdentifierKind, KnownIdentifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MIN_NAME = 3
MIN_ID = 4
MIN_DIGITS = 5
MIN_IN_PIXELS = 6
"""Shortest token that counts inside PixelData.

Random bytes hold a given token of n letters, in either case, at a given place with (2/256)^n. In
10^7 bytes (a compressed mammogram) that is 3e-1 hits for n = 4... 2e-6 for n = 6, and the token
boundaries take half of those; with a hundred forms a patient and 10^6 such objects, n = 6 costs
some hundred objects a look by a person, n = 5 would cost ten thousand.
"""
_PIXELS = (0x7FE0_0008, 0x7FE0_0009, 0x7FE0_0010)
_BIRTH_DATES = (0x0010_0030,)
_ELEMENT_HEADER = 8
_DEFLATED = "1.2.840.10008.1.2.1.99"
_ENCODINGS = ("utf-8", "latin-1", "utf-16-le", "utf-16-be")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Finding:
    """An identifier that survived: its kind and where (a tag or a region), never the value."""

    kind: IdentifierKind
    where: str


@dataclass(frozen=True)
class _Pattern:
    kind: IdentifierKind
    encoded: bytes
    width: int  # bytes a character: 2 for UTF-16
    is_name: bool
    characters: int


def residual_identifiers(content: bytes, known: Iterable[KnownIdentifier]) -> list[Finding]:
    """Return where known identifiers stand in a finished DICOM file, in the order of their place.

    Every byte is searched: preamble, file meta, header, pixel data, and the inflated form of a
    deflated data set. Letters match in either case; a token must stand alone, not inside a word.
    """
    with quiet_pydicom():
        dataset = pydicom.dcmread(BytesIO(content), force=True)
        charset = _codecs(dataset)
    patterns, automaton = _automaton(frozenset(known), charset)
    if automaton is None:
        return []
    is_deflated = str(dataset.file_meta.get("TransferSyntaxUID", "")) == _DEFLATED
    places = sorted(
        (position, int(element.tag))
        for element in dataset.values()
        if (position := getattr(element, "value_tell", None) or getattr(element, "file_tell", None))
    )
    found = list(_search(content, patterns, automaton, [] if is_deflated else places))
    if is_deflated:
        found += _search(_inflated(content), patterns, automaton, places)
    return list(dict.fromkeys(found))


def _search(
    stream: bytes,
    patterns: tuple[_Pattern, ...],
    automaton: BytesAhoCorasick,
    places: list[tuple[int, int]],
) -> Iterator[Finding]:
    lowered = stream.lower()
    starts = [position for position, _ in places]
    for number, start, end in automaton.find_matches_as_indexes(lowered, overlapping=True):
        pattern = patterns[number]
        index = bisect_right(starts, start) - 1
        tag = places[index][1] if index >= 0 else 0
        if tag in _PIXELS and pattern.characters < MIN_IN_PIXELS:
            continue
        if pattern.kind is IdentifierKind.BIRTH_DATE and _is_another_date(stream, start):
            continue
        if _stands_alone(lowered, start, end, pattern):
            where = f"({tag >> 16:04X},{tag & 0xFFFF:04X})" if tag else "file meta or stream"
            yield Finding(pattern.kind, where)


def _stands_alone(lowered: bytes, start: int, end: int, pattern: _Pattern) -> bool:
    before = _character(lowered, start - pattern.width, pattern)
    after = _character(lowered, end, pattern)
    if pattern.is_name:  # digits beside a name do not hide it
        return not before.isalpha() and not after.isalpha()
    if before == b"." or (after == b"." and pattern.encoded.isdigit()):
        return False  # the digits of a decimal number or of a UID
    return not before.isalnum() and not after.isalnum()


def _is_another_date(stream: bytes, start: int) -> bool:
    """Whether the bytes before say that this is a date attribute other than a birth date.

    A study date, moved back or not, may fall on the day of birth; that tells nothing.
    """
    tag_at = start - _ELEMENT_HEADER
    is_explicit = stream[start - 4 : start - 2] in (b"DA", b"DT")
    order: Literal["little", "big"] = "big" if stream[start - 2 : start - 1] == b"\0" else "little"
    if not is_explicit:
        order = "little"
    tag = int.from_bytes(stream[tag_at : tag_at + 2], order) << 16
    tag |= int.from_bytes(stream[tag_at + 2 : tag_at + 4], order)
    if not is_explicit:  # implicit VR: tag and a length of four bytes
        has_length = stream[start - 4 : start] in (b"\x08\0\0\0", b"\x0e\0\0\0")
        is_date = dictionary_has_tag(tag) and dictionary_VR(tag) in ("DA", "DT")
        return has_length and is_date and tag not in _BIRTH_DATES
    return tag not in _BIRTH_DATES


def _character(lowered: bytes, position: int, pattern: _Pattern) -> bytes:
    """The ASCII character at a position, empty where there is none."""
    if position < 0:
        return b""
    return lowered[position : position + pattern.width].strip(b"\0")


def _inflated(content: bytes) -> bytes:
    group_length = int.from_bytes(content[140:144], "little")
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(content[144 + group_length :])


def _codecs(dataset: pydicom.Dataset) -> tuple[str, ...]:
    try:
        return tuple(convert_encodings(dataset.get("SpecificCharacterSet") or ""))
    except (LookupError, ValueError, TypeError):
        return ()


@lru_cache(maxsize=64)
def _automaton(
    known: frozenset[KnownIdentifier], charset: tuple[str, ...]
) -> tuple[tuple[_Pattern, ...], BytesAhoCorasick | None]:
    patterns: dict[bytes, _Pattern] = {}
    for one in known:
        is_name = one.kind is IdentifierKind.NAME
        for form in _forms(one):
            for encoded, width in _encoded(form, charset):
                pattern = _Pattern(one.kind, encoded, width, is_name, len(form))
                patterns.setdefault(encoded, pattern)
    ordered = tuple(patterns[key] for key in sorted(patterns))
    return ordered, BytesAhoCorasick([p.encoded for p in ordered]) if ordered else None


def _encoded(form: str, charset: tuple[str, ...]) -> Iterator[tuple[bytes, int]]:
    for encoding in dict.fromkeys((*_ENCODINGS, *charset)):
        # bytes.lower() folds ASCII only: other letters are searched in every case
        for cased in {form, form.upper(), form.lower(), form.title()}:
            try:
                yield cased.encode(encoding).lower(), 2 if encoding.startswith("utf-16") else 1
            except (UnicodeError, LookupError):
                continue


def _forms(one: KnownIdentifier) -> set[str]:
    value = one.value.strip(" \0")
    if one.kind is IdentifierKind.NAME:
        return _name_forms(value)
    if one.kind is IdentifierKind.BIRTH_DATE:
        return _date_forms(value)
    bare = re.sub(r"[\W_]", "", value)
    forms = {value, bare}
    if bare.isdigit() and one.kind is IdentifierKind.SSN:
        forms |= {f"{bare[:3]}-{bare[3:5]}-{bare[5:]}", f"{bare[:3]} {bare[3:5]} {bare[5:]}"}
    if bare.isdigit() and one.kind is IdentifierKind.PHONE:
        last = bare[-10:]
        forms |= {f"{last[:3]}{s}{last[3:6]}{s}{last[6:]}" for s in "-. "}
    return {form for form in forms if _is_telling(form)}


def _is_telling(form: str) -> bool:
    shortest = MIN_DIGITS if form.isdigit() else MIN_ID
    return len(form) >= shortest and form.lower() not in common_words() and len(set(form)) > 1


def _name_forms(value: str) -> set[str]:
    forms: set[str] = set()
    for part in re.split(r"[\^=\s,.]+", value):
        bare = re.sub(r"\d+$", "", part)
        decomposed = unicodedata.normalize("NFKD", part)
        folded = "".join(char for char in decomposed if not unicodedata.combining(char))
        forms |= {part, bare, folded}
    words = [part for part in re.split(r"[\^=\s,.]+", value) if part]
    if len(words) > 1:  # both parts side by side count even where each is a common word
        forms |= {
            f"{a}{s}{b}" for a, b in ((words[0], words[1]), (words[1], words[0])) for s in "^ ,_"
        }
    shortest = {True: MIN_NAME, False: 2}  # names of scripts without case have two characters
    return {
        form
        for form in forms
        if len(form) >= shortest[form.isascii()]
        and not form.isdigit()
        and form.lower() not in common_words()
    }


def _date_forms(value: str) -> set[str]:
    digits = re.sub(r"\D", "", value)
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return set()
    y, m, d = f"{day.year:04d}", f"{day.month:02d}", f"{day.day:02d}"
    forms = {y + m + d, d + m + y, m + d + y}
    for s in "-/.":
        forms |= {f"{y}{s}{m}{s}{d}", f"{d}{s}{m}{s}{y}", f"{m}{s}{d}{s}{y}"}
        forms |= {f"{day.day}{s}{day.month}{s}{y}", f"{day.month}{s}{day.day}{s}{y}"}
    month = _MONTHS[day.month - 1]
    return forms | {
        f"{d}-{month}-{y}",
        f"{d} {month} {y}",
        f"{month} {d}, {y}",
        f"{month} {day.day}, {y}",
    }
