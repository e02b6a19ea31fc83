"""Compound actions (X/Z/D ...) by the Type that the attribute has in the object's IOD (PS3.3)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from pydicom.datadict import tag_for_keyword

from irw_pipeline.deid.policy.options import table

STRICTEST = {"X/Z": "Z", "X/D": "D", "Z/D": "D", "X/Z/D": "D", "X/Z/U*": "U"}
"""Where no IOD is known: the action that is valid for every Type."""

_BY_TYPE = {
    "X/Z": {"1": "Z", "2": "Z", "3": "X"},
    "X/D": {"1": "D", "2": "Z", "3": "X"},  # PS3.15 is silent on Type 2: X would leave it missing
    "Z/D": {"1": "D", "2": "Z", "3": "Z"},
    "X/Z/D": {"1": "D", "2": "Z", "3": "X"},
    "X/Z/U*": {"1": "U", "2": "Z", "3": "X"},
}
OPTIONAL = "3"


class TypedAttribute(NamedTuple):
    """An attribute that is Type 1 or 2 in some IODs, at one place; `iods` is empty for all IODs.

    `parent` is the keyword of the sequence that it stands in, empty in the data set itself.
    """

    keyword: str
    parent: str
    type: str
    iods: frozenset[str]


def resolve(action: str, attribute_type: str) -> str:
    """The action that a code of Table E.1-1 means for a Type; plain codes mean themselves."""
    return _BY_TYPE[action][attribute_type] if action in _BY_TYPE else action


def iod_of(sop_class: str) -> str:
    """The name of the IOD of a SOP class, empty where the table has none."""
    return _iods().get(sop_class, "")


@lru_cache(maxsize=256)
def types_in(iod: str) -> dict[tuple[int, int], str]:
    """Types 1 and 2 in one IOD by (tag, tag of the sequence around it, 0 for none)."""
    return {
        (_tag(one.keyword), _tag(one.parent)): one.type
        for one in sorted(typed_attributes(), key=lambda one: one.type, reverse=True)
        if not one.iods or iod in one.iods
    }


@lru_cache(maxsize=1)
def typed_attributes() -> tuple[TypedAttribute, ...]:
    """The rows of `tables/iod_types.csv`."""
    return tuple(
        TypedAttribute(
            row["keyword"],
            row["parent"],
            row["type"],
            frozenset(() if row["iods"] == "*" else row["iods"].split()),
        )
        for row in table("iod_types.csv")
    )


def _tag(keyword: str) -> int:
    """The tag of a keyword, 0 for none: pydicom's dictionary has entries without a keyword."""
    return (tag_for_keyword(keyword) or 0) if keyword else 0


@lru_cache(maxsize=1)
def _iods() -> dict[str, str]:
    return {row["sop_class"]: row["iod"] for row in table("iod_sop_classes.csv")}
