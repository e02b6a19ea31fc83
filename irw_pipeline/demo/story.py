"""Who is examined when, and how the EHR knows of it: the plan that images and EHR rows follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from irw_pipeline.demo import exams
from irw_pipeline.demo.draw import Draw, made_uid
from irw_pipeline.demo.people import OLD_ISSUER

if TYPE_CHECKING:
    from irw_pipeline.demo.exams import Exam
    from irw_pipeline.demo.people import Clinician, Field, Person


class Link(StrEnum):
    """What the EHR says of a study; the linking step must find its procedure by this."""

    ACCESSION = "accession"
    STUDY_UID = "imaging_study_uid"
    SAME_DAY = "same_day"
    NEXT_DAY = "next_day"
    NONE = "none"


@dataclass(frozen=True)
class Instance:
    """One image to make; `view` is laterality and view position of a radiograph."""

    uid: str
    number: int
    source: str
    view: str


@dataclass(frozen=True)
class Series:
    """One series to make."""

    uid: str
    number: int
    description: str
    instances: tuple[Instance, ...]


@dataclass(frozen=True)
class Study:
    """One examination of one person.

    `started_at` is local time of the site, which is UTC in the demo; `patient_id` and `issuer`
    are what the scanner wrote.
    """

    person: Person
    number: int
    exam: Exam
    started_at: datetime
    uid: str
    accession: str
    link: Link
    patient_id: str
    issuer: str
    referrer: Clinician
    reporter: Clinician
    series: tuple[Series, ...]
    has_report_object: bool
    is_text_naming_patient: bool

    @property
    def procedure_at(self) -> datetime:
        """When the EHR says it was done: a day later where the clerk was late."""
        late = timedelta(days=1) if self.link is Link.NEXT_DAY else timedelta()
        return self.started_at + timedelta(minutes=20) + late


@dataclass(frozen=True)
class _Visit:
    """An examination of a field's story, days after the diagnosis, in so many of 100 people."""

    days: int
    exam: Exam
    percent: int = 100


_STORIES: dict[Field, tuple[_Visit, ...]] = {
    "breast": (
        _Visit(-380, exams.MG_SCREENING, 60),
        _Visit(-9, exams.MG_DIAGNOSTIC),
        _Visit(-8, exams.US_BREAST, 70),
        _Visit(12, exams.MR_BREAST, 50),
        _Visit(25, exams.CT_STAGING, 40),
        _Visit(370, exams.MG_SCREENING),
    ),
    "prostate": (
        _Visit(-14, exams.MR_PROSTATE),
        _Visit(21, exams.CT_ABDOMEN, 60),
        _Visit(30, exams.PET_STAGING, 50),
        _Visit(400, exams.MR_PROSTATE),
    ),
    "neuro": (
        _Visit(-20, exams.MR_BRAIN_VOLUME),
        _Visit(35, exams.PET_BRAIN, 60),
        _Visit(200, exams.CT_HEAD, 30),
        _Visit(420, exams.MR_BRAIN),
    ),
    "bowel": (
        _Visit(-3, exams.CT_ABDOMEN),
        _Visit(60, exams.US_ABDOMEN, 70),
        _Visit(190, exams.MR_ABDOMEN),
        _Visit(540, exams.CT_ABDOMEN, 50),
    ),
    "spine": (
        _Visit(0, exams.CR_CERVICAL),
        _Visit(0, exams.CT_SPINE),
        _Visit(2, exams.MR_SPINE),
        _Visit(95, exams.DX_LUMBAR),
    ),
    "genomics": (
        _Visit(-25, exams.CR_CHEST),
        _Visit(-10, exams.CT_CHEST),
        _Visit(6, exams.PET_STAGING, 70),
        _Visit(130, exams.CT_CHEST),
    ),
    "control": (
        _Visit(0, exams.DX_CHEST),
        _Visit(31, exams.CT_HEAD, 60),
        _Visit(300, exams.US_ABDOMEN, 40),
        _Visit(330, exams.DX_CHEST, 50),
    ),
}

_LINKS = (
    Link.ACCESSION,
    Link.ACCESSION,
    Link.SAME_DAY,
    Link.STUDY_UID,
    Link.ACCESSION,
    Link.NEXT_DAY,
    Link.ACCESSION,
    Link.NONE,
)


def plan_series(exam: Exam, study_uid: str) -> tuple[Series, ...]:
    """Return the series of one examination, with their UIDs."""
    return tuple(
        Series(
            uid=made_uid("3", study_uid, number),
            number=number,
            description=kind.description,
            instances=tuple(
                Instance(
                    uid=made_uid("4", study_uid, number, index + 1),
                    number=index + 1,
                    source=kind.sources[index % len(kind.sources)],
                    view=kind.views[index] if kind.views else "",
                )
                for index in range(kind.instances)
            ),
        )
        for number, kind in enumerate(exam.series, start=1)
    )


def plan_study(
    seed: int,
    person: Person,
    number: int,
    *,
    exam: Exam,
    started_at: datetime,
    staff: tuple[Clinician, ...],
) -> Study:
    """Return one study; the same arguments give the same UIDs and accession.

    The first study of a person with an old MRN still carries that MRN; later ones the EHR's id.
    """
    draw = Draw(seed, "study", person.number, number)
    uid = made_uid("2", seed, person.number, number)
    is_old = person.old_mrn is not None and number == 1
    return Study(
        person=person,
        number=number,
        exam=exam,
        started_at=started_at,
        uid=uid,
        accession=f"ACC{draw.digits(9)}",
        link=_LINKS[(person.number * 3 + number - 1) % len(_LINKS)],
        patient_id=person.old_mrn if is_old and person.old_mrn else person.ehr_id,
        issuer=OLD_ISSUER if is_old else "",
        referrer=staff[draw.integer(0, 1)],
        reporter=staff[draw.integer(2, 3)],
        series=plan_series(exam, uid),
        has_report_object=exam.modality == "CT" and exam.body_part == "CHEST",
        is_text_naming_patient=draw.chance(35),
    )


def plan_person(seed: int, person: Person, staff: tuple[Clinician, ...]) -> tuple[Study, ...]:
    """Return the studies of one person in order of time.

    The first study of person 1 starts ten minutes before midnight, so that the EHR dates its
    procedure to the following day.
    """
    draw = Draw(seed, "story", person.number)
    visits = [visit for visit in _STORIES[person.field] if draw.chance(visit.percent)]
    studies = []
    for number, visit in enumerate(visits, start=1):
        # one visit of a day comes after another: the hour grows with the number
        hour = time(7 + number, draw.integer(0, 59), draw.integer(0, 59))
        if person.number == 1 and number == 1:
            hour = time(23, 50, 12)
        day = person.diagnosed_on + timedelta(days=visit.days)
        started_at = datetime.combine(day, hour)
        studies.append(
            plan_study(seed, person, number, exam=visit.exam, started_at=started_at, staff=staff)
        )
    return tuple(studies)
