"""The common words of imaging that may stand although they are also somebody's name."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """Lower-case words of `tables/common_words.txt`."""
    path = resources.files("irw_pipeline.deid") / "tables" / "common_words.txt"
    lines = path.read_text("utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))
