from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pytest
from deltalake import write_deltalake

import irw_pipeline
from irw_pipeline.analyst.connection import connect
from irw_pipeline.errors import InputError, SettingsError
from irw_pipeline.ids import TableName
from irw_pipeline.lake.zones import Zones

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("IRW_LAKE", "IRW_ZONE_RESEARCH"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    root = tmp_path / "a lake"
    zones = Zones.under(root)
    for name in ("omop.person", "genomics.sample", "vault.person_map"):
        write_deltalake(zones.table_uri(TableName.parse(name)), pa.table({"person_id": [1, 2]}))
    (root / "research" / "objects" / "IRWA").mkdir(parents=True)
    (root / "research" / "omop" / "half_made" / "_delta_log").mkdir(parents=True)
    return root


def test_each_published_table_is_a_view_of_the_research_zone(lake: Path) -> None:
    with irw_pipeline.connect(lake) as con:
        assert con.execute("SELECT count(*) FROM omop.person").fetchone() == (2,)
        found = con.execute("SELECT table_schema, table_name FROM information_schema.tables")
        assert set(found.fetchall()) == {("omop", "person"), ("genomics", "sample")}
        schemas = con.execute("SELECT schema_name FROM information_schema.schemata").fetchall()
        assert {("omop",), ("imaging",), ("cohort",), ("genomics",)} <= set(schemas)
        assert con.execute("SELECT current_setting('TimeZone')").fetchone() == ("UTC",)


def test_a_view_shows_what_is_published_later(lake: Path) -> None:
    with irw_pipeline.connect(str(lake)) as con:
        uri = Zones.under(lake).table_uri(TableName("omop", "person"))
        write_deltalake(uri, pa.table({"person_id": [3]}), mode="append")
        assert con.execute("SELECT count(*) FROM omop.person").fetchone() == (3,)


def test_the_lake_cannot_be_written_through_it(lake: Path) -> None:
    with irw_pipeline.connect(lake) as con, pytest.raises(duckdb.Error):
        con.execute("INSERT INTO omop.person VALUES (4)")


def test_a_lake_of_the_environment_is_opened(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRW_LAKE", str(lake))
    with irw_pipeline.connect() as con:
        assert con.execute("SELECT count(*) FROM omop.person").fetchone() == (2,)


def test_where_nothing_is_published_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="irw demo"):
        irw_pipeline.connect(tmp_path / "nowhere")
    with pytest.raises(SettingsError, match="no lake is given"):
        irw_pipeline.connect()


def test_a_confined_connection_reads_the_research_zone_only(lake: Path) -> None:
    """`irw sql` may run under the pipeline's account, which opens the vault too."""
    vault = lake / "vault" / "vault" / "person_map"
    with connect(lake, is_confined=True) as con:
        assert con.execute("SELECT count(*) FROM omop.person").fetchone() == (2,)
        for query in (f"SELECT * FROM delta_scan('{vault}')", "SELECT * FROM read_text('/etc/*')"):
            with pytest.raises(duckdb.Error):
                con.execute(query).fetchall()
        with pytest.raises(duckdb.Error):
            con.execute("SET enable_external_access = true")
