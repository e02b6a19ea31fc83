"""Which objects may show a face: under an option of PS3.15 they wait for a person."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

from irw_pipeline.deid.outcome import Rejected
from irw_pipeline.dicom.header import text_of
from irw_pipeline.ids import ReasonCode

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

OPTION = "clean_recognizable_visual_features"


def face_refusal(dataset: Dataset) -> Rejected | None:
    """`FACE_MAY_SHOW` for an object from which somebody may be recognised, None for all others.

    Of a volume or a surface, BodyPartExamined must name a region without a face: silence counts
    as a head. The detail is what the rule asks for (PS3.15 E.3.2).
    """
    rules = _rules()
    if text_of(dataset, "RecognizableVisualFeatures") == "YES":
        return Rejected(ReasonCode.FACE_MAY_SHOW, "RecognizableVisualFeatures")
    for rule in rules["always"]:
        if _holds(dataset, rule):
            return _refused(rule)
    if text_of(dataset, "Modality") is None:
        return Rejected(ReasonCode.FACE_MAY_SHOW, "Modality")
    region = re.sub(r"[\W_]", "", text_of(dataset, "BodyPartExamined") or "").upper()
    if region in rules["elsewhere"].split():
        return None
    return next((_refused(one) for one in rules["unless_elsewhere"] if _holds(dataset, one)), None)


def _holds(dataset: Dataset, rule: dict[str, str]) -> bool:
    if "modality" in rule:
        return text_of(dataset, "Modality") == rule["modality"]
    return text_of(dataset, "SOPClassUID") == rule["sop_class"]


def _refused(rule: dict[str, str]) -> Rejected:
    return Rejected(ReasonCode.FACE_MAY_SHOW, rule.get("modality") or rule["sop_class"])


@lru_cache(maxsize=1)
def _rules() -> dict[str, Any]:
    path = resources.files("irw_pipeline.deid") / "tables" / "recognizable_features.yaml"
    rules: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return rules
