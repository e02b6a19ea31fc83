"""Which objects may show text in their pixels, and what becomes of them: rules, as data."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml
from pydicom.tag import Tag

from irw_pipeline.deid.outcome import Rejected
from irw_pipeline.deid.pixels.box import Box
from irw_pipeline.dicom.header import number_of, text_of, texts_of
from irw_pipeline.ids import ReasonCode

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

_PARTS = {
    "manufacturer": "Manufacturer",
    "model": "ManufacturerModelName",
    "image_type": "ImageType",
    "modality": "Modality",
}
_SIZES = {"rows": "Rows", "columns": "Columns"}


def refusal(dataset: FileDataset, *, is_cleaned: bool) -> Rejected | None:
    """Why this object cannot be released for what kind of object it is; None if it can.

    `UNSUPPORTED_SOP_CLASS` where we cannot reach what it holds, `BURNED_IN_TEXT` where its
    pixels may show text and are not cleaned, `PIXELS_UNCERTAIN` where a person must look at them.
    The detail names the SOP class or the keyword of the rule.

    Args:
        dataset: The header.
        is_cleaned: Whether pixels are cleaned.
    """
    rules = _rules()
    uid = sop_class_of(dataset)
    if not uid:
        return Rejected(ReasonCode.MISSING_REQUIRED_ATTRIBUTE, "SOPClassUID")
    is_ours = any(_matches_class(uid, pattern) for pattern in rules["supported_sop_classes"])
    if not is_ours or _first(dataset, "unsupported"):
        is_standard = uid.startswith("1.2.840.10008.")
        return Rejected(
            ReasonCode.UNSUPPORTED_SOP_CLASS, uid if is_standard else "private SOP class"
        )
    reviewed = _first(dataset, "reviewed")
    if is_cleaned:
        return Rejected(ReasonCode.PIXELS_UNCERTAIN, reviewed) if reviewed else None
    rule = reviewed or may_carry_text(dataset)
    return Rejected(ReasonCode.BURNED_IN_TEXT, rule) if rule else None


def may_carry_text(dataset: FileDataset) -> str:
    """The rule by which the pixels carry text (a SOP class or a keyword), empty if none does."""
    return _first(dataset, "burned_in")


def is_looked_at(dataset: FileDataset) -> bool:
    """Whether the pixels are to be decoded and searched for text."""
    return bool(may_carry_text(dataset) or _first(dataset, "looked_at"))


def is_sieved(dataset: FileDataset) -> bool:
    """Whether the pixels are asked, without decoding them, if letters may be drawn on them."""
    return not is_looked_at(dataset) and bool(_first(dataset, "sieved"))


def is_small_text_sought(dataset: FileDataset) -> bool:
    """Whether a second search at twice the size is worth its time."""
    return bool(may_carry_text(dataset) or _first(dataset, "small_text"))


def telling_tags() -> frozenset[int]:
    """The attributes that tell whether an object is refused or looked at."""
    kinds = ("reviewed", "burned_in", "looked_at", "sieved")
    keywords = {rule["keyword"] for kind in kinds for rule in _rules()[kind] if "keyword" in rule}
    return frozenset(Tag(keyword) for keyword in keywords | {"SOPClassUID"})


def device_boxes(dataset: FileDataset) -> list[Box]:
    """Where the device that made the image always writes."""
    return [
        Box(top, left, top + height, left + width)
        for rule in _rules()["devices"]
        if _is_device(dataset, rule)
        for left, top, width, height in rule["boxes"]
    ]


def sop_class_of(dataset: FileDataset) -> str:
    """The SOP class UID of the data set, else of the file meta; empty if neither has one."""
    uid = text_of(dataset, "SOPClassUID")
    return uid or text_of(dataset.file_meta, "MediaStorageSOPClassUID") or ""


def _first(dataset: FileDataset, kind: str) -> str:
    uid = sop_class_of(dataset)
    for rule in _rules()[kind]:
        if "sop_class" in rule:
            if _matches_class(uid, rule["sop_class"]):
                return f"sop class {rule['sop_class']}"
        elif _matches_value(dataset, rule):
            return f"{rule['keyword']}"
    return ""


def _matches_class(uid: str, pattern: str) -> bool:
    return uid.startswith(pattern[:-1]) if pattern.endswith("*") else uid == pattern


def _matches_value(dataset: FileDataset, rule: dict[str, str]) -> bool:
    words = texts_of(dataset, rule["keyword"])
    joined = [word.upper().replace("_", " ") for word in words]
    if "equals" in rule:
        return rule["equals"] in joined
    return any(rule["contains"].replace("_", " ") in word for word in joined)


def _is_device(dataset: FileDataset, rule: dict[str, Any]) -> bool:
    has_parts = all(
        rule[key] in "\\".join(texts_of(dataset, keyword)).upper()
        for key, keyword in _PARTS.items()
        if key in rule
    )
    return has_parts and all(
        rule[key] == number_of(dataset, keyword) for key, keyword in _SIZES.items() if key in rule
    )


@lru_cache(maxsize=1)
def _rules() -> dict[str, Any]:
    path = resources.files("irw_pipeline.deid") / "tables" / "burned_in_rules.yaml"
    rules: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return rules
