"""Whether one check is passed."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.answer_key.key import Check, PlantedFile
    from benchmarks.answer_key.output import Output

MIN_EVERYWHERE = 4
"""Shortest token that is searched for in all bytes; shorter ones only in their own element."""
MIN_INSIDE_A_WORD = 6
"""Shortest token of letters that also counts within a longer word."""
MIN_IN_PIXELS = 8
"""Shortest token that is searched for in PixelData, whose bytes hold shorter ones by chance."""
MIN_KEPT_BESIDE = 0.9
MAX_CONTRAST_LEFT = 0.05
MAX_OFFSET_DAYS = 365
_MARGIN = 24


def passes(check: Check, output: Output) -> bool:
    """Judge a check that needs one object only."""
    return _JUDGES[check.action](check, output)


def _text_removed(check: Check, output: Output) -> bool:
    own = (output.text(check.path) or "") if check.path else ""
    return not any(_stands_in(word, own) for word in check.words)


class Strays:
    """Looks for words that left their own element but stand somewhere else in the file."""

    def __init__(self, output: Output) -> None:
        """Nothing has leaked yet."""
        self._output = output
        self.leaked: set[str] = set()
        """Words that leaked already; each word of a file counts once."""

    def find(self, checks: list[Check]) -> Iterator[tuple[Check, str]]:
        """The checks whose words were found, and where."""
        for check in checks:
            if not check.everywhere:
                continue
            words = {word for word in check.words if len(word) >= MIN_EVERYWHERE} - self.leaked
            for word in sorted(words):
                place = self._place(word)
                if place:
                    self.leaked.add(word)
                    yield check, place
                    break

    def _place(self, word: str) -> str:
        if _stands_in(word, self._output.name):
            return "the output's name"
        if not _stands_in_bytes(word, self._output):
            return ""
        return next(
            (tag for tag, text in self._output.texts() if _stands_in(word, text)),
            "bytes outside the elements",
        )


def _stands_in(word: str, text: str) -> bool:
    return _pattern(word).search(text) is not None


def _pattern(word: str) -> re.Pattern[str]:
    escaped = re.escape(word)
    if word.isalpha() and len(word) >= MIN_INSIDE_A_WORD:
        return re.compile(escaped, re.IGNORECASE)
    if not word.isascii():
        return re.compile(escaped)
    edge = r"[A-Za-z]" if word.isalpha() else r"[0-9A-Za-z.]" if word.isdigit() else r"[0-9A-Za-z]"
    return re.compile(rf"(?<!{edge}){escaped}(?!{edge})", re.IGNORECASE)


def _stands_in_bytes(word: str, output: Output) -> bool:
    if len(word) >= MIN_IN_PIXELS and word.encode() in output.pixel_bytes:
        return True
    for codec in dict.fromkeys(("latin-1", "utf-8", "utf-16-le", "utf-16-be", *output.codecs)):
        for cased in {word, word.upper(), word.lower(), word.title()}:
            try:
                encoded = cased.encode(codec)
            except (UnicodeError, LookupError):
                continue
            if encoded in output.content and _stands_alone(word, encoded, codec, output.content):
                return True
    return False


def _stands_alone(word: str, encoded: bytes, codec: str, content: bytes) -> bool:
    if codec.startswith("utf-16") or not word.isascii():
        return True
    # an ASCII token: its neighbours are seen best when every byte is one character
    return _stands_in(encoded.decode("latin-1"), content.decode("latin-1"))


def _text_retained(check: Check, output: Output) -> bool:
    text = output.text(check.path)
    return text is not None and all(word in text for word in check.words)


def _tag_retained(check: Check, output: Output) -> bool:
    before = output.text(check.path, of_source=True)
    return before is not None and before.strip(" \0") == output.value(check.path)


def _pixels_retained(check: Check, output: Output) -> bool:
    if not check.box and output.has_same_pixel_bytes():
        return True
    before, after = output.pixels()
    if before.shape != after.shape:
        return False
    if not check.box:
        return bool(np.array_equal(before, after))
    y0, x0, y1, x1 = check.box
    outside = np.ones(before.shape[1:3], dtype=bool)
    outside[max(0, y0 - _MARGIN) : y1 + _MARGIN, max(0, x0 - _MARGIN) : x1 + _MARGIN] = False
    same = before[:, outside] == after[:, outside]
    return bool(same.mean() >= MIN_KEPT_BESIDE) if same.size else True


def _pixels_hidden(check: Check, output: Output) -> bool:
    """Whether the letters no longer stand out from what lies around them."""
    before, after = output.overlays() if check.path else output.pixels()
    if after is None:
        return True
    y0, x0, y1, x1 = check.box
    old = before[:, y0:y1, x0:x1].astype(float)
    new = after[:, y0:y1, x0:x1].astype(float)
    extreme = (
        old.max()
        if abs(old.max() - np.median(old)) > abs(old.min() - np.median(old))
        else old.min()
    )
    ink = old == extreme
    if ink.all() or not ink.any():
        return False
    contrast = abs(old[ink].mean() - old[~ink].mean())
    return bool(abs(new[ink].mean() - new[~ink].mean()) <= MAX_CONTRAST_LEFT * contrast)


_JUDGES = {
    "text_removed": _text_removed,
    "text_retained": _text_retained,
    "tag_retained": _tag_retained,
    "pixels_retained": _pixels_retained,
    "pixels_hidden": _pixels_hidden,
}


class Consistency:
    """Checks that need all objects: dates of one patient, UIDs and patient ids of all."""

    def __init__(self) -> None:
        """Nothing was seen."""
        self._seen: list[tuple[PlantedFile, Check, str]] = []

    def add(self, planted: PlantedFile, check: Check, output: Output) -> None:
        """Hold what became of one date, UID or patient id."""
        self._seen.append((planted, check, output.value(check.path)))

    def verdicts(self) -> Iterator[tuple[PlantedFile, Check, bool]]:
        """Every check that was added, with its verdict."""
        offset = self._offsets()
        images: dict[tuple[str, str], set[str]] = defaultdict(set)
        origins: dict[tuple[str, str], set[str]] = defaultdict(set)
        for _, check, new in self._seen:
            if check.action in {"uid_consistent", "patid_consistent"}:
                images[check.action, check.words[0]].add(new)
                origins[check.action, new].add(check.words[0])
        for planted, check, new in self._seen:
            old = check.words[0]
            if check.action == "date_shifted":
                yield planted, check, _shift(old, new) == offset.get(planted.patient, 0) != 0
            elif check.action == "uid_changed":
                yield planted, check, bool(new) and new != old
            else:
                is_one_to_one = images[check.action, old] == {new} and origins[
                    check.action, new
                ] == {old}
                yield planted, check, bool(new) and is_one_to_one

    def _offsets(self) -> dict[int, int]:
        """The offset that most dates of each patient moved by."""
        votes: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        for planted, check, new in self._seen:
            if check.action == "date_shifted":
                days = _shift(check.words[0], new)
                if 0 < days <= MAX_OFFSET_DAYS:
                    votes[planted.patient][days] += 1
        return {patient: max(days, key=lambda one: days[one]) for patient, days in votes.items()}


def _shift(old: str, new: str) -> int:
    """Days that a date went back; 0 if it did not, was lost, or its time of day changed."""
    if old[8:] != new[8:] or not new[:8].isdigit():
        return 0
    try:
        first, second = (date(int(t[:4]), int(t[4:6]), int(t[6:8])) for t in (old, new))
    except ValueError:
        return 0
    return (first - second).days
