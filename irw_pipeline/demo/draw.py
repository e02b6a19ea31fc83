"""Repeatable draws: every choice is a function of the seed and of what is chosen for whom."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

UID_ROOT = "1.2.826.0.1.3680043.10.2017"
"""Prefix of every UID that the demo makes; nothing else uses it, so a leftover is easy to see."""


class Draw:
    """A stream of draws named by a path of words; the same path gives the same stream.

    SHA-256 in counter mode rather than `random`: the result is the same on every Python version,
    and a draw added for one patient moves nothing of another.
    """

    def __init__(self, *path: object) -> None:
        self._path = "/".join(str(part) for part in path)
        self._taken = 0

    def sub(self, *path: object) -> Draw:
        """Return the stream of a part; drawing from it does not move this one."""
        return Draw(self._path, *path)

    def _next(self) -> int:
        self._taken += 1
        digest = hashlib.sha256(f"{self._path}#{self._taken}".encode()).digest()
        return int.from_bytes(digest[:16], "big")

    def integer(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return low + self._next() % (high - low + 1)

    def pick(self, items: Sequence[T]) -> T:
        """Return one of the items."""
        return items[self._next() % len(items)]

    def chance(self, percent: int) -> bool:
        """Return True in so many of a hundred cases."""
        return self._next() % 100 < percent

    def digits(self, count: int) -> str:
        """Return a string of decimal digits."""
        return str(self._next() % 10**count).zfill(count)

    def uuid(self) -> str:
        """Return a UUID as text, in the form that Synthea uses for its keys."""
        return str(uuid.UUID(int=self._next()))


def made_uid(kind: str, *path: object) -> str:
    """Return the DICOM UID of a thing, at most 64 characters (PS3.5 section 9.1).

    Args:
        kind: The second arc, a number: 2 study, 3 series, 4 instance, 5 other.
        path: What the UID names; equal paths give equal UIDs.
    """
    digest = hashlib.sha256("/".join(str(part) for part in path).encode()).digest()
    return f"{UID_ROOT}.{kind}.{int.from_bytes(digest[:12], 'big') + 1}"
