"""Source formats of the EHR and its neighbours, each one module behind `source.Source`.

A new format is a module with an `open_drop` that answers None to a folder that is not its own, and
one line in `_FORMATS`. Sources bring rows as received; rules on values belong to the contracts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from irw_pipeline.errors import InputError
from irw_pipeline.omop.sources import synthea
from irw_pipeline.omop.sources.source import Source, SourceTable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Source", "SourceTable", "detect"]

_FORMATS: tuple[Callable[[Path], Source | None], ...] = (synthea.open_drop,)


def detect(drop: Path) -> Source:
    """Return the EHR drop opened in the first format that knows it.

    Raises:
        InputError: There is no such folder, no format knows it, or it is incomplete.
    """
    if not drop.is_dir():
        raise InputError(
            "the EHR drop is not a folder that can be read; give the folder that holds patients.csv"
        )
    for open_drop in _FORMATS:
        source = open_drop(drop)
        if source is not None:
            return source
    raise InputError(
        "the EHR drop holds no file of a known form; give the folder that holds patients.csv and "
        "encounters.csv (Synthea CSV; plain, .gz or .zst)"
    )
