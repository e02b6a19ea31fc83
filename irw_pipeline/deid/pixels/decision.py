"""What a person decided about the pixels of one object: clean, boxes go, or it stays out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from irw_pipeline.deid.pixels.box import Box
from irw_pipeline.errors import InputError
from irw_pipeline.ids import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Iterable

REVIEWABLE = frozenset(
    {
        ReasonCode.PIXELS_UNCERTAIN,
        ReasonCode.BURNED_IN_TEXT,
        ReasonCode.PIXELS_UNDECODABLE,
        ReasonCode.FACE_MAY_SHOW,
    }
)
"""Reasons that a person who looks at the pixels can settle."""

_MARK = re.compile(r"(\d+),(\d+),(\d+),(\d+)(?:@(\d+))?", re.ASCII)


class State(StrEnum):
    """Where an object is in the review. Stored in tables: never renamed."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    BLANKED = "blanked"
    REJECTED = "rejected"


@dataclass(frozen=True, order=True)
class Mark:
    """A box to blank, in one frame (numbered from 1, as DICOM does) or in all of them."""

    box: Box
    frame: int | None = None

    @classmethod
    def parse(cls, text: str) -> Mark:
        """Return the mark written as `x,y,w,h`, or `x,y,w,h@frame`.

        Raises:
            InputError: The text has another form, or the box is empty.
        """
        found = _MARK.fullmatch(text.strip())
        left, top, width, height, frame = found.groups() if found else (None, None, 0, 0, None)
        if not (int(width or 0) and int(height or 0)) or frame == "0":
            raise InputError(
                "a box is x,y,w,h or x,y,w,h@frame: pixels from the upper left corner, w and h at "
                "least 1, frames from 1; correct the box"
            )
        box = Box(
            int(top or 0), int(left or 0), int(top or 0) + int(height), int(left or 0) + int(width)
        )
        return cls(box, None if frame is None else int(frame))

    def __str__(self) -> str:
        box = self.box
        text = f"{box.left},{box.top},{box.right - box.left},{box.bottom - box.top}"
        return text if self.frame is None else f"{text}@{self.frame}"


@dataclass(frozen=True)
class Decision:
    """One decision; `marks` are what is blanked."""

    state: State
    marks: tuple[Mark, ...] = ()


def marks_of(text: str | None) -> tuple[Mark, ...]:
    """Return the marks written one after the other, apart by spaces.

    Raises:
        InputError: One of them is none.
    """
    return tuple(Mark.parse(part) for part in (text or "").split())


def text_of_marks(marks: Iterable[Mark]) -> str:
    """The text that `marks_of` reads."""
    return " ".join(str(mark) for mark in sorted(set(marks), key=str))
