"""What the sensors ask for over a real lake; a tick that repeats asks for nothing."""

from __future__ import annotations

import os
import time
from datetime import date
from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest

from irw_pipeline.definitions import defs
from irw_pipeline.errors import InboxUnavailableError
from irw_pipeline.lake.objects import ObjectStore
from irw_pipeline.settings import Settings
from irw_pipeline.steps.land_drop import current_drop
from irw_pipeline.steps.warehouse import LANDING_OBJECT, Warehouse, open_warehouse
from irw_pipeline_tests.factories.dicom import ct_image, to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Great Expectations imports sre_constants, which Python 3.11 deprecates
pytestmark = pytest.mark.filterwarnings("ignore:module 'sre_:DeprecationWarning")
LONG_AGO = 3600.0


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    settings = Settings(lake=str(tmp_path / "lake"), batch_objects=2)
    return open_warehouse(settings, as_of=date(2026, 1, 1), may_make_key=True)


def put(warehouse: Warehouse, path: str, content: bytes, *, age: float = LONG_AGO) -> None:
    """Put an object into the landing zone as if it had come some seconds ago."""
    store = warehouse.lake.objects("landing")
    store.put(path, content)
    file = store.local(path)
    assert file is not None
    then = time.time() - age
    os.utime(file, (then, then))


@pytest.fixture(autouse=True)
def instance() -> Iterator[dg.DagsterInstance]:
    """One instance for all ticks of a test, as the daemon has."""
    with dg.DagsterInstance.ephemeral() as opened:
        INSTANCES.append(opened)
        yield opened
        INSTANCES.remove(opened)


INSTANCES: list[dg.DagsterInstance] = []


def tick(sensor: str, warehouse: Warehouse, *, is_cut_off: bool = False) -> Any:
    """Evaluate a sensor and save what it asks for, unless the daemon dies before it can."""
    (instance,) = INSTANCES
    context = dg.build_sensor_context(instance=instance, resources={"warehouse": warehouse})
    result = defs().get_repository_def().get_sensor_def(sensor)(context)
    if isinstance(result, dg.SensorResult) and not is_cut_off:
        for request in result.dynamic_partitions_requests or []:
            instance.add_dynamic_partitions(
                request.partitions_def_name, list(request.partition_keys)
            )
    return result


def asked(result: Any) -> list[dg.RunRequest]:
    assert isinstance(result, dg.SensorResult)
    return list(result.run_requests or [])


def test_new_object_asks_for_one_run_of_its_batch(warehouse: Warehouse) -> None:
    put(warehouse, "dicom/received/one", to_bytes(ct_image()))
    result = tick("landing_sensor", warehouse)
    (request,) = asked(result)
    assert request.partition_key is not None
    assert request.run_key == request.partition_key
    (added,) = result.dynamic_partitions_requests
    assert added.partition_keys == [request.partition_key]
    (row,) = warehouse.read(LANDING_OBJECT).to_pylist()
    assert row["ingest_batch"] == request.partition_key


def test_second_tick_asks_for_nothing(warehouse: Warehouse) -> None:
    put(warehouse, "dicom/received/one", b"one")
    assert asked(tick("landing_sensor", warehouse))
    assert isinstance(tick("landing_sensor", warehouse), dg.SkipReason)


def test_tick_that_was_cut_off_is_made_up_for(warehouse: Warehouse) -> None:
    """Objects are registered before the tick is saved; a batch that nobody asked for is no loss."""
    put(warehouse, "dicom/received/one", b"one")
    first = asked(tick("landing_sensor", warehouse, is_cut_off=True))
    second = asked(tick("landing_sensor", warehouse))
    assert [r.partition_key for r in first] == [r.partition_key for r in second]


def test_object_still_under_way_is_left_for_later(warehouse: Warehouse) -> None:
    put(warehouse, "dicom/received/one", b"one", age=0)
    assert isinstance(tick("landing_sensor", warehouse), dg.SkipReason)
    put(warehouse, "dicom/received/one", b"one")
    assert len(asked(tick("landing_sensor", warehouse))) == 1


def test_many_objects_come_in_bounded_batches_with_a_run_each(warehouse: Warehouse) -> None:
    for number in range(5):
        put(warehouse, f"dicom/received/{number}", str(number).encode())
    keys = [request.partition_key for request in asked(tick("landing_sensor", warehouse))]
    assert len(keys) == len(set(keys)) == 3
    put(warehouse, "dicom/received/later", b"later")
    (later,) = asked(tick("landing_sensor", warehouse))
    assert later.partition_key not in keys


def test_empty_landing_zone_is_no_reason_to_run(warehouse: Warehouse) -> None:
    assert isinstance(tick("landing_sensor", warehouse), dg.SkipReason)
    assert isinstance(tick("ehr_sensor", warehouse), dg.SkipReason)


@pytest.mark.parametrize("sensor", ["landing_sensor", "ehr_sensor"])
def test_unreadable_landing_zone_is_not_an_empty_one(
    monkeypatch: pytest.MonkeyPatch, warehouse: Warehouse, sensor: str
) -> None:
    def fail(_store: ObjectStore, _prefix: str) -> None:
        raise InboxUnavailableError("the zone could not be listed (PermissionError); run again")

    put(warehouse, "dicom/received/one", b"one")
    monkeypatch.setattr(ObjectStore, "list", fail)
    skipped = tick(sensor, warehouse)
    assert isinstance(skipped, dg.SkipReason)
    assert "could not be listed" in str(skipped.skip_message)


def test_new_extract_asks_for_one_load_and_becomes_the_current_drop(warehouse: Warehouse) -> None:
    put(warehouse, "ehr/monday/patients.csv", b"Id\n")
    put(warehouse, "ehr/monday/encounters.csv", b"Id\n")
    (request,) = asked(tick("ehr_sensor", warehouse))
    drop = current_drop(warehouse, "ehr")
    assert drop is not None
    assert (drop.location, drop.drop_id) == ("ehr/monday", request.run_key)
    assert isinstance(tick("ehr_sensor", warehouse), dg.SkipReason)


def test_extract_with_one_file_still_under_way_is_left_whole(warehouse: Warehouse) -> None:
    put(warehouse, "ehr/monday/patients.csv", b"Id\n")
    put(warehouse, "ehr/monday/encounters.csv", b"Id\n", age=0)
    assert isinstance(tick("ehr_sensor", warehouse), dg.SkipReason)
    assert current_drop(warehouse, "ehr") is None


def test_next_extract_follows_the_first(warehouse: Warehouse) -> None:
    put(warehouse, "ehr/monday/patients.csv", b"Id\n")
    first = asked(tick("ehr_sensor", warehouse))[0].run_key
    put(warehouse, "ehr/tuesday/patients.csv", b"Id\np1\n")
    second = asked(tick("ehr_sensor", warehouse))[0].run_key
    assert first != second
    drop = current_drop(warehouse, "ehr")
    assert drop is not None
    assert drop.location == "ehr/tuesday"
