"""What a file writes as UN is read as what it is, and an identifier in it goes (PS3.5 6.2.2)."""

from __future__ import annotations

import struct

import pytest
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement

from irw_pipeline_tests.factories.dicom import ct_image, from_bytes, to_bytes
from irw_pipeline_tests.factories.released import NAME, release


def element(tag: int, vr: str, value: bytes, *, undefined: bool = False) -> bytes:
    """An explicit little endian element with a length of four bytes."""
    length = 0xFFFFFFFF if undefined else len(value)
    return (
        struct.pack("<HH", tag >> 16, tag & 0xFFFF)
        + vr.encode()
        + b"\0\0"
        + (struct.pack("<L", length) + value + (DELIMITER if undefined else b""))
    )


DELIMITER = b"\xfe\xff\xdd\xe0\0\0\0\0"


def implicit(tag: int, value: bytes) -> bytes:
    value += b" " * (len(value) % 2)
    return struct.pack("<HHL", tag >> 16, tag & 0xFFFF, len(value)) + value


def item(content: bytes, *, undefined: bool = False) -> bytes:
    if undefined:
        return b"\xfe\xff\x00\xe0\xff\xff\xff\xff" + content + b"\xfe\xff\x0d\xe0\0\0\0\0"
    return b"\xfe\xff\x00\xe0" + struct.pack("<L", len(content)) + content


def with_raw(tag: int, raw: bytes) -> bytes:
    """A CT image with raw bytes put in the place of an element."""
    dataset = ct_image()
    marker = b"MARK" * 3
    dataset.add(DataElement(tag, "OB", marker))
    content = to_bytes(dataset)
    header = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + b"OB\0\0" + struct.pack("<L", 12)
    assert content.count(header + marker) == 1
    return content.replace(header + marker, raw)


STEP = tag_for_keyword("RequestAttributesSequence") or 0
DESCRIPTION = tag_for_keyword("ScheduledProcedureStepDescription") or 0
PERFORMER = tag_for_keyword("ScheduledPerformingPhysicianName") or 0


@pytest.mark.parametrize("undefined", [False, True], ids=["defined", "undefined"])
@pytest.mark.parametrize("inner", [False, True], ids=["item defined", "item undefined"])
def test_a_sequence_in_un_bytes_is_walked(*, undefined: bool, inner: bool) -> None:
    """PS3.5 6.2.2: implicit little endian within, whatever the file is."""
    inside = implicit(PERFORMER, b"Zebra^Quartz")
    inside = implicit(DESCRIPTION, b"CT CHEST " + NAME.encode()) + inside
    if DESCRIPTION > PERFORMER:
        inside = implicit(PERFORMER, b"Zebra^Quartz") + implicit(
            DESCRIPTION, b"CT CHEST " + NAME.encode()
        )
    raw = element(STEP, "UN", item(inside, undefined=inner), undefined=undefined)
    released = release(with_raw(STEP, raw))
    assert b"Zebra" not in released
    assert (
        from_bytes(released).RequestAttributesSequence[0].ScheduledProcedureStepDescription
        == "CT CHEST"
    )


@pytest.mark.parametrize("undefined", [False, True], ids=["defined", "undefined"])
def test_text_in_un_bytes_is_cleaned_and_an_unknown_attribute_goes(*, undefined: bool) -> None:
    tag = tag_for_keyword("ImageComments") or 0
    raw = element(tag, "UN", b"small nodule Wuckert")
    assert from_bytes(release(with_raw(tag, raw))).ImageComments == "small nodule"
    unknown = 0x0021_0FFE if undefined else 0x0028_0FFE
    raw = element(unknown, "UN", item(implicit(PERFORMER, b"Zebra^Quartz")), undefined=undefined)
    assert b"Zebra" not in release(with_raw(unknown, raw))
