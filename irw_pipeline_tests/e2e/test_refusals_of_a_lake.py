"""What a lake that holds something refuses: a lost key, another key, a wrong question."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from irw_pipeline.cli import main
from irw_pipeline.settings import write_new_secret
from irw_pipeline_tests.e2e.whole_run import run_irw, versions

if TYPE_CHECKING:
    from pathlib import Path

    from irw_pipeline_tests.e2e.whole_run import World

# Great Expectations imports sre_constants, which Python 3.11 deprecates
pytestmark = pytest.mark.filterwarnings("ignore:module 'sre_:DeprecationWarning")


def refusal(world: World, *arguments: str) -> str:
    names = {"IRW_HOME": str(world.home), "IRW_KEY_FILE": str(world.key_file)}
    done = CliRunner().invoke(main, [*arguments, "--lake", str(world.lake)], env=names)
    assert done.exit_code == 1
    assert "Traceback" not in done.output
    assert done.stderr.startswith("irw: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize(
    "query",
    [
        "SELEC 1",
        "SELECT * FROM omop.no_such_table",
        "SELECT no_such_column FROM omop.person",
        "DROP VIEW omop.person",
        "COPY omop.person TO 'person.csv'",
        "SELECT 1; SELECT 2",
        "",
    ],
)
def test_query_that_cannot_be_answered_is_refused(world: World, query: str) -> None:
    assert "query" in refusal(world, "sql", query)


@pytest.mark.parametrize("schema", ["raw", "vault", "quarantine"])
def test_analyst_sees_no_other_zone(world: World, schema: str) -> None:
    assert "did not run" in refusal(world, "sql", f"SELECT * FROM {schema}.ehr_patient")


def test_query_is_answered(world: World) -> None:
    arguments = ["sql", "SELECT count(*) AS n FROM omop.person", "--format", "csv"]
    done = CliRunner().invoke(main, [*arguments, "--lake", str(world.lake)])
    assert (done.exit_code, done.stdout) == (0, "n\n6\n")


@pytest.mark.parametrize("name", ["no_such_cohort", "no_such_file.yaml", "no_such_file.sql"])
def test_unknown_cohort_is_refused(world: World, name: str) -> None:
    assert "no_such" in refusal(world, "cohort", "build", name)


def test_unknown_cohort_cannot_be_shown(world: World) -> None:
    refusal(world, "cohort", "show", "no_such_cohort")


def test_built_cohort_is_shown(world: World) -> None:
    done = CliRunner().invoke(main, ["cohort", "show", "genomics", "--lake", str(world.lake)])
    assert done.exit_code == 0
    assert "(1 row)" in done.stdout


def test_lake_whose_key_is_lost_is_refused_and_gets_no_new_one(
    world: World, tmp_path: Path
) -> None:
    before = versions(world.lake)
    done = run_irw(world.lake, world.home, tmp_path / "lost.key", world.hospital)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "no identity key" in line
    assert not (tmp_path / "lost.key").exists()
    assert versions(world.lake) == before


def test_lake_made_under_another_key_is_refused(world: World, tmp_path: Path) -> None:
    write_new_secret(tmp_path / "other.key")
    before = versions(world.lake)
    done = run_irw(world.lake, world.home, tmp_path / "other.key", world.hospital)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "another identity key" in line
    assert versions(world.lake) == before
