"""`irw cohort`: list, build, show."""

from __future__ import annotations

import click

from irw_pipeline.cli_errors import FAILED
from irw_pipeline.cli_lake import lake_option, settings_of, warehouse_of


@click.group()
def cohort() -> None:
    """Cohorts: list, build, show."""


@cohort.command("list")
def cohort_list() -> int:
    """List the cohorts that are declared."""
    from irw_pipeline.cohort.definition import load_definitions

    for definition in load_definitions().values():
        click.echo(f"{definition.name:28} {definition.title}")
    return 0


@cohort.command("build")
@click.argument("name")
@lake_option
def cohort_build(name: str, lake: str | None) -> int:
    """Build the cohort NAME, or the one declared in a YAML or SQL file, from what is published."""
    from irw_pipeline.defs.launch import build_one_cohort
    from irw_pipeline.steps.describe_lake import describe_cohort

    settings = settings_of(lake)
    outcome, table = build_one_cohort(warehouse_of(settings), name)
    for line in outcome.failures:
        click.echo(f"irw: {line}", err=True)
    if outcome.failures:
        return FAILED
    click.echo(describe_cohort(settings, table), nl=False)
    return 0


@cohort.command("show")
@click.argument("name")
@lake_option
def cohort_show(name: str, lake: str | None) -> int:
    """Show how many members and series the built cohort NAME has."""
    from irw_pipeline.steps.describe_lake import describe_cohort

    click.echo(describe_cohort(settings_of(lake), name), nl=False)
    return 0
