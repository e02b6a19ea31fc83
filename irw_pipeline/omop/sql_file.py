"""A SQL file of ours and what its header says: the tables it reads, the views and frames it uses.

`Reads` and `Uses` lines are the one place where a table's inputs are written down; the asset graph
and the session are made from them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from irw_pipeline.errors import InputError
from irw_pipeline.ids import TableName

SQL_ROOT = Path(__file__).parent / "sql"
VIEW_ROOT = SQL_ROOT / "views"
_READS = re.compile(r"^-- Reads (.*?)\.$", re.MULTILINE | re.DOTALL)
_USES = re.compile(r"^-- Uses (view|frame) (\w+)\.$", re.MULTILINE)


@dataclass(frozen=True)
class SqlFile:
    """One SELECT with everything it needs, its views' needs included.

    `views` are in the order in which they must be created.
    """

    text: str
    reads: tuple[TableName, ...]
    views: tuple[tuple[str, str], ...]
    frames: tuple[str, ...]


@cache
def table_sql(table: TableName) -> SqlFile:
    """Return the SELECT of a table: `sql/<table>.sql` for omop, `sql/<layer>/<table>.sql` else.

    Raises:
        InputError: There is none.
    """
    folder = SQL_ROOT if table.layer == "omop" else SQL_ROOT / table.layer
    return read_sql(folder / f"{table.name}.sql")


def sql_tables() -> list[TableName]:
    """Every table that a SQL file of ours makes, sorted."""
    names = [TableName("omop", path.stem) for path in SQL_ROOT.glob("*.sql")]
    for layer in ("imaging", "genomics"):
        names += [TableName(layer, path.stem) for path in (SQL_ROOT / layer).glob("*.sql")]
    return sorted(names)


def read_sql(path: Path) -> SqlFile:
    """Return a SQL file with its views resolved.

    Raises:
        InputError: The file or one of its views does not exist.
    """
    if not path.is_file():
        raise InputError(f"there is no SQL file {path.name}; correct the name")
    return parse_sql(path.read_text(encoding="utf-8"))


def parse_sql(text: str) -> SqlFile:
    """Return a SQL text with its views resolved.

    Raises:
        InputError: One of its views does not exist.
    """
    reads = set(_tables(text))
    frames: set[str] = set()
    views: dict[str, str] = {}
    for kind, name in _USES.findall(text):
        if kind == "frame":
            frames.add(name)
            continue
        used = read_sql(VIEW_ROOT / f"{name}.sql")
        reads.update(used.reads)
        frames.update(used.frames)
        views.update(used.views)
        views[name] = used.text
    return SqlFile(text, tuple(sorted(reads)), tuple(views.items()), tuple(sorted(frames)))


def _tables(text: str) -> list[TableName]:
    found = _READS.search(text)
    if found is None:
        return []
    listed = re.sub(r"[\s-]*\n--\s*", " ", found.group(1))
    return [TableName.parse(name.strip()) for name in listed.split(",") if name.strip()]
