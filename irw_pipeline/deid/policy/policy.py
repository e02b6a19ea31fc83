"""Policies: PS3.15 Table E.1-1 as the base, then one row per rule of a YAML file, flattened.

A project may lay a file of its own over a policy, and both may have overlays for a modality, a
manufacturer or a SOP class; of two rules for one attribute the later one holds. What runs is the
flat table; its SHA-256 is stored with every row that is released under it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from irw_pipeline.deid.policy.content import ContentTable
from irw_pipeline.deid.policy.files import (
    POLICY_KEYS,
    PROJECT_KEYS,
    read_document,
    read_overlays,
    read_rules,
    read_unlisted,
)
from irw_pipeline.deid.policy.iod_types import OPTIONAL, STRICTEST, resolve, typed_attributes
from irw_pipeline.deid.policy.options import EDITION, base_rules, check_options, codes, safe_private
from irw_pipeline.errors import PolicyError

if TYPE_CHECKING:
    from irw_pipeline.deid.policy.rules import Kind, Overlay, Rule

_BASE = f"ps3_15_{EDITION}"
_MAX_STAMP_CHARACTERS = 44
"""What DeidentificationMethod (LO, 64 characters) has room for beside the engine's own name."""

Row = tuple[str, str, str, str, str, str]


@dataclass(frozen=True)
class Policy:
    """One policy, flattened; equal policies have equal `sha256`.

    `rules` are those of PS3.15 under the options, with `own_rules` in place of what they name.
    """

    name: str
    version: str
    options: tuple[str, ...]
    unlisted: dict[str, str]
    own_rules: tuple[Rule, ...]
    overlays: tuple[Overlay, ...]
    rules: tuple[Rule, ...]
    safe_private: dict[tuple[str, int, int], str] = field(repr=False)

    @property
    def sha256(self) -> str:
        """Hash of the flattened table, the hexadecimal form."""
        return hashlib.sha256("\n".join(map("\t".join, self.flatten())).encode()).hexdigest()

    def flatten(self) -> list[Row]:
        """The table that runs: tag, keyword, action, cleaner, when, why; a total order.

        A compound action is followed by what it means for each Type, and where that Type holds.
        """
        listed = [row for rule in sorted(self.rules) for row in _rows_of(rule, "")]
        laid_over = [
            row
            for overlay in self.overlays
            for rule in overlay.rules
            for row in _rows_of(rule, overlay.shown())
        ]
        private = [
            (f"({group:04X},xx{element:02X})", creator, "C", vr, "", "PS3.15 Table E.3.10-1")
            for (creator, group, element), vr in sorted(self.safe_private.items())
        ]
        silent = [("unlisted", kind, action, "", "", "") for kind, action in self.unlisted.items()]
        chosen = [("option", option, "", "", "", "") for option in self.options]
        contents = ContentTable(self).rows()
        return listed + laid_over + contents + private + sorted(silent) + sorted(chosen)

    def rules_for(self, kind: Kind) -> dict[str, Rule]:
        """The rules that objects of this kind meet, by tag."""
        rules = {rule.tag: rule for rule in self.rules}
        for overlay in self.overlays:
            if overlay.matches(kind):
                rules.update({rule.tag: rule for rule in overlay.rules})
        return rules

    @property
    def codes(self) -> tuple[tuple[str, str], ...]:
        """Code values and meanings of CID 7050 for what this policy does."""
        return codes(self.options)

    @property
    def keeps_uids(self) -> bool:
        """Whether UIDs stay as they are, where no rule says else."""
        return "retain_uids" in self.options

    @property
    def keeps_places(self) -> bool:
        """Whether the institution may be named."""
        return "retain_institution_identity" in self.options

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
    """Return a policy: `research`, `our_policy.yaml`, or one with files laid over it.

    `research+project.yaml+site.yaml` lays two project files over the shipped policy `research`,
    the later one last.

    Raises:
        PolicyError: No such policy or file, or one is malformed.
    """
    first, *projects = name.split("+")
    if first.endswith(".yaml"):
        policy = parse_policy(Path(first).stem, _read(first))
    elif first in known_policies():
        path = resources.files("irw_pipeline.deid") / "policies" / f"{first}.yaml"
        policy = parse_policy(first, path.read_text("utf-8"))
    else:
        known = ", ".join(known_policies())
        raise PolicyError(first, f"unknown; the known ones are {known}, or a file name.yaml")
    for project in projects:
        policy = lay_over(policy, Path(project).stem, _read(project))
    return policy


def parse_policy(name: str, text: str) -> Policy:
    """Return the policy written in `text`.

    Raises:
        PolicyError: Unknown key, keyword, action, cleaner or option, or a rule without `why`.
    """
    document = read_document(name, text, "policy", POLICY_KEYS)
    if document.get("base") != _BASE:
        raise PolicyError(name, f"base must be {_BASE}")
    return _built(
        name=name,
        version=str(document.get("version", "")),
        options=tuple(document.get("options") or ()),
        unlisted=read_unlisted(name, document.get("unlisted")),
        own=read_rules(name, document.get("rules")),
        overlays=tuple(read_overlays(name, document.get("overlays"))),
    )


def lay_over(policy: Policy, name: str, text: str) -> Policy:
    """Return `policy` with the options, rules and overlays of a project file laid over it.

    Raises:
        PolicyError: As `parse_policy`.
    """
    document = read_document(name, text, "project", PROJECT_KEYS)
    added = tuple(document.get("options") or ())
    return _built(
        name=f"{policy.name}+{name}",
        version=f"{policy.version}+{document.get('version', '')}",
        options=tuple(dict.fromkeys((*policy.options, *added))),
        unlisted=policy.unlisted,
        own=[*policy.own_rules, *read_rules(name, document.get("rules"))],
        overlays=(*policy.overlays, *read_overlays(name, document.get("overlays"))),
    )


def _built(
    *,
    name: str,
    version: str,
    options: tuple[str, ...],
    unlisted: dict[str, str],
    own: list[Rule],
    overlays: tuple[Overlay, ...],
) -> Policy:
    check_options(name, options)
    if len(name) + len(version) > _MAX_STAMP_CHARACTERS:
        raise PolicyError(name, f"name and version have over {_MAX_STAMP_CHARACTERS} characters")
    rules = {rule.tag: rule for rule in (*base_rules(options), *own)}
    return Policy(
        name=name,
        version=version,
        options=options,
        unlisted=unlisted,
        own_rules=tuple(own),
        overlays=overlays,
        rules=tuple(sorted(rules.values())),
        safe_private=safe_private() if "retain_safe_private" in options else {},
    )


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(path, "cannot be read; give the path of a YAML file") from error


def _rows_of(rule: Rule, when: str) -> list[Row]:
    row = (rule.tag, rule.keyword, rule.action, rule.using, when, rule.why)
    if rule.action not in STRICTEST:
        return [row]
    prefix = f"{when}; " if when else ""

    def meaning(action: str, where: str) -> Row:
        return (rule.tag, rule.keyword, action, rule.using, prefix + where, rule.why)

    return [
        row,
        *(
            meaning(
                resolve(rule.action, one.type),
                f"Type {one.type} in {one.parent or 'the data set'} of "
                f"{' '.join(sorted(one.iods)) or 'every IOD'}",
            )
            for one in typed_attributes()
            if one.keyword == rule.keyword
        ),
        meaning(resolve(rule.action, OPTIONAL), "Type 3 or not in the IOD"),
        meaning(STRICTEST[rule.action], "SOP class without an IOD in our table"),
    ]
