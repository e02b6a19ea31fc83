"""The macros of SQL files and the broker of Python are one function."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irw_pipeline.identity.broker import SEPARATOR, Broker, Key
from irw_pipeline.lake import macros

BROKER = Broker(Key(b"test" * 8))


def connect(broker: Broker | None = BROKER, zone: str = "UTC") -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    macros.install(connection, broker.hmac_pads() if broker else None, zone)
    return connection


CONNECTION = connect()


def value(sql: str, *parameters: object, over: duckdb.DuckDBPyConnection = CONNECTION) -> Any:
    row = over.execute(f"SELECT {sql}", [*parameters]).fetchone()
    assert row is not None
    return row[0]


@settings(max_examples=50, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=80)
    | st.sampled_from(["", "7", "Zoë Müller", "山田^太郎", f"a{SEPARATOR}b", "it's", "😀"])
)
def test_every_macro_equals_the_broker(original: str) -> None:
    """A row made by SQL must join a header that was mapped by Python."""
    assert value("omop_key('visit', ?)", original) == BROKER.omop_key("visit", original)
    assert value("irw_uid(?)", original) == BROKER.uid(original)
    assert value("accession_pseudonym(?)", original) == BROKER.accession(original)
    assert value("irw_token('device', ?)", original) == BROKER.token("device", original)


def test_the_parts_of_a_natural_key_are_joined_alike() -> None:
    assert value("sep()") == SEPARATOR
    expected = BROKER.omop_key("condition", f"a{SEPARATOR}b")
    assert value("omop_key('condition', ? || sep() || ?)", "a", "b") == expected


@pytest.mark.parametrize("secret", [b"s" * 16, b"s" * 64, b"s" * 65, bytes(range(200))])
def test_keys_of_any_length_are_padded_alike(secret: bytes) -> None:
    """RFC 2104: a key longer than a block is hashed first."""
    broker = Broker(Key(secret))
    with connect(broker) as connection:
        assert value("irw_uid('1.2.3')", over=connection) == broker.uid("1.2.3")


@pytest.mark.parametrize(
    "call",
    [
        "omop_key('visit', NULL)",
        "irw_uid(NULL)",
        "accession_pseudonym(NULL)",
        "irw_token('device', NULL)",
        "local_date(NULL)",
        "local_timestamp(NULL)",
    ],
)
def test_nothing_stays_nothing(call: str) -> None:
    """A pseudonym of NULL would join every row that has no value."""
    assert value(call) is None


def test_without_a_key_there_is_no_keyed_macro() -> None:
    """An analyst's session must not be able to make pseudonyms."""
    with connect(None) as connection:
        assert value("local_date('2020-01-02')", over=connection) == date(2020, 1, 2)
        with pytest.raises(duckdb.CatalogException):
            connection.execute("SELECT irw_uid('1.2')")


def test_the_key_is_in_no_macro_text() -> None:
    sql = "string_agg(macro_definition, ' ') FROM duckdb_functions() WHERE NOT internal"
    text = str(value(sql))
    assert "irw_inner" in text
    assert "test" not in text


@pytest.mark.parametrize(
    ("zone", "written", "day", "time"),
    [
        ("UTC", "2019-10-15", date(2019, 10, 15), "2019-10-15 00:00:00"),
        ("UTC", "2019-10-15T02:29:57Z", date(2019, 10, 15), "2019-10-15 02:29:57"),
        (
            "America/New_York",
            "2019-10-15T02:29:57Z",
            date(2019, 10, 14),
            "2019-10-14 22:29:57",
        ),
        (
            "Europe/Berlin",
            "2019-12-31T23:30:00Z",
            date(2020, 1, 1),
            "2020-01-01 00:30:00",
        ),
        (
            "Europe/Berlin",
            "2019-07-01T12:00:00+05:30",
            date(2019, 7, 1),
            "2019-07-01 08:30:00",
        ),
        (
            "America/New_York",
            "2019-10-15 02:29:57",
            date(2019, 10, 15),
            "2019-10-15 02:29:57",
        ),
        ("America/New_York", "2019-10-15", date(2019, 10, 15), "2019-10-15 00:00:00"),
        ("UTC", "2019-13-45", None, None),
        ("UTC", "soon", None, None),
        ("UTC", "soonZ", None, None),
        ("UTC", "", None, None),
    ],
)
def test_a_time_is_read_on_the_clock_of_the_site(
    zone: str, written: str, day: date | None, time: str | None
) -> None:
    """The date of an event is the date of the place where it happened, whatever zone wrote it."""
    with connect(zone=zone) as connection:
        assert value("local_date(?)", written, over=connection) == day
        assert value("CAST(local_timestamp(?) AS VARCHAR)", written, over=connection) == time
