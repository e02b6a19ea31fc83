"""What looks like an identifier whoever it belongs to: numbers, codes, ages (45 CFR 164.514).

Names (`names`), addresses (`addresses`) and dates (`dates`) are not here.
"""

from __future__ import annotations

import re
from functools import reduce

from irw_pipeline.deid.text.addresses import STATES
from irw_pipeline.deid.text.marks import BAR, GONE, HELD
from irw_pipeline.deid.text.words import evidence_pattern

OLDEST = 89
"""Ages above it are written as 90, as in PatientAge."""

_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_DATE = rf"(?:{_DAY}[-/.]{_DAY}|\d{{4}}[-/.]{_DAY})[-/.](?:\d{{4}}|{_DAY}|\d\d)\b(?!-)"
_VALUE = r"(?:\d{3,4}(?: \d{3,4}){2,4}|[A-Za-z0-9][\w./-]*[\w])"
_LINK = (
    r"\.?(?: ?(?:number|num|nr|no|id|#)\b\.?| ?#)?(?: is| was)?"
    rf"(?: (?:{STATES})(?= ))?\s?[:#=|]*\s{{0,2}}"
)

# a label stays, its value goes, if it has a digit
_LABELLED = re.compile(
    rf"(?<![\w/])(?P<label>{evidence_pattern('id_labels')})(?P<link>{_LINK})"
    rf"(?!{_DATE})(?P<value>(?=[\w./-]{{3}})(?=[\w./-]*\d){_VALUE})(?![\w-])",
    re.IGNORECASE,
)
_LABEL_COLON = re.compile(
    r"(?:(?<=\bMRN)|(?<=\bSSN)|(?<=\bAccession)|(?<=\bACC)|(?<=\bSN)|(?<=\bS/N))"
    rf" ?[:#=]+ ?(?!{_DATE})(?=[\w./-]*\d)[\w./-]+",
    re.IGNORECASE,
)
_INITIALS = re.compile(r"(?<=\b[Ii]nitials)(?::| are| is)? {0,2}(?:[A-Z]\.?){2,4}(?![\w])")
_PN = re.compile(r"(?<![\w^])[^\W\d_][^\W\d_' -]*\^[^\W\d_][^\W\d_' -]*\^[A-Z](?![\w^])")
"""A name as DICOM and HL7 write it, with an initial."""
_PHONE_LABEL = re.compile(
    r"(?<!\w)(?P<label>phone|telephone|tel|ph|fax|cell|mobile|pager|beeper|contact|call(?:back)?"
    r"|ext(?:ension)?)(?P<link>(?: (?:no|number|#))?\.?\s?[:#=]*\s{0,2})"
    r"(?=(?:[() ./+-]*\d){4})(?P<value>\+?\(?\d[\d() ./-]{2,18}\d)(?!\w)",
    re.IGNORECASE,
)
_EXTENSION = re.compile(
    rf"(?<={GONE})(?P<link>,? ?(?:x|ext(?:ension)?)\.? ?)\d{{2,6}}(?!\w)", re.IGNORECASE
)
_PLATE = re.compile(
    r"(?<!\w)(?P<label>(?i:(?:licen[cs]e )?plate(?: no\.?| number)?|vehicle|registration))"
    r"(?P<link>:? )(?!VIN\b)"
    r"(?=[A-Z\d -]*\d)(?=[A-Z\d -]*[A-Z])[A-Z\d]{1,4}[ -]?[A-Z\d]{2,4}(?![\w-])"
)
_STATION = re.compile(
    r"(?<![\w-])[A-Z\d]{2,}-?(?:PC|WS|DT|LT|NB|DESKTOP|LAPTOP|STATION)-?\d{1,4}(?![\w-])"
)
_CONTACTS = (
    re.compile(r"(?:https?|s?ftp|file)://\S+|(?<!\w)www\.\S+", re.IGNORECASE),
    re.compile(r"(?<![\w.+-])[\w.+-]+@[A-Za-z\d-]+(?:\.[A-Za-z\d-]+)+"),
    re.compile(
        r"(?<![\w.@-])(?:[a-z0-9-]+\.)+(?:com|org|net|edu|gov|mil|int|info|io|health|hospital"
        r"|co\.uk|nhs\.uk|de|fr|eu|local)"
        r"(?:/\S*)?(?![\w.@-])"
    ),
)
_PATTERNS = (
    re.compile(r"(?<![\w-])\d{3}[- ]\d{2}[- ]\d{4}(?![\w-])|(?<![\w-])\d{3}-\d{2}-\d{3}(?![\w-])"),
    re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){3,7}(?: ?[A-Z\d]{1,3})?(?!\w)"),  # IBAN
    re.compile(r"(?<![\w.])0\d{2,4}[ /-]\d{5,8}(?!\w)"),
    re.compile(
        r"(?<![\w.])(?:\+?1[-. ]?)?(?:\(\d{3}\) ?-?|\d{3}[-. ])\d{3}[-. ]\d{4}"
        r"(?: ?(?:x|ext\.?) ?\d{1,6})?(?!\w)",
        re.IGNORECASE,
    ),
    re.compile(r"(?<![\w.])\+\d{1,3}(?:[-. ()]{0,3}\d{1,5}){2,6}(?!\w)"),
    re.compile(r"(?<![\w.-])\d{3}-\d{4}(?: ?(?:x|ext\.?) ?\d{1,6})?(?![\w-])", re.IGNORECASE),
    # an address of a machine, not a version number: a private range, or long octets
    re.compile(
        r"(?<![\w.])(?:10|127|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2,3}(?!\w|\.\d)"
        r"|(?<![\w.])(?:\d{2,3}\.\d{2,3}|1\d\d\.\d{1,3}|2[0-5]\d\.\d{1,3})"
        r"\.\d{1,3}\.\d{1,3}(?!\w|\.\d)"
        r"|(?<=\bIP)(?: address)?\s?[:=]?\s?\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)"
    ),
    re.compile(
        r"(?<![\w:])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![\w:])"
        r"|(?<![\w:])(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6}(?![\w:])"
        r"|(?<![\w:-])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![\w:-])",
        re.IGNORECASE,
    ),
    re.compile(r"(?<![\w-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-])", re.IGNORECASE),
    # a vehicle: 17 characters without I, O, Q
    re.compile(r"(?<![\w-])(?=[A-Z0-9]*\d{3})(?=\d*[A-Z])[A-HJ-NPR-Z0-9]{17}(?![\w-])"),
    re.compile(
        rf"(?<!\w)(?:[\w%@-]|{HELD})(?:[\w.%@-]|{HELD})*\.(?:jpe?g|png|heic|gif|bmp|mp4|mov|avi|wav|mp3)\b",
        re.IGNORECASE,
    ),
    # numbers with letters before them, as departments number their cases: S21-1234, ABC-123456
    re.compile(
        r"(?<![\w.-])(?=(?:[A-Z0-9_]*-)*[A-Z0-9_]*\d{5}|(?:[^\W\d]*[-\d]*\d){6})"
        r"(?=[-\d]*[A-Z])(?:[A-Z0-9]+[-_])+[A-Z0-9]*\d[A-Z0-9]*(?:-[A-Z0-9]+)*(?![\w])"
    ),
    re.compile(r"(?<![\w.-])[A-Z]{1,4}\d{2}-\d{3,7}(?![\w-])"),
    re.compile(r"(?<![\w.-])[A-Z]{1,5}[-_#]?\d{5,}(?:-\d+)*(?![\w.]*\w)"),
    re.compile(r"(?<![\w.-])\d{2,6}-\d{4,}(?:-\d+)*(?![\w-])"),
    re.compile(r"urn:[a-z\d-]+:[\w.:-]*[A-Za-z]\w*\d{4,}", re.IGNORECASE),
    re.compile(rf"(?<=[|{BAR}])\d{{6,}}(?=[|{BAR}]|\Z)"),
    re.compile(r"(?<![\w.])\d{7,}(?![\w.]*\w)|(?<![\w.-])\d{6,}[A-Z]{1,2}(?![\w])"),
)
_AGE = re.compile(
    r"(?<![\w.-])(?P<age>9\d|1[0-3]\d)(?=(?:[- ]?(?:years?|yrs?)(?:[- ]old|[- ]of[- ]age|\b)"
    r"|[- ]?y[./]?[/ ]?o\b|[- ]?y\.?o\.|[- ]?y/o\b| y\b|Y\b| ?(?-i:[MF]\b)(?!\w|\.)))"
    r"|(?<=\bage[ :=])(?P<b>9\d|1[0-3]\d)(?![\w.])|(?<=\baged )(?P<c>9\d|1[0-3]\d)(?![\w.])"
    r"|(?<=\bage: )(?P<d>9\d|1[0-3]\d)(?![\w.])|(?<=\bage of )(?P<e>9\d|1[0-3]\d)(?![\w.])",
    re.IGNORECASE,
)


_FIRM = re.compile(
    r"(?<!\w)[^\W\d_][\w'\u2019-]+(?:,? [A-Z][\w'\u2019-]+){0,3}"
    r" (?:&|and) (?:Sons?|Daughters?|Brothers|Bros|Partners|Associates)\b\.?"
    r"(?: [A-Z][\w'\u2019-]+){0,2}"
)
"""A firm that is called after its people: Hollis & Sons Plumbing."""


def mark_contacts(text: str) -> str:
    """Return the text with web and mail addresses taken out; names in them would hide them."""
    return reduce(lambda left, pattern: pattern.sub(GONE, left), _CONTACTS, text)


def mark_patterns(text: str) -> str:
    """Return the text with what looks like an identifier taken out; ages over 89 become 90."""
    if not any(char.isdigit() for char in text):
        return text
    text = _PHONE_LABEL.sub(_value_gone, text)
    for pattern in (*_PATTERNS, _STATION):
        text = pattern.sub(GONE, text)
    text = _EXTENSION.sub(lambda match: match["link"] + GONE, text)
    return _AGE.sub(lambda match: match[0] if int(match[0]) <= OLDEST else str(OLDEST + 1), text)


def mark_labelled(text: str) -> str:
    """Return the text without firms, and numbers and codes that a label calls an identifier."""
    text = _FIRM.sub(GONE, _PN.sub(GONE, _INITIALS.sub(" " + GONE, text)))
    if not any(char.isdigit() for char in text):
        return text
    text = _LABEL_COLON.sub(GONE, text)
    return _LABELLED.sub(_value_gone, _PLATE.sub(_value_gone, text))


def _value_gone(match: re.Match[str]) -> str:
    return match["label"] + match["link"] + GONE
