"""One query of an analyst as text: a table for people, CSV or JSON for programs.

What may be read is decided by the connection (`is_confined`) and by the analyst's credential; the
list of statements below keeps a typo from writing files, it is no security boundary.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import duckdb

from irw_pipeline.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMATS = ("table", "csv", "json")
_READING = (
    duckdb.StatementType.SELECT,
    duckdb.StatementType.EXPLAIN,
    duckdb.StatementType.RELATION,
)


def run_query(con: duckdb.DuckDBPyConnection, sql: str, output_format: str = "table") -> str:
    """Return the result of one reading statement as text that ends in a line feed.

    Args:
        con: A connection that `connect` made.
        sql: One SELECT, SHOW, DESCRIBE or EXPLAIN.
        output_format: `table`, `csv` or `json` (a list of objects).

    Raises:
        InputError: The format is unknown, the statement is not a single reading one, or DuckDB
            refuses it; the message is one line.
    """
    if output_format not in FORMATS:
        raise InputError(f"unknown format; choose one of {', '.join(FORMATS)}")
    try:
        statements = con.extract_statements(sql)
        if len(statements) != 1 or statements[0].type not in _READING:
            raise InputError("the query is not a single SELECT, SHOW, DESCRIBE or EXPLAIN")
        cursor = con.execute(statements[0])
        names = [str(column[0]) for column in cursor.description or []]
        rows = cursor.fetchall()
    except duckdb.Error as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(f"the query did not run: {first}") from error
    if output_format == "csv":
        return _csv(names, rows)
    if output_format == "json":
        records = [dict(zip(names, row, strict=True)) for row in rows]
        return json.dumps(records, indent=2, default=str, ensure_ascii=False) + "\n"
    return as_table(names, rows)


def _csv(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return text.getvalue()


def as_table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return aligned columns under their names, then the row count."""
    cells = [["" if value is None else _one_line(value) for value in row] for row in rows]
    widths = [
        max(len(name), *(len(row[index]) for row in cells)) if cells else len(name)
        for index, name in enumerate(names)
    ]
    lines = [_line(names, widths), "  ".join("-" * width for width in widths)]
    lines += [_line(row, widths) for row in cells]
    lines.append(f"({len(rows)} row{'' if len(rows) == 1 else 's'})")
    return "\n".join(lines) + "\n"


def _one_line(value: Any) -> str:
    return " ".join(str(value).split("\n"))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
