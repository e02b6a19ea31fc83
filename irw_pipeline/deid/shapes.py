"""Does a kept value look as its VR says? Only then can the VR vouch that it holds no free text."""

from __future__ import annotations

import re
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
MAX_CODED_CHARACTERS = 64
"""CS allows 16; longer values are prose, and a few devices write up to a description's length."""


def keeps_its_shape(element: DataElement | RawDataElement | None, vr: str) -> bool:
    """Whether the value has the characters of its VR; true where the VR is not of characters."""
    shape = _SHAPES.get(vr)
    if shape is None or not isinstance(element, RawDataElement) or not element.value:
        return True
    value = element.value.strip(b" \0")
    if vr == "CS" and any(len(one) > MAX_CODED_CHARACTERS for one in value.split(b"\\")):
        return False
    return bool(shape.fullmatch(value))
