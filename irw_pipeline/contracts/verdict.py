"""What a gate found: counts and names of rules, never a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from irw_pipeline.ids import TableName


@dataclass(frozen=True)
class CheckOutcome:
    """One rule's outcome over the staged rows.

    `is_blocking` says whether a failure stops the publish; a row rule that fails only sends its
    rows to quarantine.
    """

    name: str
    passed: bool
    is_blocking: bool
    unexpected_count: int | None = None


@dataclass(frozen=True)
class Verdict:
    """The gate's answer for one table (or partition) of staged rows."""

    table: TableName
    rows_staged: int
    rows_kept: int
    outcomes: tuple[CheckOutcome, ...]

    @property
    def passed(self) -> bool:
        """Whether the kept rows may be published."""
        return not self.broken

    @property
    def broken(self) -> tuple[str, ...]:
        """The names of the blocking rules that failed."""
        return tuple(o.name for o in self.outcomes if o.is_blocking and not o.passed)

    @property
    def quarantined_by_rule(self) -> dict[str, int]:
        """Rows refused by each row rule that refused any."""
        return {
            o.name: o.unexpected_count or 0
            for o in self.outcomes
            if not o.is_blocking and not o.passed
        }
