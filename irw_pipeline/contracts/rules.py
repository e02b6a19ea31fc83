"""The rules of a contract: what one row must satisfy, and what the whole table must.

A row rule that fails sends its row to quarantine; a table rule that fails stops the publish. Each
rule gives its own DuckDB SQL, so that one pass counts them all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from irw_pipeline.errors import ContractError
from irw_pipeline.ids import ReasonCode, TableName

MAX_REFUSED_SHARE = 0.5
"""Above this share of refused rows nothing is published: the rule or the input is broken."""


@dataclass(frozen=True)
class NotNull:
    """The column is given."""

    reason = ReasonCode.REQUIRED_MISSING

    def broken_sql(self, column: str, _as_of: date) -> str:
        """SQL that is true for a row that breaks the rule."""
        return f'"{column}" IS NULL'


@dataclass(frozen=True)
class Matches:
    """The text matches a regular expression (RE2 and Python agree on what we use)."""

    pattern: str
    reason = ReasonCode.PATTERN_MISMATCH

    def broken_sql(self, column: str, _as_of: date) -> str:
        """SQL that is true for a row that breaks the rule."""
        return f'NOT regexp_matches("{column}", {_literal(self.pattern)})'


@dataclass(frozen=True)
class LengthBetween:
    """The text's length in characters lies within bounds, both inclusive."""

    minimum: int | None
    maximum: int | None
    reason = ReasonCode.LENGTH_OUT_OF_BOUNDS

    def broken_sql(self, column: str, _as_of: date) -> str:
        """SQL that is true for a row that breaks the rule."""
        return _outside(f'length("{column}")', self.minimum, self.maximum)


@dataclass(frozen=True)
class ValueBetween:
    """The number lies within bounds, both inclusive."""

    minimum: float | None
    maximum: float | None
    reason = ReasonCode.VALUE_OUT_OF_RANGE

    def broken_sql(self, column: str, _as_of: date) -> str:
        """SQL that is true for a row that breaks the rule."""
        return _outside(f'"{column}"', self.minimum, self.maximum)


@dataclass(frozen=True)
class OneOf:
    """The value is one of a list."""

    values: tuple[str | int, ...]
    reason = ReasonCode.VALUE_NOT_ALLOWED

    def broken_sql(self, column: str, _as_of: date) -> str:
        """SQL that is true for a row that breaks the rule."""
        return f'"{column}" NOT IN ({", ".join(_literal(value) for value in self.values)})'


@dataclass(frozen=True)
class NotInFuture:
    """The date is not after the day of the run; text is read as an ISO date."""

    reason = ReasonCode.FUTURE_DATE

    def broken_sql(self, column: str, as_of: date) -> str:
        """SQL that is true for a row that breaks the rule."""
        day = f'try_cast(left(CAST("{column}" AS VARCHAR), 10) AS DATE)'
        return f"{day} > DATE '{as_of.isoformat()}'"


@dataclass(frozen=True)
class ForeignKey:
    """The value, where given, is a key of another published table."""

    table: TableName
    column: str
    reason = ReasonCode.ORPHAN_REFERENCE

    def broken_sql(self, column: str, _as_of: date) -> str:
        """SQL that is true for a row that breaks the rule."""
        return (
            f'"{column}" IS NOT NULL AND "{column}" NOT IN '
            f'(SELECT "{self.column}" FROM {self.table} WHERE "{self.column}" IS NOT NULL)'
        )


Test = NotNull | Matches | LengthBetween | ValueBetween | OneOf | NotInFuture | ForeignKey


@dataclass(frozen=True)
class RowRule:
    """One test on one column of every row; `name` is stable and holds no value."""

    name: str
    column: str
    test: Test

    @property
    def reason(self) -> ReasonCode:
        """The reason code of a row that this rule sends to quarantine."""
        return self.test.reason

    def broken_sql(self, as_of: date) -> str:
        """SQL that is true (never NULL) for a row that breaks the rule."""
        return f"coalesce({self.test.broken_sql(self.column, as_of)}, false)"


@dataclass(frozen=True)
class TableRule:
    """One scalar query over `{table}` whose result must lie within bounds, both inclusive."""

    name: str
    query: str
    minimum: float | None
    maximum: float | None
    reads: tuple[TableName, ...] = ()

    def holds(self, observed: float | None) -> bool:
        """Whether the query's result satisfies the rule; a missing result never does."""
        if observed is None:
            return False
        above = self.minimum is None or observed >= self.minimum
        return above and (self.maximum is None or observed <= self.maximum)


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
    for entry in raw.get("quality") or []:
        rules.append(_quality_rule(entry, column, label))
    for entry in raw.get("relationships") or []:
        rules.append(_relationship_rule(entry, column, label))
    return rules


def _option_rules(
    options: Mapping[str, Any], column: str, physical_type: str, label: str
) -> list[RowRule]:
    unknown = set(options) - {"pattern", "minLength", "maxLength", "minimum", "maximum"}
    if unknown:
        raise ContractError(label, f"property {column}: option {sorted(unknown)[0]} is unknown")
    rules: list[RowRule] = []
    textual = {"pattern", "minLength", "maxLength"} & set(options)
    if textual and physical_type != "string":
        raise ContractError(label, f"property {column}: {sorted(textual)[0]} needs a string")
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
    if not isinstance(entry, Mapping):
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
    target = str(entry.get("to", "")) if isinstance(entry, Mapping) else ""
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
        if not isinstance(entry, Mapping):
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
    if entry.get("type") == "custom" and entry.get("engine") == "irw":
        if body.get("rule") == "max_refused_share":
            return float(body["value"])
    return None


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
    try:
        statements = duckdb.extract_statements(query.replace("{table}", "staged"))
    except duckdb.Error as error:
        raise ContractError(label, f"quality rule {name}: its query is not SQL") from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise ContractError(label, f"quality rule {name}: its query is not a single SELECT")
    with duckdb.connect() as connection:
        reads = connection.get_table_names(query.replace("{table}", "staged"), qualified=True)
    tables = {text.split(" AS ")[0] for text in reads}
    names = tuple(sorted(TableName.parse(text) for text in tables if "." in text))
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


def _outside(expression: str, minimum: float | None, maximum: float | None) -> str:
    sides = []
    if minimum is not None:
        sides.append(f"{expression} < {float(minimum)!r}")
    if maximum is not None:
        sides.append(f"{expression} > {float(maximum)!r}")
    return " OR ".join(sides)


def _literal(value: str | float) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(value)
