"""One CSV file as a frame of text in a contract's columns. Knows CSV, not what the columns mean.

DuckDB reads the file, for its speed and its bounded memory, but never guesses: left to sniff, it
takes a line that starts with `#` for a comment and drops it (1.5.5). The header is read here.
DuckDB's messages quote the line at fault, so only their being raised leaves this module.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import duckdb
import polars as pl
import pyarrow as pa

from irw_pipeline.errors import InputError
from irw_pipeline.omop.sources.source import SourceTable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from irw_pipeline.contracts.model import Column
    from irw_pipeline.ids import TableName

ROW_KEY = "row_key"
_CSV = re.compile(r"(?P<stem>.+)\.csv(?P<packed>\.gz|\.zst)?")
_COMPRESSION = {None: "none", ".gz": "gzip", ".zst": "zstd"}


def csv_files(folder: Path) -> dict[str, Path]:
    """Return the CSV files of a folder by lower-case name without endings, sorted.

    Raises:
        InputError: Two files have the same name but for case or compression.
    """
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        named = _CSV.fullmatch(path.name.lower())
        if named is None or not path.is_file():
            continue
        stem = named["stem"]
        if stem in found:
            raise InputError(
                f"reading the drop: {found[stem].name} and {path.name} hold the same table; "
                "keep one of them"
            )
        found[stem] = path
    return found


def empty_table(table: TableName, columns: Sequence[Column]) -> SourceTable:
    """Return a table of no rows, for a file that the drop does not have."""
    return SourceTable(table, pl.DataFrame(schema={column.name: pl.String for column in columns}))


def read_csv(
    path: Path,
    table: TableName,
    columns: Sequence[Column],
    renamed: Mapping[str, str] | None = None,
    headed: Collection[str] = (),
) -> SourceTable:
    """Return a file's rows in the contract's columns: text, trimmed, empty as null.

    A column `row_key` is made, not read: 32 hex digits of SHA-256 over the row's values and an
    ordinal among equal rows, so it is unique, and the same whatever the order of the rows.

    Args:
        path: A `.csv`, `.csv.gz` or `.csv.zst`, UTF-8, with a header line of any case.
        table: The table that the file fills.
        columns: The contract's columns; a required one must be in the header.
        renamed: What older exports call a column, to its name in the contract.
        headed: Columns that must be in the header although a row may leave them empty.

    Raises:
        InputError: The file is not such a CSV, or lacks required columns (all are named).
    """
    header = read_header(path)
    positions = _positions(header, renamed or {}, {column.name for column in columns}, path)
    needed = [column.name for column in columns if column.required or column.name in headed]
    missing = [name for name in needed if name not in {*positions, ROW_KEY}]
    if missing:
        raise InputError(
            f"{path.name} lacks the required column{'s' * (len(missing) > 1)} "
            f"{', '.join(missing)}; export it again with {'them' if missing[1:] else 'it'}"
        )
    used = set(positions.values())
    ignored = tuple(name for place, name in enumerate(header) if place not in used)
    query = _query([column.name for column in columns], positions)
    parameters = {
        "path": glob_free(path),
        "columns": {f"c{place}": "VARCHAR" for place in range(len(header))},
        "compression": compression_of(path),
    }
    try:
        with duckdb.connect() as connection:
            frame = connection.execute(query, parameters).pl()
    except duckdb.Error:
        frame = None
    if frame is None:  # raised here, outside the handler, so that no quoted line is chained to it
        raise InputError(
            f"{path.name} is not well-formed CSV in UTF-8 (a row of another length, an open "
            "quote or another encoding); export it again"
        )
    return SourceTable(table, frame, ignored)


def glob_free(path: Path) -> str:
    """Return the path so that DuckDB takes every character as itself."""
    return re.sub(r"[*?\[]", lambda found: f"[{found[0]}]", str(path))


def compression_of(path: Path) -> str:
    """Return what DuckDB calls the compression that a file's name tells."""
    named = _CSV.fullmatch(path.name.lower())
    return _COMPRESSION[named["packed"] if named else None]


def read_header(path: Path, delimiter: str = ",") -> list[str]:
    """Return the names in a file's first line, trimmed and in lower case.

    Raises:
        InputError: The file cannot be read as UTF-8 text, or is empty.
    """
    packed = compression_of(path)
    try:
        with (
            pa.input_stream(str(path), None if packed == "none" else packed) as stream,
            io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text,
        ):
            first = next(csv.reader(text, delimiter=delimiter), [])
    except (OSError, UnicodeDecodeError, csv.Error):
        first = None
    if first is None:
        raise InputError(f"{path.name} cannot be read as CSV in UTF-8; export it again")
    if not first:
        raise InputError(f"{path.name} is empty, without even a header line; export it again")
    return [name.strip().lower() for name in first]


def _positions(
    header: Iterable[str], renamed: Mapping[str, str], known: set[str], path: Path
) -> dict[str, int]:
    """Where each known column stands; a present name wins over an older one."""
    names = list(header)
    twice = sorted({name for name in names if name in known and names.count(name) > 1})
    if twice:
        raise InputError(f"{path.name} has two columns {', '.join(twice)}; export it with one")
    positions = {name: place for place, name in enumerate(names) if name in known - {ROW_KEY}}
    for older, name in renamed.items():
        if older in names and name not in positions:
            positions[name] = names.index(older)
    return positions


def _query(columns: Sequence[str], positions: Mapping[str, int]) -> str:
    """One SELECT in contract order; names come from the contract, places from the header."""
    values = [name for name in columns if name != ROW_KEY]
    received = ", ".join(
        f"nullif(trim(c{positions[name]}, chr(32) || chr(9) || chr(10) || chr(13)), '') "
        f'AS "{name}"'
        if name in positions
        else f'NULL::VARCHAR AS "{name}"'
        for name in values
    )
    rows = (
        f"SELECT {received} FROM read_csv($path, columns = $columns, compression = $compression, "
        "auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', "
        "comment = '', nullstr = '')"
    )
    if ROW_KEY not in columns:
        return rows
    content = ", ".join(f"coalesce(\"{name}\", '')" for name in values)
    return f"""
        WITH received AS ({rows}),
        hashed AS (SELECT *, sha256(concat_ws(chr(31), {content})) AS content FROM received),
        counted AS (SELECT *, row_number() OVER (PARTITION BY content) AS ordinal FROM hashed)
        SELECT
            left(sha256(content || chr(31) || ordinal), 32) AS {ROW_KEY},
            * EXCLUDE (content, ordinal)
        FROM counted
    """
