"""What every source format offers: the one interface that steps know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from irw_pipeline.contracts.model import Column
    from irw_pipeline.ids import TableName


@dataclass(frozen=True)
class SourceTable:
    """One table as received: the contract's columns, all text, plus what was left behind.

    `ignored_columns` are names found in the file and unknown to the contract. Report their count
    only: in a file without a header line they are values.
    """

    table: TableName
    frame: pl.DataFrame
    ignored_columns: tuple[str, ...] = ()


class Source(Protocol):
    """An EHR drop in one format, opened and found complete."""

    @property
    def format_name(self) -> str:
        """The format's name as people say it."""

    @property
    def tables(self) -> tuple[TableName, ...]:
        """Every table that this format can fill, in the order to load them: parents first."""

    def read(self, table: TableName, columns: Sequence[Column]) -> SourceTable:
        """Return one table, empty when the drop does not have it.

        Raises:
            InputError: A file cannot be read or lacks a required column.
        """
