"""Fixtures that every layer may use; none acts by itself."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from irw_pipeline.identity.broker import Broker, Key
from irw_pipeline.settings import Settings
from irw_pipeline.steps.warehouse import Warehouse, open_lake

if TYPE_CHECKING:
    from pathlib import Path

AS_OF = date(2026, 1, 31)

settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")

_THIRD_PARTY_WARNINGS = (
    # great_expectations 1.20 imports these while it loads; nothing of ours does
    "ignore:module 'sre_.*' is deprecated:DeprecationWarning",
    # great_expectations 1.20 asks pandas whether a pattern of a contract occurs, not for its groups
    "ignore:This pattern is interpreted as a regular expression, and has match groups:UserWarning",
)


def pytest_configure(config: pytest.Config) -> None:
    """Silence third-party warnings one by one, on top of `filterwarnings = error`."""
    for line in _THIRD_PARTY_WARNINGS:
        config.addinivalue_line("filterwarnings", line)


@pytest.fixture
def broker() -> Broker:
    return Broker(Key(b"test" * 8))


@pytest.fixture
def warehouse(tmp_path: Path, broker: Broker) -> Warehouse:
    """A warehouse over an empty lake of the test's own, on a fixed day, in one process."""
    settings = Settings(lake=str(tmp_path / "lake"), workers=1)
    return Warehouse(settings, open_lake(settings), broker, AS_OF)
