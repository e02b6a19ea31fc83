"""One plain value changed without a data set around it: most of what changes in every slice.

Plain is a value that pydicom reads as one text and would write back as the same bytes. All others,
and whatever an action makes of a plain value that is not plain again, are the reference's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydicom.dataelem import DataElement

from irw_pipeline.deid.actions import ACTIONS
from irw_pipeline.dicom.scan import UID_VALUE

if TYPE_CHECKING:
    from irw_pipeline.deid.actions import Context

_LINE = re.compile(rb"[!-\[\]-~](?:[ -\[\]-~]*[!-\[\]-~])? ?")
"""ASCII without a backslash, padded with one space or not."""

_FORMS = {
    b"UI": UID_VALUE,
    b"DA": re.compile(rb"[0-9]{8}"),
    b"TM": re.compile(rb"[0-9]{6}(?:\.[0-9]{1,6})? ?"),
    b"DT": re.compile(rb"[0-9]{8,14}(?:\.[0-9]{1,6})? ?"),
    b"AS": re.compile(rb"[0-9]{3}[DWMY]"),
    **dict.fromkeys((b"LO", b"SH", b"ST", b"LT", b"UT", b"UC", b"CS", b"AE", b"PN"), _LINE),
}
_PADDING = {b"UI": b"\0"}


def changed(
    tag: int, vr: bytes, value: bytes, action: tuple[str, str], context: Context
) -> bytes | None:
    """The new value of an element, None where the reference must be asked.

    Args:
        tag: The element.
        vr: Its VR.
        value: Its value, of even length.
        action: An action other than K and X, and the cleaner that it uses.
        context: What the cleaners need.
    """
    form = _FORMS.get(vr)
    letter, using = action
    if form is None or not form.fullmatch(value) or (vr == b"PN" and letter != "Z"):
        return None
    if letter == "Z":
        return b""
    old = value.rstrip(b" \0").decode("ascii")
    element = DataElement(tag, vr.decode(), old, already_converted=True)
    after = ACTIONS[letter](element, using, context)
    if after is element:
        return value
    new = after.value if after is not None else None
    encoded = new.encode("ascii") if isinstance(new, str) and new.isascii() else b""
    is_plain = encoded[-1:] not in (b"", b" ", b"\0") and form.fullmatch(encoded)
    return encoded + _PADDING.get(vr, b" ") * (len(encoded) % 2) if is_plain else None
