"""Shifting dates by whole days, in DICOM values and inside text. Times of day are never changed."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_DA = re.compile(r"(\d{4})(?:\.(\d{2})\.(\d{2})|(\d{2})(\d{2}))")
_DT = re.compile(r"(\d{4})(\d{2})?(\d{2})?(\d*(?:\.\d*)?)([+-]\d{4})?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NO_LEAP_YEAR = 2001
_FIRST_DAY = 1
_YEAR_DIGITS = 4
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
# named groups y, m, d and their separators, so that the form is written back as it was
_TEXT_DATES = (
    re.compile(
        r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<s>[-/.]?)(?P<m>0[1-9]|1[0-2])(?P=s)(?P<d>[0-3]\d)(?!\d)"
    ),
    re.compile(
        r"(?<!\d)(?<!\d\.)(?P<m>\d{1,2})(?P<s>[-/])(?P<d>\d{1,2})(?P=s)(?P<y>(?:19|20)\d\d|\d\d)(?![\d/])"
    ),
    re.compile(
        r"(?<!\d)(?<!\d\.)(?P<d>\d{1,2})(?P<s>[./-])(?P<m>\d{1,2})(?P=s)"
        r"(?P<y>(?:19|20)\d\d)(?!\d|\.\d)"
    ),
    re.compile(
        rf"(?<!\w)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?P<s>[-. ]+|)(?P<m>{_MONTH})(?P<t>[-., ]+|)"
        r"(?P<y>(?:19|20)\d\d)(?!\d)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<!\w)(?P<m>{_MONTH})(?P<s>\.? +)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?P<t>,? +)"
        r"(?P<y>(?:19|20)\d\d)(?!\d)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<!\w)(?P<d>\d{{1,2}})(?P<s>[-/ ])(?P<m>{_MONTH})(?P<t>[-/ ]+)"
        r"(?P<y>['\u2019]?\d\d)(?![\d:])",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<!\w)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?P<s> +of )(?P<m>{_MONTH})(?P<t>,? +)"
        r"(?P<y>(?:19|20)\d\d)(?!\d)",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?<![\d.])(?P<d>0[1-9]|[12]\d|3[01])(?P<s>\.)(?P<m>0[1-9]|1[0-2])(?P=s)(?P<y>\d\d)(?![\d.]?\d)"
    ),
    re.compile(rf"(?<!\w)(?P<m>{_MONTH})(?P<s>[. ]+)(?P<y>['\u2019]\d\d)(?!\w)", re.IGNORECASE),
    re.compile(r"(?<![\d/.-])(?P<m>0[1-9]|1[0-2])(?P<s>/)(?P<y>(?:19|20)\d\d)(?![\d/])"),
    # of a month, or of a day without its year: moved from the first of the month, or as in a year
    # without a leap day
    re.compile(
        rf"(?<!\w)(?P<m>{_MONTH})(?P<s>[. ,/-]{{1,3}}(?:of )?)(?P<y>(?:19|20)\d\d)(?!\d)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<!\w)(?P<m>{_MONTH})(?P<s>\.? +)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?"
        r"(?![\w:]|[./-]\d| ?[cm]m)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<![\w.])(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?P<s> +(?:of )?)(?P<m>{_MONTH})(?![\w])",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:(?<=\bon )|(?<=\bdated )|(?<=\bsince )|(?<=\bfrom )|(?<=\buntil )|(?<=\bof )"
        r"|(?<=day \()|(?<=day, )|(?<=day )|(?<=\bby )|(?<=\bLMP )"
        r"|(?<=\bto )(?=\d+/\d+ (?:per|by|at|with)\b))"
        r"(?P<m>\d{1,2})(?P<s>/)(?P<d>\d{1,2})(?![\w/%])",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:(?<=\bon )|(?<=\bdated )|(?<=\bsince )|(?<=\bfrom )|(?<=\bin )|(?<=\bof ))"
        r"(?P<m>0?[1-9]|1[0-2])(?P<s>/)(?P<y>(?:19|20)\d\d)(?!\d)",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?<![\d./-])(?P<y>(?:19|20)\d\d)(?P<s>[-/])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?![\d/-])"
    ),
)
_CENTURY, _CENTURY_PIVOT = 100, 50


def shift_day(day: date, offset_days: int) -> date | None:
    """Return the day `offset_days` earlier, None where the calendar does not reach it."""
    try:
        return day - timedelta(days=offset_days)
    except OverflowError:
        return None


def shift_da(value: str, offset_days: int) -> str:
    """Return a DA value shifted back, empty if it is no date; `YYYY.MM.DD` (ACR-NEMA) is read."""
    match = _DA.fullmatch(value.strip(" \0"))
    if not match:
        return ""
    year, month, day = match[1], match[2] or match[4], match[3] or match[5]
    moved = _moved(int(year), int(month), int(day), offset_days)
    return f"{moved.year:04d}{moved:%m%d}" if moved else ""


def shift_dt(value: str, offset_days: int) -> str:
    """Return a DT value shifted back, its precision, time and zone kept; empty if it is no time.

    A value without day or month is moved from its first day, and cut to its precision again.
    """
    match = _DT.fullmatch(value.strip(" \0"))
    if not match or (match[4] and not match[3]):
        return ""
    moved = _moved(int(match[1]), int(match[2] or 1), int(match[3] or 1), offset_days)
    if moved is None:
        return ""
    digits = f"{moved.year:04d}{moved:%m%d}"
    length = 4 + 2 * bool(match[2]) + 2 * bool(match[3])
    return digits[:length] + (match[4] or "") + (match[5] or "")


def replace_dates(
    text: str,
    replace: Callable[[date], date | None],
    *,
    gone: str = "",
    hold: Callable[[str], str] = str,
) -> str:
    """Return `text` with every date in it replaced, in the form it was written in.

    What has the form of a date with a year and is none (29 February 1933) is removed.

    Args:
        text: Free text.
        replace: Gives the new date, or None to have the date removed. Month-first is tried before
            day-first where both are possible. A date without a day is given as the first of its
            month, one without a year in 2001.
        gone: Stands for a removed date; without it nothing but true dates is looked at.
        hold: Gives what stands for a new date.
    """
    if not any(char.isdigit() for char in text):
        return text
    found: list[str] = []

    def put_away(match: re.Match[str]) -> str:
        day = _day_of(match)
        if day is None and not (gone and len(match.groupdict().get("y") or "") == _YEAR_DIGITS):
            return match[0]
        moved = replace(day) if day else None
        found.append(gone if moved is None else hold(_written(match, moved)))
        return f"\x00{len(found) - 1}\x00"  # so that a later pattern does not see it again

    for pattern in _TEXT_DATES:
        text = pattern.sub(put_away, text)
    return re.sub("\x00(\\d+)\x00", lambda match: found[int(match[1])], text)


def _moved(year: int, month: int, day: int, offset_days: int) -> date | None:
    try:
        return shift_day(date(year, month, day), offset_days)
    except ValueError:
        return None


def _day_of(match: re.Match[str]) -> date | None:
    parts = match.groupdict()
    month, day = match["m"], parts.get("d") or str(_FIRST_DAY)
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
    full = int((parts.get("y") or str(_NO_LEAP_YEAR)).strip("'\u2019"))
    if full < _CENTURY:
        full += 1900 if full >= _CENTURY_PIVOT else 2000
    for candidate in ((number, int(day)), (int(day), number)):
        try:
            return date(full, *candidate)
        except ValueError:
            if not month.isdigit():
                return None
    return None


def _written(match: re.Match[str], moved: date) -> str:
    day_first_value = match["m"].isdigit() and int(match["m"]) > 12  # noqa: PLR2004
    month_number, day_number = (
        (moved.day, moved.month) if day_first_value else (moved.month, moved.day)
    )
    given = {name: part for name, part in match.groupdict().items() if name in "ymd"}
    parts = {"m": _like(match["m"], month_number)}
    if "y" in given:
        digits = given["y"].strip("'\u2019")
        parts["y"] = given["y"].replace(digits, f"{moved.year:04d}"[-len(digits) :])
    if "d" in given:
        parts["d"] = f"{day_number:0{len(given['d'])}d}"
    text, start = match[0], match.start()
    for name in sorted(parts, key=match.start, reverse=True):
        text = text[: match.start(name) - start] + parts[name] + text[match.end(name) - start :]
    return text


def _like(month: str, number: int) -> str:
    if month.isdigit():
        return f"{number:0{len(month)}d}"
    name = date(2000, number, 1).strftime("%B")
    if len(month) <= 4 and month.lower() not in ("june", "july"):  # noqa: PLR2004
        name = name[:3]
    if month.isupper():
        return name.upper()
    return name.lower() if month.islower() else name
