"""The answer key: what must become of every planted thing, kept apart from the objects.

A key is plain data (JSON), so that the output of any tool can be scored against it. It holds
made-up identities only.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

Step = int | str
"""An item's index, a tag (`00081030`), or a private element (`0009|CREATOR|10`).

`meta` is the file meta group; `@TEXT 121071` the last content item of a value type and concept.
"""

REMOVAL = frozenset({"text_removed", "pixels_hidden"})
RETENTION = frozenset({"text_retained", "tag_retained", "pixels_retained"})
CONSISTENCY = frozenset({"date_shifted", "uid_changed", "uid_consistent", "patid_consistent"})


@dataclass(frozen=True)
class Check:
    """One thing that a de-identified object is asked.

    `place` names where it stands, for the report; `path` leads to the element, empty for the
    whole file. `words` are the tokens that must go (`text_removed`) or stay (`text_retained`),
    the value that must be equal (`tag_retained`), or the original date or UID. `everywhere`:
    no byte of the file may hold the words, not only this element. `box` is y0, x0, y1, x1.
    """

    action: str
    kind: str
    place: str
    path: tuple[Step, ...] = ()
    words: tuple[str, ...] = ()
    everywhere: bool = False
    box: tuple[int, ...] = ()


@dataclass
class PlantedFile:
    """One object with all its checks; `is_expected` says that a good tool releases it."""

    source: str
    patient: int
    is_expected: bool = True
    checks: list[Check] = field(default_factory=list)


@dataclass
class AnswerKey:
    """All planted files of one seed."""

    seed: int
    files: list[PlantedFile] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """Write the key as JSON."""
        path.write_text(json.dumps(dataclasses.asdict(self)), "utf-8")

    @staticmethod
    def read(path: Path) -> AnswerKey:
        """The key that `write` wrote."""
        raw = json.loads(path.read_text("utf-8"))
        files = []
        for one in raw["files"]:
            checks = [Check(**_tuples(check)) for check in one["checks"]]
            files.append(PlantedFile(one["source"], one["patient"], one["is_expected"], checks))
        return AnswerKey(raw["seed"], files)


def _tuples(raw: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in raw.items()}
