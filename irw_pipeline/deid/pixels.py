"""Which objects may show text in their pixels: by rules, as data; no pixel is decoded yet."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml
from pydicom.tag import Tag

from irw_pipeline.deid.outcome import Rejected
from irw_pipeline.dicom.header import text_of, texts_of
from irw_pipeline.ids import ReasonCode

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset


def refusal(dataset: FileDataset) -> Rejected | None:
    """Why this object cannot be released for what kind of object it is; None if it can.

    `UNSUPPORTED_SOP_CLASS` where we cannot reach what it holds, `BURNED_IN_TEXT` where its
    pixels may show text. The detail names the SOP class or the keyword of the rule.
    """
    rules = _rules()
    uid = sop_class_of(dataset)
    if not uid:
        return Rejected(ReasonCode.MISSING_REQUIRED_ATTRIBUTE, "SOPClassUID")
    is_ours = any(_matches_class(uid, pattern) for pattern in rules["supported_sop_classes"])
    if not is_ours or any(_matches_class(uid, r["sop_class"]) for r in rules["unsupported"]):
        is_standard = uid.startswith("1.2.840.10008.")
        return Rejected(
            ReasonCode.UNSUPPORTED_SOP_CLASS, uid if is_standard else "private SOP class"
        )
    rule = may_carry_text(dataset)
    return Rejected(ReasonCode.BURNED_IN_TEXT, rule) if rule else None


def may_carry_text(dataset: FileDataset) -> str:
    """The rule by which the pixels may show text (a SOP class or a keyword), empty if none does."""
    uid = sop_class_of(dataset)
    for rule in _rules()["burned_in"]:
        if "sop_class" in rule:
            if _matches_class(uid, rule["sop_class"]):
                return f"sop class {rule['sop_class']}"
        elif _matches_value(dataset, rule):
            return f"{rule['keyword']}"
    return ""


def sop_class_of(dataset: FileDataset) -> str:
    """The SOP class UID of the data set, else of the file meta; empty if neither has one."""
    uid = text_of(dataset, "SOPClassUID")
    return uid or text_of(dataset.file_meta, "MediaStorageSOPClassUID") or ""


def _matches_class(uid: str, pattern: str) -> bool:
    return uid.startswith(pattern[:-1]) if pattern.endswith("*") else uid == pattern


def _matches_value(dataset: FileDataset, rule: dict[str, str]) -> bool:
    words = texts_of(dataset, rule["keyword"])
    joined = [word.upper().replace("_", " ") for word in words]
    if "equals" in rule:
        return rule["equals"] in joined
    return any(rule["contains"].replace("_", " ") in word for word in joined)


def telling_tags() -> frozenset[int]:
    """The attributes that the rules read."""
    keywords = {rule["keyword"] for rule in _rules()["burned_in"] if "keyword" in rule}
    return frozenset(Tag(keyword) for keyword in keywords | {"SOPClassUID"})


@lru_cache(maxsize=1)
def _rules() -> dict[str, Any]:
    path = resources.files("irw_pipeline.deid") / "tables" / "burned_in_rules.yaml"
    rules: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return rules
