"""What the end-to-end tests share: a run as a process of its own, and ways to look at its lake."""

from __future__ import annotations

import csv
import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pydicom
from pydicom.errors import InvalidDicomError

from irw_pipeline.lake.session import open_connection, scan_sql
from irw_pipeline.settings import Settings
from irw_pipeline.steps.warehouse import Warehouse, open_warehouse

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom.dataset import Dataset

    from irw_pipeline.demo.hospital import Hospital

LONGEST_S = 600
"""A run that takes longer waits for something that never comes."""
TEXT_OF_ROWS = "SELECT CAST(to_json(t) AS VARCHAR) AS line FROM {table} AS t"


@dataclass(frozen=True)
class World:
    """A hospital, the lake made of it, and what the run said."""

    hospital: Hospital
    lake: Path
    home: Path
    key_file: Path
    done: subprocess.CompletedProcess[str]

    @cached_property
    def warehouse(self) -> Warehouse:
        settings = Settings(lake=str(self.lake), home=str(self.home), key_file=str(self.key_file))
        return open_warehouse(settings, as_of=datetime.now(UTC).date())

    def rows(self, select: str) -> list[dict[str, Any]]:
        """Return the rows of a SELECT over published tables, any zone."""
        with self.warehouse.session() as session:
            for folder in delta_tables(self.lake):
                table = f"{folder.parent.name}.{folder.name}"
                session.connection.execute(
                    f"CREATE VIEW {table} AS SELECT * FROM {scan_sql(folder.as_uri())}"
                )
            found: list[dict[str, Any]] = session.query(select).to_pylist()
        return found

    def csv(self, name: str) -> list[dict[str, str]]:
        """Return the rows of a table of the hospital's extract."""
        with (self.hospital.ehr / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    @cached_property
    def sources(self) -> dict[str, tuple[Path, Dataset]]:
        """Path and dataset of each readable file of the drop, by pseudonym of its SOP instance."""
        found: dict[str, tuple[Path, Dataset]] = {}
        for item in self.hospital.received:
            path = self.hospital.dicom / item.path
            try:
                dataset = pydicom.dcmread(path)
            except (InvalidDicomError, EOFError):
                continue
            if "SOPInstanceUID" in dataset:
                uid = self.warehouse.broker.uid(str(dataset.SOPInstanceUID))
                found.setdefault(uid, (path, dataset))
        return found


def command(lake: Path, hospital: Hospital, ehr: Path | None = None) -> list[str]:
    """Return the command that runs the whole graph over a hospital, or over another extract."""
    drops = {
        "--dicom": hospital.dicom,
        "--ehr": ehr or hospital.ehr,
        "--biobank": hospital.biobank,
        "--mpi": hospital.mpi,
        "--lake": lake,
    }
    return [*IRW, "run", *(str(part) for pair in drops.items() for part in pair)]


def environment(home: Path, key_file: Path) -> dict[str, str]:
    """Return an environment that holds two of our settings and nothing of the caller's."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "HOME": str(home), "IRW_HOME": str(home), "IRW_KEY_FILE": str(key_file)}


IRW = [sys.executable, "-c", "from irw_pipeline.cli import main; main()"]


def run_irw(
    lake: Path, home: Path, key_file: Path, hospital: Hospital, *, ehr: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the whole graph as a process and return what it said."""
    return subprocess.run(
        command(lake, hospital, ehr),
        env=environment(home, key_file),
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_S,
    )


def delta_tables(lake: Path) -> list[Path]:
    """Return the folders of all Delta tables of a lake, sorted."""
    return sorted(log.parent for log in lake.rglob("_delta_log"))


def digests(lake: Path) -> dict[str, tuple[Any, ...]]:
    """Return row count and order-free digest of the rows of each Delta table of a lake."""
    found = {}
    with open_connection() as connection:
        for folder in delta_tables(lake):
            row = connection.execute(
                "SELECT count(*), bit_xor(hash(t)), sum(CAST(hash(t) AS HUGEINT)) "
                f"FROM {scan_sql(folder.as_uri())} AS t"
            ).fetchone()
            found[folder.relative_to(lake).as_posix()] = tuple(row or ())
    return found


def versions(lake: Path) -> dict[str, list[str]]:
    """Return the commits of each Delta table of a lake."""
    return {
        folder.relative_to(lake).as_posix(): sorted(
            log.name for log in (folder / "_delta_log").glob("*.json")
        )
        for folder in delta_tables(lake)
    }


def objects(lake: Path) -> dict[str, str]:
    """Return the digest of each released object, by its path."""
    root = lake / "research" / "objects"
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
