from __future__ import annotations

import json

import duckdb
import pytest

from irw_pipeline.analyst.query import run_query
from irw_pipeline.errors import InputError

SELECT = "SELECT 1 AS one, NULL AS none, DATE '2020-01-02' AS day, 'a,b' AS word"


def run(sql: str, output_format: str = "table") -> str:
    with duckdb.connect() as con:
        return run_query(con, sql, output_format)


def test_a_table_is_for_people() -> None:
    assert run(SELECT).splitlines() == [
        "one  none  day         word",
        "---  ----  ----------  ----",
        "1          2020-01-02  a,b",
        "(1 row)",
    ]
    assert run("SELECT 1 AS one WHERE FALSE").splitlines()[-1] == "(0 rows)"


def test_csv_and_json_are_for_programs() -> None:
    assert run(SELECT, "csv") == 'one,none,day,word\n1,,2020-01-02,"a,b"\n'
    assert json.loads(run(SELECT, "json")) == [
        {"one": 1, "none": None, "day": "2020-01-02", "word": "a,b"}
    ]


@pytest.mark.parametrize(
    "sql", ["SHOW TABLES", "DESCRIBE SELECT 1", "EXPLAIN SELECT 1", "FROM range(2)"]
)
def test_whatever_reads_may_run(sql: str) -> None:
    assert run(sql).endswith("\n")


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 1) TO 'x.csv'",
        "ATTACH ':memory:' AS b",
        "SELECT 1; SELECT 2",
        "",
        "SET threads=1",
    ],
)
def test_whatever_does_not_is_refused(sql: str) -> None:
    with pytest.raises(InputError, match="not a single SELECT"):
        run(sql)


@pytest.mark.parametrize("sql", ["SELEC 1", "SELECT * FROM omop.persn", "SELECT 1/'a'"])
def test_an_error_of_duckdb_is_one_line(sql: str) -> None:
    with pytest.raises(InputError, match="the query did not run") as caught:
        run(sql)
    assert len(str(caught.value).splitlines()) == 1


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(InputError, match="table, csv, json"):
        run("SELECT 1", "xml")
