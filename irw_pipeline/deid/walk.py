"""The walk: every element of one object meets the policy's table, wherever it is nested."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pydicom.dataelem import DataElement
from pydicom.sequence import Sequence

from irw_pipeline.deid import actions
from irw_pipeline.deid.elements import (
    UnwalkableError,
    apply_action,
    drop_unused_creators,
    holds_known,
    is_registered_uid,
    items_of,
    set_vr,
    vr_of,
)
from irw_pipeline.deid.policy import content
from irw_pipeline.deid.shapes import is_enumerated, keeps_its_shape
from irw_pipeline.dicom.write import is_dataset_element

if TYPE_CHECKING:
    from pydicom.dataelem import RawDataElement
    from pydicom.dataset import Dataset

    from irw_pipeline.deid.policy.rule_table import RuleTable
    from irw_pipeline.deid.policy.rules import Rule

_CHARACTER_VRS = actions.TEXT_VRS | {"CS", "IS", "DS", "TM"}


@dataclass
class Walk:
    """One pass over one object; `counts` holds how often each action letter was applied."""

    table: RuleTable
    context: actions.Context
    counts: Counter[str] = field(default_factory=Counter)
    _has_positions: bool = False

    def visit(
        self,
        dataset: Dataset,
        parent: int = 0,
        *,
        is_dummy: bool = False,
        value: tuple[int, Rule] | None = None,
    ) -> None:
        """Apply the table to a data set and everything nested in it. `dataset` is changed.

        Args:
            dataset: The object, or an item of one of its sequences.
            parent: The tag of that sequence, 0 for the object.
            is_dummy: Whether text that no rule names becomes a dummy: inside a sequence with D.
            value: Of a content item, the attribute that holds its value, and the rule for it.

        Raises:
            UnwalkableError: A sequence that would be kept cannot be parsed.
        """
        if not parent:
            self._has_positions = content.refers_by_position(dataset)
        for tag in list(dataset.keys()):
            if not is_dataset_element(tag):
                del dataset[tag]
            elif not tag.is_private:
                rule = value[1] if value and value[0] == tag else self.table.rule(tag, parent)
                self._standard(dataset, tag, rule, parent, is_dummy=is_dummy)
            elif not tag.is_private_creator:
                self._private(dataset, tag)
        drop_unused_creators(dataset)

    def _standard(
        self, dataset: Dataset, tag: int, rule: Rule | None, parent: int, *, is_dummy: bool
    ) -> None:
        vr = vr_of(dataset, tag)
        action = self.table.action(tag, vr, rule, parent, is_dummy=is_dummy)
        if rule is None and action == "U" and is_registered_uid(dataset, tag):
            action = "K"
        self.counts[action] += 1
        if action == "X":
            del dataset[tag]
        elif vr == "SQ":
            self._sequence(dataset, tag, action, is_dummy=is_dummy)
        elif action == "K":
            self._keep(dataset, tag, vr)
        else:
            self._apply(dataset, tag, action, rule)

    def _apply(self, dataset: Dataset, tag: int, action: str, rule: Rule | None) -> None:
        had_value = bool(dataset.get_item(tag).value)
        apply_action(dataset, tag, action, rule.using if rule else "", self.context)
        is_required = rule is not None and rule.needs_value and action == "C"
        if is_required and had_value and tag in dataset and not dataset[tag].value:
            apply_action(dataset, tag, "D", "", self.context)

    def _keep(self, dataset: Dataset, tag: int, vr: str) -> None:
        item = dataset.get_item(tag)
        if not keeps_its_shape(item, vr):
            dataset[tag] = DataElement(tag, vr, None)
        elif not stays(item, vr, self.context):
            apply_action(dataset, tag, "C", "clean_known", self.context)

    def _sequence(self, dataset: Dataset, tag: int, action: str, *, is_dummy: bool) -> None:
        if action == "Z":
            dataset[tag] = DataElement(tag, "SQ", Sequence())
            return
        items = items_of(dataset, tag)
        kept = [i for i in items if self._item(i, tag, is_dummy=is_dummy or action == "D")]
        if len(kept) < len(items):
            dataset[tag] = DataElement(tag, "SQ", Sequence(kept))
        if items and not kept and tag == content.CONTENT:
            del dataset[tag]  # Type 1C: absent, but never empty

    def _item(self, item: Dataset, parent: int, *, is_dummy: bool) -> bool:
        """Visit an item of a sequence; False if it is a content item that has to go."""
        key = content.key_of(item)
        rule = self.table.content.rule(key) if key else None
        if key is None or rule is None:
            self.visit(item, parent, is_dummy=is_dummy)
        elif rule.action == "X" and not self._has_positions:
            self.counts["X"] += 1
            return False
        else:
            if rule.action == "X":
                content.blank(item, key)
                rule = replace(rule, action="D")
            self.visit(item, parent, is_dummy=is_dummy, value=(content.value_tag(key), rule))
        if key is not None:
            content.cap_age(item, key)
        return True

    def _private(self, dataset: Dataset, tag: int) -> None:
        vr = self.table.safe_vr(dataset, tag)
        self.counts["C" if vr else "X"] += 1
        if not vr:
            del dataset[tag]
            return
        try:
            set_vr(dataset, tag, vr)
            if vr == "SQ":
                self._sequence(dataset, tag, "K", is_dummy=False)
        except UnwalkableError:  # nothing else depends on it
            del dataset[tag]
            return
        if vr == "SQ":
            return
        if actions.default_cleaner(vr):
            apply_action(dataset, tag, "C", "", self.context)
        elif not keeps_its_shape(dataset.get_item(tag), vr):
            del dataset[tag]


def stays(item: DataElement | RawDataElement | None, vr: str, context: actions.Context) -> bool:
    """Whether bytes that are kept are what the VR says, and nothing known stands in them."""
    if not keeps_its_shape(item, vr):
        return False
    return vr not in _CHARACTER_VRS or is_enumerated(item) or not holds_known(item, vr, context)
