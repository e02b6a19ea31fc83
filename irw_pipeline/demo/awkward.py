"""The awkward part of the DICOM drop: what every archive holds and a pipeline must survive."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np

from irw_pipeline.demo import exams
from irw_pipeline.demo.archive import (
    RELEASED,
    Received,
    instance_path,
    write_dataset,
    write_study,
)
from irw_pipeline.demo.draw import made_uid
from irw_pipeline.demo.headers import HeaderIdentity, make_image
from irw_pipeline.demo.lettering import draw_text
from irw_pipeline.demo.people import Clinician, Person, make_stranger
from irw_pipeline.demo.story import Instance, Link, Series, Study, plan_study
from irw_pipeline.ids import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pydicom.dataset import Dataset

_FOLDER = "awkward"
_EXTRA_STUDY = 90
_EXTRA_SERIES = 90


def _extra_study(
    seed: int, person: Person, number: int, exam: exams.Exam, staff: tuple[Clinician, ...]
) -> Study:
    """Return a study beside a person's story; the EHR has no order for it."""
    day = person.diagnosed_on + timedelta(days=700)
    started_at = datetime.combine(day, time(15, 30))
    study = plan_study(seed, person, number, exam=exam, started_at=started_at, staff=staff)
    return replace(study, link=Link.NONE, has_report_object=False)


def _write_odd_identities(
    drop: Path, seed: int, people: tuple[Person, ...], staff: tuple[Clinician, ...]
) -> list[Received]:
    """Studies whose header and EHR do not say the same of the patient."""
    stranger = make_stranger(seed)
    unknown = _extra_study(seed, stranger, 1, exams.CT_CHEST, staff)
    unknown = replace(unknown, person=replace(stranger, number=999))
    received = list(
        write_study(
            drop,
            unknown,
            outcome=ReasonCode.PATIENT_UNKNOWN,
            what="the patient is in neither the EHR nor the MPI",
        )
    )

    def odd(person: Person, exam: exams.Exam, **claims: object) -> tuple[Study, HeaderIdentity]:
        study = _extra_study(seed, person, _EXTRA_STUDY, exam, staff)
        if "patient_id" in claims:
            study = replace(study, patient_id=str(claims["patient_id"]), issuer="OLDTOWN-RIS")
        truth = HeaderIdentity.of(study)
        born_on = claims.get("born_on", truth.born_on)
        return study, replace(
            truth,
            name=str(claims.get("name", truth.name)),
            born_on=born_on if isinstance(born_on, date) else truth.born_on,
        )

    other_day = date(1950, 1, 2)
    cases = (
        (
            odd(people[0], exams.CT_HEAD, born_on=other_day),
            ReasonCode.IDENTITY_MISMATCH,
            "the header's birth date is not the EHR's, and no MPI entry vouches for it",
        ),
        (
            odd(people[1], exams.DX_CHEST, born_on=other_day, patient_id=people[1].old_mrn),
            RELEASED,
            "the header's birth date is not the EHR's, but the MPI knows the id: a warning",
        ),
        (
            odd(people[3], exams.DX_CHEST, name="Mistwritten^Xanthe"),
            RELEASED,
            "the header's name is not the EHR's: a warning",
        ),
    )
    for (study, identity), outcome, what in cases:
        received += write_study(drop, study, identity=identity, outcome=outcome, what=what)
    return received


def _extra_instance(study: Study, name: str, source: str, number: int) -> tuple[Series, Instance]:
    instance = Instance(made_uid("4", study.uid, name), number, source, "")
    return Series(made_uid("3", study.uid, name), _EXTRA_SERIES, name, (instance,)), instance


def _secondary_capture(study: Study) -> Dataset:
    dataset = make_image(study, *_extra_instance(study, "SCREEN SAVE", "capture", 1))
    pixels = np.kron(dataset.pixel_array, np.ones((3, 3, 1), dtype=np.uint8))
    draw_text(pixels, f"{study.person.last} {study.person.first}", ink=255)
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.PixelData = pixels.tobytes()
    dataset.Modality = "OT"
    dataset.ConversionType = "WSD"
    dataset.BurnedInAnnotation = "YES"
    return dataset


def _ultrasound(study: Study) -> Dataset:
    dataset = make_image(study, *_extra_instance(study, "LABELLED", "us_rgb", 2))
    pixels = dataset.pixel_array.copy()
    draw_text(pixels, f"{study.person.last} {study.patient_id[:8]}", ink=255)
    dataset.PixelData = pixels.tobytes()
    dataset.Modality = "US"
    return dataset


def _annotated_ct(study: Study) -> Dataset:
    dataset = make_image(study, *_extra_instance(study, "DOSE SCREEN", "ct_small", 3))
    pixels = dataset.pixel_array.copy()
    draw_text(pixels, study.person.last, ink=int(pixels.max()), scale=2)
    dataset.PixelData = pixels.tobytes()
    dataset.Modality = "CT"
    dataset.BurnedInAnnotation = "YES"
    return dataset


def _write_burned_in(drop: Path, studies: tuple[Study, ...]) -> list[Received]:
    """Frames with the patient's name drawn into the pixels; they are released without it."""
    makers: tuple[tuple[str, Callable[[Study], Dataset], str], ...] = (
        ("screen_save.dcm", _secondary_capture, "a screen save with a name in its pixels"),
        ("labelled.dcm", _ultrasound, "an ultrasound frame with a name in its pixels"),
        ("dose_screen.dcm", _annotated_ct, "a CT image that says BurnedInAnnotation YES"),
    )
    received = []
    for (name, maker, what), study in zip(makers, studies, strict=True):
        path = f"{_FOLDER}/{name}"
        write_dataset(maker(study), drop / path)
        received.append(Received(path, RELEASED, what))
    return received


def _write_incomplete(drop: Path, study: Study) -> list[Received]:
    """Images that lack what a pipeline needs to place them."""
    received = []
    for number, (keyword, outcome) in enumerate(
        (
            ("SOPInstanceUID", ReasonCode.MISSING_REQUIRED_ATTRIBUTE),
            ("Modality", ReasonCode.MISSING_REQUIRED_ATTRIBUTE),
            ("PatientID", ReasonCode.PATIENT_ID_MISSING),
        ),
        start=10,
    ):
        name = f"WITHOUT {keyword.upper()}"
        dataset = make_image(study, *_extra_instance(study, name, "mr_small", number))
        delattr(dataset, keyword)
        path = f"{_FOLDER}/without_{keyword.lower()}.dcm"
        write_dataset(dataset, drop / path)
        received.append(Received(path, outcome, f"an image without {keyword}"))
    return received


def _write_broken(drop: Path, study: Study) -> list[Received]:
    """Files that are no whole DICOM file, and one that came twice."""
    folder = drop / _FOLDER
    series, instance = study.series[0], study.series[0].instances[0]
    original = drop / instance_path(study, series, instance)
    # zz: a listing in order of names meets the original first
    twice = drop / f"zz_{_FOLDER}/came_twice.dcm"
    twice.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(original, twice)
    whole = make_image(study, *_extra_instance(study, "CUT SHORT", "ct_small", 20))
    cut = folder / "cut_short.dcm"
    write_dataset(whole, cut)
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size * 6 // 10])
    (folder / "empty.dcm").write_bytes(b"")
    (folder / "liesmich.txt").write_text("Bilder der Woche, bitte einlesen.\n", encoding="utf-8")
    return [
        Received(
            f"zz_{_FOLDER}/came_twice.dcm",
            ReasonCode.DUPLICATE_INSTANCE,
            "the same file a second time",
        ),
        Received(f"{_FOLDER}/cut_short.dcm", ReasonCode.UNREADABLE, "a file cut in its pixels"),
        Received(f"{_FOLDER}/empty.dcm", ReasonCode.EMPTY_OBJECT, "a file of no bytes"),
        Received(f"{_FOLDER}/liesmich.txt", ReasonCode.NOT_DICOM, "a text file"),
    ]


def write_awkward(
    drop: Path,
    seed: int,
    people: tuple[Person, ...],
    staff: tuple[Clinician, ...],
    plans: tuple[tuple[Study, ...], ...],
) -> tuple[Received, ...]:
    """Write every awkward file, whatever the size of the hospital.

    Args:
        drop: The root of the DICOM drop, where the studies of the plans stand already.
        seed: The hospital's seed.
        people: At least four patients of the EHR.
        staff: Its clinicians.
        plans: The studies of each patient, in the same order.
    """
    first = tuple(plan[0] for plan in plans[:4])
    received = _write_odd_identities(drop, seed, people, staff)
    received += _write_burned_in(drop, (first[0], first[3], first[2]))
    received += _write_incomplete(drop, first[1])
    received += _write_broken(drop, first[2])
    return tuple(received)
