"""Delta tables, objects, zones and sessions over a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pytest

from irw_pipeline.errors import (
    InboxUnavailableError,
    LakeUnavailableError,
    PermanentError,
    SettingsError,
)
from irw_pipeline.ids import TableName
from irw_pipeline.lake.session import Session
from irw_pipeline.lake.tables import Lake, partition_predicate
from irw_pipeline.lake.zones import Zones, as_uri, local_path

if TYPE_CHECKING:
    from pathlib import Path

TABLE = TableName("imaging", "thing")
CANARY = "DOE-CANARY"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(Zones.under(tmp_path / "a lake"))


def rows(*pairs: tuple[str, int]) -> pa.Table:
    parts, values = zip(*pairs, strict=True) if pairs else ((), ())
    return pa.table({"part": pa.array(parts, pa.string()), "n": pa.array(values, pa.int64())})


def held(lake: Lake, table: TableName = TABLE) -> list[tuple[str, int]]:
    with Session(lake) as session:
        session.mount(table, rows().schema)
        found = session.query(f"SELECT * FROM {table} ORDER BY ALL").to_pylist()
    return [(row["part"], row["n"]) for row in found]


def test_a_table_that_was_never_published_is_empty_and_has_no_version(lake: Lake) -> None:
    assert lake.version(TABLE) is None
    assert held(lake) == []


def test_a_partition_is_replaced_alone_and_the_table_whole(lake: Lake) -> None:
    first = lake.replace(TABLE, rows(("a", 1), ("b", 2)), partition_by=["part"])
    second = lake.replace(TABLE, rows(("a", 3)), partition={"part": "a"})
    assert (first.version, second.version) == (0, 1)
    assert held(lake) == [("a", 3), ("b", 2)]
    lake.replace(TABLE, rows(), partition={"part": "b"})
    assert held(lake) == [("a", 3)]
    lake.replace(TABLE, rows(("c", 4)), partition_by=["part"])
    assert held(lake) == [("c", 4)]


def test_rows_of_another_partition_are_never_written(lake: Lake) -> None:
    """delta-rs quotes the row in its message; ours names the table and the kind only."""
    lake.replace(TABLE, rows(("a", 1)), partition_by=["part"])
    with pytest.raises(LakeUnavailableError) as raised:
        lake.replace(TABLE, rows((CANARY, 3)), partition={"part": "a"})
    assert CANARY not in f"{raised.value} {raised.value!r}"
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
    assert held(lake) == [("a", 1)]


@pytest.mark.parametrize("value", ["x'", "a b", "a;b", "a\n", "é"])
def test_a_partition_key_is_a_plain_word(value: str) -> None:
    """The predicate is SQL text."""
    with pytest.raises(PermanentError) as raised:
        partition_predicate({"part": value})
    assert value not in str(raised.value)
    assert partition_predicate({"part": "b0-1_A.x"}) == "part = 'b0-1_A.x'"


def test_a_session_stays_at_the_version_that_it_mounted(lake: Lake) -> None:
    """All counts of one gate must be of the same rows, whoever writes meanwhile."""
    lake.replace(TABLE, rows(("a", 1)))
    with Session(lake) as session:
        assert session.mount(TABLE, rows().schema) == 0
        lake.replace(TABLE, rows(("a", 2)))
        assert session.mount(TABLE, rows().schema) == 0
        assert session.scalar(f"SELECT n FROM {TABLE}") == 1
        assert session.versions == {TABLE: 0}
    assert held(lake) == [("a", 2)]


def test_a_session_makes_no_pseudonym_without_the_key(lake: Lake) -> None:
    with Session(lake) as session, pytest.raises(duckdb.CatalogException):
        session.query("SELECT irw_uid('1.2')")


def test_a_damaged_table_is_an_error_and_not_an_empty_one(lake: Lake) -> None:
    """Read as empty, it would make every patient unknown."""
    lake.replace(TABLE, rows(("a", 1)))
    folder = local_path(lake.uri(TABLE))
    assert folder is not None
    for log in (folder / "_delta_log").glob("*.json"):
        log.write_text("{")
    with pytest.raises(LakeUnavailableError, match=r"imaging\.thing"):
        held(lake)


def test_objects_are_put_listed_read_and_deleted(lake: Lake, tmp_path: Path) -> None:
    store = lake.objects("landing")
    for name in ("dicom/b", "dicom/a", "ehr/x"):
        store.put(name, name.encode())
    assert [info.path for info in store.list("dicom")] == ["dicom/a", "dicom/b"]
    assert store.get("dicom/a") == b"dicom/a"
    assert store.get("dicom/z") is None
    assert store.exists("ehr/x")
    store.delete(["ehr/x", "never there"])
    assert not store.exists("ehr/x")
    (tmp_path / "staged").write_bytes(b"staged")
    store.take("deep/er/file", tmp_path / "staged")
    assert store.get("deep/er/file") == b"staged"
    assert not (tmp_path / "staged").exists()


def test_an_object_that_is_overwritten_has_another_tag(lake: Lake) -> None:
    store = lake.objects("landing")
    store.put("a", b"one")
    [before] = store.list("")
    store.put("a", b"other")
    [after] = store.list("")
    assert before.etag != after.etag
    assert (before.size_bytes, after.size_bytes) == (3, 5)


S3 = {
    "aws_endpoint": "http://127.0.0.1:9",
    "aws_access_key_id": "x",
    "aws_secret_access_key": CANARY,
    "aws_region": "us-east-1",
}


def test_an_inbox_that_cannot_be_listed_is_not_an_empty_one(tmp_path: Path) -> None:
    """Without leave to use plain HTTP the store refuses at once, before any network."""
    zones = Zones.under(tmp_path, {"landing": "s3://nowhere"}, S3)
    store = Lake(zones).objects("landing")
    with pytest.raises(InboxUnavailableError) as raised:
        list(store.list("dicom"))
    assert CANARY not in f"{raised.value} {zones!r}"
    with pytest.raises(LakeUnavailableError) as unread:
        store.get("dicom/a")
    assert unread.value.__context__ is None


def test_a_store_of_ones_own_opens_with_the_options_of_the_settings(tmp_path: Path) -> None:
    """Every setting of `Settings.storage_options` must be one that both libraries take."""
    options = {**S3, "aws_allow_http": "true"}
    zones = Zones.under(tmp_path, {"landing": "s3://nowhere"}, options)
    Lake(zones).objects("landing")


def test_each_layer_lies_in_its_zone(tmp_path: Path) -> None:
    """Access is granted by zone: a table in the wrong one is open to the wrong people."""
    zones = Zones.under(tmp_path, {"vault": "s3://vault/below/"})
    root = tmp_path.as_uri()
    places = {
        "raw.ehr_patient": f"{root}/restricted/raw/ehr_patient",
        "ops.gate_verdict": f"{root}/restricted/ops/gate_verdict",
        "vault.person_map": "s3://vault/below/vault/person_map",
        "quarantine.row": f"{root}/quarantine/quarantine/row",
        "imaging.instance": f"{root}/research/imaging/instance",
        "omop.person": f"{root}/research/omop/person",
        "cohort.genomics": f"{root}/research/cohort/genomics",
        "genomics.sample": f"{root}/research/genomics/sample",
    }
    assert {name: zones.table_uri(TableName.parse(name)) for name in places} == places


@pytest.mark.parametrize("uri", ["http://host/lake", "abfs://lake", "ftp://lake"])
def test_a_scheme_that_we_do_not_serve_is_refused(uri: str) -> None:
    with pytest.raises(SettingsError, match="s3://"):
        as_uri(uri)


def test_a_path_with_spaces_survives_its_uri(tmp_path: Path) -> None:
    assert local_path(as_uri(tmp_path / "é a lake")) == tmp_path / "é a lake"
    assert local_path("s3://bucket") is None
