"""Puts values into an object and what must become of them into its key."""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from benchmarks.answer_key import phrases
from benchmarks.answer_key.key import Check, PlantedFile, Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.answer_key.identities import Person, Site
    from benchmarks.answer_key.phrases import Slot
    from irw_pipeline.demo.draw import Draw

_ROOM = {"SH": 16, "LO": 64, "CS": 16}
_SEPARATORS = (" ", ", ", " - ", "; ", " / ")


class Planter:
    """Plants into one object; a place is written `SomeSequence.0.SomeKeyword`."""

    def __init__(
        self, dataset: Dataset, planted: PlantedFile, person: Person, site: Site, draw: Draw
    ) -> None:
        """Nothing is planted yet."""
        self.dataset, self.planted = dataset, planted
        self.person, self.site, self.draw = person, site, draw
        self.named = [site.staff[0]]
        """Staff whom the header of this object names."""

    def put(self, place: str, value: Any) -> tuple[Step, ...]:
        """Set a value, sequences and items made where they are absent; its path is returned."""
        item = self.dataset
        path: list[Step] = []
        names = place.split(".")
        for name, number in zip(names[:-1:2], names[1::2], strict=True):
            index = int(number)
            if name not in item:
                setattr(item, name, Sequence())
            while len(item[name].value) <= index:
                item[name].value.append(Dataset())
            item = item[name].value[index]
            path += [tag_of(name), index]
        setattr(item, names[-1], value)
        path.append(tag_of(names[-1]))
        # what was planted there before is gone
        self.planted.checks = [one for one in self.planted.checks if one.path != tuple(path)]
        return tuple(path)

    def removed(
        self, place: str, value: Any, kind: str, *tokens: str, everywhere: bool = True
    ) -> None:
        """Plant an identifier alone in its element; nothing of it may stay."""
        path = self.put(place, value)
        words = phrases.tokens_of(*(tokens or (str(value),)))
        self.check("text_removed", kind, place, path, words, everywhere=everywhere)

    def staff(self, place: str, form: str = "{f}^{g}") -> None:
        """Plant the name of one of the staff, alone in its element."""
        given, family = person = self.draw.pick(self.site.staff)
        self.named.append(person)
        self.removed(place, form.format(f=family, g=given), "name of staff", given, family)

    def kept(self, place: str, value: Any, kind: str = "technical") -> None:
        """Plant a value that tells nothing of anybody and must stay as it is."""
        path = self.put(place, value)
        self.check("tag_retained", kind, place, path, (str(value),))

    def cleaned(self, place: str, label: str = "", value_of: str = "{}") -> None:
        """Plant a clinical phrase with identifiers in it; the words stay, the identifiers go.

        Args:
            place: Where; a multi-valued text takes the phrase as its first value.
            label: The place's name in the report, `place` itself if empty.
            value_of: A form that the text is put into.
        """
        vr = str(dictionary_VR(place.rsplit(".", maxsplit=1)[-1]))
        text, slots, phrase = self.sentence(_ROOM.get(vr, 10_000))
        path = self.put(place, value_of.format(text))
        self.text_checks(label or place, path, slots, phrase if _stays(path) else "")

    def sentence(self, room: int) -> tuple[str, list[Slot], str]:
        """A text with identifiers, the identifiers in it, and its clinical phrase."""
        draw = self.draw
        if room <= _ROOM["SH"]:
            slot = phrases.Slot("name", self.person.family[:9], (self.person.family[:9],),
                                not self.person.is_word)  # fmt: skip
            return self._mixed(draw.pick(phrases.SHORT)[:6].strip(), [slot], (" ",), room)
        makers: tuple[Callable[[], Slot], ...] = (
            lambda: phrases.patient_name(draw, self.person),
            lambda: phrases.identifier(draw, self.person, self.site),
            lambda: phrases.stranger(draw, self.site),
            lambda: phrases.staff_name(draw, self.named),
            lambda: phrases.identifier(draw, self.person, self.site),
            lambda: phrases.day_slot(draw, self.a_day()),
        )
        long_text = room > _ROOM["LO"]
        slots = [draw.pick(makers)() for _ in range(3 if long_text else 1)]
        if not long_text and draw.chance(30):
            slots.append(phrases.patient_name(draw, self.person))
        phrase = draw.pick((*phrases.LONG, *phrases.MEDIUM) if long_text else phrases.MEDIUM)
        return self._mixed(phrase, slots, _SEPARATORS, room)

    def _mixed(
        self, phrase: str, slots: list[Slot], separators: tuple[str, ...], room: int
    ) -> tuple[str, list[Slot], str]:
        own = {token.lower() for slot in slots for token in slot.tokens}
        if own & {word.lower() for word in re.findall(r"[\w']+", phrase)}:
            phrase = phrases.SHORT[-1]
        first, *more = [slot.written for slot in slots]
        separator = self.draw.pick(separators)
        text = phrase + separator + first if self.draw.chance(75) else first + separator + phrase
        for written in more:
            text += self.draw.pick(separators) + written
        if len(text) > room:
            slots = slots[:1]
            text = f"{phrases.SHORT[0][:5]} {slots[0].written}"
            phrase = text[:5]
        if len(text) > room:
            slots = [phrases.Slot("name", self.person.family, (self.person.family,),
                                  not self.person.is_word)]  # fmt: skip
            text = f"{phrase} {slots[0].written}"[:room]
        return text, slots, phrase

    def text_checks(
        self, label: str, path: tuple[Step, ...], slots: list[Slot], phrase: str
    ) -> None:
        """Add what a text with identifiers is asked."""
        for slot in slots:
            self.check("text_removed", slot.kind, label, path, slot.tokens,
                       everywhere=slot.everywhere)  # fmt: skip
        if phrase:
            self.check("text_retained", "clinical text", label, path, tuple(phrase.split()))

    def check(
        self, action: str, kind: str, label: str, path: tuple[Step, ...],
        words: tuple[str, ...] = (), *, everywhere: bool = False, box: tuple[int, ...] = (),
    ) -> None:  # fmt: skip
        """Add one check; `label` without the numbers of items."""
        place = re.sub(r"\.\d+", "", label)
        self.planted.checks.append(Check(action, kind, place, path, words, everywhere, box))

    def forget(self, keyword: str) -> None:
        """Drop the checks of a sequence that another value now replaces."""
        tag = tag_of(keyword)
        self.planted.checks = [one for one in self.planted.checks if tag not in one.path]

    def a_day(self) -> str:
        """A day in the life of the patient, long after the birth."""
        draw = self.draw
        return f"{draw.integer(2012, 2024)}{draw.integer(1, 12):02d}{draw.integer(1, 28):02d}"

    def uid(self) -> str:
        """A UID of some machine."""
        return f"1.2.840.113619.2.{self.draw.integer(10, 999)}.{self.draw.integer(10**9, 10**14)}.{self.draw.integer(1, 999)}"  # noqa: E501


def tag_of(keyword: str) -> str:
    """A keyword's tag as eight hex digits."""
    return f"{tag_for_keyword(keyword) or 0:08X}"


def _stays(path: tuple[Step, ...]) -> bool:
    """Whether PS3.15 with the cleaning options keeps the text of this element, cleaned."""
    listed = _removed_by_the_standard()
    return not any(isinstance(step, str) and step in listed for step in path)


@lru_cache(maxsize=1)
def _removed_by_the_standard() -> frozenset[str]:
    file = resources.files("irw_pipeline.deid") / "tables" / "ps3_15_e1_1.csv"
    with file.open(encoding="utf-8") as stream:
        return frozenset(
            row["tag"][1:5] + row["tag"][6:10]
            for row in csv.DictReader(stream)
            if row["basic"] != "D" or "Sequence" not in row["keyword"]
            if not any(row[option] for option in ("clean_desc", "clean_struct_cont", "clean_graph"))
            and row["basic"] not in {"K", "U"}
        )
