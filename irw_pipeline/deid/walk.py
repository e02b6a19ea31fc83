"""The walk: every element of one object meets the policy's table, wherever it is nested."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydicom.dataelem import DataElement
from pydicom.sequence import Sequence

from irw_pipeline.deid import actions
from irw_pipeline.deid.elements import (
    apply_action,
    clean_kept,
    drop_unused_creators,
    has_expected_vr,
    is_registered_uid,
    items_of,
    set_vr,
    vr_of,
)
from irw_pipeline.deid.shapes import keeps_its_shape
from irw_pipeline.dicom.write import is_dataset_element

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from irw_pipeline.deid.policy import Policy, Rule

_CHARACTER_VRS = actions.TEXT_VRS | {"CS", "IS", "DS", "TM"}


class RuleTable:
    """A policy's rules, compiled: what to do for a tag, and where the policy is silent."""

    def __init__(self, policy: Policy) -> None:
        """Index the rules by tag, those with `x` as patterns."""
        self.policy = policy
        self._exact: dict[int, Rule] = {}
        self._wild: list[tuple[re.Pattern[str], Rule]] = []
        for rule in policy.rules:
            digits = rule.tag[1:5] + rule.tag[6:10]
            if "x" in digits:
                self._wild.append((re.compile(digits.replace("x", "[0-9A-F]")), rule))
            else:
                self._exact[int(digits, 16)] = rule

    def rule(self, tag: int) -> Rule | None:
        """The rule that names the attribute."""
        found = self._exact.get(tag)
        if found is None:
            digits = f"{tag:08X}"
            found = next((r for pattern, r in self._wild if pattern.fullmatch(digits)), None)
        return found

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
        return "U" if vr == "UI" else "K"

    def safe_vr(self, dataset: Dataset, tag: int) -> str:
        """The VR of a safe private attribute, empty for all others (PS3.15 E.3.10)."""
        group, element = tag >> 16, tag & 0xFFFF
        creator = dataset.get((group, element >> 8))
        if creator is None:
            return ""
        key = (str(creator.value).strip(" \0"), group, element & 0xFF)
        vr = self.policy.safe_private.get(key, "")
        return "OB" if vr == "OW/OB" else vr


@dataclass
class Walk:
    """One pass over one object; `counts` holds how often each action letter was applied."""

    table: RuleTable
    context: actions.Context
    counts: Counter[str] = field(default_factory=Counter)

    def visit(self, dataset: Dataset, *, is_dummy: bool = False) -> None:
        """Apply the table to a data set and everything nested in it. `dataset` is changed.

        Args:
            dataset: The object, or an item of one of its sequences.
            is_dummy: Whether text that no rule names becomes a dummy: inside a sequence with D.

        Raises:
            UnwalkableError: A sequence that would be kept cannot be parsed.
        """
        for tag in list(dataset.keys()):
            if not is_dataset_element(tag):
                del dataset[tag]
            elif not tag.is_private:
                self._standard(dataset, tag, is_dummy=is_dummy)
            elif not tag.is_private_creator:
                self._private(dataset, tag)
        drop_unused_creators(dataset)

    def _standard(self, dataset: Dataset, tag: int, *, is_dummy: bool) -> None:
        vr = vr_of(dataset, tag)
        rule = self.table.rule(tag)
        action = rule.action if rule else self.table.unlisted(vr, is_dummy=is_dummy)
        if rule is None and action == "U" and is_registered_uid(dataset, tag):
            action = "K"
        if action in {"K", "C"} and not has_expected_vr(tag, vr):
            action = "X"  # text may hide in bytes where the dictionary expects none
        self.counts[action] += 1
        if action == "X":
            del dataset[tag]
        elif vr == "SQ":
            self._sequence(dataset, tag, action, is_dummy=is_dummy)
        elif action == "K":
            self._keep(dataset, tag, vr)
        else:
            apply_action(dataset, tag, action, rule.using if rule else "", self.context)

    def _keep(self, dataset: Dataset, tag: int, vr: str) -> None:
        """Keep the bytes, if they are what the VR says, and nothing known stands in them."""
        if not keeps_its_shape(dataset.get_item(tag), vr):
            dataset[tag] = DataElement(tag, vr, None)
        elif vr in _CHARACTER_VRS:
            clean_kept(dataset, tag, self.context)

    def _sequence(self, dataset: Dataset, tag: int, action: str, *, is_dummy: bool) -> None:
        if action == "Z":
            dataset[tag] = DataElement(tag, "SQ", Sequence())
            return
        for item in items_of(dataset, tag):
            self.visit(item, is_dummy=is_dummy or action == "D")

    def _private(self, dataset: Dataset, tag: int) -> None:
        vr = self.table.safe_vr(dataset, tag)
        self.counts["C" if vr else "X"] += 1
        if not vr:
            del dataset[tag]
            return
        set_vr(dataset, tag, vr)
        if vr == "SQ":
            for item in items_of(dataset, tag):
                self.visit(item)
        elif actions.default_cleaner(vr):
            apply_action(dataset, tag, "C", "", self.context)
        elif not keeps_its_shape(dataset.get_item(tag), vr):
            del dataset[tag]
