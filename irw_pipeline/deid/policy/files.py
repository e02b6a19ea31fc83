"""Policy and project files: YAML to rules and overlays. Nothing here knows what a rule does."""

from __future__ import annotations

import re
from typing import Any

import yaml
from pydicom.datadict import tag_for_keyword

from irw_pipeline.deid.actions import ACTIONS, CLEANERS
from irw_pipeline.deid.policy.iod_types import STRICTEST
from irw_pipeline.deid.policy.rules import CONDITIONS, Overlay, Rule
from irw_pipeline.errors import PolicyError

UNLISTED = {
    "text": {"clean", "remove"},
    "date": {"shift", "keep", "remove"},
    "other": {"keep", "remove"},
    "private": {"remove"},
}
_TAG = re.compile(r"\(([0-9A-Fx]{4}),([0-9A-Fx]{4})\)")
_SHARED_KEYS = {"version", "purpose", "options", "rules", "overlays"}
POLICY_KEYS = _SHARED_KEYS | {"policy", "base", "unlisted"}
PROJECT_KEYS = _SHARED_KEYS | {"project"}
_RULE_KEYS = {"keyword", "keywords", "tag", "action", "using", "why"}
_OVERLAY_KEYS = {"when", "rules"}
_NAME = re.compile(r"[A-Za-z0-9_-]+")


def read_document(name: str, text: str, kind: str, keys: set[str]) -> dict[str, Any]:
    """The YAML document, whose `kind` (`policy` or `project`) names it `name`.

    Raises:
        PolicyError: Not YAML, another name, or a key that means nothing.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise PolicyError(name, "is not YAML") from error
    if not isinstance(document, dict) or set(document) - keys or document.get(kind) != name:
        raise PolicyError(name, f"needs `{kind}: {name}` and only the keys {sorted(keys)}")
    if not _NAME.fullmatch(name):
        raise PolicyError(name, "a name has letters, digits, _ and - only")
    return document


def read_unlisted(name: str, given: Any) -> dict[str, str]:
    """What a policy does to attributes that no rule names."""
    if not isinstance(given, dict) or set(given) != set(UNLISTED):
        raise PolicyError(name, f"unlisted must state {', '.join(UNLISTED)}")
    for kind, action in given.items():
        if action not in UNLISTED[kind]:
            raise PolicyError(name, f"unlisted {kind} must be one of {sorted(UNLISTED[kind])}")
    return dict(given)


def read_rules(name: str, entries: Any) -> list[Rule]:
    """The rules of a list, in its order; one entry may name several attributes."""
    return [rule for entry in _as_list(name, "rules", entries) for rule in _read_rule(name, entry)]


def read_overlays(name: str, entries: Any) -> list[Overlay]:
    """The overlays of a list, in its order: the later one goes before the earlier one."""
    return [_read_overlay(name, entry) for entry in _as_list(name, "overlays", entries)]


def _read_overlay(name: str, entry: Any) -> Overlay:
    if not isinstance(entry, dict) or set(entry) != _OVERLAY_KEYS:
        raise PolicyError(name, f"an overlay has the keys {sorted(_OVERLAY_KEYS)}")
    when = entry["when"]
    if not isinstance(when, dict) or not when or set(when) - set(CONDITIONS):
        raise PolicyError(name, f"`when` has one or more of {', '.join(CONDITIONS)}")
    conditions = []
    for condition in CONDITIONS:
        if condition in when:
            given = when[condition]
            values = tuple(str(one) for one in (given if isinstance(given, list) else [given]))
            if not all(value.strip() for value in values) or not values:
                raise PolicyError(name, f"`when` has no value for {condition}")
            conditions.append((condition, values))
    rules = {rule.tag: rule for rule in read_rules(name, entry["rules"])}
    return Overlay(tuple(conditions), tuple(sorted(rules.values())))


def _as_list(name: str, what: str, entries: Any) -> list[Any]:
    if entries is None:
        return []
    if not isinstance(entries, list):
        raise PolicyError(name, f"{what} must be a list")
    return entries


def _read_rule(name: str, entry: Any) -> list[Rule]:
    if not isinstance(entry, dict) or set(entry) - _RULE_KEYS:
        raise PolicyError(name, f"a rule has only the keys {sorted(_RULE_KEYS)}")
    keywords = entry.get("keywords") or [entry.get("keyword") or entry.get("tag")]
    shown = ", ".join(str(keyword) for keyword in keywords)
    if not str(entry.get("why") or "").strip():
        raise PolicyError(name, f"rule {shown} has no why")
    action, using = str(entry.get("action")), str(entry.get("using") or "")
    if action not in ACTIONS and action not in STRICTEST:
        known = ", ".join((*ACTIONS, *STRICTEST))
        raise PolicyError(name, f"rule {shown}: unknown action; known: {known}")
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
