"""Boxes on an image: where something is, in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, order=True)
class Box:
    """A half-open, zero-based rectangle: rows `[top, bottom)`, columns `[left, right)`."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def area(self) -> int:
        """Pixels inside."""
        return max(self.bottom - self.top, 0) * max(self.right - self.left, 0)

    @property
    def slices(self) -> tuple[slice, slice]:
        """Index of the box in an array of rows and columns."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def is_upright(self) -> bool:
        """Whether it is higher than wide, as a line that runs upwards."""
        return self.bottom - self.top > self.right - self.left

    @property
    def turned(self) -> Box:
        """The box with rows and columns exchanged."""
        return Box(self.left, self.top, self.right, self.bottom)

    def grown(self, by: int) -> Box:
        """The box with a margin on every side; it may reach beyond the image."""
        return Box(self.top - by, self.left - by, self.bottom + by, self.right + by)

    def moved(self, down: int, right: int) -> Box:
        """The box elsewhere."""
        return Box(self.top + down, self.left + right, self.bottom + down, self.right + right)

    def within(self, rows: int, columns: int) -> Box:
        """The part of the box that lies on an image of this size, possibly empty."""
        top, left = min(max(self.top, 0), rows), min(max(self.left, 0), columns)
        return Box(top, left, max(min(self.bottom, rows), top), max(min(self.right, columns), left))

    def overlaps(self, other: Box) -> bool:
        """Whether the two share a pixel."""
        return (
            self.top < other.bottom
            and other.top < self.bottom
            and self.left < other.right
            and other.left < self.right
        )

    def joined(self, other: Box) -> Box:
        """The smallest box that holds both."""
        return Box(
            min(self.top, other.top),
            min(self.left, other.left),
            max(self.bottom, other.bottom),
            max(self.right, other.right),
        )


def distinct(boxes: Iterable[Box]) -> tuple[Box, ...]:
    """The boxes without those that lie inside another, in order."""
    kept: list[Box] = []
    for box in sorted(set(boxes), key=lambda b: (-b.area, b)):
        if box.area and not any(one.joined(box) == one for one in kept):
            kept.append(box)
    return tuple(sorted(kept))


def merged(boxes: Iterable[Box]) -> list[Box]:
    """Boxes that cover these, of which no two share a pixel, in order."""
    kept: list[Box] = []
    for box in sorted(boxes):
        joined = box
        while near := [one for one in kept if one.overlaps(joined)]:
            kept = [one for one in kept if one not in near]
            for one in near:
                joined = joined.joined(one)
        kept.append(joined)
    return sorted(kept)
