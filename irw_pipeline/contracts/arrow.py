"""A contract as an Arrow schema, and rows brought to it without changing a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from irw_pipeline.contracts.model import Contract

_TYPES: dict[str, pa.DataType] = {
    "int64": pa.int64(),
    "int32": pa.int32(),
    "double": pa.float64(),
    "string": pa.string(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}


def arrow_schema(contract: Contract) -> pa.Schema:
    """The schema that the lake writes with: the contract's columns, in order."""
    return pa.schema(
        [
            pa.field(column.name, _TYPES[column.physical_type], nullable=not column.required)
            for column in contract.columns
        ]
    )


def conform(rows: pa.Table, contract: Contract) -> tuple[pa.Table | None, list[str]]:
    """Return the rows in the contract's columns and types, or the columns that do not fit.

    Only conversions within one kind are made (integer widths, decimal to double, a naive time
    taken as UTC); a column of another kind does not fit. Nullability is left to the row rules.
    """
    schema = arrow_schema(contract)
    misfits = sorted(set(schema.names) ^ set(rows.column_names))
    columns: list[pa.ChunkedArray] = []
    for field in schema:
        if field.name not in rows.column_names:
            continue
        column = rows.column(field.name)
        if not _same_kind(column.type, field.type):
            misfits.append(field.name)
            continue
        try:
            columns.append(column.cast(field.type))
        except pa.ArrowInvalid:
            misfits.append(field.name)
    if misfits:
        return None, misfits
    nullable = pa.schema([pa.field(field.name, field.type) for field in schema])
    return pa.Table.from_arrays(columns, schema=nullable), []


def _same_kind(have: pa.DataType, want: pa.DataType) -> bool:
    if pa.types.is_null(have):
        return True
    if pa.types.is_integer(want):
        return bool(pa.types.is_integer(have))
    if pa.types.is_floating(want):
        return bool(
            pa.types.is_floating(have) or pa.types.is_decimal(have) or pa.types.is_integer(have)
        )
    if pa.types.is_string(want):
        return bool(pa.types.is_string(have) or pa.types.is_large_string(have) or _is_view(have))
    if pa.types.is_timestamp(want):
        return bool(pa.types.is_timestamp(have))
    return bool(have == want)


def _is_view(have: pa.DataType) -> bool:
    return bool(pa.types.is_string_view(have))
