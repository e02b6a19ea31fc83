"""The catalogue row of encoded elements: a column is read once for the bytes that it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irw_pipeline.dicom import header
from irw_pipeline.dicom.scan import scan_items

if TYPE_CHECKING:
    from collections.abc import Iterable

    from irw_pipeline.dicom.codec import Codec, Pieces

Row = dict[str, object]

_COLUMNS_OF = {
    tag: [column for column, tags in header.CATALOGUE_TAGS.items() if tag in tags]
    for tag in {tag for tags in header.CATALOGUE_TAGS.values() for tag in tags}
}
_GROUPS = header.FUNCTIONAL_GROUP_TAGS
_MOST = 10_000


class Rows:
    """Reads rows. Holds a memo, no other state."""

    def __init__(self) -> None:
        """Begin without any column."""
        self._memo: dict[tuple[object, ...], object] = {}

    def row(self, made: Pieces, codec: Codec, syntax: str) -> Row:
        """The row of a data set."""
        if any(tag in made for tag in _GROUPS):
            short = {tag: _first_item_only(made[tag], codec) for tag in _GROUPS if tag in made}
            chosen = {tag: made[tag] for tag in _COLUMNS_OF if tag in made} | short
            dataset = codec.read(b"".join([chosen[tag] for tag in sorted(chosen)]))
            row = header.columns_of(dataset)
        else:
            row = {column: self._column(column, made, codec) for column in header.CATALOGUE_TAGS}
        return header.completed(row, syntax)

    def changed(
        self, row: Row, made: Pieces, tags: Iterable[int], codec: Codec, syntax: str
    ) -> Row:
        """The row after some elements changed.

        Args:
            row: As it was; not modified.
            made: The elements as they are now.
            tags: Those that are new.
            codec: Of the object.
            syntax: Its transfer syntax.
        """
        if any(tag in made for tag in _GROUPS):
            is_same = not any(tag in _COLUMNS_OF or tag in _GROUPS for tag in tags)
            return row.copy() if is_same else self.row(made, codec, syntax)
        columns = {column for tag in tags for column in _COLUMNS_OF.get(tag, ())}
        if not columns.isdisjoint(_COMPLETED):
            return self.row(made, codec, syntax)
        return row | {column: self._column(column, made, codec) for column in columns}

    def _column(self, column: str, made: Pieces, codec: Codec) -> object:
        parts = [made[tag] for tag in header.CATALOGUE_TAGS[column] if tag in made]
        if not parts:
            return None
        key = (column, codec, *parts)
        if key not in self._memo:
            if len(self._memo) >= _MOST:
                self._memo.clear()
            self._memo[key] = header.column_of(codec.read(b"".join(sorted(parts))), column)
        return self._memo[key]


_COMPLETED = frozenset({"number_of_frames", "rows"})
"""The columns of which one follows from the other."""


def _first_item_only(piece: bytes, codec: Codec) -> bytes:
    """A sequence cut after its first item: only that one counts for the catalogue."""
    value = 8 if codec.is_implicit else 12
    is_open = piece[value - 4 : value] == b"\xff\xff\xff\xff"
    items = scan_items(piece, value, len(piece), is_implicit=codec.is_implicit, is_open=is_open)
    if not items:
        return piece
    item = piece[value : items[0].stop]
    return piece[: value - 4] + len(item).to_bytes(4, "little") + item
