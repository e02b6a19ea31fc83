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


def replace_dates(text: str, replace: Callable[[date], date | None]) -> str:
    """Return `text` with every date in it replaced, in the form it was written in.

    Args:
        text: Free text.
        replace: Gives the new date, or None to have the date removed. Month-first is tried before
            day-first where both are possible.
    """
    held: list[str] = []

    def hold(match: re.Match[str]) -> str:
        day = _day_of(match)
        if day is None:
            return match[0]
        moved = replace(day)
        held.append("" if moved is None else _written(match, moved))
        return f"\x00{len(held) - 1}\x00"  # so that a later pattern does not see it again

    for pattern in _TEXT_DATES:
        text = pattern.sub(hold, text)
    return re.sub("\x00(\\d+)\x00", lambda match: held[int(match[1])], text)


def _moved(year: int, month: int, day: int, offset_days: int) -> date | None:
    try:
        return shift_day(date(year, month, day), offset_days)
    except ValueError:
        return None


def _day_of(match: re.Match[str]) -> date | None:
    year, month, day = match["y"], match["m"], match["d"]
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
    full = int(year)
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
    parts = {
        "y": f"{moved.year:04d}"[-len(match["y"]) :],
        "m": _like(match["m"], month_number),
        "d": f"{day_number:0{len(match['d'])}d}",
    }
    text, start = match[0], match.start()
    for name in sorted("ymd", key=match.start, reverse=True):
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
