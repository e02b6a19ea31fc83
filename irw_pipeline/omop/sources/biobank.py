"""The biobank's manifest: which samples exist, of whom, and what the consent allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irw_pipeline.errors import InputError
from irw_pipeline.ids import TableName
from irw_pipeline.omop.sources.csv_file import csv_files, read_csv

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from irw_pipeline.contracts.model import Column
    from irw_pipeline.omop.sources.source import SourceTable

BIOBANK_SAMPLE = TableName("raw", "biobank_sample")


def read_biobank(drop: Path, columns: Sequence[Column]) -> SourceTable:
    """Return one row per sample, from the manifest itself or the folder that holds it.

    Raises:
        InputError: There is no manifest, it is not well-formed, or it lacks required columns.
    """
    manifest = csv_files(drop).get("samples") if drop.is_dir() else drop
    if manifest is None or not manifest.is_file():
        raise InputError(
            "the biobank drop holds no samples.csv (plain, .gz or .zst); "
            "give the manifest or the folder that holds it"
        )
    return read_csv(manifest, BIOBANK_SAMPLE, columns)
