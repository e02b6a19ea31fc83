"""What a rule is, what it applies to, and an overlay: rules for some kinds of object only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

CONDITIONS = ("modality", "manufacturer", "sop_class")
"""What `when` of an overlay may ask for."""


class Kind(NamedTuple):
    """What decides which rules an object meets, read from its header before anything changes."""

    sop_class: str = ""
    modality: str = ""
    manufacturer: str = ""


@dataclass(frozen=True, order=True)
class Rule:
    """What is done to one attribute; `tag` may hold `x` for any hexadecimal digit.

    `action` may be a compound code (`X/Z/D`): the Type of the attribute decides. `needs_value`
    says that the attribute is empty in no valid object: what cleaning empties becomes a dummy.
    """

    tag: str
    keyword: str
    action: str
    using: str = ""
    why: str = field(default="", compare=False)
    needs_value: bool = False


@dataclass(frozen=True)
class Overlay:
    """Rules that replace the policy's for the objects that `when` describes.

    `when` holds pairs of a condition and the values that satisfy it; all pairs must hold.
    """

    when: tuple[tuple[str, tuple[str, ...]], ...]
    rules: tuple[Rule, ...]

    def matches(self, kind: Kind) -> bool:
        """Whether an object of this kind meets every condition.

        A modality and a SOP class must be equal (a SOP class may end in `*`); a manufacturer must
        contain the text, in either case, because one company writes its name in many ways.
        """
        return all(
            any(_meets(condition, value, kind) for value in values)
            for condition, values in self.when
        )

    def shown(self) -> str:
        """The conditions as one line of the flattened table."""
        return "; ".join(f"{name} is {' or '.join(values)}" for name, values in self.when)


def _meets(condition: str, value: str, kind: Kind) -> bool:
    if condition == "modality":
        return kind.modality.upper() == value.upper()
    if condition == "manufacturer":
        return value.lower() in kind.manufacturer.lower()
    return _is_class(kind.sop_class, value)


def _is_class(uid: str, pattern: str) -> bool:
    return uid.startswith(pattern[:-1]) if pattern.endswith("*") else uid == pattern
