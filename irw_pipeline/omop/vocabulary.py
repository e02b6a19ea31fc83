"""The standardized vocabularies: an Athena download, or the small bundle that ships with us.

Athena's files are tab-separated and unquoted (a quotation mark is a character like any other), with
dates as yyyymmdd and empty as NULL. A whole download has tens of millions of rows, so each table is
a stream of batches; and all of it is examined before the first batch leaves.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from irw_pipeline.contracts.arrow import arrow_schema
from irw_pipeline.contracts.model import load_contract
from irw_pipeline.errors import InputError, VocabularyError
from irw_pipeline.ids import TableName
from irw_pipeline.omop.sources.csv_file import compression_of, csv_files, glob_free, read_header

if TYPE_CHECKING:
    from collections.abc import Iterator

VOCABULARY_TABLES = tuple(
    TableName("omop", name)
    for name in (
        "vocabulary",
        "domain",
        "concept_class",
        "relationship",
        "concept",
        "concept_relationship",
        "concept_ancestor",
        "concept_synonym",
        "drug_strength",
    )
)
_REQUIRED_FILES = ("concept", "concept_relationship", "vocabulary")
_BATCH_ROWS = 100_000
_DISTINCT = {"concept_synonym"}  # it has no key of its own, and Athena repeats some rows
# Some bundles made outside Athena leave the class of answer concepts empty; the CDM requires one,
# and "Undefined" is the vocabulary's own word for none (concept 0 has it).
_WHEN_EMPTY = {"concept_class_id": "Undefined"}
_SQL_TYPE = {
    pa.int64(): "BIGINT",
    pa.int32(): "INTEGER",
    pa.float64(): "DOUBLE",
    pa.string(): "VARCHAR",
    pa.date32(): "DATE",
}


def starter_vocabulary() -> Path:
    """The folder of our own bundle: what the demo needs, in Athena's shape (see its README)."""
    return Path(__file__).parent / "starter_vocabulary"


def read_vocabulary(folder: Path) -> Iterator[tuple[TableName, pa.RecordBatchReader]]:
    """Yield every vocabulary table in its contract's columns and types, as a stream of batches.

    Take each stream before asking for the next table. A table whose file is absent and not
    required is an empty stream. Memory is bounded by the batch, not by the table.

    Raises:
        VocabularyError: The bundle lacks a required file, a column or concept 0, or a value has not
            its column's type. Nothing has been yielded then.
    """
    files = _complete_bundle(folder)
    with duckdb.connect() as connection:
        for name, path in files.items():
            _examine(connection, name, path)
        for table in VOCABULARY_TABLES:
            schema = _schema(table)
            if table.name not in files:
                yield table, pa.RecordBatchReader.from_batches(schema, [])
                continue
            source, parameters = _rows(files[table.name], schema)
            columns = ", ".join(f'{_typed(field)} AS "{field.name}"' for field in schema)
            distinct = "DISTINCT" if table.name in _DISTINCT else ""
            # `execute` streams; `sql(...)` would hold the whole table before the first batch
            stream = connection.execute(f"SELECT {distinct} {columns} FROM {source}", parameters)
            yield table, stream.to_arrow_reader(_BATCH_ROWS)


def _complete_bundle(folder: Path) -> dict[str, Path]:
    """The bundle's files by table; a `VocabularyError` that names all that it lacks."""
    if not folder.is_dir():
        raise VocabularyError(
            "the vocabulary is not a folder that can be read; give an unpacked Athena download"
        )
    try:
        found = csv_files(folder)
    except InputError as error:
        raise VocabularyError(f"the vocabulary bundle: {error}") from error
    missing = [f"{name.upper()}.csv" for name in _REQUIRED_FILES if name not in found]
    if missing:
        raise VocabularyError(
            f"the vocabulary bundle lacks {', '.join(missing)}; unpack the whole Athena download"
        )
    return {table.name: found[table.name] for table in VOCABULARY_TABLES if table.name in found}


def _schema(table: TableName) -> pa.Schema:
    """The contract's columns, all nullable: whether one must be given is a row rule."""
    return pa.schema(
        [field.with_nullable(True) for field in arrow_schema(load_contract(table))]  # noqa: FBT003
    )


def _examine(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    """Read a file once through; refuse it whole when any of it cannot be published."""
    schema = _schema(TableName("omop", name))
    missing = sorted(set(schema.names) - set(_header(path)))
    if missing:
        raise VocabularyError(
            f"{path.name} lacks the columns {', '.join(missing)}; download the bundle again"
        )
    source, parameters = _rows(path, schema)
    typed = [field for field in schema if not pa.types.is_string(field.type)]
    counts = [
        f'count(*) FILTER ("{field.name}" IS NOT NULL AND {_typed(field)} IS NULL)'
        for field in typed
    ]
    counts.append("count(*) FILTER (concept_id = '0')" if name == "concept" else "1")
    try:
        seen = connection.execute(f"SELECT {', '.join(counts)} FROM {source}", parameters)
        result = seen.fetchone() or ()
    except duckdb.Error as error:
        raise VocabularyError(
            f"{path.name} is not tab-separated, unquoted text in UTF-8; download the bundle again"
        ) from error
    wrong = [field.name for field, count in zip(typed, result, strict=False) if count]
    if wrong:
        raise VocabularyError(
            f"{path.name} holds values that are no number or date in {', '.join(wrong)}; "
            "download the bundle again"
        )
    if not result[-1]:
        raise VocabularyError(
            f"{path.name} lacks concept 0 (No matching concept), which stands for what has no "
            "mapping; add the row or download the bundle again"
        )


def _header(path: Path) -> list[str]:
    try:
        return read_header(path, "\t")
    except InputError as error:
        raise VocabularyError(f"the vocabulary bundle: {error}") from error


def _rows(path: Path, schema: pa.Schema) -> tuple[str, dict[str, object]]:
    """A FROM item with the file's columns by name, all text, and its parameters."""
    known = set(schema.names)
    columns = {
        name if name in known else f"unknown_{place}": "VARCHAR"
        for place, name in enumerate(_header(path))
    }
    source = (
        "read_csv($path, columns = $columns, compression = $compression, auto_detect = false, "
        "header = true, delim = '\\t', quote = '', escape = '', comment = '', nullstr = '')"
    )
    return source, {
        "path": glob_free(path),
        "columns": columns,
        "compression": compression_of(path),
    }


def _typed(field: pa.Field) -> str:
    """SQL for a text column in its own type; NULL where it cannot be read so."""
    if pa.types.is_date(field.type):
        return f"CAST(try_strptime(\"{field.name}\", ['%Y%m%d', '%Y-%m-%d']) AS DATE)"
    if field.name in _WHEN_EMPTY:
        return f"coalesce(\"{field.name}\", '{_WHEN_EMPTY[field.name]}')"
    if pa.types.is_string(field.type):
        return f'"{field.name}"'
    return f'try_cast("{field.name}" AS {_SQL_TYPE[field.type]})'
