"""Whether a cohort's SQL may run: one read-only SELECT over the research zone, and nothing else.

A cohort is built under the pipeline's credentials, which open more than the research zone, so the
parsed statement is looked through for every table and table function that it reads.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import duckdb

from irw_pipeline.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

RESEARCH_LAYERS = ("omop", "imaging", "cohort", "genomics")
_TABLE_FUNCTIONS = {"unnest", "range", "generate_series"}
_NAME = re.compile(r"[a-z_][a-z0-9_]*")


def check_query(sql: str, label: str) -> None:
    """Accept one SELECT that reads tables of the research zone, its own CTEs, views and frames.

    Args:
        sql: The text of the query, with its comments.
        label: Names the query in an error.

    Raises:
        InputError: It is anything else.
    """
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise InputError(f"cohort query {label}: it is not DuckDB SQL; correct it") from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise InputError(f"cohort query {label}: it is not a single SELECT; write just one")
    for node in _nodes(_tree(statements[0].query, label)):
        problem = _refused(node)
        if problem:
            raise InputError(
                f"cohort query {label}: {problem}; read only schemas {', '.join(RESEARCH_LAYERS)}"
            )


def _tree(statement: str, label: str) -> Any:
    with duckdb.connect(":memory:") as con:
        row = con.execute("SELECT json_serialize_sql(?)", [statement]).fetchone()
    tree = json.loads(row[0]) if row else {"error": True}
    if tree.get("error"):
        raise InputError(f"cohort query {label}: it is not a plain SELECT; write it as one")
    return tree


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for child in value.values():
            yield from _nodes(child)
    elif isinstance(value, list):
        for child in value:
            yield from _nodes(child)


def _refused(node: dict[str, Any]) -> str | None:
    if node.get("type") == "TABLE_FUNCTION":
        name = str(node.get("function", {}).get("function_name", "")).lower()
        return None if name in _TABLE_FUNCTIONS else f"it calls the table function {name}"
    if node.get("type") == "BASE_TABLE":
        schema, table = str(node["schema_name"]).lower(), str(node["table_name"]).lower()
        if node["catalog_name"] or not _NAME.fullmatch(table):
            return "it reads a file or another database"
        if schema and schema not in RESEARCH_LAYERS:
            return f"it reads the schema {schema}"
    return None
