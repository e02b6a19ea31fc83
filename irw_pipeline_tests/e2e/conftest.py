"""One run of the whole graph over one small hospital, which every test here looks at."""

from __future__ import annotations

import pytest

from irw_pipeline.demo.hospital import make_hospital
from irw_pipeline_tests.e2e.whole_run import World, run_irw

PATIENTS = 6
"""Enough for a member in each of the six cohorts."""

KEY = "5eed" * 16
"""The same pseudonyms on every run, so that a search that hits by chance would always do so."""


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    root = tmp_path_factory.mktemp("whole")
    hospital = make_hospital(root / "hospital", patients=PATIENTS)
    key_file = root / "keys" / "identity.key"
    key_file.parent.mkdir()
    key_file.write_text(KEY, encoding="ascii")
    key_file.chmod(0o600)
    lake, home = root / "lake", root / "home"
    done = run_irw(lake, home, key_file, hospital)
    return World(hospital, lake, home, key_file, done)
