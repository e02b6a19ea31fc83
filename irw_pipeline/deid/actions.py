"""The registry of actions (PS3.15 E.1.1: K X Z D C U) and of the cleaners that C and D name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydicom.dataelem import DataElement
from pydicom.multival import MultiValue

from irw_pipeline.deid.known.label_names import without_names
from irw_pipeline.deid.text import clean as text
from irw_pipeline.deid.text import dates

if TYPE_CHECKING:
    from collections.abc import Callable

    from irw_pipeline.identity.broker import Broker
    from irw_pipeline.identity.subject import KnownIdentifier, Subject

TEXT_VRS = frozenset({"LO", "SH", "ST", "LT", "UT", "UC", "AE", "PN"})
DATE_VRS = frozenset({"DA", "DT"})
BINARY_VRS = frozenset({"OB", "OW", "OF", "OD", "OL", "OV", "UN", "OB or OW"})
MAX_AGE_YEARS = 89

_TIME = re.compile(r"[0-9:.\- ]*")
_AGE = re.compile(r"(\d{1,3})([DWMYdwmy]?)")
_PER_YEAR = {"D": 365.25, "W": 52.18, "M": 12, "Y": 1}
_DUMMIES: dict[str, Any] = {
    "DA": "19000101",
    "DT": "19000101",
    "TM": "000000",
    "AS": "000D",
    "DS": "0",
    "IS": "0",
    "UR": "",
    "AT": 0,
}
NUMBERS = frozenset({"FL", "FD", "SL", "SS", "SV", "UL", "US", "UV", "US or SS"})


@dataclass(frozen=True)
class Context:
    """What the cleaners need of one person and one object; `known`: all the header names."""

    subject: Subject
    broker: Broker
    known: frozenset[KnownIdentifier] = field(repr=False)
    date_offset_days: int | None
    """Days that dates in text move back; 0 keeps them, None removes them."""
    keeps_uids: bool = False
    """Whether UIDs in text stay as they are."""


def _pseudonym(_value: str, _element: DataElement, context: Context) -> str:
    return context.subject.research_id


def _uid(value: str, _element: DataElement, context: Context) -> str:
    return map_uid(value, context.broker)


def _accession(value: str, _element: DataElement, context: Context) -> str:
    return context.broker.accession(value) if value else ""


def _token(value: str, element: DataElement, context: Context) -> str:
    return context.broker.token(element.keyword or str(element.tag), value) if value else ""


def _shift_date(value: str, element: DataElement, context: Context) -> str:
    if context.date_offset_days is None:
        return ""
    shift = dates.shift_da if element.VR == "DA" else dates.shift_dt
    return shift(value, context.date_offset_days)


def _clean_text(value: str, _element: DataElement, context: Context) -> str:
    return text.clean_text(
        without_names(value, context.known),
        context.known,
        date_offset_days=context.date_offset_days,
        map_uid=None if context.keeps_uids else context.broker.uid,
    )


def _clean_known(value: str, _element: DataElement, context: Context) -> str:
    return text.clean_known(without_names(value, context.known), context.known)


def _time(value: str, _element: DataElement, _context: Context) -> str:
    """Times are not moved; what is no time is no reason to keep it."""
    return value if _TIME.fullmatch(value.strip(" \0")) else ""


def _cap_age(value: str, _element: DataElement, _context: Context) -> str:
    match = _AGE.fullmatch(value.strip(" \0"))
    if not match:
        return ""
    number, unit = int(match[1]), match[2].upper() or "Y"  # some devices write bare years
    is_old = number / _PER_YEAR[unit] >= MAX_AGE_YEARS + 1
    return f"{MAX_AGE_YEARS + 1:03d}Y" if is_old else f"{number:03d}{unit}"


CLEANERS: dict[str, Callable[[str, DataElement, Context], str]] = {
    "pseudonym": _pseudonym,
    "uid": _uid,
    "accession": _accession,
    "token": _token,
    "shift_date": _shift_date,
    "clean_text": _clean_text,
    "clean_known": _clean_known,
    "cap_age": _cap_age,
    "time": _time,
}
"""A named cleaner gives the new form of one value of an element; empty means nothing was left."""


def map_uid(value: str, broker: Broker) -> str:
    """Return the pseudonym of a UID; the UIDs of the standard itself (PS3.6 Annex A) stay."""
    uid = value.strip(" \0")
    return uid if not uid or uid.startswith("1.2.840.10008.") else broker.uid(uid)


def _keep(element: DataElement, _using: str, _context: Context) -> DataElement | None:
    return element


def _remove(_element: DataElement, _using: str, _context: Context) -> DataElement | None:
    return None


def _empty(element: DataElement, _using: str, _context: Context) -> DataElement | None:
    return DataElement(element.tag, element.VR, None)


def _dummy(element: DataElement, using: str, context: Context) -> DataElement | None:
    if using:
        return _clean(element, using, context)
    vr = str(element.VR)
    if vr == "UI":
        return _map_uids(element, using, context)
    if vr in BINARY_VRS:
        return DataElement(element.tag, element.VR, b"\0\0")
    return DataElement(element.tag, element.VR, 0 if vr in NUMBERS else _DUMMIES.get(vr, "REMOVED"))


def _clean(element: DataElement, using: str, context: Context) -> DataElement | None:
    vr = str(element.VR)
    name = using or default_cleaner(vr)
    if not name:
        return element if vr in NUMBERS else None
    cleaner = CLEANERS[name]
    return _with_values(element, lambda value: cleaner(value, element, context))


def _map_uids(element: DataElement, _using: str, context: Context) -> DataElement | None:
    return _with_values(element, lambda value: map_uid(value, context.broker))


ACTIONS: dict[str, Callable[[DataElement, str, Context], DataElement | None]] = {
    "K": _keep,
    "X": _remove,
    "Z": _empty,
    "D": _dummy,
    "C": _clean,
    "U": _map_uids,
}
"""An action gives the element to write, the very same object if nothing changed, None if it goes.

Sequences are the engine's: X removes them, Z empties them, D walks them with dummies for text,
and all others walk them.
"""


def default_cleaner(vr: str) -> str:
    """The cleaner that C means where no rule names one; empty where there is none for the VR."""
    if vr in DATE_VRS:
        return "shift_date"
    if vr == "UI":
        return "uid"
    if vr == "CS":
        return "clean_known"
    if vr == "TM":
        return "time"
    return "clean_text" if vr in TEXT_VRS else ""


def _with_values(element: DataElement, change: Callable[[str], str]) -> DataElement:
    value = element.value
    if value is None or value == "":
        return element
    if isinstance(value, (MultiValue, list, tuple)):
        old = [_as_text(one) for one in value]
        new: Any = [change(one) for one in old]
        if new == old:
            return element
    else:
        new = change(_as_text(value))
        if new == _as_text(value):
            return element
    return DataElement(element.tag, element.VR, new)


def _as_text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
