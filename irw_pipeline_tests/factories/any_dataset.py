"""Strategies for data sets that the dictionary allows, and for those that it does not."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st
from pydicom._dicom_dict import DicomDictionary
from pydicom.uid import ExplicitVRLittleEndian

from irw_pipeline_tests.factories.dicom import ct_image, to_bytes

VRS = (
    "AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "OB", "OD", "OF", "OL",
    "OW", "PN", "SH", "SL", "SQ", "SS", "ST", "TM", "UC", "UI", "UL", "UN", "UR", "US", "UT", "UV",
)  # fmt: skip
_LONG = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}
_WIDTHS = {"AT": 4, "FD": 8, "FL": 4, "SL": 4, "SS": 2, "UL": 4, "US": 2, "UV": 8}
_OWN = {tag for tag, *_ in ((int(e.tag), 0) for e in ct_image())}
_TAGS = sorted(
    tag
    for tag in DicomDictionary
    if tag >> 16 > 2 and tag not in _OWN and tag >> 16 not in {0x7FE0, 0xFFFC, 0xFFFE}
)


@dataclass(frozen=True)
class Element:
    """An element as it stands in an explicit VR little endian file; items for a sequence."""

    tag: int
    vr: str
    value: bytes
    items: tuple[tuple[Element, ...], ...] = ()

    def encoded(self) -> bytes:
        """Its bytes: tag, VR, length, value (PS3.5 7.1.2)."""
        value = self.value
        if self.items:
            value = b"".join(
                b"\xfe\xff\x00\xe0" + len(body).to_bytes(4, "little") + body
                for body in map(encode, self.items)
            )
        head = (self.tag >> 16).to_bytes(2, "little") + (self.tag & 0xFFFF).to_bytes(2, "little")
        if self.vr in _LONG:
            return head + self.vr.encode() + b"\0\0" + len(value).to_bytes(4, "little") + value
        return head + self.vr.encode() + len(value).to_bytes(2, "little") + value


def encode(elements: tuple[Element, ...]) -> bytes:
    """Elements in the order of their tags."""
    return b"".join(one.encoded() for one in sorted(elements, key=lambda one: one.tag))


def file_of(elements: tuple[Element, ...]) -> bytes:
    """A DICOM file: a small CT image with the elements in it."""
    content = to_bytes(ct_image(), ExplicitVRLittleEndian)
    start = 144 + int.from_bytes(content[140:144], "little")
    body, own = content[start:], []
    while body:
        vr = body[4:6].decode()
        size, head = (
            (int.from_bytes(body[8:12], "little"), 12)
            if vr in _LONG
            else (int.from_bytes(body[6:8], "little"), 8)
        )
        tag = int.from_bytes(body[:2], "little") << 16 | int.from_bytes(body[2:4], "little")
        own.append(Element(tag, vr, body[head : head + size]))
        body = body[head + size :]
    return content[:start] + encode((*own, *elements))


def _even(value: bytes) -> bytes:
    return value + b" " * (len(value) % 2)


_WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)
_SHAPED = {
    "DA": st.dates().map(lambda day: f"{day.year:04d}{day:%m%d}"),
    "DT": st.datetimes().map(lambda t: f"{t.year:04d}{t:%m%d%H%M%S}"),
    "DS": st.integers(-99999, 99999).map(str),
    "IS": st.integers(-99999, 99999).map(str),
    "UI": st.lists(st.integers(0, 10**9), min_size=3, max_size=5).map(
        lambda parts: "1." + ".".join(map(str, parts))
    ),
}


def _value_of(vr: str) -> st.SearchStrategy[bytes]:
    """A value that the VR allows."""
    if vr in _WIDTHS:
        width = _WIDTHS[vr]
        return st.binary(max_size=24).map(lambda b: b[: len(b) // width * width])
    if vr in {"OB", "OD", "OF", "OL", "OW", "UN"}:
        return st.binary(max_size=32).map(lambda b: b[: len(b) // 8 * 8])
    return _SHAPED.get(vr, _WORDS).map(lambda text: _even(text.encode()))


def _element(items: st.SearchStrategy[tuple[Element, ...]]) -> st.SearchStrategy[Element]:
    def of_tag(tag: int) -> st.SearchStrategy[Element]:
        vr = DicomDictionary[tag][0].split(" ")[0]
        if vr == "SQ":
            inner = st.lists(items, max_size=2).map(tuple)
            right = inner.map(lambda some: Element(tag, "SQ", b"", some))
        elif vr in VRS:
            right = _value_of(vr).map(lambda value: Element(tag, vr, value))
        else:
            right = st.just(Element(tag, "UN", b""))
        wrong = st.builds(
            lambda other, value: Element(tag, other, _even(value)),
            st.sampled_from(VRS),
            st.binary(max_size=20),
        )
        return st.one_of(right, right, right, wrong)

    private = st.builds(
        lambda group, element, vr, value: Element(
            (2 * group + 1) << 16 | element, vr, _even(value)
        ),
        st.integers(4, 0x7000),
        st.integers(0x10, 0xFFFF),
        st.sampled_from(VRS),
        st.binary(max_size=20),
    )
    return st.one_of(st.sampled_from(_TAGS).flatmap(of_tag), private)


def _unique(some: list[Element]) -> tuple[Element, ...]:
    return tuple({one.tag: one for one in some}.values())


_NONE: st.SearchStrategy[tuple[Element, ...]] = st.just(())
_ITEM = st.lists(_element(_NONE), max_size=4).map(_unique)
_OUTER = st.lists(_element(_ITEM), max_size=4).map(_unique)
ANY_ELEMENTS = st.lists(_element(_OUTER), max_size=10).map(_unique)
"""Elements of the dictionary, nested up to three deep: right values, wrong VRs, wrong bytes."""
