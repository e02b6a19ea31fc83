"""A cohort's definition: a YAML file that names its codes, and one SELECT that uses them.

The six founding cohorts lie in `definitions/` and `sql/`; a user's own is a YAML or SQL file
anywhere. Codes, modalities and body parts are data of the YAML: the SQL reads them as frames
(`CohortDefinition.frames`), so that a clinician can review them without reading SQL.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from irw_pipeline.cohort.query import RESEARCH_LAYERS, check_query
from irw_pipeline.errors import InputError
from irw_pipeline.ids import TableName
from irw_pipeline.omop.sql_file import SqlFile, parse_sql

_HOME = Path(__file__).parent / "definitions"
_KEYS = {
    "name",
    "title",
    "field",
    "description",
    "sql",
    "modalities",
    "body_parts",
    "concepts",
    "source_codes",
}
_CODE_KEYS = {"vocabulary_id", "concept_code", "name", "role"}
_ROLES = ("condition", "procedure")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TEXT = pa.string()
_HEADER = re.compile(r"^--\s*(?:cohort\.\w+:\s*)?(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class CohortCode:
    """A code that the cohort asks for.

    With `is_prefix` it stands for every source code that begins with it; else for itself and, where
    there is a vocabulary, for every concept below it.
    """

    vocabulary_id: str
    concept_code: str
    name: str
    role: str
    is_prefix: bool


@dataclass(frozen=True)
class CohortDefinition:
    """What a cohort is; `sha256` changes when the YAML, the SQL or a view that it uses does."""

    name: str
    title: str
    field: str
    description: str
    sql_path: Path
    sql: SqlFile
    codes: tuple[CohortCode, ...]
    modalities: tuple[str, ...]
    body_parts: tuple[str, ...]
    sha256: str

    @property
    def table(self) -> TableName:
        """The table that the cohort is published as."""
        return TableName("cohort", self.name)

    def frames(self) -> dict[str, pa.Table]:
        """Return the frames by the names that `-- Uses frame NAME.` gives; no entry is no row.

        Returns:
            `cohort_concept` (vocabulary_id, concept_code, role), where the role of a prefix ends in
            `_prefix`; `cohort_modality` (modality); `cohort_body_part` (body_part).
        """
        roles = [f"{code.role}_prefix" if code.is_prefix else code.role for code in self.codes]
        return {
            "cohort_concept": pa.table(
                {
                    "vocabulary_id": pa.array([c.vocabulary_id for c in self.codes], _TEXT),
                    "concept_code": pa.array([c.concept_code for c in self.codes], _TEXT),
                    "role": pa.array(roles, _TEXT),
                }
            ),
            "cohort_modality": pa.table({"modality": pa.array(self.modalities, _TEXT)}),
            "cohort_body_part": pa.table({"body_part": pa.array(self.body_parts, _TEXT)}),
        }


def load_definitions() -> dict[str, CohortDefinition]:
    """Return the definitions that the package ships, by name."""
    definitions = [load_definition(path) for path in sorted(_HOME.glob("*.yaml"))]
    return {definition.name: definition for definition in definitions}


def load_definition(path: Path) -> CohortDefinition:
    """Return the definition in a YAML file, or one made of a SQL file alone.

    Raises:
        InputError: The file is absent or malformed, or its SQL is not one read-only SELECT over the
            research zone.
    """
    if path.suffix == ".sql":
        return _from_sql(path)
    text = _text(path)
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise _problem(path, "it is not valid YAML") from error
    if not isinstance(document, Mapping):
        raise _problem(path, "it is not a mapping of name, title, field, description and sql")
    unknown = sorted(set(map(str, document)) - _KEYS)
    if unknown:
        raise _problem(path, f"unknown key {unknown[0]}; known are {', '.join(sorted(_KEYS))}")
    name = _word(path, document, "name")
    if not _NAME.fullmatch(name):
        raise _problem(path, "its name is not in lower-case letters, digits and underscores")
    sql_path = path.parent / str(document.get("sql", f"{name}.sql"))
    sql = _sql(sql_path)
    return CohortDefinition(
        name=name,
        title=_word(path, document, "title"),
        field=_word(path, document, "field"),
        description=_word(path, document, "description"),
        sql_path=sql_path,
        sql=sql,
        codes=(
            *_codes(path, document, "concepts", is_prefix=False),
            *_codes(path, document, "source_codes", is_prefix=True),
        ),
        modalities=_words(path, document, "modalities"),
        body_parts=_words(path, document, "body_parts"),
        sha256=_digest(text, sql),
    )


def _from_sql(path: Path) -> CohortDefinition:
    if not _NAME.fullmatch(path.stem):
        raise _problem(path, "its name is not in lower-case letters, digits and underscores")
    sql = _sql(path)
    header = _HEADER.match(sql.text.lstrip())
    return CohortDefinition(
        name=path.stem,
        title=path.stem.replace("_", " ").capitalize(),
        field="",
        description=header.group(1).strip() if header else "",
        sql_path=path,
        sql=sql,
        codes=(),
        modalities=(),
        body_parts=(),
        sha256=_digest("", sql),
    )


def _sql(path: Path) -> SqlFile:
    text = _text(path)
    check_query(text, path.name)
    sql = parse_sql(text)
    for table in sql.reads:
        if table.layer not in RESEARCH_LAYERS:
            raise _problem(path, f"it or a view that it uses reads {table}, which is not released")
    return sql


def _digest(text: str, sql: SqlFile) -> str:
    parts = [text, sql.text, *(part for view in sql.views for part in view)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _problem(path, "the file is absent or is not UTF-8 text") from error


def _word(path: Path, document: Mapping[str, Any], key: str) -> str:
    value = document.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _problem(path, f"{key} is missing or is not text")
    return value.strip()


def _words(path: Path, document: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = document.get(key) or []
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise _problem(path, f"{key} is not a list of words")
    return tuple(word.strip().upper() for word in value)


def _codes(
    path: Path, document: Mapping[str, Any], key: str, *, is_prefix: bool
) -> tuple[CohortCode, ...]:
    entries = document.get(key) or []
    if not isinstance(entries, list):
        raise _problem(path, f"{key} is not a list")
    return tuple(_code(path, entry, key, is_prefix=is_prefix) for entry in entries)


def _code(path: Path, entry: object, key: str, *, is_prefix: bool) -> CohortCode:
    if not isinstance(entry, Mapping) or set(entry) != _CODE_KEYS:
        raise _problem(path, f"an entry of {key} does not have {', '.join(sorted(_CODE_KEYS))}")
    if not all(isinstance(value, str) and value.strip() for value in entry.values()):
        raise _problem(path, f"an entry of {key} has a value that is not text; put codes in quotes")
    if entry["role"] not in _ROLES:
        raise _problem(path, f"an entry of {key} has a role that is none of {', '.join(_ROLES)}")
    return CohortCode(
        vocabulary_id=entry["vocabulary_id"].strip(),
        concept_code=entry["concept_code"].strip(),
        name=entry["name"].strip(),
        role=entry["role"],
        is_prefix=is_prefix,
    )


def _problem(path: Path, problem: str) -> InputError:
    return InputError(f"cohort definition {path.name}: {problem}; correct it and run again")
