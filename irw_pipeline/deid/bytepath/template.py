"""What became of one object, in parts, so that the next of its series is joined and not made."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from irw_pipeline.deid.bytepath.answers import creator_tag_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from irw_pipeline.deid.bytepath.answers import Scope
    from irw_pipeline.deid.bytepath.row import Row
    from irw_pipeline.deid.pixels.sieve import PixelsWanted
    from irw_pipeline.dicom.alike import Pattern
    from irw_pipeline.dicom.codec import Pieces


@dataclass
class Template:
    """The outcome of a pattern's own object; what changes in the next is filled in."""

    pattern: Pattern
    scope: Scope
    pixels: PixelsWanted
    """What pixel data must be that is not compressed."""

    made: Pieces = field(repr=False)
    """The new elements, with those that say what was done."""

    actions: Counter[str]
    row: Row = field(repr=False)
    creators: Pieces = field(default_factory=dict, repr=False)
    """The private creators of the source."""

    uids: dict[int, bytes] = field(default_factory=dict, repr=False)
    """The source's values of VR UI."""

    _changing: tuple[int, ...] | None = None
    _parts: list[bytes] = field(default_factory=list, repr=False)
    _slots: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Note the private creators and the UIDs of the source."""
        for element in self.pattern.elements:
            tag = element.tag
            if tag & 0x1_0000 and creator_tag_of(tag) == tag:
                self.creators[tag] = self.pattern.piece(element)
            elif element.vr == b"UI":
                self.uids[tag] = self.pattern.head[element.value : element.stop]

    def creator_of(self, tag: int) -> bytes:
        """The private creator of an element, empty for a standard one and where there is none."""
        return self.creators.get(creator_tag_of(tag), b"") if tag & 0x1_0000 else b""

    def joined(self, changed: Pieces) -> bytes:
        """The data set, with some elements replaced; empty pieces go.

        Args:
            changed: New elements, of those that the pattern says are changing.
        """
        if self._changing != self.pattern.changing:
            self._cut(self.pattern.changing)
        parts = self._parts.copy()
        for tag, piece in changed.items():
            parts[self._slots[tag]] = piece
        return b"".join(parts)

    def actions_with(self, changed: Iterable[tuple[list[str], list[str]]]) -> dict[str, int]:
        """How often each action was applied, where some elements met others than before.

        Args:
            changed: For each such element the actions as they are, and as they were.
        """
        counts = self.actions
        for after, before in changed:
            if after != before:
                counts = counts + Counter(after) - Counter(before)
        return dict(sorted(counts.items()))

    def _cut(self, changing: tuple[int, ...]) -> None:
        """Join what lies between the elements that change."""
        slots = {place.tag for place in (self.pattern.places[number] for number in changing)}
        parts: list[bytes] = []
        run: list[bytes] = []
        self._slots = {}
        for tag in sorted(self.made.keys() | slots):
            piece = self.made.get(tag, b"")
            if tag in slots:
                parts += (b"".join(run), piece)
                self._slots[tag] = len(parts) - 1
                run = []
            else:
                run.append(piece)
        self._parts = [*parts, b"".join(run)]
        self._changing = changing
