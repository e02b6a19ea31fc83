"""Which lake a command is about: the option, its settings, its warehouse on the day of today."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from irw_pipeline.settings import Settings
    from irw_pipeline.steps.warehouse import Warehouse

lake_option = click.option(
    "--lake", metavar="URI", help="Root of the lake: a path, file:// or s3:// URI [IRW_LAKE]."
)


def settings_of(lake: str | None, **given: object) -> Settings:
    """The settings for a lake; see `Settings.load`."""
    from irw_pipeline.settings import Settings

    return Settings.load(lake=lake, **given)


def warehouse_of(settings: Settings, *, may_make_key: bool = False) -> Warehouse:
    """The warehouse of the settings, as of today; see `open_warehouse`."""
    from irw_pipeline.steps.warehouse import open_warehouse

    return open_warehouse(settings, as_of=today(), may_make_key=may_make_key)


def today() -> date:
    """The day in UTC."""
    return datetime.now(UTC).date()
