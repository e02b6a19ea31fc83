"""The byte path: one pass over the header bytes, for the objects that scanners write every day.

It holds no rule of its own. What becomes of an element is asked of the reference (`walk.Walk`) on
a data set of that one element, once (see `answers`), so the next slice of a series costs a look-up
an element. Pixel data is never touched. Whatever is unusual raises `UnusualError`, and the engine
takes the reference for the whole object.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from pydicom.pixels.utils import get_expected_length
from pydicom.tag import Tag
from pydicom.uid import UID

from irw_pipeline.deid.bytepath.answers import KEPT, TOP, Answers, Scope
from irw_pipeline.deid.bytepath.row import Rows
from irw_pipeline.deid.bytepath.template import Template
from irw_pipeline.deid.outcome import Draft
from irw_pipeline.deid.pixels import asides, rules, sieve
from irw_pipeline.deid.pixels.sieve import PixelsWanted
from irw_pipeline.deid.policy.content import BY_POSITION, CONTENT
from irw_pipeline.deid.policy.rule_table import KIND_KEYWORDS, keeps_planes, kind_of
from irw_pipeline.dicom.codec import Codec, Pieces, usual_codec
from irw_pipeline.dicom.scan import (
    PIXEL_DATA,
    UID_VALUE,
    UnusualError,
    fragments_end,
)
from irw_pipeline.dicom.write import file_start

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydicom.dataset import Dataset, FileDataset

    from irw_pipeline.deid.engine import Engine
    from irw_pipeline.deid.policy.rule_table import RuleTable
    from irw_pipeline.deid.policy.rules import Kind
    from irw_pipeline.dicom.alike import Change, Likeness, Pattern
    from irw_pipeline.dicom.scan import Element
    from irw_pipeline.dicom.source import Source
    from irw_pipeline.identity.subject import Subject

_CHARSET, _SOP_CLASS, _INSTANCE = 0x0008_0005, 0x0008_0016, 0x0008_0018
_PATIENT_ID = 0x0010_0020
_REQUIRED = (_SOP_CLASS, _INSTANCE, 0x0020_000D, 0x0020_000E)
_BY_POSITION = (BY_POSITION >> 16).to_bytes(2, "little") + BY_POSITION.to_bytes(4, "little")[:2]
_BIT_OF_PLANE, _DATA_OF_PLANE, _ANY_PLANE = 0x6000_0102, 0x6000_3000, 0xFF01_FFFF
_PIXEL_GROUP, _PADDING = 0x7FE0_0000, 0xFFFC_FFFC
_HEADER_BYTES = 1 << 22
"""A larger header could hold more elements than an object may have."""

_MEMO_BYTES = 1 << 25
_TEMPLATES = 8


class _UnlikeError(Exception):
    """What an object changes may change what becomes of other elements; holds no value."""


class BytePath:
    """The same objects out as the reference's, or `UnusualError`. Holds memos, no other state."""

    def __init__(self, engine: Engine) -> None:
        """Share the policy's table, the contexts and the stamp of the engine."""
        self._engine = engine
        kind = {Tag(keyword) for keyword in KIND_KEYWORDS}
        # plain numbers: pydicom's tags compare slowly
        self._gate_tags = sorted(map(int, rules.telling_tags() | _SHAPE_TAGS | kind))
        self._answers = Answers()
        self._rows = Rows()
        self._memo: dict[object, Any] = {}
        self._templates: dict[tuple[Pattern, Subject], Template | None] = {}

    def draft(self, source: Source, subject: Subject) -> Draft:
        """De-identify one object.

        Raises:
            UnusualError: The reference must decide.
        """
        if self._answers.held > _MEMO_BYTES:
            self._memo.clear()
            self._templates.clear()
            self._answers.clear()
        try:
            return self._filled(source, source.likeness(), subject)
        except _UnlikeError:
            return self._filled(source, source.alone(), subject)

    def _filled(self, source: Source, likeness: Likeness, subject: Subject) -> Draft:
        """What an object becomes: the template of its pattern, with what it changes."""
        pattern, changes, pixel = likeness
        template = self._template(pattern, subject)
        scope, head = template.scope, source.head
        if pixel:
            _check_pixels(source, pixel, pattern.syntax, template.pixels)
        changes = [change for change in changes if change.number >= pattern.first]
        if not self._engine.teller.tells_the_same(head, likeness):
            raise _UnlikeError
        self._require_alike(head, changes, template)
        new: Pieces = {}
        met: list[tuple[list[str], list[str]]] = []
        for number, element in changes:
            creator = template.creator_of(element.tag)
            piece, letters = self._answers.element(head, element, creator, scope, TOP)
            before, old = self._answers.element(
                pattern.head, pattern.places[number], creator, scope, TOP
            )
            if creator and bool(piece) != bool(before):
                raise _UnlikeError  # its creator comes or goes
            new[element.tag] = piece
            met.append((letters, old))
        made = template.made | new
        uids = template.uids | {e.tag: head[e.value : e.stop] for _, e in changes if e.vr == b"UI"}
        return Draft(
            file_start(made[_SOP_CLASS][8:], made[_INSTANCE][8:], pattern.syntax)
            + template.joined(new),
            (pixel.start, pixel.stop) if pixel else (source.size, source.size),
            self._rows.changed(template.row, made, new, scope.codec, pattern.syntax),
            template.actions_with(met),
            uids[_INSTANCE].rstrip(b"\0").decode(),
            scope.context.known | self._engine.unique_ids(uids.items(), scope.table),
        )

    def _require_alike(self, head: bytes, changes: list[Change], template: Template) -> None:
        """See that the changes change nothing but what becomes of the elements themselves.

        Raises:
            UnusualError: The reference must decide.
            _UnlikeError: They do.
        """
        fixed = self._remember("fixed", self._fixed_tags)
        for _, element in changes:
            tag = element.tag
            if tag == _INSTANCE:
                if not UID_VALUE.fullmatch(head, element.value, element.stop):
                    raise UnusualError
            elif tag in fixed or tag in template.creators or tag & _ANY_PLANE == _BIT_OF_PLANE:
                raise _UnlikeError
            elif tag == CONTENT and _BY_POSITION in head[element.start : element.stop]:
                raise UnusualError

    def _fixed_tags(self) -> frozenset[int]:
        return frozenset(
            (*self._gate_tags, *self._method_tags(), *_REQUIRED, _PATIENT_ID, _CHARSET)
        )

    def _template(self, pattern: Pattern, subject: Subject) -> Template:
        """What a pattern's own object becomes.

        Raises:
            UnusualError: The reference must decide about all objects of this pattern.
        """
        key = (pattern, subject)
        if key not in self._templates:
            if len(self._templates) >= _TEMPLATES:
                self._templates.clear()
            self._templates[key] = None
            self._templates[key] = self._made(pattern, subject)
        template = self._templates[key]
        if template is None:
            raise UnusualError
        return template

    def _made(self, pattern: Pattern, subject: Subject) -> Template:
        head, elements, pixel = pattern.head, pattern.elements, pattern.pixel
        if pattern.end > _HEADER_BYTES:
            raise UnusualError
        pieces = {e.tag: pattern.piece(e) for e in elements}
        codec = usual_codec(pattern.charset, is_implicit=pattern.is_implicit)
        table, pixels = self._table(pieces, codec)
        telling = self._engine.teller.pieces(head, elements, codec)
        scope = self._scope(subject, codec, table, telling)
        made, letters = self._answers.elements(head, elements, scope, TOP)
        if pixel:
            if self._answers.plan(PIXEL_DATA, pixel.vr, table, TOP) != KEPT:
                raise UnusualError
            letters.append("K")
        made |= self._stamp(made, scope)
        row = self._rows.row(made, codec, pattern.syntax)
        return Template(pattern, scope, pixels, made, Counter(letters), row)

    def _remember(self, key: object, make: Callable[[], Any]) -> Any:
        """A value made once for its key."""
        found = self._memo.get(key)
        if found is None:
            found = self._memo[key] = make()
        return found

    def _table(self, pieces: Pieces, codec: Codec) -> tuple[RuleTable, PixelsWanted]:
        """The rules for the object, and what its pixels must be.

        Raises:
            UnusualError: The reference rejects it or has to see it.
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
        cleans = "clean_pixel_data" in self._engine.policy.options
        kind, pixels = self._remember(
            ("gate", codec, *telling),
            lambda: _gate(codec.read(b"".join(telling)), cleans_pixels=cleans),
        )
        if kind is None:
            raise UnusualError
        if any(tag & _ANY_PLANE == _BIT_OF_PLANE and any(pieces[tag][8:]) for tag in pieces):
            raise UnusualError
        table = self._engine.tables.of(kind)
        if keeps_planes(table) and any(tag & _ANY_PLANE == _DATA_OF_PLANE for tag in pieces):
            raise UnusualError
        return table, pixels

    def _scope(
        self, subject: Subject, codec: Codec, table: RuleTable, telling: tuple[bytes, ...]
    ) -> Scope:
        def make() -> Scope:
            told = self._engine.teller.told(telling, codec, table)
            return Scope(codec, table, self._engine.context(subject, told))

        return cast("Scope", self._remember(("scope", subject, codec, table, telling), make))

    def _stamp(self, made: Pieces, scope: Scope) -> Pieces:
        """The elements that say what was done."""
        codec, engine = scope.codec, self._engine
        before = b"".join([made[tag] for tag in self._method_tags() if tag in made])
        method = self._remember(
            ("stamp", codec, before), lambda: _stamped(before, codec, engine.stamp_method)
        )
        person = partial(engine.stamp_person, subject=scope.context.subject)
        return {**method, **_stamped(made.get(_PATIENT_ID, b""), codec, person)}

    def _method_tags(self) -> list[int]:
        codec, stamp = usual_codec(b"", is_implicit=True), self._engine.stamp_method
        tags = self._remember("method tags", lambda: sorted(_stamped(b"", codec, stamp)))
        return cast("list[int]", tags)


def _stamped(before: bytes, codec: Codec, stamp: Callable[[Dataset], None]) -> Pieces:
    dataset = codec.read(before)
    stamp(dataset)
    return codec.write(dataset)


_SHAPE_TAGS = {0x28_0002, 0x28_0004, 0x28_0008, 0x28_0010, 0x28_0011, 0x28_0100, 0x28_0103}
"""How pixels lie: samples, photometric, frames, rows, columns, bits allocated, sign."""


def _check_pixels(source: Source, pixel: Element, syntax: str, wanted: PixelsWanted) -> None:
    """Make sure that pixel data hold what the header promises, and nothing beside or on it.

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
    expected, shape = wanted
    end = pixel.value + expected + expected % 2
    length = pixel.stop - pixel.value
    if length < expected or (expected and asides.behind_pixels(source.read, end, pixel.stop)):
        raise UnusualError
    is_whole = shape is not None and length >= shape.frames * shape.frame_bytes
    if shape and is_whole and sieve.may_show_letters(source.read, pixel.value, shape):
        raise UnusualError


def _gate(dataset: Dataset, *, cleans_pixels: bool) -> tuple[Kind | None, PixelsWanted]:
    """The kind of object, None for the reference; what its pixels must be."""
    whole = cast("FileDataset", dataset)
    is_refused = rules.refusal(whole, is_cleaned=cleans_pixels) is not None
    if is_refused or (cleans_pixels and rules.is_looked_at(whole)):
        return None, PixelsWanted(0, None)
    try:
        expected = get_expected_length(dataset)
    except (AttributeError, TypeError, ValueError, KeyError):
        expected = 0
    # text where numbers should stand gives text
    shape = sieve.shape_of(whole) if cleans_pixels else None
    return kind_of(dataset) if isinstance(expected, int) else None, PixelsWanted(expected, shape)
