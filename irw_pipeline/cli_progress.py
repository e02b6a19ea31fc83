"""What the command line tells while it works: dated lines on stderr."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable


def progress(verb: str) -> Callable[[int, int], None]:
    """Return what tells every hundredth of so many things, and the last one."""

    def report(done: int, total: int) -> None:
        if done == total or done % 100 == 0:
            say(f"{verb} {done} of {total}")

    return report


def say(line: str) -> None:
    """Print a line on stderr with the time of day (UTC) before it."""
    click.echo(f"{datetime.now(UTC):%H:%M:%S} {line}", err=True)
