"""Radiology reports: notes for the EHR and structured reports for the archive.

The text names the patient, the ids, the doctors and dates, as dictated reports do.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from irw_pipeline.demo.draw import Draw
from irw_pipeline.demo.headers import make_image

if TYPE_CHECKING:
    from irw_pipeline.demo.story import Instance, Series, Study

_FINDINGS: dict[str, tuple[str, ...]] = {
    "BREAST": (
        "There is a spiculated mass of 14 mm in the upper outer quadrant of the left breast.",
        "The breasts are almost entirely fatty. No suspicious calcification or distortion.",
        "The known lesion has decreased in size; no new mass is seen.",
    ),
    "PROSTATE": (
        "A focus of low T2 signal in the left peripheral zone measures 11 mm, PI-RADS 4.",
        "The gland measures 42 cc. No extracapsular extension.",
    ),
    "BRAIN": (
        "There is mild volume loss of both hippocampi, more than expected for age.",
        "Several periventricular lesions are unchanged in number.",
        "No restricted diffusion. The ventricles are of normal size.",
    ),
    "HEAD": ("No haemorrhage, no mass effect. The basal cisterns are open.",),
    "ABDOMEN": (
        "The terminal ileum shows wall thickening over 12 cm with mesenteric hyperaemia.",
        "No free air, no abscess. The liver is homogeneous.",
    ),
    "CHEST": (
        "A nodule of 9 mm in the right upper lobe is slightly larger than before.",
        "The lungs are clear. The heart is not enlarged.",
    ),
    "SPINE": ("Oedema of the body of T12 with a loss of height of a quarter. The cord is normal.",),
    "CSPINE": ("Anterior wedging of C6 without retropulsion. Alignment is kept.",),
    "LSPINE": ("The fracture of L1 has healed in unchanged position.",),
}
# not strftime("%B"), which follows the locale
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_IMPRESSIONS = (
    "Correlation with the clinical findings is advised.",
    "Follow-up in six months is recommended.",
    "No change against the previous examination.",
    "Findings were discussed with the referring doctor by telephone.",
)


def _in_words(day: datetime) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def report_text(study: Study) -> str:
    """Return the dictated report of a study: several lines, several sentences."""
    draw = Draw("report", study.uid)
    person, exam = study.person, study.exam
    findings = _FINDINGS[exam.body_part]
    before = study.started_at - timedelta(days=draw.integer(40, 300))
    openings = (
        (
            f"{person.first} {person.last} (ID {study.patient_id}) was examined on "
            f"{_in_words(study.started_at)} at the request of Dr {study.referrer.last}."
        ),
        (
            f"Patient: {person.last.upper()}, {person.first}. Accession {study.accession}. "
            f"Referred by Dr. {study.referrer.first} {study.referrer.last}."
        ),
        (
            f"Exam date {study.started_at:%Y-%m-%d}. {person.first} {person.last}, born "
            f"{person.born_on:%m/%d/%Y}, is known to this department."
        ),
    )
    opening = draw.pick(openings)
    return (
        f"{exam.title}\n{opening}\n"
        f"COMPARISON: study of {before:%d.%m.%Y}.\n"
        f"FINDINGS: {draw.pick(findings)} {draw.pick(findings)}\n"
        f"IMPRESSION: {draw.pick(_IMPRESSIONS)} {person.last} was told to call {person.phone} "
        f"for an appointment after {study.started_at + timedelta(days=30):%m/%d/%Y}.\n"
        f"Signed: Dr {study.reporter.first} {study.reporter.last}"
    )


def _code(value: str, scheme: str, meaning: str) -> Sequence:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return Sequence([item])


def _content(kind: str, relation: str, name: Sequence) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType, item.ConceptNameCodeSequence = relation, kind, name
    return item


def _reference(uid: str, sop_class: str) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, uid
    return item


def make_report(study: Study, series: Series, instance: Instance, sop_class: str) -> Dataset:
    """Return a Basic Text SR on the first series of a study, whose images it refers to.

    Args:
        study: The study that is reported on.
        series: The series of the report itself.
        instance: The report.
        sop_class: The SOP class of the images.
    """
    dataset = make_image(study, series, instance)
    for keyword in ("FrameOfReferenceUID", "BodyPartExamined", "ProtocolName"):
        delattr(dataset, keyword)
    for keyword in ("Acquisition", "PerformedProcedureStepStart"):
        delattr(dataset, f"{keyword}Date")
        delattr(dataset, f"{keyword}Time")
    del dataset.AcquisitionDateTime, dataset.ImagePositionPatient, dataset.SliceLocation
    dataset.Modality = "SR"
    dataset.ConceptNameCodeSequence = _code("18748-4", "LN", "Diagnostic imaging report")
    observer = _content("PNAME", "HAS OBS CONTEXT", _code("121008", "DCM", "Person Observer Name"))
    observer.PersonName = study.reporter.header_name
    subject = _content("PNAME", "HAS OBS CONTEXT", _code("121029", "DCM", "Subject Name"))
    subject.PersonName = study.person.header_name
    text = _content("TEXT", "CONTAINS", _code("121071", "DCM", "Finding"))
    text.TextValue = report_text(study)
    contents = [observer, subject, text]
    evidence_series = Dataset()
    evidence_series.SeriesInstanceUID = study.series[0].uid
    references = []
    for image in study.series[0].instances:
        reference = _reference(image.uid, sop_class)
        references.append(reference)
        shown = _content("IMAGE", "CONTAINS", _code("121112", "DCM", "Source of Measurement"))
        shown.ReferencedSOPSequence = Sequence([_reference(image.uid, sop_class)])
        contents.append(shown)
    evidence_series.ReferencedSOPSequence = Sequence(references)
    evidence = Dataset()
    evidence.StudyInstanceUID = study.uid
    evidence.ReferencedSeriesSequence = Sequence([evidence_series])
    dataset.ContentSequence = Sequence(contents)
    dataset.CurrentRequestedProcedureEvidenceSequence = Sequence([evidence])
    dataset.CompletionFlag, dataset.VerificationFlag = "COMPLETE", "UNVERIFIED"
    return dataset
