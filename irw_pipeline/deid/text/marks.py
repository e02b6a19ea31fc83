"""Marks inside a text that is being cleaned: what was taken out, and what must not be looked at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

GONE = "\x02"
"""Stands where something was removed, until `close_gaps`."""
_FIRST, _LAST = 0x10_0000, 0x10_FFFD
NAMED = "\x04"
"""Stands where a known name was removed: what remains of it may be beside."""
BAR = "\x03"
"""Stands for an underscore, which is a letter to `re` and parts words in headers."""
HELD = f"[{chr(_FIRST)}-{chr(_LAST)}]"
"""A pattern of one held piece."""
_HELD = re.compile(HELD)
_RESERVED = re.compile(f"[{GONE}{NAMED}{BAR}\u00ad\u200b\u2060\ufeff{chr(_FIRST)}-{chr(_LAST)}]")
"""The marks, and what nobody sees and what would hide a name."""
_BRACKETS = re.compile(rf"[(\[{{<]\s*{GONE}[\s,;/{GONE}]*[)\]}}>]|([\"'])\s*{GONE}\s*\1")
_RUN = re.compile(rf"{GONE}(?:[ \t,;/&^_=.-]*{GONE})+")
_AFTER_LABEL = re.compile(rf"(?<=[:=])[ \t]*{GONE}[ \t]*[,;]")
_IN_LIST = re.compile(rf"(?<=[,;])[ \t]*{GONE}[ \t]*[,;]")
_BEFORE_MARK = re.compile(rf"[ \t]*{GONE}[ \t]*(?=[,;.:!?)\]])")
_AT_START = re.compile(rf"(?m)^([ \t]*){GONE}[ \t,;^_]*")
_AT_END = re.compile(rf"(?m)[ \t,;^_]*{GONE}[ \t]*$")
_BETWEEN = re.compile(rf"[ \t]+{GONE}[ \t]*|{GONE}[ \t]+")


class Holder:
    """Keeps pieces of one text out of sight, each behind one character of a private plane."""

    def __init__(self) -> None:
        """Hold nothing."""
        self._pieces: list[str] = []

    def hold(self, piece: str) -> str:
        """Return the character that stands for the piece."""
        if not piece or len(self._pieces) > _LAST - _FIRST:
            return piece
        self._pieces.append(piece)
        return chr(_FIRST + len(self._pieces) - 1)

    def hold_all(
        self, pattern: re.Pattern[str], text: str, form: Callable[[str], str] = str
    ) -> str:
        """Return the text with every match held, in the form given."""
        return pattern.sub(lambda match: self.hold(form(match[0])), text)

    def restore(self, text: str) -> str:
        """Return the text with the pieces back in their places."""
        if not self._pieces:
            return text
        shown = {_FIRST + number: piece for number, piece in enumerate(self._pieces)}
        while _HELD.search(text):  # a piece may itself hold pieces
            text = text.translate(shown)
        return text


def without_reserved(text: str) -> str:
    """Return the text without the characters that serve as marks, or that nobody sees."""
    return _RESERVED.sub("", text)


def close_gaps(text: str) -> str:
    """Return the text with every mark of a removal closed; spaces elsewhere stay as they are."""
    text = text.replace(NAMED, GONE)
    if GONE not in text:
        return text
    previous = ""
    while previous != text:
        previous = text
        text = _RUN.sub(GONE, _BRACKETS.sub(GONE, text))
    text = _AT_END.sub("", _AT_START.sub(r"\1", text))
    text = _BEFORE_MARK.sub("", _IN_LIST.sub("", _AFTER_LABEL.sub("", text)))
    return _BETWEEN.sub(" ", text).replace(GONE, "")
