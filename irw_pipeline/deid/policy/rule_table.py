"""A policy's rules, compiled for one kind of object: what to do for a tag at a place."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from irw_pipeline.deid import actions
from irw_pipeline.deid.elements import has_expected_vr, is_listed, is_person
from irw_pipeline.deid.policy.content import ContentTable
from irw_pipeline.deid.policy.iod_types import OPTIONAL, STRICTEST, iod_of, resolve, types_in
from irw_pipeline.deid.policy.rules import Kind
from irw_pipeline.dicom.header import text_of
from irw_pipeline.dicom.layout import PIXELS

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from irw_pipeline.deid.policy.policy import Policy
    from irw_pipeline.deid.policy.rules import Rule


_OVERLAY_DATA = 0x6000_3000
KIND_KEYWORDS = ("SOPClassUID", "Modality", "Manufacturer")


def kind_of(dataset: Dataset) -> Kind:
    """What of an object decides which rules it meets."""
    return Kind(*(text_of(dataset, keyword) or "" for keyword in KIND_KEYWORDS))


class RuleTables:
    """The tables of one policy, each compiled when the first object of its kind comes."""

    def __init__(self, policy: Policy) -> None:
        """Compile nothing yet."""
        self.policy = policy
        self._made: dict[tuple[str, tuple[bool, ...]], RuleTable] = {}

    def of(self, kind: Kind) -> RuleTable:
        """The table that objects of this kind meet."""
        overlays = tuple(overlay.matches(kind) for overlay in self.policy.overlays)
        key = (iod_of(kind.sop_class), overlays)
        if key not in self._made:
            self._made[key] = RuleTable(self.policy, kind)
        return self._made[key]


class RuleTable:
    """What to do for a tag and the sequence around it, and where the policy is silent.

    Every answer is a look-up: of the object, nothing but its kind and its private creators counts.
    """

    def __init__(self, policy: Policy, kind: Kind) -> None:
        """Index the rules by tag, those with `x` as patterns; compound actions by their Type."""
        self.policy = policy
        self.content = ContentTable(policy)
        self._exact: dict[int, Rule] = {}
        self._placed: dict[tuple[int, int], Rule] = {}
        self._wild: list[tuple[re.Pattern[str], Rule]] = []
        iod = iod_of(kind.sop_class)
        for rule in sorted(policy.rules_for(kind).values()):
            digits = rule.tag[1:5] + rule.tag[6:10]
            if "x" in digits:
                self._wild.append((re.compile(digits.replace("x", "[0-9A-F]")), rule))
            elif rule.action in STRICTEST:
                self._resolve(int(digits, 16), rule, iod)
            else:
                self._exact[int(digits, 16)] = rule

    def _resolve(self, tag: int, rule: Rule, iod: str) -> None:
        """Put the action that the Type demands at each place of the IOD, X or Z at all others."""
        if not iod:
            self._exact[tag] = replace(rule, action=STRICTEST[rule.action])
            return
        self._exact[tag] = replace(rule, action=resolve(rule.action, OPTIONAL))
        for (typed, parent), attribute_type in types_in(iod).items():
            if typed == tag:
                action = resolve(rule.action, attribute_type)
                self._placed[tag, parent] = replace(rule, action=action)

    def rule(self, tag: int, parent: int = 0) -> Rule | None:
        """The rule that names the attribute.

        Args:
            tag: The attribute.
            parent: The sequence whose item it stands in, 0 in the data set itself.
        """
        found = self._placed.get((tag, parent)) or self._exact.get(tag)
        if found is None:
            digits = f"{tag:08X}"
            found = next((r for pattern, r in self._wild if pattern.fullmatch(digits)), None)
        return found

    def action(self, tag: int, vr: str, rule: Rule | None, parent: int, *, is_dummy: bool) -> str:
        """What to do with a standard attribute; that registered UIDs stay depends on the value.

        Args:
            tag: The attribute.
            vr: Its VR.
            rule: The rule that names it, None where the policy is silent.
            parent: The sequence whose item it stands in, 0 in the data set itself.
            is_dummy: Whether it stands in a sequence whose action is D.
        """
        if rule is None and not is_listed(tag):
            return "X"  # no edition of PS3.6 says what it is
        if parent and tag in PIXELS:
            return "X"  # a picture within the object is seen by nobody
        action = rule.action if rule else self.unlisted(vr, is_dummy=is_dummy)
        if action in {"K", "C"} and vr == "PN" and not is_person(tag):
            return "Z"  # whatever the attribute is for, its value is a name
        if action in {"K", "C"} and not has_expected_vr(tag, vr):
            return "X"  # text may hide where the dictionary expects none
        return action

    def keeps(self, tag: int) -> bool:
        """Whether the rules let an attribute stand, cleaned or not, so that it is no secret."""
        rule = self.rule(tag)
        return rule is not None and rule.action in {"K", "C"}

    def unlisted(self, vr: str, *, is_dummy: bool) -> str:
        """The action for a standard attribute that no rule names, by its VR alone.

        Args:
            vr: Its VR.
            is_dummy: Whether it stands in a sequence whose action is D.
        """
        silent = self.policy.unlisted
        if vr in actions.TEXT_VRS or vr == "UR":
            if silent["text"] == "remove":
                return "X"
            # a name or an address has no part worth keeping
            return "Z" if vr in {"PN", "UR"} else "D" if is_dummy else "C"
        if vr in actions.DATE_VRS:
            return {"shift": "C", "keep": "K", "remove": "X"}[silent["date"]]
        if silent["other"] == "remove":
            return "X"
        return "U" if vr == "UI" and not self.policy.keeps_uids else "K"

    def safe_vr(self, dataset: Dataset, tag: int) -> str:
        """The VR of a safe private attribute, empty for all others (PS3.15 E.3.10)."""
        group, element = tag >> 16, tag & 0xFFFF
        try:
            creator = dataset.get((group, element >> 8))
        except Exception:  # noqa: BLE001 - pydicom raises many kinds for a value that is not of its VR
            return ""
        if creator is None:
            return ""
        key = (str(creator.value).strip(" \0"), group, element & 0xFF)
        vr = self.policy.safe_private.get(key, "")
        return "OB" if vr == "OW/OB" else vr


def keeps_planes(table: RuleTable) -> bool:
    """Whether overlay planes are kept, and so have to be searched for writing."""
    rule = table.rule(_OVERLAY_DATA)
    return rule is None or rule.action != "X"
