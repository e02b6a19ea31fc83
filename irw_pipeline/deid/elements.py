"""One element of a data set: its true VR, its items, an action applied to it. No policy here."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from pydicom.datadict import (
    dictionary_has_tag,
    dictionary_keyword,
    dictionary_VR,
    repeater_has_tag,
)
from pydicom.dataelem import RawDataElement, convert_raw_data_element
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from irw_pipeline.deid import actions
from irw_pipeline.deid.known.label_names import without_names
from irw_pipeline.deid.text import clean as text
from irw_pipeline.dicom.structure import is_whole

if TYPE_CHECKING:
    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset

    from irw_pipeline.identity.subject import KnownIdentifier

REGISTERED_UID = re.compile(
    r"SOPClass|TransferSyntax|CodingScheme|ContextUID|MappingResource|ContextGroupExtension"
)
_UID_FORM = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
_MIN_CHARACTERS = 4
_NUMBERS = frozenset({"DS", "IS", "TM"})
_PLAIN_DIGITS = 8
_NO_CHARACTERS = actions.BINARY_VRS | actions.NUMBERS | {"AT", "SQ", "UI"}


class UnwalkableError(Exception):
    """A sequence could not be parsed; holds its tag only."""


def vr_of(dataset: Dataset, tag: int) -> str:
    """The VR as written, or the dictionary's where the file leaves it open (implicit, UN)."""
    item = dataset.get_item(tag)
    vr = item.VR if item is not None else None
    if vr is None or vr == "UN":
        return str(dictionary_VR(tag)) if is_listed(tag) else "UN"
    return str(vr)


def has_expected_vr(tag: int, vr: str) -> bool:
    """Whether bytes, items and free text stand only where the dictionary expects their like."""
    expected = set(dictionary_VR(tag).split(" or ")) if is_listed(tag) else set()
    if vr in actions.BINARY_VRS:
        return not actions.BINARY_VRS.isdisjoint(expected)
    if vr == "SQ":
        return "SQ" in expected
    if vr in actions.TEXT_VRS or vr == "UR":
        return expected.isdisjoint(_NO_CHARACTERS)
    return True


@lru_cache(maxsize=10_000)
def is_listed(tag: int) -> bool:
    """Whether the dictionary has the attribute, by itself or as one of a repeating group."""
    is_private = tag >> 16 & 1  # those of group 7Fxx are private, though the form allows them
    return dictionary_has_tag(tag) or (not is_private and repeater_has_tag(tag))


def is_person(tag: int) -> bool:
    """Whether the dictionary expects the name of a person."""
    return dictionary_has_tag(tag) and dictionary_VR(tag) == "PN"


def may_be_registered(tag: int) -> bool:
    """Whether an attribute is there for the UID of a class, a syntax or a coding scheme."""
    return dictionary_has_tag(tag) and bool(REGISTERED_UID.search(dictionary_keyword(tag)))


def is_registered_uid(dataset: Dataset, tag: int) -> bool:
    """Whether a UID names a class, a syntax or a coding scheme, not a thing of this hospital."""
    if not may_be_registered(tag):
        return False
    value = dataset[tag].value
    values = [value] if isinstance(value, str) else list(value or ())
    return all(_UID_FORM.fullmatch(str(one).strip(" \0")) for one in values)


def items_of(dataset: Dataset, tag: int) -> list[Dataset]:
    """The items of a sequence.

    Raises:
        UnwalkableError: Its bytes are no sequence.
    """
    name = f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
    try:
        value = dataset[tag].value
    except Exception as error:
        raise UnwalkableError(name) from error
    if value and not (isinstance(value, Sequence) and all(map(is_whole, value))):
        raise UnwalkableError(name)
    return list(value or ())


def apply_action(
    dataset: Dataset, tag: int, action: str, using: str, context: actions.Context
) -> None:
    """Replace, keep or remove one element.

    What pydicom cannot convert is removed, and what has no room in the VR that the file gives it:
    a UID in an element that is written as a number.
    """
    try:
        element = dataset[tag]
        changed = actions.ACTIONS[action](element, using, context)
    except Exception:  # noqa: BLE001 - pydicom raises many kinds, and what it cannot read is not kept
        del dataset[tag]
        return
    if changed is None:
        del dataset[tag]
    elif changed is not element:
        dataset[tag] = changed


def put(dataset: Dataset, keyword: str, value: object) -> None:
    """Write an attribute anew, in the dictionary's VR whatever VR the source gave it."""
    tag = Tag(keyword)
    if tag in dataset:
        del dataset[tag]
    setattr(dataset, keyword, value)


def holds_known(
    item: DataElement | RawDataElement | None, vr: str, context: actions.Context
) -> bool:
    """Whether a known identifier stands in a value; up to three characters never count.

    A time or a dose may have the digits of an id by chance, as long as they are few.
    """
    raw = (item.value if item is not None else None) or ""
    shown = (raw.decode("latin-1") if isinstance(raw, bytes) else str(raw)).strip(" \0")
    known = _long_enough(context.known) if vr in _NUMBERS else context.known
    if len(shown) < _MIN_CHARACTERS:
        return False
    return text.clean_known(without_names(shown, known), known) != shown


@lru_cache(maxsize=256)
def _long_enough(known: frozenset[KnownIdentifier]) -> frozenset[KnownIdentifier]:
    return frozenset(
        one for one in known if len(one.value) >= _PLAIN_DIGITS or not one.value.isdigit()
    )


def set_vr(dataset: Dataset, tag: int, vr: str) -> None:
    """Read a safe private element by the standard's table where the file says UN or nothing.

    Numbers and bytes stay as they are: nothing in them is cleaned.

    Raises:
        UnwalkableError: Its bytes are not of that VR.
    """
    item = dataset.get_item(tag)
    if not isinstance(item, RawDataElement) or item.VR not in (None, "UN"):
        return
    if vr != "SQ" and not actions.default_cleaner(vr):
        return
    # the value of a UN element is implicit little endian (PS3.5 6.2.2)
    typed = item._replace(VR=vr, is_implicit_VR=item.VR == "UN" or item.is_implicit_VR)
    try:
        dataset[tag] = convert_raw_data_element(typed, encoding=dataset._character_set)  # noqa: SLF001
    except Exception as error:
        raise UnwalkableError(f"({tag >> 16:04X},{tag & 0xFFFF:04X})") from error


def drop_unused_creators(dataset: Dataset) -> None:
    """Remove private creators whose block is empty, and private elements that reserve no block."""
    tags = list(dataset.keys())
    used = {(t >> 16, (t & 0xFFFF) >> 8) for t in tags if t.is_private}
    for tag in tags:
        if tag.is_private_creator and (tag >> 16, tag & 0xFFFF) not in used:
            del dataset[tag]
