"""The keys of a contract file that stand for rules, read strictly: an unknown one is an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

from irw_pipeline.contracts.rules import (
    MAX_REFUSED_SHARE,
    ForeignKey,
    LengthBetween,
    Matches,
    NotInFuture,
    NotNull,
    OneOf,
    RowRule,
    TableRule,
    ValueBetween,
)
from irw_pipeline.errors import ContractError
from irw_pipeline.ids import TableName

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def column_rules(
    raw: Mapping[str, Any], column: str, physical_type: str, label: str
) -> list[RowRule]:
    """Return the row rules that a property's keys stand for.

    Raises:
        ContractError: A key or rule is unknown.
    """
    rules: list[RowRule] = []
    if raw.get("required") or raw.get("primaryKey"):
        rules.append(RowRule(f"{column}.not_null", column, NotNull()))
    rules.extend(_option_rules(raw.get("logicalTypeOptions") or {}, column, physical_type, label))
    rules.extend(_quality_rule(entry, column, label) for entry in raw.get("quality") or [])
    related = raw.get("relationships") or []
    rules.extend(_relationship_rule(entry, column, label) for entry in related)
    return rules


def _option_rules(
    options: Mapping[str, Any], column: str, physical_type: str, label: str
) -> list[RowRule]:
    unknown = set(options) - {"pattern", "minLength", "maxLength", "minimum", "maximum"}
    if unknown:
        raise ContractError(label, f"property {column}: option {min(unknown)} is unknown")
    rules: list[RowRule] = []
    textual = {"pattern", "minLength", "maxLength"} & set(options)
    if textual and physical_type != "string":
        raise ContractError(label, f"property {column}: {min(textual)} needs a string")
    if "pattern" in options:
        rules.append(RowRule(f"{column}.matches", column, Matches(str(options["pattern"]))))
    if "minLength" in options or "maxLength" in options:
        length = LengthBetween(options.get("minLength"), options.get("maxLength"))
        rules.append(RowRule(f"{column}.length", column, length))
    if "minimum" in options or "maximum" in options:
        if physical_type not in {"int32", "int64", "double"}:
            raise ContractError(label, f"property {column}: minimum and maximum need a number")
        between = ValueBetween(options.get("minimum"), options.get("maximum"))
        rules.append(RowRule(f"{column}.between", column, between))
    return rules


def _quality_rule(entry: Any, column: str, label: str) -> RowRule:
    if not isinstance(entry, dict):
        raise ContractError(label, f"property {column}: a quality entry is not a mapping")
    kind = entry.get("type")
    if kind == "library" and entry.get("metric") == "invalidValues" and entry.get("mustBe") == 0:
        values = (entry.get("arguments") or {}).get("validValues")
        if isinstance(values, list) and values:
            return RowRule(f"{column}.one_of", column, OneOf(tuple(values)))
    if kind == "custom" and entry.get("engine") == "irw":
        rule = (entry.get("implementation") or {}).get("rule")
        if rule == "not_in_future":
            return RowRule(f"{column}.not_in_future", column, NotInFuture())
    raise ContractError(label, f"property {column}: a quality rule we cannot check")


def _relationship_rule(entry: Any, column: str, label: str) -> RowRule:
    target = str(entry.get("to", "")) if isinstance(entry, dict) else ""
    parts = target.split(".")
    if len(parts) != 3 or entry.get("type") != "foreignKey":  # noqa: PLR2004 - layer.table.column
        raise ContractError(
            label, f"property {column}: a relationship is not a foreignKey to layer.table.column"
        )
    key = ForeignKey(TableName(parts[0], parts[1]), parts[2])
    return RowRule(f"{column}.refers_to_{parts[0]}_{parts[1]}", column, key)


def table_rules(
    quality: Sequence[Any],
    primary_key: tuple[str, ...],
    unique: Sequence[tuple[str, ...]],
    label: str,
) -> tuple[TableRule, ...]:
    """Return the table rules: the keys' uniqueness and what the table's `quality` lists.

    Raises:
        ContractError: A rule is unknown, or its SQL is not one read-only SELECT.
    """
    rules = [_unique("primary_key_is_unique", primary_key)]
    rules.extend(_unique(f"{'_'.join(columns)}_is_unique", columns) for columns in unique)
    share = MAX_REFUSED_SHARE
    for entry in quality:
        if not isinstance(entry, dict):
            raise ContractError(label, "a quality entry of the table is not a mapping")
        limit = _refused_share(entry)
        if limit is not None:
            share = limit
        elif entry.get("type") == "library" and entry.get("metric") == "rowCount":
            rules.append(
                TableRule("row_count", "SELECT count(*) FROM {table}", *_bounds(entry, label))
            )
        elif entry.get("type") == "sql":
            rules.append(_sql_rule(entry, label))
        else:
            raise ContractError(label, "a quality rule of the table that we cannot check")
    rules.append(TableRule("refused_share", "", None, share))
    return tuple(rules)


def _refused_share(entry: Mapping[str, Any]) -> float | None:
    body = entry.get("implementation") or {}
    is_ours = entry.get("type") == "custom" and entry.get("engine") == "irw"
    return float(body["value"]) if is_ours and body.get("rule") == "max_refused_share" else None


def _unique(name: str, columns: tuple[str, ...]) -> TableRule:
    listed = ", ".join(f'"{column}"' for column in columns)
    query = (
        f"SELECT coalesce(sum(copies - 1), 0) FROM "
        f"(SELECT count(*) AS copies FROM {{table}} GROUP BY {listed})"
    )
    return TableRule(name, query, None, 0)


def _sql_rule(entry: Mapping[str, Any], label: str) -> TableRule:
    query = str(entry.get("query", "")).strip()
    name = str(entry.get("name", "sql_rule"))
    text = query.replace("{table}", "staged")
    try:
        statements = duckdb.extract_statements(text)
        is_select = [one.type for one in statements] == [duckdb.StatementType.SELECT]
        with duckdb.connect() as connection:
            reads = connection.get_table_names(text, qualified=True) if is_select else set()
    except duckdb.Error as error:
        raise ContractError(label, f"quality rule {name}: its query is not SQL") from error
    if not is_select:
        raise ContractError(label, f"quality rule {name}: its query is not a single SELECT")
    tables = {read.split(" AS ")[0] for read in reads}
    names = tuple(sorted(TableName.parse(one) for one in tables if "." in one))
    minimum, maximum = _bounds(entry, label)
    return TableRule(name, query, minimum, maximum, names)


def _bounds(entry: Mapping[str, Any], label: str) -> tuple[float | None, float | None]:
    if "mustBe" in entry:
        return entry["mustBe"], entry["mustBe"]
    if "mustBeBetween" in entry:
        low, high = entry["mustBeBetween"]
        return low, high
    minimum = maximum = None
    if "mustBeGreaterThan" in entry:
        minimum = entry["mustBeGreaterThan"] + 1
    if "mustBeGreaterOrEqualTo" in entry:
        minimum = entry["mustBeGreaterOrEqualTo"]
    if "mustBeLessThan" in entry:
        maximum = entry["mustBeLessThan"] - 1
    if "mustBeLessOrEqualTo" in entry:
        maximum = entry["mustBeLessOrEqualTo"]
    if minimum is None and maximum is None:
        raise ContractError(label, "a quality rule has no mustBe… bound")
    return minimum, maximum
