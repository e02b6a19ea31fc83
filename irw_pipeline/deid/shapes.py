"""Does a kept value look as its VR says? Only then can the VR vouch that it holds no free text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from pydicom.dataelem import RawDataElement

if TYPE_CHECKING:
    from pydicom.dataelem import DataElement

# PS3.5 Table 6.2-1; lower-case letters and some signs in CS are common in the field and harmless
_SHAPES = {
    "CS": re.compile(rb"[A-Za-z0-9 _.\-+/\\]*"),
    "AS": re.compile(rb"([0-9]{3}[DWMY]\\?)*"),
    "DS": re.compile(rb"[0-9eE+\-. \\]*"),
    "IS": re.compile(rb"[0-9+\- .\\]*"),
    "TM": re.compile(rb"[0-9:.\- \\]*"),
    "DA": re.compile(rb"[0-9.\- \\]*"),
    "DT": re.compile(rb"[0-9+.\- \\]*"),
}
_WIDTHS = {
    "US": 2,
    "SS": 2,
    "US or SS": 2,
    "UL": 4,
    "SL": 4,
    "FL": 4,
    "AT": 4,
    "UV": 8,
    "SV": 8,
    "FD": 8,
}
"""Bytes of one number (PS3.5 Table 6.2-1): no reader converts a value of another length."""

# Values that build an SR document (PS3.3 C.17.3), by tag
_ENUMERATED = {
    0x0040A010: frozenset(
        {
            "CONTAINS",
            "HAS OBS CONTEXT",
            "HAS CONCEPT MOD",
            "HAS PROPERTIES",
            "HAS ACQ CONTEXT",
            "INFERRED FROM",
            "SELECTED FROM",
        }
    ),
    0x0040A040: frozenset(
        [
            "TEXT",
            "NUM",
            "CODE",
            "DATE",
            "TIME",
            "DATETIME",
            "UIDREF",
            "PNAME",
            "COMPOSITE",
            "IMAGE",
            "WAVEFORM",
            "SCOORD",
            "SCOORD3D",
            "TCOORD",
            "CONTAINER",
            "TABLE",
        ]
    ),
}
BODY_PART = 0x0018_0015
MAX_CODED_CHARACTERS = 64
"""CS allows 16; longer values are prose, and a few devices write up to a description's length."""


def keeps_its_shape(element: DataElement | RawDataElement | None, vr: str) -> bool:
    """Whether the value has the characters of its VR, or the length of its numbers."""
    if element is None or not element.value:
        return True
    shape = _SHAPES.get(vr)
    if shape is None:
        is_raw = isinstance(element, RawDataElement)
        return not is_raw or len(element.value) % _WIDTHS.get(vr, 1) == 0
    value = _encoded(element.value).strip(b" \0")
    if vr == "CS" and any(len(one) > MAX_CODED_CHARACTERS for one in value.split(b"\\")):
        return False
    return bool(shape.fullmatch(value))


def _encoded(value: object) -> bytes:
    """A value as it stands in a file, also where something has read it before the walk."""
    if isinstance(value, bytes):
        return value
    parts = [value] if isinstance(value, str) or not isinstance(value, Iterable) else value
    return "\\".join(map(str, parts)).encode("latin-1", "replace")


def is_enumerated(element: DataElement | RawDataElement | None) -> bool:
    """Whether the value is one that the standard lists for its attribute.

    Somebody called Text must not break a report, nor somebody called Hand lose the body part.
    """
    if element is None or element.tag not in {*_ENUMERATED, BODY_PART}:
        return False
    value = element.value
    shown = (value.decode("latin-1") if isinstance(value, bytes) else str(value)).strip(" \0")
    if element.tag == BODY_PART:
        return shown in body_parts()
    return shown in _ENUMERATED[element.tag]


@lru_cache(maxsize=1)
def body_parts() -> frozenset[str]:
    """The defined terms of Body Part Examined."""
    file = resources.files("irw_pipeline.deid") / "tables" / "body_parts.txt"
    lines = file.read_text("utf-8").splitlines()
    return frozenset(term for line in lines if not line.startswith("#") for term in line.split())
