"""The EHR's patients by id, for steps that run without a lake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irw_pipeline.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

_NAMES = ("patients.csv", "patients.csv.gz", "patients.csv.zst")


def read_patients(folder: Path) -> dict[str, dict[str, str | None]]:
    """Return the rows of the folder's patients file by Id; columns in lower case, values as text.

    Raises:
        InputError: No patients file, or one without an Id column or that cannot be read.
    """
    import polars as pl  # noqa: PLC0415 - no worker of a run without an EHR needs its 30 MB

    path = next((folder / name for name in _NAMES if (folder / name).is_file()), None)
    if path is None:
        raise InputError(f"there is no patients.csv in {folder}; give the folder of the EHR export")
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(f"{path.name} cannot be read as CSV ({type(error).__name__})") from error
    frame = frame.rename({column: column.strip().lower() for column in frame.columns})
    if "id" not in frame.columns:
        raise InputError(f"{path.name} has no Id column; give a patients file in the Synthea form")
    return {str(row["id"]).strip(): row for row in frame.iter_rows(named=True) if row["id"]}
