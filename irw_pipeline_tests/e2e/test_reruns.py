"""A run repeated changes nothing; a run that was killed and repeated ends as an unbroken one."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from irw_pipeline_tests.e2e.whole_run import (
    command,
    delta_tables,
    digests,
    environment,
    objects,
    run_irw,
    versions,
)

if TYPE_CHECKING:
    from pathlib import Path

    from irw_pipeline_tests.e2e.whole_run import World

SEED = 20170
MOMENTS = (("load_ehr_job", 8.0), ("publish_job", 12.0))
"""After which line of its progress, and at most how many seconds later, a run is killed."""


def test_second_run_over_the_same_drops_changes_nothing(world: World) -> None:
    before, lying = versions(world.lake), objects(world.lake)
    times = {path: path.stat().st_mtime_ns for path in (world.lake / "research").rglob("*.dcm")}
    done = run_irw(world.lake, world.home, world.key_file, world.hospital)
    assert done.returncode == 2, done.stderr[-2000:]
    assert versions(world.lake) == before
    assert objects(world.lake) == lying
    assert all(path.stat().st_mtime_ns == time for path, time in times.items())


@pytest.fixture(scope="module")
def killed(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake whose runs were killed one after the other, and at last left alone."""
    root = tmp_path_factory.mktemp("killed")
    lake, home = root / "lake", root / "home"
    draw = random.Random(SEED)  # noqa: S311 - a moment, no secret
    for line, at_most in MOMENTS:
        kill_run(world, lake, home, line, draw.uniform(0, at_most))
    done = run_irw(lake, home, world.key_file, world.hospital)
    assert done.returncode == 2, done.stderr[-2000:]
    return lake


def kill_run(world: World, lake: Path, home: Path, line: str, seconds: float) -> None:
    home.mkdir(exist_ok=True)
    with subprocess.Popen(
        command(lake, world.hospital),
        env=environment(home, world.key_file),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        for said in process.stderr:
            if line in said:
                break
        timer = threading.Timer(seconds, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        process.wait()
        timer.cancel()
    assert process.returncode == -signal.SIGKILL, "the run was over before it could be killed"


def test_killed_and_repeated_run_publishes_the_same_rows(world: World, killed: Path) -> None:
    assert digests(killed) == digests(world.lake)


def test_killed_and_repeated_run_releases_the_same_objects(world: World, killed: Path) -> None:
    assert objects(killed) == objects(world.lake)


def test_killed_run_leaves_nothing_in_staging(killed: Path) -> None:
    tables = delta_tables(killed)
    left = [
        path.relative_to(killed).as_posix()
        for path in (killed / "restricted" / "staging").rglob("*")
        if path.is_file() and not any(path.is_relative_to(table) for table in tables)
    ]
    assert left == []
