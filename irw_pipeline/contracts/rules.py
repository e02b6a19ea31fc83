"""The rules of a contract: what one row must satisfy, and what the whole table must.

A row rule that fails sends its row to quarantine; a table rule that fails stops the publish. Each
rule gives its own DuckDB SQL, so that one pass counts them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from irw_pipeline.ids import ReasonCode, TableName

if TYPE_CHECKING:
    from datetime import date

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
