"""Identifiers that nobody told us: what has the form of one, in bytes.

Each search begins with a character class or a plain look-up, which Python's `re` and `bytes` do
at some hundred MB/s; what stands before a match is looked at afterwards.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from irw_pipeline.identity.subject import IdentifierKind

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBER = re.compile(
    rb"[0-9]{3}(?:(?P<ssn>-[0-9]{2}-[0-9]{4})|[-.)] ?[0-9]{3}[-.][0-9]{4})(?!\w|[.-][0-9])"
)
_COUNTRY, _WITHIN = (b"1-", b"1.", b"1 "), (b".", b"-", b"+", b"_")
_DAY = (
    rb"(?:[0-9]{1,2}([-/. ])[0-9]{1,2}\1(?:[0-9]{4}|[0-9]{2})|[0-9]{4}([-/.])[0-9]{1,2}\2[0-9]{1,2}"
    rb"|(?:19|20)[0-9]{6})(?![0-9])"
)
_MONTH = rb"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_SPELT_DAY = (
    rb"[0-9]{1,2}[-. ]?" + _MONTH + rb"[-., ]{0,2}[0-9]{2}"
    rb"|" + _MONTH + rb"\.? ?[0-9]{1,2},? ?[0-9]{4}"
)
"""Behind `DOB` a day tells; behind `MRN` the number was taken out that stood before it."""

_FORMS = (
    ((b"@",), re.compile(rb"[\w.+-]@[\w-]+\.[a-z]{2,}"), IdentifierKind.OTHER),
    (
        (b"mrn", b"ssn"),
        re.compile(rb"\b(?:mrn|ssn)\s*[:#=]\s*(?!" + _DAY + rb")[a-z]{0,4}[-.]?(?:[0-9][-.]?){5}"),
        IdentifierKind.PATIENT_ID,
    ),
    (
        (b"dob",),
        re.compile(rb"\bdob\s*[:#=]\s*(?:" + _DAY + rb"|" + _SPELT_DAY + rb")"),
        IdentifierKind.BIRTH_DATE,
    ),
    (
        (b"://",),
        re.compile(rb"https?://\S*(?:patient|mrn|user|name)\w*=\w"),
        IdentifierKind.OTHER,
    ),
)
"""Bytes without which a form cannot occur, the form, and its kind."""

_UID = re.compile(rb"[0-2](?:\.[0-9]+){3,}")


def forms_in(lowered: bytes, start: int, stop: int) -> Iterator[tuple[IdentifierKind, int]]:
    """Yield kind and place of phone and social security numbers, mail addresses, labelled ids.

    Args:
        lowered: Bytes with letters in lower case.
        start: Where to begin.
        stop: Where to end.
    """
    yield from _numbers_in(lowered, start, stop)
    for signs, form, kind in _FORMS:
        if any(sign in lowered for sign in signs):
            yield from ((kind, match.start()) for match in form.finditer(lowered, start, stop))


def _numbers_in(lowered: bytes, start: int, stop: int) -> Iterator[tuple[IdentifierKind, int]]:
    for match in _NUMBER.finditer(lowered, start, stop):
        before = lowered[max(0, match.start() - 2) : match.start()]
        if before in _COUNTRY or not (before[-1:].isalnum() or before[-1:] in _WITHIN):
            kind = IdentifierKind.SSN if match["ssn"] else IdentifierKind.PHONE
            yield kind, match.start()


def uids_in(piece: bytes, start: int, stop: int) -> Iterator[tuple[bytes, int]]:
    """Yield what has the form of a UID and stands alone, and its place."""
    for match in _UID.finditer(piece, start, stop):
        before = piece[max(0, match.start() - 1) : match.start()]
        if before != b"." and not before.isalnum():
            yield match[0], match.start()
