"""The byte path: one pass over the header bytes, for the objects that scanners write every day.

It holds no rule of its own. What becomes of an element is asked of the reference (`walk.Walk`) on
a data set of that one element, once (see `answers`), so the next slice of a series costs a look-up
an element. Pixel data is never touched. Whatever is unusual raises `UnusualError`, and the engine
takes the reference for the whole object.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from pydicom.pixels.utils import get_expected_length
from pydicom.tag import Tag
from pydicom.uid import UID

from irw_pipeline.deid.answers import KEPT, TOP, Answers, Scope
from irw_pipeline.deid.content import BY_POSITION, CONTENT
from irw_pipeline.deid.pixels import asides, rules
from irw_pipeline.deid.rule_table import KIND_KEYWORDS, kind_of
from irw_pipeline.dicom import header
from irw_pipeline.dicom.codec import Codec, Pieces, usual_codec
from irw_pipeline.dicom.scan import (
    PIXEL_DATA,
    UID_VALUE,
    Element,
    UnusualError,
    fragments_end,
    scan_items,
)
from irw_pipeline.dicom.write import file_start

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydicom.dataset import Dataset, FileDataset

    from irw_pipeline.deid.engine import Engine
    from irw_pipeline.deid.rule_table import RuleTable
    from irw_pipeline.deid.rules import Kind
    from irw_pipeline.dicom.source import Source
    from irw_pipeline.identity.subject import KnownIdentifier, Subject

_CHARSET, _SOP_CLASS, _INSTANCE = 0x0008_0005, 0x0008_0016, 0x0008_0018
_REQUIRED = (_SOP_CLASS, _INSTANCE, 0x0020_000D, 0x0020_000E)
_BY_POSITION = (BY_POSITION >> 16).to_bytes(2, "little") + BY_POSITION.to_bytes(4, "little")[:2]
_BIT_OF_PLANE, _ANY_PLANE = 0x6000_0102, 0xFF01_FFFF
_PIXEL_GROUP, _PADDING = 0x7FE0_0000, 0xFFFC_FFFC
_HEADER_BYTES = 1 << 22
"""A larger header could hold more elements than an object may have."""

_MEMO_BYTES = 1 << 25


@dataclass
class Draft:
    """A released object before its audit: new bytes, then the source's `pixels` (start, stop)."""

    start: bytes = field(repr=False)
    pixels: tuple[int, int]
    row: dict[str, object] = field(repr=False)
    actions: dict[str, int]
    source_sop_instance_uid: str = field(repr=False)
    identifiers: frozenset[KnownIdentifier] = field(repr=False)


class BytePath:
    """The same objects out as the reference's, or `UnusualError`. Holds memos, no other state."""

    def __init__(self, engine: Engine) -> None:
        """Share the policy's table, the contexts and the stamp of the engine."""
        self._engine = engine
        kind = {Tag(keyword) for keyword in KIND_KEYWORDS}
        # plain numbers: pydicom's tags compare slowly
        self._gate_tags = sorted(map(int, rules.telling_tags() | _SHAPE_TAGS | kind))
        self._memo: dict[object, Any] = {}
        self._held = 0
        self._answers = Answers()

    def draft(self, source: Source, subject: Subject) -> Draft:
        """De-identify one object.

        Raises:
            UnusualError: The reference must decide.
        """
        if self._held + self._answers.held > _MEMO_BYTES:
            self._memo.clear()
            self._answers.clear()
            self._held = 0
        syntax, is_implicit, found = source.layout()
        head, size, elements = source.head, source.size, found[:]
        if elements[-1].tag == _PADDING:
            elements.pop()
        pixel = elements.pop() if elements and elements[-1].tag == PIXEL_DATA else None
        if (pixel.start if pixel else size) > _HEADER_BYTES:
            raise UnusualError
        pieces = {e.tag: head[e.start : e.stop] for e in elements}
        charset = next((head[e.value : e.stop] for e in elements if e.tag == _CHARSET), b"")
        codec = usual_codec(charset, is_implicit=is_implicit)
        table, expected = self._table(pieces, codec)
        if pixel:
            _check_pixels(source, pixel, syntax, expected)
        scope = self._scope(
            subject, codec, table, self._engine.teller.pieces(head, elements, codec)
        )
        made, letters = self._answers.elements(head, elements, scope, TOP)
        if pixel:
            if self._answers.plan(PIXEL_DATA, pixel.vr, table, TOP) != KEPT:
                raise UnusualError
            letters.append("K")
        made |= self._stamp(made, scope)
        return Draft(
            file_start(made[_SOP_CLASS][8:], made[_INSTANCE][8:], syntax)
            + b"".join([made[tag] for tag in sorted(made)]),
            (pixel.start, pixel.stop) if pixel else (size, size),
            self._row(made, codec, syntax),
            dict(sorted(Counter(letters).items())),
            pieces[_INSTANCE][8:].rstrip(b"\0").decode(),
            scope.context.known
            | self._engine.unique_ids(
                [(e.tag, head[e.value : e.stop]) for e in elements if e.vr == b"UI"], table
            ),
        )

    def _remember(self, key: object, make: Callable[[], Any], size: int = 64) -> Any:
        """A value made once for its key."""
        found = self._memo.get(key)
        if found is None:
            found = self._memo[key] = make()
            self._held += size
        return found

    def _table(self, pieces: Pieces, codec: Codec) -> tuple[RuleTable, int]:
        """The rules for the object and how many bytes its pixels must have.

        Raises:
            UnusualError: The reference rejects it, or has to see it.
        """
        if max(pieces, default=0) >= _PIXEL_GROUP:
            raise UnusualError
        if _BY_POSITION in pieces.get(CONTENT, b""):  # then no item of the tree may go
            raise UnusualError
        for piece in (pieces.get(tag, b"") for tag in _REQUIRED):
            is_uid = codec.is_implicit or piece[4:6] == b"UI"
            if not (is_uid and UID_VALUE.fullmatch(piece[8:])):
                raise UnusualError
        telling = [pieces[tag] for tag in self._gate_tags if tag in pieces]
        key = ("gate", codec, *telling)
        cleans = "clean_pixel_data" in self._engine.policy.options
        kind, expected = self._remember(
            key, lambda: _gate(codec.read(b"".join(telling)), cleans_pixels=cleans)
        )
        if kind is None:
            raise UnusualError
        if any(tag & _ANY_PLANE == _BIT_OF_PLANE and any(pieces[tag][8:]) for tag in pieces):
            raise UnusualError
        return self._engine.tables.of(kind), expected

    def _scope(
        self, subject: Subject, codec: Codec, table: RuleTable, telling: tuple[bytes, ...]
    ) -> Scope:
        def make() -> Scope:
            told = self._engine.teller.told(telling, codec, table)
            return Scope(codec, table, self._engine.context(subject, told))

        return cast("Scope", self._remember(("scope", subject, codec, table, telling), make))

    def _stamp(self, made: Pieces, scope: Scope) -> Pieces:
        """The elements that say what was done."""
        subject = scope.context.subject

        def stamped(content: bytes) -> Pieces:
            dataset = scope.codec.read(content)
            self._engine.stamp(dataset, subject)
            return scope.codec.write(dataset)

        tags = self._remember("stamp tags", lambda: sorted(stamped(b"")))
        before = b"".join([made[tag] for tag in tags if tag in made])
        key = ("stamp", subject.research_id, scope.codec, before)
        return cast("Pieces", self._remember(key, lambda: stamped(before), 1024))

    def _row(self, made: Pieces, codec: Codec, syntax: str) -> dict[str, object]:
        """The catalogue row of the new data set."""
        groups = [tag for tag in header.FUNCTIONAL_GROUP_TAGS if tag in made]
        if groups:
            short = {tag: _first_item_only(made[tag], codec) for tag in groups}
            chosen = {tag: made[tag] for tag in _ROW_TAGS if tag in made} | short
            dataset = codec.read(b"".join([chosen[tag] for tag in sorted(chosen)]))
            columns = {
                column: header.column_of(dataset, column) for column in header.CATALOGUE_TAGS
            }
            return header.completed(columns, syntax)
        row: dict[str, object] = {}
        for column, tags in header.CATALOGUE_TAGS.items():
            parts = [made[tag] for tag in tags if tag in made]
            if not parts:
                row[column] = None
                continue
            key = (column, codec, *parts)
            if key not in self._memo:
                self._memo[key] = header.column_of(codec.read(b"".join(sorted(parts))), column)
                self._held += 128
            row[column] = self._memo[key]
        return header.completed(row, syntax)


_ROW_TAGS = frozenset(tag for tags in header.CATALOGUE_TAGS.values() for tag in tags)
_SHAPE_TAGS = {0x28_0002, 0x28_0004, 0x28_0008, 0x28_0010, 0x28_0011, 0x28_0100}
"""What `get_expected_length` reads: samples, photometric, frames, rows, columns, bits."""


def _check_pixels(source: Source, pixel: Element, syntax: str, expected: int) -> None:
    """Make sure that pixel data hold what the header promises, and nothing beside it.

    Raises:
        UnusualError: They do not.
    """
    if pixel.is_open != UID(syntax).is_encapsulated:
        raise UnusualError
    if pixel.is_open:
        is_plain = fragments_end(source.read, pixel.value) == source.size
        if not is_plain or asides.in_fragments(source.read, pixel.value):
            raise UnusualError
        return
    end = pixel.value + expected + expected % 2
    is_short = pixel.stop - pixel.value < expected
    if is_short or (expected and asides.behind_pixels(source.read, end, pixel.stop)):
        raise UnusualError


def _gate(dataset: Dataset, *, cleans_pixels: bool) -> tuple[Kind | None, int]:
    """The kind of object, None for the reference; how many bytes its pixels must have."""
    whole = cast("FileDataset", dataset)
    is_refused = rules.refusal(whole, is_cleaned=cleans_pixels) is not None
    if is_refused or (cleans_pixels and rules.is_looked_at(whole)):
        return None, 0
    try:
        expected = get_expected_length(dataset)
    except (AttributeError, TypeError, ValueError, KeyError):
        expected = 0
    # text where numbers should stand gives text
    return kind_of(dataset) if isinstance(expected, int) else None, expected


def _first_item_only(piece: bytes, codec: Codec) -> bytes:
    """A sequence cut after its first item: only that one counts for the catalogue."""
    value = 8 if codec.is_implicit else 12
    is_open = piece[value - 4 : value] == b"\xff\xff\xff\xff"
    items = scan_items(piece, value, len(piece), is_implicit=codec.is_implicit, is_open=is_open)
    if not items:
        return piece
    item = piece[value : items[0].stop]
    return piece[: value - 4] + len(item).to_bytes(4, "little") + item
