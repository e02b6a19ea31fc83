from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from irw_pipeline.contracts.arrow import arrow_schema, conform
from irw_pipeline.contracts.model import Column, Contract
from irw_pipeline.ids import TableName

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY, TIME = date(2020, 1, 2), datetime(2020, 1, 2, 3, 4, tzinfo=UTC)


def contract(*physical_types: str) -> Contract:
    columns = tuple(
        Column(f"c{number}", physical, "public", "A column.", number == 0, partitioned=False)
        for number, physical in enumerate(physical_types)
    )
    return Contract(TableName("omop", "thing"), "1", "Things.", columns, ("c0",), (), ())


def test_each_physical_type_has_its_arrow_type() -> None:
    """These types are what Delta stores: a change is a new major version of every contract."""
    kinds = ("int64", "int32", "double", "string", "boolean", "date", "timestamp")
    schema = arrow_schema(contract(*kinds))
    assert [str(field.type) for field in schema] == [
        "int64",
        "int32",
        "double",
        "string",
        "bool",
        "date32[day]",
        "timestamp[us, tz=UTC]",
    ]
    assert [field.nullable for field in schema] == [False, *[True] * 6]


@pytest.mark.parametrize(
    ("values", "have", "want", "expected"),
    [
        ([1, None], pa.int16(), "int64", [1, None]),
        ([1], pa.int64(), "int32", [1]),
        ([Decimal("1.50")], pa.decimal128(10, 2), "double", [1.5]),
        ([3], pa.int32(), "double", [3.0]),
        (["é"], pa.large_string(), "string", ["é"]),
        (["é"], pa.string_view(), "string", ["é"]),
        ([TIME.replace(tzinfo=None)], pa.timestamp("ms"), "timestamp", [TIME]),
        ([TIME], pa.timestamp("ns", tz="Europe/Berlin"), "timestamp", [TIME]),
        ([None], pa.null(), "date", [None]),
        ([DAY], pa.date32(), "date", [DAY]),
    ],
)
def test_a_conversion_within_a_kind_keeps_the_value(
    values: Sequence[Any], have: pa.DataType, want: str, expected: Sequence[Any]
) -> None:
    fitted, misfits = conform(pa.table({"c0": pa.array(values, have)}), contract(want))
    assert misfits == []
    assert fitted is not None
    assert fitted.column("c0").to_pylist() == expected
    assert fitted.schema.field("c0").type == arrow_schema(contract(want)).field("c0").type


@pytest.mark.parametrize(
    ("values", "have", "want"),
    [
        (["1"], pa.string(), "int64"),
        ([1], pa.int64(), "string"),
        ([1.5], pa.float64(), "int64"),
        ([2**40], pa.int64(), "int32"),
        ([TIME], pa.timestamp("us", tz="UTC"), "date"),
        ([DAY], pa.date32(), "timestamp"),
        ([1], pa.int64(), "boolean"),
        ([b"x"], pa.binary(), "string"),
    ],
)
def test_a_value_of_another_kind_is_never_converted(
    values: Sequence[Any], have: pa.DataType, want: str
) -> None:
    """A silent conversion changes what a row says: '007' is not 7, a time is not a day."""
    assert conform(pa.table({"c0": pa.array(values, have)}), contract(want)) == (None, ["c0"])


def test_missing_and_extra_columns_are_all_named() -> None:
    rows = pa.table({"c0": [1], "extra": [1]})
    assert conform(rows, contract("int64", "string")) == (None, ["c1", "extra"])


def test_columns_come_in_the_order_of_the_contract() -> None:
    fitted, _ = conform(pa.table({"c1": ["a"], "c0": [1]}), contract("int64", "string"))
    assert fitted is not None
    assert fitted.column_names == ["c0", "c1"]
