"""What our IOD tables must say, derived from the tables of PS3.3 that highdicom ships."""

from __future__ import annotations

import csv
from importlib import resources

from highdicom._standard_utils import (
    get_iod_module_map,
    get_module_attribute_map,
    get_sop_class_iod_map,
)

NEARLY_ALL = 0.85
"""Where more of the IODs than this demand an attribute, our table demands it of every one (`*`)."""


def sop_classes() -> list[dict[str, str]]:
    """The rows of `iod_sop_classes.csv`."""
    return [{"sop_class": uid, "iod": iod} for uid, iod in sorted(get_sop_class_iod_map().items())]


def compound_keywords() -> set[str]:
    """The attributes whose action in Table E.1-1 depends on their Type."""
    path = resources.files("irw_pipeline.deid") / "tables" / "ps3_15_e1_1.csv"
    rows = csv.DictReader(path.read_text("utf-8").splitlines())
    return {row["keyword"] for row in rows if "/" in row["basic"]}


def types() -> list[dict[str, str]]:
    """The rows of `iod_types.csv`: Types 1 and 2, conditional ones like the others."""
    strictest: dict[tuple[str, str, str], str] = {}
    keywords = compound_keywords()
    iods = sorted(set(get_sop_class_iod_map().values()))
    for iod in iods:
        for module in get_iod_module_map()[iod]:
            for attribute in get_module_attribute_map().get(module["key"], []):
                kind, keyword = attribute["type"][0], attribute["keyword"]
                if keyword in keywords and kind in "12":
                    place = (keyword, [*attribute["path"], ""][len(attribute["path"]) - 1], iod)
                    strictest[place] = min(kind, strictest.get(place, kind))
    groups: dict[tuple[str, str, str], set[str]] = {}
    for (keyword, parent, iod), kind in strictest.items():
        groups.setdefault((keyword, parent, kind), set()).add(iod)
    return [
        {
            "keyword": keyword,
            "parent": parent,
            "type": kind,
            "iods": "*" if len(held) > NEARLY_ALL * len(iods) else " ".join(sorted(held)),
        }
        for (keyword, parent, kind), held in sorted(groups.items())
    ]
