"""Policies: PS3.15 Table E.1-1 as the base, then one row per rule of a YAML file, flattened.

What runs is the flat table; its SHA-256 is stored with every row that is released under it.
"""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml
from pydicom.datadict import tag_for_keyword

from irw_pipeline.deid.actions import ACTIONS, CLEANERS
from irw_pipeline.errors import PolicyError

_OPTION_COLUMNS = {
    "retain_safe_private": "retain_safe_private",
    "retain_uids": "retain_uids",
    "retain_device_identity": "retain_device_identity",
    "retain_institution_identity": "retain_institution_identity",
    "retain_patient_characteristics": "retain_patient_chars",
    "retain_longitudinal_full_dates": "retain_long_full_dates",
    "retain_longitudinal_modified_dates": "retain_long_modified_dates",
    "clean_descriptors": "clean_desc",
    "clean_structured_content": "clean_struct_cont",
}
_OPTION_CODES = {
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

# Compound codes depend on the attribute's Type in the IOD (PS3.15 E.1.1). Until the engine knows
# IODs, the choice that is valid for the strictest Type is taken, so a required attribute never
# goes missing: D before Z before X; U* keeps the sequence and maps the UIDs in it.
_COMPOUND = {"X/Z": "Z", "X/D": "D", "Z/D": "D", "X/Z/D": "D", "X/Z/U*": "U"}
_UNLISTED = {
    "text": {"clean", "remove"},
    "date": {"shift", "keep", "remove"},
    "other": {"keep", "remove"},
    "private": {"remove"},
}
_TAG = re.compile(r"\(([0-9A-Fx]{4}),([0-9A-Fx]{4})\)")
_KEYS = {"policy", "version", "base", "options", "unlisted", "rules", "purpose"}
_RULE_KEYS = {"keyword", "keywords", "tag", "action", "using", "why"}


@dataclass(frozen=True, order=True)
class Rule:
    """What is done to one attribute; `tag` may hold `x` for any hexadecimal digit."""

    tag: str
    keyword: str
    action: str
    using: str = ""
    why: str = field(default="", compare=False)


@dataclass(frozen=True)
class Policy:
    """One policy, flattened; equal policies have equal `sha256`."""

    name: str
    version: str
    options: tuple[str, ...]
    unlisted: dict[str, str]
    rules: tuple[Rule, ...]
    safe_private: dict[tuple[str, int, int], str] = field(repr=False)

    @property
    def sha256(self) -> str:
        """Hash of the flattened table, the hexadecimal form."""
        return hashlib.sha256("\n".join(map("\t".join, self.flatten())).encode()).hexdigest()

    def flatten(self) -> list[tuple[str, str, str, str, str]]:
        """The table that runs: tag, keyword, action, cleaner, why; a total order."""
        listed = [(r.tag, r.keyword, r.action, r.using, r.why) for r in sorted(self.rules)]
        private = [
            (f"({group:04X},xx{element:02X})", creator, "C", vr, "PS3.15 Table E.3.10-1")
            for (creator, group, element), vr in sorted(self.safe_private.items())
        ]
        silent = [("unlisted", kind, action, "", "") for kind, action in self.unlisted.items()]
        return listed + private + sorted(silent)

    @property
    def codes(self) -> tuple[tuple[str, str], ...]:
        """Code values and meanings of CID 7050 for what this policy does."""
        return (_BASIC, *(_OPTION_CODES[option] for option in sorted(self.options)))

    @property
    def dates(self) -> str:
        """`shift`, `keep` or `remove`: what happens to dates where no rule names the attribute."""
        return self.unlisted["date"]


def known_policies() -> list[str]:
    """The names of the policies that ship with the package."""
    folder = resources.files("irw_pipeline.deid") / "policies"
    return sorted(
        p.name.removesuffix(".yaml") for p in folder.iterdir() if p.name.endswith(".yaml")
    )


def load_policy(name: str) -> Policy:
    """Return the shipped policy of that name.

    Raises:
        PolicyError: No such policy, or its file is malformed.
    """
    if name not in known_policies():
        known = ", ".join(known_policies())
        raise PolicyError(name, f"unknown; the known ones are {known}")
    text = (resources.files("irw_pipeline.deid") / "policies" / f"{name}.yaml").read_text("utf-8")
    return parse_policy(name, text)


def parse_policy(name: str, text: str) -> Policy:
    """Return the policy written in `text`.

    Raises:
        PolicyError: Unknown key, keyword, action, cleaner or option, or a rule without `why`.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise PolicyError(name, "is not YAML") from error
    if not isinstance(document, dict) or set(document) - _KEYS or document.get("policy") != name:
        raise PolicyError(name, f"needs `policy: {name}` and only the keys {sorted(_KEYS)}")
    if document.get("base") != "ps3_15_2026d":
        raise PolicyError(name, "base must be ps3_15_2026d")
    options = tuple(document.get("options") or ())
    unknown = [option for option in options if option not in _OPTION_COLUMNS]
    if unknown:
        raise PolicyError(name, f"unknown options {unknown}; known: {sorted(_OPTION_COLUMNS)}")
    rules = {rule.tag: rule for rule in _base_rules(options)}
    for entry in document.get("rules") or ():
        rules.update({rule.tag: rule for rule in _read_rules(name, entry)})
    return Policy(
        name=name,
        version=str(document.get("version", "")),
        options=options,
        unlisted=_read_unlisted(name, document.get("unlisted")),
        rules=tuple(sorted(rules.values())),
        safe_private=_safe_private() if "retain_safe_private" in options else {},
    )


def _read_unlisted(name: str, given: Any) -> dict[str, str]:
    if not isinstance(given, dict) or set(given) != set(_UNLISTED):
        raise PolicyError(name, f"unlisted must state {', '.join(_UNLISTED)}")
    for kind, action in given.items():
        if action not in _UNLISTED[kind]:
            raise PolicyError(name, f"unlisted {kind} must be one of {sorted(_UNLISTED[kind])}")
    return dict(given)


def _read_rules(name: str, entry: Any) -> list[Rule]:
    if not isinstance(entry, dict) or set(entry) - _RULE_KEYS:
        raise PolicyError(name, f"a rule has only the keys {sorted(_RULE_KEYS)}")
    keywords = entry.get("keywords") or [entry.get("keyword") or entry.get("tag")]
    shown = ", ".join(str(keyword) for keyword in keywords)
    if not str(entry.get("why") or "").strip():
        raise PolicyError(name, f"rule {shown} has no why")
    action, using = str(entry.get("action")), str(entry.get("using") or "")
    if action not in ACTIONS:
        raise PolicyError(name, f"rule {shown}: unknown action; known: {', '.join(ACTIONS)}")
    if using and using not in CLEANERS:
        raise PolicyError(name, f"rule {shown}: unknown cleaner; known: {', '.join(CLEANERS)}")
    return [
        Rule(_tag_of(name, str(keyword)), str(keyword), action, using, str(entry["why"]))
        for keyword in keywords
    ]


def _tag_of(name: str, keyword: str) -> str:
    if _TAG.fullmatch(keyword):
        return keyword
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise PolicyError(name, f"unknown keyword {keyword}")
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def _table(file_name: str) -> list[dict[str, str]]:
    text = (resources.files("irw_pipeline.deid") / "tables" / file_name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def _base_rules(options: tuple[str, ...]) -> list[Rule]:
    columns = [_OPTION_COLUMNS[option] for option in options]
    rules = []
    for row in _table("ps3_15_e1_1.csv"):
        if row["tag"] == "(gggg,eeee)":  # private attributes: see `unlisted` and `safe_private`
            continue
        chosen = {row[column] for column in columns} - {""}
        # where two selected options disagree, cleaning is safer than keeping
        action = "C" if "C" in chosen else "K" if "K" in chosen else row["basic"]
        action = _COMPOUND.get(action, action)
        rules.append(Rule(row["tag"], row["keyword"], action, why="PS3.15 2026d Table E.1-1"))
    return rules


@lru_cache(maxsize=1)
def _safe_private() -> dict[tuple[str, int, int], str]:
    return {
        (row["creator"], int(row["group"], 16), int(row["element"], 16)): row["vr"]
        for row in _table("ps3_15_e3_10_1.csv")
    }
