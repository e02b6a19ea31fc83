"""Where identity hides outside the usual attributes: private, unknown, ill-typed, around it."""

from __future__ import annotations

import csv
import unicodedata
from functools import lru_cache
from importlib import resources
from io import BytesIO
from typing import TYPE_CHECKING, Any

from pydicom.charset import convert_encodings
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import UID, ExplicitVRBigEndian, ImplicitVRLittleEndian

from benchmarks.answer_key import phrases

if TYPE_CHECKING:
    from benchmarks.answer_key.plant import Planter
    from irw_pipeline.demo.draw import Draw

_SAFE_TEXTS = (
    (("GEMS_ACQU_01", 0x0019, 0x9E), "LO"), (("GEMS_PARM_01", 0x0043, 0x27), "SH"),
    (("Philips Imaging DD 001", 0x2001, 0x50), "LO"),
    (("Philips Imaging DD 002", 0x2001, 0x63), "ST"),
)  # fmt: skip
_SAFE_VALUES = (
    (("SIEMENS MR HEADER", 0x0019, 0x0C), "IS", "1000"),
    (("GEMS_ACQU_01", 0x0019, 0x23), "DS", "7.5"),
    (("GEMS_PARM_01", 0x0043, 0x39), "IS", "800"),
    (("Philips Imaging DD 001", 0x2001, 0x03), "FL", 800.0),
)
STREAMS = {
    "SC_jpeg_no_color_transform.dcm": "comment",
    "98892003/MR2/15970": "behind the last pixel",
}
"""Objects with text in their pixel data, and where."""
_NUMBERS = {"DS", "IS", "FL", "FD", "SL", "SS", "UL", "US"}
_NATIVE = {
    "ISO 2022 IR 87": ("山田佐藤鈴木高橋渡辺", "太郎花子一郎恵美", "やまだ^たろう"),
    "ISO 2022 IR 13": ("山田佐藤鈴木高橋渡辺", "太郎花子一郎恵美", "やまだ^たろう"),
    "ISO 2022 IR 149": ("김이박최정강조윤장임", "길동민준서연지우하은", ""),
    "GB18030": ("王李张刘陈杨黄赵吴周", "小东伟芳秀英敏静丽强", ""),
    "ISO_IR 192": ("王李张刘陈杨黄赵吴周", "小东伟芳秀英敏静丽强", ""),
    "ISO_IR 144": (("Люблинская", "Гагаринова", "Соловьёва", "Жданович"), ("Лариса", "Пётр"), ""),
    "ISO_IR 126": (("Διονυσίου", "Παπαδάκης", "Καζαντζής"), ("Ελένη", "Γιώργος"), ""),
    "ISO_IR 127": (("قباني", "الحسيني", "درويش"), ("لنزار", "فاطمة"), ""),
    "ISO_IR 138": (("שרוןוב", "מזרחיאל", "אברמוב"), ("דבורה", "יצחק"), ""),
    "ISO_IR 100": (("Müllerström", "Núñezalba", "Bérangère", "Äneasch"), ("Jérôme", "Bücha"), ""),
}


def plant_private(planter: Planter) -> None:
    """Plant in private elements: safe ones keep what is not identity, all others go."""
    draw, p = planter.draw, planter.person
    if draw.chance(50):
        where, vr = draw.pick(_SAFE_TEXTS)
        text, slots, phrase = planter.sentence({"SH": 16, "LO": 64}.get(vr, 1000))
        path = _private(planter.dataset, where, vr, text)
        planter.text_checks("safe private text", path, slots, phrase)
    for where, vr, value in _SAFE_VALUES:
        if draw.chance(30):
            path = _private(planter.dataset, where, vr, value)
            planter.check("tag_retained", "safe private", "safe private value", path, (str(value),))
    if draw.chance(70):
        path = _private(planter.dataset, ("ACME SITE", 0x0099, 0x01), "LO", f"{p.given} {p.family}")
        _gone(planter, "private text", path, p.family, p.given)
        path = _private(planter.dataset, ("ACME SITE", 0x0099, 0x02), "PN", f"{p.family}^{p.given}")
        _gone(planter, "private name", path, p.family, p.given)
        _private(planter.dataset, (f"SITE {p.city}", 0x0097, 0x01), "LO", "ON")
        planter.check("text_removed", "address", "private creator", (), (p.city,), everywhere=True)
        inner = Dataset()
        inner.PatientName, inner.StudyComments = f"{p.family}^{p.given}", f"call {p.phone}"
        path = _private(planter.dataset, ("ACME SITE", 0x0099, 0x03), "SQ", Sequence([inner]))
        _gone(planter, "private sequence", path, p.family, p.phone)
        wide = f"{p.family}, MRN {p.mrn}".encode("utf-16-le")
        path = _private(
            planter.dataset, ("ACME SITE", 0x0099, 0x04), "UN", wide + b"\0" * (len(wide) % 2)
        )
        _gone(planter, "private UTF-16 bytes", path, p.family, p.mrn)
        planter.dataset.add_new(0x0077_1010, "LO", p.mrn)
        _gone(planter, "private without creator", ("00771010",), p.mrn)


def ask_for_own_private(planter: Planter) -> None:
    """Ask for the numbers that the object's own device wrote into safe private elements."""
    planted = {check.path for check in planter.planted.checks}
    for element in planter.dataset:
        creator = element.private_creator or ""
        where = (creator, element.tag.group, element.tag.element & 0xFF)
        path = (f"{where[1]:04X}|{creator}|{where[2]:02X}",)
        if _safe().get(where) == element.VR in _NUMBERS and path not in planted and element.value:
            planter.check("tag_retained", "safe private", "safe private of the device", path)


@lru_cache(maxsize=1)
def _safe() -> dict[tuple[str, int, int], str]:
    file = resources.files("irw_pipeline.deid") / "tables" / "ps3_15_e3_10_1.csv"
    with file.open(encoding="utf-8") as stream:
        return {
            (row["creator"], int(row["group"], 16), int(row["element"], 16)): row["vr"]
            for row in csv.DictReader(stream)
        }


def plant_ill_typed(planter: Planter) -> None:
    """Plant in elements whose VR is not the dictionary's, in unknown ones, and in UN sequences."""
    draw, p, dataset = planter.draw, planter.person, planter.dataset
    if dataset.file_meta.TransferSyntaxUID in {ImplicitVRLittleEndian, ExplicitVRBigEndian}:
        return  # implicit VR has no room for these, and UN in big endian is read by nobody
    if draw.chance(25):
        item = Dataset()
        item.RequestedProcedureID, item.RequestedProcedureDescription = p.account, f"for {p.family}"
        tag = tag_for_keyword("RequestAttributesSequence") or 0
        value = _as_un(Sequence([item]))
        # raw, because a data element would become a sequence at once
        dataset[tag] = RawDataElement(Tag(tag), "UN", len(value), value, 0, False, True)  # noqa: FBT003 - a tuple of pydicom's
        planter.forget("RequestAttributesSequence")
        _gone(planter, "UN sequence", (f"{tag:08X}",), p.account, p.family)
    if draw.chance(25):
        dataset.add(DataElement(0x0022FFF0, "LO", f"{p.given} {p.family}"))
        _gone(planter, "unknown standard tag", ("0022FFF0",), p.family, p.given)
        dataset.add(DataElement(0x0022FFF1, "UN", p.ssn.encode() + b" "))
        _gone(planter, "unknown tag of VR UN", ("0022FFF1",), p.ssn)
    if draw.chance(40):
        for keyword, words in (("StudyComments", p.family), ("AdmissionID", p.admission)):
            tag, value = tag_for_keyword(keyword) or 0, _even(words.encode())
            dataset[tag] = RawDataElement(Tag(tag), "UN", len(value), value, 0, False, True)  # noqa: FBT003 - as above
            planter.forget(keyword)
            _gone(planter, "known attribute written as UN", (f"{tag:08X}",), words)
    if draw.chance(15) and "ReconstructionAlgorithm" not in dataset:
        dataset.add(DataElement(0x00189315, "LO", f"{p.family} {p.phone}"))
        _gone(planter, "text where a code is due", ("00189315",), p.family, p.phone)


def plant_graphics(planter: Planter) -> None:
    """Plant in overlay and curve groups."""
    for tag, vr, name in (
        (0x60000022, "LO", "OverlayDescription"), (0x60001500, "LO", "OverlayLabel"),
        (0x60004000, "LT", "OverlayComments"), (0x50000022, "LO", "CurveDescription"),
    ):  # fmt: skip
        if planter.draw.chance(25):
            slot = phrases.patient_name(planter.draw, planter.person)
            planter.dataset.add_new(tag, vr, f"note {slot.written}")
            planter.check("text_removed", "name", name, (f"{tag:08X}",), slot.tokens,
                          everywhere=slot.everywhere)  # fmt: skip


def plant_around(planter: Planter) -> None:
    """Plant in the preamble, the file meta and the trailing padding."""
    dataset, p = planter.dataset, planter.person
    dataset.preamble = f"{p.given} {p.family} {p.mrn}".encode("latin-1", "replace")[:128].ljust(
        128, b"\0"
    )
    planter.check("text_removed", "name", "preamble", (), (p.mrn,), everywhere=True)
    dataset.file_meta.SourceApplicationEntityTitle = planter.site.station
    dataset.file_meta.SendingApplicationEntityTitle = planter.site.station
    planter.check(
        "text_removed", "device", "file meta", (), (planter.site.station,), everywhere=True
    )
    if planter.draw.chance(40):
        dataset.file_meta.PrivateInformationCreatorUID = UID("1.2.3.4.5")
        dataset.file_meta.PrivateInformation = p.email.encode().ljust(
            len(p.email) + len(p.email) % 2
        )
        planter.check("text_removed", "email", "file meta private", (), (p.email,), everywhere=True)
    if planter.draw.chance(40):
        padding = f"\0\0{p.mrn}".encode()
        dataset.add_new(0xFFFCFFFC, "OB", padding + b"\0" * (len(padding) % 2))
        _gone(planter, "trailing padding", ("FFFCFFFC",), p.mrn)


def plant_in_stream(planter: Planter, name: str) -> None:
    """Plant in a comment of a JPEG stream, or behind the last pixel: few tools can take it out."""
    dataset, p = planter.dataset, planter.person
    words = f"{p.family} {p.mrn}".encode()
    if STREAMS[name] == "comment":
        (frame,) = generate_frames(dataset.PixelData, number_of_frames=1)
        comment = b"\xff\xfe" + (len(words) + 2).to_bytes(2, "big") + words
        dataset.PixelData = encapsulate([_even(frame[:2] + comment + frame[2:])])
    else:
        dataset.PixelData += _even(words)
    planter.check("text_removed", "mrn", f"pixel data, {STREAMS[name]}", (), (p.mrn,),
                  everywhere=True)  # fmt: skip
    planter.planted.is_expected = False


def plant_native_name(planter: Planter) -> None:
    """Plant the name in the script that the object's character set is for."""
    dataset, draw = planter.dataset, planter.draw
    charset = dataset.get("SpecificCharacterSet") or ""
    last = charset if isinstance(charset, str) else charset[-1]
    if last not in _NATIVE or (last in {"ISO_IR 100", "ISO_IR 192"} and draw.chance(50)):
        return
    families, givens, phonetic = _NATIVE[last]
    if isinstance(families, str):
        start = 2 * draw.integer(0, len(families) // 2 - 1)
        family = families[start : start + 2]
        start = 2 * draw.integer(0, len(givens) // 2 - 1)
        given = givens[start : start + 2]
        name = f"{planter.person.family}^{planter.person.given}={family}^{given}"
        name += f"={phonetic}" if phonetic else ""
    else:
        family, given = draw.pick(families), draw.pick(givens)
        name = f"{family}^{given}"
    if not _can_write(name, charset):
        return
    place = "PatientName" if isinstance(families, str) else "OtherPatientNames"
    words = (family, *(() if isinstance(families, str) else (given,)))
    own = (planter.person.family, planter.person.given) if place == "PatientName" else ()
    planter.removed(place, name, "name in own script", *words, *own,
                    everywhere=not planter.person.is_word)  # fmt: skip
    text = f"{phrases.MEDIUM[0]} {family} {given}"
    if last == "ISO_IR 100":  # as a keyboard without accents writes it
        family, given = (_folded(str(part), draw) for part in (family, given))
        text, words = f"{phrases.MEDIUM[0]} {family.upper()}, {given}", (family, given)
    path = planter.put("AdditionalPatientHistory", text)
    planter.check(
        "text_removed",
        "name in own script",
        "AdditionalPatientHistory",
        path,
        words,
        everywhere=True,
    )
    planter.check("text_retained", "clinical text", "AdditionalPatientHistory", path,
                  tuple(phrases.MEDIUM[0].split()))  # fmt: skip


def _folded(name: str, draw: Draw) -> str:
    if draw.chance(50):
        for letter, written in zip("üäöÄ", ("ue", "ae", "oe", "Ae"), strict=True):
            name = name.replace(letter, written)
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _can_write(name: str, charset: Any) -> bool:
    last_group = name.rsplit("=", maxsplit=1)[-1]
    return any(_encodes(last_group, codec) for codec in convert_encodings(charset))


def _encodes(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except (UnicodeError, LookupError):
        return False
    return True


def _private(dataset: Dataset, where: tuple[str, int, int], vr: str, value: Any) -> tuple[str]:
    creator, group, element = where
    dataset.private_block(group, creator, create=True).add_new(element, vr, value)
    return (f"{group:04X}|{creator}|{element:02X}",)


def _even(value: bytes) -> bytes:
    return value + b" " * (len(value) % 2)


def _gone(planter: Planter, place: str, path: tuple[str, ...], *values: str) -> None:
    planter.check("text_removed", "hidden", place, path, phrases.tokens_of(*values),
                  everywhere=not planter.person.is_word)  # fmt: skip


def _as_un(sequence: Sequence) -> bytes:
    """The items of a sequence in implicit little endian, as UN holds them (PS3.5 6.2.2)."""
    stream = BytesIO()
    for item in sequence:
        buffer = DicomBytesIO()
        buffer.is_little_endian, buffer.is_implicit_VR = True, True
        write_dataset(buffer, item)
        content = buffer.getvalue()
        stream.write(b"\xfe\xff\x00\xe0" + len(content).to_bytes(4, "little") + content)
    return stream.getvalue()
