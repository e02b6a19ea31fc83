"""The options of PS3.15 Annex E: their columns in its tables, their codes, the base they give."""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib import resources

from irw_pipeline.deid.policy.rules import Rule
from irw_pipeline.errors import PolicyError

EDITION = "2026d"
OPTION_COLUMNS = {
    "retain_safe_private": "retain_safe_private",
    "retain_uids": "retain_uids",
    "retain_device_identity": "retain_device_identity",
    "retain_institution_identity": "retain_institution_identity",
    "retain_patient_characteristics": "retain_patient_chars",
    "retain_longitudinal_full_dates": "retain_long_full_dates",
    "retain_longitudinal_modified_dates": "retain_long_modified_dates",
    "clean_descriptors": "clean_desc",
    "clean_structured_content": "clean_struct_cont",
    "clean_graphics": "clean_graph",
}
_CODES = {
    "clean_recognizable_visual_features": (
        "113102",
        "Clean Recognizable Visual Features Option",
    ),
    "clean_graphics": ("113103", "Clean Graphics Option"),
    "clean_structured_content": ("113104", "Clean Structured Content Option"),
    "clean_descriptors": ("113105", "Clean Descriptors Option"),
    "retain_longitudinal_full_dates": (
        "113106",
        "Retain Longitudinal Temporal Information Full Dates Option",
    ),
    "retain_longitudinal_modified_dates": (
        "113107",
        "Retain Longitudinal Temporal Information Modified Dates Option",
    ),
    "retain_patient_characteristics": ("113108", "Retain Patient Characteristics Option"),
    "retain_device_identity": ("113109", "Retain Device Identity Option"),
    "retain_uids": ("113110", "Retain UIDs Option"),
    "retain_safe_private": ("113111", "Retain Safe Private Option"),
    "retain_institution_identity": ("113112", "Retain Institution Identity Option"),
}
_BASIC = ("113100", "Basic Application Confidentiality Profile")
_WITHOUT_COLUMN = {"clean_pixel_data", "clean_recognizable_visual_features"}
"""What no table speaks of; the code of the first stands in the objects that were looked at."""

_EXCLUSIVE = {"retain_longitudinal_full_dates", "retain_longitudinal_modified_dates"}
# An overlay plane or a curve may draw letters: it goes as a whole unless a policy keeps it
_WHOLE_GROUPS = ("(50xx", "(60xx")


def check_options(name: str, options: tuple[str, ...]) -> None:
    """Return if these options can be applied together.

    Raises:
        PolicyError: An option is unknown or excludes another.
    """
    known = _WITHOUT_COLUMN | set(OPTION_COLUMNS)
    unknown = sorted(set(options) - known)
    if unknown:
        raise PolicyError(name, f"unknown options {unknown}; known: {sorted(known)}")
    if set(options) >= _EXCLUSIVE:
        raise PolicyError(name, "full dates and modified dates exclude each other; choose one")


def codes(options: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Code values and meanings of CID 7050 for the Basic Profile with these options."""
    return (_BASIC, *(_CODES[option] for option in sorted(options) if option in _CODES))


def chosen_action(row: dict[str, str], options: tuple[str, ...]) -> str:
    """The action of one row of a table of PS3.15 for the options; may be a compound code.

    Where two selected options disagree, cleaning is safer than keeping.
    """
    chosen = {row.get(OPTION_COLUMNS.get(option, ""), "") for option in options}
    return "C" if "C" in chosen else "K" if "K" in chosen else row["basic"]


def base_rules(options: tuple[str, ...]) -> list[Rule]:
    """The rules of PS3.15 Table E.1-1 under these options."""
    why = f"PS3.15 {EDITION} Table E.1-1"
    return [
        Rule(
            row["tag"],
            row["keyword"],
            "X" if row["tag"].startswith(_WHOLE_GROUPS) else chosen_action(row, options),
            why=why,
            needs_value=row["basic"] == "D",
        )
        for row in table("ps3_15_e1_1.csv")
        if row["tag"] != "(gggg,eeee)"  # private attributes: see `unlisted` and `safe_private`
    ]


@lru_cache(maxsize=1)
def safe_private() -> dict[tuple[str, int, int], str]:
    """The VR of the safe private attributes (Table E.3.10-1) by creator, group, low byte."""
    return {
        (row["creator"], int(row["group"], 16), int(row["element"], 16)): row["vr"]
        for row in table("ps3_15_e3_10_1.csv")
    }


@lru_cache(maxsize=1)
def safe_creators() -> frozenset[str]:
    """The private creators that have a safe private attribute."""
    return frozenset(creator for creator, _, _ in safe_private())


def table(file_name: str) -> list[dict[str, str]]:
    """The rows of one of our tables of PS3.15."""
    text = (resources.files("irw_pipeline.deid") / "tables" / file_name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
