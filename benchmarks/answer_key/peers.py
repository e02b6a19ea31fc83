"""Runs one public de-identifier over a folder, with its defaults, and writes a mapping.

    python peers.py dicognito|dicom-anonymizer|deid SOURCE TARGET MAPPING.csv

It runs in an environment of its own, which has that tool; this project needs none of them.
"""

from __future__ import annotations

import csv
import sys
from importlib.metadata import version
from pathlib import Path


def dicognito(source: Path, target: Path) -> None:
    """Anonymize with a seed, so that one run has one mapping."""
    import pydicom  # noqa: PLC0415 - only this peer needs it
    from dicognito.anonymizer import Anonymizer  # noqa: PLC0415

    global _dicognito  # noqa: PLW0603 - its mapping of patients lives in the object
    _dicognito = _dicognito or Anonymizer(seed="benchmark")
    dataset = pydicom.dcmread(source, force=True)
    _dicognito.anonymize(dataset)
    dataset.save_as(target)


def dicom_anonymizer(source: Path, target: Path) -> None:
    """Anonymize by the tool's own dictionary of PS3.15."""
    from dicomanonymizer import anonymize_dicom_file  # noqa: PLC0415

    anonymize_dicom_file(str(source), str(target))


def deid(source: Path, target: Path) -> None:
    """Replace by the tool's default recipe, private elements removed."""
    from deid.config import DeidRecipe  # noqa: PLC0415
    from deid.dicom import replace_identifiers  # noqa: PLC0415

    (cleaned,) = replace_identifiers(
        dicom_files=[str(source)], deid=DeidRecipe(), save=False, remove_private=True, force=True
    )
    cleaned.save_as(target)


_dicognito = None
TOOLS = {"dicognito": dicognito, "dicom-anonymizer": dicom_anonymizer, "deid": deid}


def main() -> None:
    """Print the tool's version; the mapping has source, output and the kind of an error."""
    name, source, target, mapping = sys.argv[1], *map(Path, sys.argv[2:])
    target.mkdir(parents=True, exist_ok=True)
    with mapping.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, ("source", "output", "reason"))
        writer.writeheader()
        for number, path in enumerate(sorted(source.rglob("*.dcm"))):
            row = {"source": path.relative_to(source).as_posix(), "output": "", "reason": ""}
            try:
                TOOLS[name](path, target / f"{number:04d}.dcm")
                row["output"] = f"{number:04d}.dcm"
            except Exception as error:  # noqa: BLE001 - a peer's failure is a lost object, not ours
                row["reason"] = type(error).__name__
            writer.writerow(row)
    print(version(name))


if __name__ == "__main__":
    main()
