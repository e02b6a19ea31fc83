"""The code location as the server loads it: complete, described, and what the contracts say."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from irw_pipeline.cohort.definition import load_definitions
from irw_pipeline.contracts.model import contract_names, load_contract
from irw_pipeline.definitions import defs
from irw_pipeline.ids import TableName
from irw_pipeline.omop.sql_file import sql_tables, table_sql
from irw_pipeline.omop.vocabulary import VOCABULARY_TABLES

if TYPE_CHECKING:
    from dagster import AssetSpec

WITHOUT_ASSET = {
    TableName("raw", "landing_drop"): "written while landing, before any run",
    TableName("quarantine", "row"): "written by the gate of every table",
    TableName("ops", "gate_verdict"): "written by the gate of every table",
}
LANDED = TableName("raw", "landing_object")
"""Has an external asset: it is written, and its gate stands, before any run."""
OF_BATCHES = {
    LANDED,
    TableName("raw", "dicom_instance"),
    TableName("imaging", "instance"),
    TableName("imaging", "action_log"),
    TableName("quarantine", "instance"),
    TableName("quarantine", "review"),
}
NOTE_INPUTS = {
    "raw.ehr_note",
    "raw.ehr_patient",
    "raw.ehr_imaging_study",
    "raw.mpi_entry",
    "raw.dicom_instance",
    "vault.person_map",
}
"""What a note is made from: its text, its person, and every name that the warehouse knows."""


@cache
def location() -> dg.Definitions:
    loaded = defs()
    assert isinstance(loaded, dg.Definitions)
    return loaded


@cache
def specs() -> dict[TableName, AssetSpec]:
    graph = location().resolve_asset_graph()
    return {
        TableName(*key.path): spec
        for spec in location().resolve_all_asset_specs()
        for key in [spec.key]
        if key in graph.get_all_asset_keys()
    }


TABLES = sorted(set(contract_names()) - WITHOUT_ASSET.keys())


def test_every_contract_has_an_asset_and_every_asset_a_contract() -> None:
    assert set(specs()) | WITHOUT_ASSET.keys() == set(contract_names())
    assert not set(specs()) & WITHOUT_ASSET.keys()


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_asset_says_what_its_contract_says(table: TableName) -> None:
    spec, contract = specs()[table], load_contract(table)
    assert spec.group_name == table.layer
    assert spec.description == contract.purpose
    assert spec.description
    assert spec.owners
    assert spec.kinds
    assert "deltalake" in spec.kinds
    schema = spec.metadata["dagster/column_schema"]
    assert [column.name for column in schema.columns] == [c.name for c in contract.columns]
    assert all(column.description for column in schema.columns)
    assert spec.metadata["dagster/table_name"] == str(table)


@pytest.mark.parametrize("table", sorted(set(TABLES) - {LANDED}), ids=str)
def test_asset_has_a_blocking_contract_check(table: TableName) -> None:
    graph = location().resolve_asset_graph()
    key = dg.AssetCheckKey(dg.AssetKey(table.key), "contract_holds")
    assert key in graph.asset_check_keys
    assert graph.get(key).blocking


def test_only_the_dicom_tables_are_partitioned() -> None:
    partitioned = {name for name, spec in specs().items() if spec.partitions_def is not None}
    assert partitioned == OF_BATCHES
    for name in partitioned:
        found = specs()[name].partitions_def
        assert isinstance(found, dg.DynamicPartitionsDefinition)
        assert found.name == "ingest_batch"


@pytest.mark.parametrize(
    "table", sorted(set(TABLES) - OF_BATCHES - set(VOCABULARY_TABLES)), ids=str
)
def test_unpartitioned_table_says_why(table: TableName) -> None:
    assert specs()[table].metadata["unpartitioned_because"]


@pytest.mark.parametrize("table", sql_tables(), ids=str)
def test_sql_asset_depends_on_what_its_file_reads(table: TableName) -> None:
    sql = table_sql(table)
    # a foreign key is read by the gate; a frame is made in Python
    by_gate = load_contract(table).foreign_tables
    framed = NOTE_INPUTS if sql.frames else set()
    depended = {str(TableName(*dep.asset_key.path)) for dep in specs()[table].deps}
    read = {str(name) for name in {*sql.reads, *by_gate} - {table}}
    assert depended == read | framed


def test_only_a_note_is_made_from_a_frame() -> None:
    framed = [str(table) for table in sql_tables() if table_sql(table).frames]
    assert framed == ["omop.note"]


def test_every_cohort_definition_is_an_asset() -> None:
    declared = {definition.table for definition in load_definitions().values()}
    assert declared == {name for name in specs() if name.layer == "cohort"}
    assert len(declared) == 6


def test_jobs_sensors_and_schedule_have_their_names() -> None:
    repository = location().get_repository_def()
    jobs = {job.name for job in repository.get_all_jobs() if not job.name.startswith("__")}
    assert jobs == {"load_ehr_job", "ingest_batch_job", "publish_job", "maintain_lake_job"}
    sensors = {sensor.name for sensor in repository.sensor_defs}
    assert sensors == {"landing_sensor", "ehr_sensor", "publish_sensor"}
    schedules = [schedule.name for schedule in repository.schedule_defs]
    assert schedules == ["maintain_lake_job_daily_schedule"]


def test_nothing_starts_by_itself() -> None:
    repository = location().get_repository_def()
    assert all(
        sensor.default_status is dg.DefaultSensorStatus.STOPPED for sensor in repository.sensor_defs
    )
    assert all(
        schedule.default_status is dg.DefaultScheduleStatus.STOPPED
        for schedule in repository.schedule_defs
    )


def test_every_asset_that_runs_is_in_one_job() -> None:
    repository = location().get_repository_def()
    covered = {
        TableName(*key.path)
        for name in ("load_ehr_job", "ingest_batch_job", "publish_job")
        for key in repository.get_job(name).asset_layer.executable_asset_keys
    }
    assert covered == set(specs()) - {LANDED}


def test_code_location_loads_with_no_environment() -> None:
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    code = (
        "from irw_pipeline.definitions import defs\n"
        "import dagster as dg\n"
        "dg.Definitions.validate_loadable(defs())\n"
        "print('loaded')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=kept, capture_output=True, text=True, check=False
    )
    assert done.stdout.endswith("loaded\n"), done.stderr[-500:]
    assert done.returncode == 0
