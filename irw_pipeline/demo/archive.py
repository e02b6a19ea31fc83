"""The DICOM drop: one file per image of the plan, below patient, study and series folders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pydicom

from irw_pipeline.demo.draw import made_uid
from irw_pipeline.demo.headers import HeaderIdentity, make_image
from irw_pipeline.demo.reports import make_report
from irw_pipeline.demo.story import Instance, Series, Study

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom.dataset import Dataset

RELEASED = "released"
_REPORT_SERIES = 50
_CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2"


@dataclass(frozen=True)
class Received:
    """One file of the drop and what must become of it: `released` or a reason code."""

    path: str
    outcome: str
    what: str = ""


def study_folder(study: Study) -> str:
    """Return the study's folder below the drop; it names nobody."""
    return f"patient{study.person.number:03d}/study{study.number:02d}"


def instance_path(study: Study, series: Series, instance: Instance) -> str:
    """Return the file's path below the drop, with slashes."""
    return f"{study_folder(study)}/series{series.number:02d}/image{instance.number:03d}.dcm"


def write_dataset(dataset: Dataset, path: Path) -> None:
    """Write a file of PS3.10 form; the same dataset gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pydicom.dcmwrite(path, dataset, enforce_file_format=True)


def report_series(study: Study) -> Series:
    """Return the series of the study's structured report."""
    uid = made_uid("3", study.uid, "report")
    report = Instance(made_uid("4", study.uid, "report"), 1, "report", "")
    return Series(uid, _REPORT_SERIES, "REPORT", (report,))


def write_study(
    drop: Path,
    study: Study,
    *,
    identity: HeaderIdentity | None = None,
    outcome: str | None = None,
    what: str = "",
) -> tuple[Received, ...]:
    """Write every image of a study, and its structured report where there is one.

    Args:
        drop: The root of the DICOM drop.
        study: The plan.
        identity: What the headers say of the patient where that is not the truth.
        outcome: What must become of the files, when not what is usual for the modality.
        what: Why the files are awkward.
    """
    expected = outcome or RELEASED
    received = []
    for series in study.series:
        for instance in series.instances:
            path = instance_path(study, series, instance)
            write_dataset(make_image(study, series, instance, identity), drop / path)
            received.append(Received(path, expected, what))
    if study.has_report_object and identity is None:
        series = report_series(study)
        instance = series.instances[0]
        path = instance_path(study, series, instance)
        write_dataset(make_report(study, series, instance, _CT_IMAGE_STORAGE), drop / path)
        received.append(Received(path, expected, what))
    return tuple(received)
