"""The key belongs to its lake: no run goes on under another one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from irw_pipeline.errors import SettingsError
from irw_pipeline.identity.broker import Broker, Key
from irw_pipeline.settings import write_new_secret
from irw_pipeline.steps.map_persons import map_persons
from irw_pipeline.steps.warehouse import folder_broker, open_warehouse, require_same_key
from irw_pipeline_tests.conftest import AS_OF
from irw_pipeline_tests.steps.hospital import PATIENT, patient, publish, read, versions

if TYPE_CHECKING:
    from pathlib import Path

    from irw_pipeline.steps.warehouse import Warehouse


def test_the_first_run_makes_the_key_and_the_second_finds_it(warehouse: Warehouse) -> None:
    settings = warehouse.settings
    with pytest.raises(SettingsError, match="no identity key"):
        open_warehouse(settings, as_of=AS_OF)
    made = open_warehouse(settings, as_of=AS_OF, may_make_key=True)
    assert open_warehouse(settings, as_of=AS_OF).broker.key_id == made.broker.key_id


def test_no_second_key_is_made_for_a_lake_that_holds_persons(warehouse: Warehouse) -> None:
    """A lost key file must stop the run: a new key would double every person."""
    publish(warehouse, PATIENT, patient())
    map_persons(warehouse)
    with pytest.raises(SettingsError, match="restore the key"):
        open_warehouse(warehouse.settings, as_of=AS_OF, may_make_key=True)
    assert not warehouse.settings.key_path.exists()


def test_a_lake_of_another_key_is_refused(warehouse: Warehouse) -> None:
    require_same_key(warehouse)
    publish(warehouse, PATIENT, patient())
    map_persons(warehouse)
    require_same_key(warehouse)
    with pytest.raises(SettingsError, match="another identity key"):
        require_same_key(replace(warehouse, broker=Broker(Key(b"another key of a lake"))))


def test_persons_are_the_same_on_every_run(warehouse: Warehouse) -> None:
    publish(warehouse, PATIENT, patient("a"), patient("b"))
    first = map_persons(warehouse)
    held = read(warehouse, "vault.person_map")
    assert {row["ehr_patient_id"] for row in held} == {"a", "b"}
    assert {row["key_id"] for row in held} == {warehouse.broker.key_id}
    assert not map_persons(warehouse).is_changed
    publish(warehouse, PATIENT, patient("a"), patient("b"), patient("c"))
    assert map_persons(warehouse).rows == 3
    assert first.rows == 2
    again = {row["person_key"]: row for row in read(warehouse, "vault.person_map")}
    assert all(again[row["person_key"]] == row for row in held)
    assert versions(warehouse, "vault.person_map") == [1]


def test_a_folder_keeps_the_key_beside_its_mapping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("IRW_KEY_FILE", raising=False)
    mapping = tmp_path / "map.csv"
    first = folder_broker(None, beside=mapping)
    assert folder_broker(None, beside=mapping).key_id == first.key_id
    named = tmp_path / "named.key"
    with pytest.raises(SettingsError, match="does not exist"):
        folder_broker(named, beside=mapping)
    secret = write_new_secret(named)
    assert folder_broker(named, beside=mapping).key_id == Key(secret).key_id
    monkeypatch.setenv("IRW_KEY_FILE", str(named))
    assert folder_broker(None, beside=mapping).key_id == Key(secret).key_id
