"""Housekeeping: compact small files, remove what no retained version needs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from irw_pipeline.contracts.model import contract_names

if TYPE_CHECKING:
    from irw_pipeline.steps.warehouse import Warehouse

RETENTION = timedelta(days=30)
"""Versions younger than this stay readable; releases raise it for what they pin."""


def maintain_lake(warehouse: Warehouse) -> dict[str, int]:
    """Compact and vacuum every published table; return the summed counts."""
    totals = {"tables": 0, "files_added": 0, "files_removed": 0, "files_vacuumed": 0}
    for table in contract_names():
        if warehouse.lake.version(table) is None:
            continue
        counts = warehouse.lake.maintain(table, retention=RETENTION)
        totals["tables"] += 1
        for name, count in counts.items():
            totals[name] += count
    return totals
