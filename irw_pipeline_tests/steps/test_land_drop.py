"""Drops come to the landing zone: nothing is lost, copied twice, or named after a patient."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irw_pipeline.errors import InputError
from irw_pipeline.lake.objects import ObjectInfo
from irw_pipeline.steps.land_drop import (
    batches_of,
    current_drop,
    land_dicom,
    land_tables,
    landing_store,
    local_copy,
    register_objects,
    unregistered,
)
from irw_pipeline.steps.watch_landing import (
    content_tagged,
    new_ehr_drop,
    new_objects,
    settled,
    take_ehr_drop,
)
from irw_pipeline_tests.steps.hospital import CANARY, read, versions

if TYPE_CHECKING:
    from pathlib import Path

    from irw_pipeline.steps.warehouse import Warehouse

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    source = tmp_path / CANARY
    (source / "deep").mkdir(parents=True)
    (source / f"{CANARY}.dcm").write_bytes(b"one")
    (source / "deep" / "b").write_bytes(b"two")
    (source / "deep" / "copy of b").write_bytes(b"two")
    return source


def landed_files(warehouse: Warehouse) -> dict[str, int]:
    """Each landed file and when it was written."""
    found = warehouse.lake.objects("landing").list("dicom")
    store = warehouse.lake.objects("landing")
    times = {info.path: store.local(info.path) for info in found}
    return {path: file.stat().st_mtime_ns for path, file in times.items() if file is not None}


def test_a_file_lands_under_its_content_and_never_under_its_name(
    warehouse: Warehouse, drop: Path
) -> None:
    """File names of an archive hold patient names; a file that comes twice is received twice."""
    landed = land_dicom(warehouse, drop)
    assert len({info.path for info in landed}) == 3
    assert len({info.etag for info in landed}) == 2
    assert all(re.fullmatch(r"dicom/(..)/\1[0-9a-f]{62}-[0-9a-f]{16}", i.path) for i in landed)
    assert [info.size_bytes for info in landed] == [3, 3, 3]


def test_the_same_drop_again_copies_nothing(warehouse: Warehouse, drop: Path) -> None:
    landed = land_dicom(warehouse, drop)
    before = landed_files(warehouse)
    assert land_dicom(warehouse, drop) == landed
    assert landed_files(warehouse) == before


def test_one_file_is_a_drop_and_progress_is_reported(warehouse: Warehouse, drop: Path) -> None:
    seen: list[tuple[int, int]] = []
    land_dicom(warehouse, drop, lambda done, of: seen.append((done, of)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert len(land_dicom(warehouse, drop / "deep" / "b")) == 1


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_drop_that_is_missing_or_empty_is_an_error(
    warehouse: Warehouse, tmp_path: Path, name: str
) -> None:
    """An empty drop is a mistyped path more often than a day without patients."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=name):
        land_dicom(warehouse, tmp_path / name)
    with pytest.raises(InputError, match=name):
        land_tables(warehouse, "ehr", tmp_path / name)


INFOS = st.lists(
    st.builds(ObjectInfo, st.text("abc", min_size=1), st.just(1), st.text("01", min_size=1)),
    unique=True,
)


@given(INFOS, st.integers(1, 7), st.randoms())
def test_batches_are_bounded_complete_and_named_by_their_content(
    objects: list[ObjectInfo], size: int, random: object
) -> None:
    """A re-run in another order must find the batches that are there."""
    batches = list(batches_of(objects, size))
    assert [info for _, members in batches for info in members] == sorted(objects)
    assert all(len(members) == size for _, members in batches[:-1])
    assert len({name for name, _ in batches}) == len(batches)
    assert all(re.fullmatch("b[0-9a-f]{16}", name) for name, _ in batches)
    shuffled = list(objects)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a Random
    assert list(batches_of(shuffled, size)) == batches


def test_objects_are_registered_once(warehouse: Warehouse, drop: Path) -> None:
    landed = land_dicom(warehouse, drop)
    assert unregistered(warehouse, landed) == landed
    [batch] = register_objects(warehouse, landed)
    before = versions(warehouse, "raw.landing_object")
    assert register_objects(warehouse, landed) == [batch]
    assert versions(warehouse, "raw.landing_object") == before
    assert unregistered(warehouse, landed) == []
    held = read(warehouse, "raw.landing_object")
    assert {row["object_path"] for row in held} == {info.path for info in landed}
    assert len({row["object_ref"] for row in held}) == 3


def test_new_objects_make_new_batches_and_old_ones_stay(warehouse: Warehouse, drop: Path) -> None:
    [first] = register_objects(warehouse, land_dicom(warehouse, drop))
    (drop / "new").write_bytes(b"three")
    both = register_objects(warehouse, land_dicom(warehouse, drop))
    assert len(both) == 2
    assert first in both
    assert len(read(warehouse, "raw.landing_object")) == 4


def test_the_newest_drop_of_a_kind_is_current(warehouse: Warehouse, tmp_path: Path) -> None:
    """Landing an older extract again makes it the current one again."""
    folders = [tmp_path / "monday", tmp_path / "tuesday"]
    for number, folder in enumerate(folders):
        folder.mkdir()
        (folder / "patients.csv").write_text(str(number))
    assert current_drop(warehouse, "ehr") is None
    monday, tuesday = (land_tables(warehouse, "ehr", folder) for folder in folders)
    assert current_drop(warehouse, "ehr") == tuesday
    assert current_drop(warehouse, "mpi") is None
    with local_copy(warehouse, tuesday) as folder:
        assert (folder / "patients.csv").read_text() == "1"
    before = versions(warehouse, "raw.landing_drop")
    assert land_tables(warehouse, "ehr", folders[1]) == tuesday
    assert versions(warehouse, "raw.landing_drop") == before
    assert land_tables(warehouse, "ehr", folders[0]) == monday
    assert current_drop(warehouse, "ehr") == monday


def test_a_vocabulary_is_referred_to_where_it_lies(warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "athena").mkdir()
    (tmp_path / "athena" / "CONCEPT.csv").write_text("x")
    found = land_tables(warehouse, "vocabulary", tmp_path / "athena")
    assert found.location == str(tmp_path / "athena")
    assert list(warehouse.lake.objects("landing").list("vocabulary")) == []
    with local_copy(warehouse, found) as folder:
        assert folder == tmp_path / "athena"


def test_a_received_object_is_kept_once(warehouse: Warehouse) -> None:
    put = landing_store(warehouse.settings)
    put("name", b"first")
    put("name", b"second")
    assert warehouse.lake.objects("landing").get("dicom/received/name") == b"first"


def test_an_object_that_still_changes_is_not_taken() -> None:
    """A sender may be half way through it."""
    ages = {"old": NOW - timedelta(seconds=15), "young": NOW - timedelta(seconds=14)}
    objects = [ObjectInfo(name, 1, "e", time) for name, time in ages.items()]
    assert [info.path for info in settled([*objects, ObjectInfo("s3", 1, "e")], NOW)] == [
        "old",
        "s3",
    ]


def test_only_our_own_names_stand_for_content() -> None:
    digest = "ab" + "0" * 62
    ours = ObjectInfo(f"dicom/ab/{digest}-{'1' * 16}", 1, "store's tag")
    theirs = ObjectInfo(f"dicom/received/{digest}", 1, "store's tag")
    assert content_tagged(ours).etag == digest
    assert content_tagged(theirs) == theirs


def test_the_sensor_and_the_command_line_see_the_same_objects(
    warehouse: Warehouse, drop: Path
) -> None:
    """What `irw run` registered must not come again as new from the landing zone."""
    landed = land_dicom(warehouse, drop)
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert new_objects(warehouse, later) == landed
    register_objects(warehouse, landed[:2])
    assert new_objects(warehouse, later) == landed[2:]
    assert new_objects(warehouse, datetime.now(UTC) - timedelta(minutes=1)) == []


def test_a_settled_folder_below_ehr_is_a_drop_once(warehouse: Warehouse) -> None:
    store = warehouse.lake.objects("landing")
    assert new_ehr_drop(warehouse, NOW) is None
    for name in ("patients.csv", "encounters.csv"):
        store.put(f"ehr/monday/{name}", b"x")
    store.put("ehr/stray.csv", b"x")
    later = datetime.now(UTC) + timedelta(minutes=1)
    found = new_ehr_drop(warehouse, later)
    assert found is not None
    assert (found.kind, found.location) == ("ehr", "ehr/monday")
    young = store.local("ehr/monday/patients.csv")
    assert young is not None
    os.utime(young, (later.timestamp(), later.timestamp()))
    assert new_ehr_drop(warehouse, later) is None, "half of a drop is no drop"
    take_ehr_drop(warehouse, found)
    assert current_drop(warehouse, "ehr") == found
    assert new_ehr_drop(warehouse, later + timedelta(minutes=1)) is None
