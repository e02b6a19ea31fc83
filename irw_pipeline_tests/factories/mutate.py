"""Damaged files that hold a planted identity: made from a seed, alike on every machine."""

from __future__ import annotations

import random
import struct
import zlib
from io import BytesIO
from typing import TYPE_CHECKING

import pydicom
from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence

from irw_pipeline.dicom.layout import LayoutError, elements, encoding_of
from irw_pipeline.dicom.read import ObjectReadError, inflate, quiet_pydicom, read_dataset
from irw_pipeline.identity.subject import IdentifierKind, KnownIdentifier
from irw_pipeline_tests.factories.dicom import pydicom_files

if TYPE_CHECKING:
    from collections.abc import Callable

PLANTED = {
    IdentifierKind.NAME: "Zyxwort^Quillonar",
    IdentifierKind.PATIENT_ID: "QX-778812",
    IdentifierKind.ACCESSION: "AK90317746",
}
KNOWN = frozenset(KnownIdentifier(kind, value) for kind, value in PLANTED.items())
TOKENS = (b"zyxwort", b"quillonar", b"qx-778812", b"ak90317746")
_TEXT = "seen Zyxwort Quillonar QX-778812 AK90317746 today"
_MAX_BYTES = 60_000
_LONG = frozenset(b"OB OD OF OL OW SQ UC UN UR UT".split())
_VRS = (
    b"AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OW PN SH SL SQ SS ST TM UC UI UL UN UR US UT"
)


def planted_files() -> list[bytes]:
    """Every small file that pydicom ships and that can be read, with an identity planted in it."""
    found = []
    for path in pydicom_files():
        content = path.read_bytes()
        if len(content) > _MAX_BYTES:
            continue
        with quiet_pydicom():
            try:
                dataset = read_dataset(content)
                _plant(dataset)
                buffer = BytesIO()
                pydicom.dcmwrite(buffer, dataset)
            except Exception:  # noqa: BLE001, S112 - what pydicom cannot write is no seed
                continue
        found.append(buffer.getvalue())
    return found


def _plant(dataset: FileDataset) -> None:
    dataset.PatientName, dataset.PatientID, dataset.AccessionNumber = PLANTED.values()
    dataset.ReferringPhysicianName = dataset.PatientName
    dataset.StudyDescription = dataset.ImageComments = _TEXT
    nested = Dataset()
    nested.StudyDescription, nested.PatientName = _TEXT, dataset.PatientName
    dataset.ReferencedStudySequence = Sequence([nested])
    block = dataset.private_block(0x0099, "QUILLONAR", create=True)
    block.add_new(0x01, "LO", _TEXT)
    block.add_new(0x02, "OB", _TEXT.encode("utf-16-le"))


def mutated(seeds: list[bytes], number: int) -> bytes:
    """The file of a number: one seed with one to four damages."""
    draw = random.Random(number)  # noqa: S311 - a fixed series
    content = draw.choice(seeds)
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        content = draw.choice(_DAMAGES)(content, draw) or content
    return content


def leaked(content: bytes) -> list[bytes]:
    """The planted tokens that stand in a file, in one byte or two a character, deflated or not."""
    shown = [content]
    try:
        if (encoding := encoding_of(content)).is_deflated:
            shown += inflate(content, encoding.start)
    except (LayoutError, ObjectReadError, zlib.error):
        return [b"cannot be inflated"]
    lowered = b"\n".join(shown).lower()
    return [token for token in TOKENS if token in lowered or b"\0".join(_split(token)) in lowered]


def _split(token: bytes) -> list[bytes]:
    return [token[at : at + 1] for at in range(len(token))]


def _flip(content: bytes, draw: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(draw.choice((1, 3, 20))):
        changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed)


def _cut(content: bytes, draw: random.Random) -> bytes:
    return content[: draw.randrange(140, max(141, len(content)))]


def _drop(content: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(132, len(content))
    return content[:at] + content[at + draw.choice((1, 2, 8, 100)) :]


def _repeat(content: bytes, draw: random.Random) -> bytes:
    at, to = draw.randrange(132, len(content)), draw.randrange(132, len(content))
    return content[:to] + content[at : at + draw.choice((8, 40, 300))] + content[to:]


def _places(content: bytes) -> list[tuple[int, int]]:
    """Where values begin and end, as far as the layout can be told."""
    found = []
    try:
        for one in elements(content, encoding_of(content)):
            found.append((one.start, one.stop))  # noqa: PERF401 - keeps what was found before an error
    except LayoutError:
        pass
    return found


def _change_vr(content: bytes, draw: random.Random) -> bytes | None:
    if not (places := _places(content)):
        return None
    at = draw.choice(places)[0] - draw.choice((4, 8))
    return content[:at] + draw.choice(_VRS.split()) + content[at + 2 :]


def _change_length(content: bytes, draw: random.Random) -> bytes | None:
    if not (places := _places(content)):
        return None
    width = draw.choice((2, 4))
    at = draw.choice(places)[0] - width
    wrong = draw.choice((0, 1, 2, 10, 200, 0xFFFE, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF))
    return content[:at] + struct.pack("<L", wrong)[:width] + content[at + width :]


def _splice(content: bytes, draw: random.Random) -> bytes | None:
    """Put an element with the identity in it between two others, of any tag and VR."""
    try:
        encoding = encoding_of(content)
        ends = [one.stop for one in elements(content, encoding) if one.tag == one.top]
    except LayoutError:
        return None
    if not ends or encoding.is_deflated:
        return None
    group = draw.choice((0x0008, 0x0009, 0x0010, 0x0018, 0x0040, 0x0099, 0x5000, 0x6000, 0xFFFC))
    text = _TEXT.encode(draw.choice(("latin-1", "utf-16-le", "utf-16-be")))
    text += b" " * (len(text) % 2)
    order = ">" if encoding.is_big else "<"
    vr = draw.choice(_VRS.split())
    head = struct.pack(order + "HH", group, draw.randrange(0x10000))
    if encoding.is_implicit:
        head += struct.pack(order + "L", len(text))
    elif vr in _LONG:
        head += vr + bytes(2) + struct.pack(order + "L", len(text))
    else:
        head += vr + struct.pack(order + "H", len(text))
    at = draw.choice(ends)
    return content[:at] + head + text + content[at:]


def _overwrite(content: bytes, draw: random.Random) -> bytes | None:
    """Write the identity over a value of any kind, pixels included."""
    if not (places := [place for place in _places(content) if place[1] - place[0] >= len(_TEXT)]):
        return None
    start, stop = draw.choice(places)
    at = draw.randrange(start, stop - len(_TEXT) + 1)
    return content[:at] + _TEXT.encode() + content[at + len(_TEXT) :]


def _append(content: bytes, draw: random.Random) -> bytes:
    return content + draw.choice((bytes(9), _TEXT.encode(), draw.randbytes(50)))


def _swap(content: bytes, draw: random.Random) -> bytes | None:
    places = _places(content)
    if len(places) < 3:
        return None
    first = draw.randrange(len(places) - 2)
    a, b, c = (places[first + step][1] for step in range(3))
    return content[:a] + content[b:c] + content[a:b] + content[c:] if a <= b <= c else None


_DAMAGES: tuple[Callable[[bytes, random.Random], bytes | None], ...] = (
    _flip,
    _cut,
    _drop,
    _repeat,
    _change_vr,
    _change_length,
    _splice,
    _splice,
    _splice,
    _overwrite,
    _overwrite,
    _append,
    _swap,
)
