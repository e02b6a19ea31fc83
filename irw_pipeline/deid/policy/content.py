"""Content items of structured reports (PS3.15 Table E.3.4-1): which rule the value of one meets.

The rule is a look-up by concept name and value type; a name that the table does not list is judged
by the value type alone. Items that refer to objects keep their references, with the UIDs mapped:
what a finding was seen on is half of the finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydicom.datadict import keyword_for_tag
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from irw_pipeline.deid.actions import MAX_AGE_YEARS
from irw_pipeline.deid.elements import items_of, vr_of
from irw_pipeline.deid.policy.options import EDITION, chosen_action, table
from irw_pipeline.deid.policy.rules import Rule
from irw_pipeline.dicom.header import text_of

if TYPE_CHECKING:
    from irw_pipeline.deid.policy.policy import Policy

VALUE_TYPE, CONCEPT_NAME, CONTENT, BY_POSITION = 0x0040A040, 0x0040A043, 0x0040A730, 0x0040DB73
UNITS = 0x004008EA
_VALUES = {
    "TEXT": 0x0040A160,
    "PNAME": 0x0040A123,
    "DATE": 0x0040A121,
    "TIME": 0x0040A122,
    "DATETIME": 0x0040A120,
    "UIDREF": 0x0040A124,
    "NUM": 0x0040A300,
    "CODE": 0x0040A168,
    "CONTAINER": CONTENT,
}
_REFERENCES = ("IMAGE", "COMPOSITE", "WAVEFORM")
_PSEUDONYMS = frozenset({("121029", "DCM"), ("121030", "DCM")})
"""Subject Name and Subject ID: they say what PatientName and PatientID say."""
_AGES = frozenset(
    {("121033", "DCM"), ("397669002", "SCT"), ("445518008", "SCT"), ("30525-0", "LN")}
)
_PER_YEAR = {"a": 1.0, "mo": 12.0, "wk": 52.18, "d": 365.25}
_WHY = f"PS3.15 {EDITION} Table E.3.4-1"


class ContentKey(NamedTuple):
    """What of a content item decides its rule."""

    code: str
    scheme: str
    value_type: str


class ContentTable:
    """The rules of content items under one policy; empty without the structured content option."""

    def __init__(self, policy: Policy) -> None:
        """Choose the column of the options for every listed concept and value type."""
        self._listed: dict[ContentKey, Rule] = {}
        self._silent: dict[str, Rule] = {}
        self._meanings: dict[ContentKey, str] = {}
        if "clean_structured_content" not in policy.options:
            return
        for row in table("ps3_15_e3_4_1.csv"):
            key = ContentKey(row["code_value"], row["coding_scheme"], row["value_type"])
            if key.value_type in _REFERENCES:
                continue
            action = chosen_action(row, policy.options)
            using = "pseudonym" if action in ("X/D", "D") and key[:2] in _PSEUDONYMS else ""
            if key.value_type == "UIDREF" and action != "K":
                action = "U"
            self._listed[key] = _rule(key.value_type, action.replace("X/D", "D"), using)
            self._meanings[key] = row["code_meaning"]
        silent = policy.unlisted
        dates = {"shift": "C", "keep": "K", "remove": "X"}[silent["date"]]
        actions = {
            "TEXT": "C" if silent["text"] == "clean" else "D",
            "PNAME": "D",
            "DATE": dates,
            "DATETIME": dates,
            "UIDREF": "K" if policy.keeps_uids else "U",
        }
        self._silent = {kind: _rule(kind, action, "") for kind, action in actions.items()}

    def rule(self, key: ContentKey) -> Rule | None:
        """The rule of the item's value; X removes the item; None where the attributes' rules do."""
        return self._listed.get(key) or self._silent.get(key.value_type)

    def rows(self) -> list[tuple[str, str, str, str, str, str]]:
        """The rows of the flattened policy; a total order."""
        listed = [
            (f"{key.scheme} {key.code}", self._meanings[key], r.action, r.using, key.value_type)
            for key, r in sorted(self._listed.items())
        ]
        silent = [
            ("content item", "any other concept", r.action, r.using, kind)
            for kind, r in sorted(self._silent.items())
        ]
        return [
            (tag, name, action, using, f"value type is {kind}", _WHY)
            for tag, name, action, using, kind in listed + silent
        ]


def _rule(value_type: str, action: str, using: str) -> Rule:
    tag = _VALUES[value_type]
    shown = f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
    return Rule(shown, keyword_for_tag(tag), action, using, _WHY, needs_value=True)


def key_of(item: Dataset) -> ContentKey | None:
    """What decides the rule of a sequence's item; None if it is no content item.

    Raises:
        UnwalkableError: Its concept name cannot be parsed.
    """
    if VALUE_TYPE not in item:
        return None
    names = _items(item, CONCEPT_NAME)
    name = names[0] if names else Dataset()
    return ContentKey(
        _text(name, "CodeValue") or _text(name, "LongCodeValue"),
        _text(name, "CodingSchemeDesignator"),
        _text(item, "ValueType"),
    )


def measures_age(key: ContentKey) -> bool:
    """Whether the item holds an age, which `cap_age` may change."""
    return key.value_type == "NUM" and key[:2] in _AGES


def value_tag(key: ContentKey) -> int:
    """The attribute that holds the value of the item, 0 where no single one does."""
    return _VALUES.get(key.value_type, 0)


def refers_by_position(dataset: Dataset) -> bool:
    """Whether an item names others by their place in the tree, so that none may be taken out.

    Raises:
        UnwalkableError: A sequence of the tree cannot be parsed.
    """
    return any(BY_POSITION in item or refers_by_position(item) for item in _items(dataset, CONTENT))


def blank(item: Dataset, key: ContentKey) -> None:
    """Empty an item that has to keep its place, where its value is not of text or time."""
    if key.value_type == "NUM":
        item.MeasuredValueSequence = Sequence()
    elif key.value_type == "CONTAINER":
        item.pop(CONTENT, None)
    elif key.value_type == "CODE":
        unknown = Dataset()
        unknown.CodeValue, unknown.CodingSchemeDesignator = "261665006", "SCT"
        unknown.CodeMeaning = "Unknown"
        item.ConceptCodeSequence = Sequence([unknown])


def cap_age(item: Dataset, key: ContentKey) -> None:
    """Make ages over 89 years one group (45 CFR 164.514) in an item that measures an age."""
    if not measures_age(key):
        return
    for measured in _items(item, _VALUES["NUM"]):
        units = _items(measured, UNITS)
        per_year = _PER_YEAR.get(_text(units[0], "CodeValue"), 0) if units else 0
        try:
            age = float(_text(measured, "NumericValue"))
        except ValueError:
            continue
        if per_year and age / per_year >= MAX_AGE_YEARS + 1:
            measured.NumericValue = str(round((MAX_AGE_YEARS + 1) * per_year))
            for exact in (
                "FloatingPointValue",
                "RationalNumeratorValue",
                "RationalDenominatorValue",
            ):
                if exact in measured:
                    delattr(measured, exact)


def _items(dataset: Dataset, tag: int) -> list[Dataset]:
    return items_of(dataset, tag) if tag in dataset and vr_of(dataset, tag) == "SQ" else []


def _text(item: Dataset, keyword: str) -> str:
    """The first value; the element stays raw, so that its form is judged when the walk meets it."""
    return text_of(item, keyword) or ""
