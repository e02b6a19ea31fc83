"""Fixtures that every layer may use; none acts by itself."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from irw_pipeline.identity.broker import Broker, Key
from irw_pipeline.settings import Settings
from irw_pipeline.steps.warehouse import Warehouse, open_lake

if TYPE_CHECKING:
    from pathlib import Path

AS_OF = date(2026, 1, 31)


@pytest.fixture
def broker() -> Broker:
    return Broker(Key(b"test" * 8))


@pytest.fixture
def warehouse(tmp_path: Path, broker: Broker) -> Warehouse:
    """A warehouse over an empty lake of the test's own, on a fixed day, in one process."""
    settings = Settings(lake=str(tmp_path / "lake"), workers=1)
    return Warehouse(settings, open_lake(settings), broker, AS_OF)
