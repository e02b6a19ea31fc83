"""A whole small hospital in a folder: DICOM drop, EHR drop, biobank manifest, patient index."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from irw_pipeline.demo.archive import RELEASED, Received, instance_path, write_study
from irw_pipeline.demo.awkward import write_awkward
from irw_pipeline.demo.clinical import add_check_ups
from irw_pipeline.demo.course import add_death, add_disease, add_imaging, add_odd_rows
from irw_pipeline.demo.draw import Draw
from irw_pipeline.demo.people import OLD_ISSUER, Person, make_people, make_staff
from irw_pipeline.demo.registry import add_house, add_patient
from irw_pipeline.demo.story import Study, plan_person
from irw_pipeline.demo.tables import (
    COLUMNS,
    MPI_COLUMNS,
    SAMPLE_COLUMNS,
    Chart,
    Row,
    write_csv,
)
from irw_pipeline.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

FEWEST_PATIENTS = 4
"""The awkward files need so many different patients."""


@dataclass(frozen=True)
class Hospital:
    """Where the drops lie, and an account of what is in them.

    `received` has one entry per file of the DICOM drop, with what must become of it; `awkward` is
    the part of it that a reader may want explained. `people` and `studies` are the plan behind
    them, for tests that look for leftovers or compare intervals; awkward studies are not in it.
    """

    root: Path
    dicom: Path
    ehr: Path
    biobank: Path
    mpi: Path
    patient_count: int
    study_count: int
    received: tuple[Received, ...] = field(repr=False)
    people: tuple[Person, ...] = field(repr=False)
    studies: tuple[Study, ...] = field(repr=False)

    @property
    def instance_count(self) -> int:
        """How many files the DICOM drop holds, awkward ones included."""
        return len(self.received)

    @property
    def awkward(self) -> tuple[Received, ...]:
        """The files that are out of the ordinary, with what and why."""
        return tuple(item for item in self.received if item.what)


def _write_biobank(folder: Path, people: tuple[Person, ...]) -> None:
    rows: list[Row] = []
    for person in people:
        draw = Draw("biobank", person.ehr_id)
        is_genomics = person.field == "genomics"
        if not (is_genomics or person.number == 0 or draw.chance(35)):
            continue
        sample = f"BB-{100_000 + person.number}"
        has_exome = is_genomics or person.number == 0 or draw.chance(50)
        tissue = is_genomics and draw.chance(50)
        rows.append(
            {
                "SAMPLE_ID": sample,
                "PATIENT": person.ehr_id,
                "COLLECTED_ON": (person.diagnosed_on + timedelta(draw.integer(1, 40))).isoformat(),
                "SAMPLE_TYPE": "tissue" if tissue else draw.pick(("blood", "saliva")),
                "ANATOMIC_SITE": "lung" if tissue else "",
                "CONSENT_SCOPE": draw.pick(("general_research", "disease_specific")),
                "EXOME_AVAILABLE": "true" if has_exome else "false",
                "GENOME_AVAILABLE": "true" if draw.chance(30) else "false",
                "FILE_URI": f"s3://demo-biobank/exome/{sample}.cram" if has_exome else "",
            }
        )
    write_csv(folder / "samples.csv", SAMPLE_COLUMNS, rows)


def _write_mpi(path: Path, people: tuple[Person, ...]) -> None:
    rows: list[Row] = [
        {"patient_id": person.old_mrn, "issuer": OLD_ISSUER, "ehr_patient_id": person.ehr_id}
        for person in people
        if person.old_mrn
    ]
    write_csv(path, MPI_COLUMNS, rows)


def _write_ehr(
    folder: Path, seed: int, people: tuple[Person, ...], plans: tuple[tuple[Study, ...], ...]
) -> None:
    staff = make_staff(seed)
    chart = Chart()
    add_house(chart, staff)
    for person, studies in zip(people, plans, strict=True):
        add_patient(chart, person)
        add_check_ups(chart, person, staff)
        add_disease(chart, person, staff)
        for study in studies:
            add_imaging(chart, study)
        add_death(chart, person, staff)
    add_odd_rows(chart, people)
    for name, columns in COLUMNS.items():
        write_csv(folder / f"{name}.csv", columns, chart.rows[name])


def _explain(received: Received, plans: tuple[tuple[Study, ...], ...]) -> Received:
    """Name what is odd about two studies that look like any other."""
    odd = {
        2: "a patient older than 89",
        1: "an examination ten minutes before midnight; its procedure is dated the next day",
    }
    for number, what in odd.items():
        study = plans[number][0]
        series = study.series[0]
        if received.path == instance_path(study, series, series.instances[0]):
            return Received(received.path, received.outcome, what)
    return received


def make_hospital(target: Path, *, patients: int = 40, seed: int = 2017) -> Hospital:
    """Write a synthetic hospital and return an account of it.

    The same arguments give the same bytes, on any day and machine. Nothing is downloaded.

    Args:
        target: A folder, made where needed; files of the same names are replaced.
        patients: How many the EHR knows; the awkward files are there whatever the number.
        seed: What all else is derived from.

    Raises:
        InputError: Fewer patients than the awkward files need, or a package without its files.
    """
    if patients < FEWEST_PATIENTS:
        raise InputError(f"a demo hospital needs at least {FEWEST_PATIENTS} patients; ask for more")
    people = make_people(seed, patients)
    staff = make_staff(seed)
    plans = tuple(plan_person(seed, person, staff) for person in people)
    drop = target / "dicom"
    received = [
        _explain(item, plans)
        for plan in plans
        for study in plan
        for item in write_study(drop, study)
    ]
    extra = write_awkward(drop, seed, people, staff, plans)
    received += extra
    _write_ehr(target / "ehr", seed, people, plans)
    _write_biobank(target / "biobank", people)
    _write_mpi(target / "mpi.csv", people)
    return Hospital(
        root=target,
        dicom=drop,
        ehr=target / "ehr",
        biobank=target / "biobank",
        mpi=target / "mpi.csv",
        patient_count=patients,
        study_count=sum(len(plan) for plan in plans),
        received=tuple(received),
        people=people,
        studies=tuple(study for plan in plans for study in plan),
    )


__all__ = ["FEWEST_PATIENTS", "RELEASED", "Hospital", "Received", "make_hospital"]
