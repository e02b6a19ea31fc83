"""Forms of identifiers that nobody told us, found by the audit in the text of a header."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from irw_pipeline.deid.audit.search import Finding, residual_identifiers
from irw_pipeline.identity.subject import IdentifierKind as Kind
from irw_pipeline_tests.factories.dicom import ct_image, to_bytes


def findings(dataset: Dataset) -> list[Finding]:
    return residual_identifiers(to_bytes(dataset), [])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("call 555-010-1234", Kind.PHONE),
        ("call (555) 010-1234.", Kind.PHONE),
        ("999-33-2827", Kind.SSN),
        ("mail to j.doe+x@example.org", Kind.OTHER),
        ("MRN: 77812", Kind.PATIENT_ID),
        ("MRN#HX-77812-9", Kind.PATIENT_ID),
        ("SSN = 999332827", Kind.PATIENT_ID),
        ("DOB: 3/4/51", Kind.BIRTH_DATE),
        ("DOB: 4 Mar 1951", Kind.BIRTH_DATE),
        ("DOB 1: x, dob: 1951-03-04", Kind.BIRTH_DATE),
        ("see http://pacs/view?patient=12", Kind.OTHER),
    ],
)
def test_what_has_the_form_of_an_identifier_counts_in_text(text: str, kind: Kind) -> None:
    assert findings(ct_image(ImageComments=text)) == [Finding(kind, "(0020,4000)")]
    nested = Dataset()
    nested.StudyDescription = text
    image = ct_image(ReferencedStudySequence=Sequence([nested]))
    assert findings(image) == [Finding(kind, "(0008,1110)")]


@pytest.mark.parametrize(
    "text",
    [
        "1.2.840.10008.5.1.4",
        "2.25.5550101234",
        "T2 555-010",
        "+-123-45-6789-1",
        "3.5 x 4.2 @ 2",
        "kV=120",
        "MRN: SUVmax 12.4 at level 2A",
        "MRN: field map B0",
        "MRN: 0.625 mm bone",
        "MRN: 2021-03-04 MRI",
        "MRN: 20210304",
        "DOB: RADIOLOGIST: 3 views",
        "DOB: T10:15:00",
        "DOB: RAO 30 CAUD 20",
        "DOB: CPT 71260",
        "DOB: prior 20220915",
    ],
)
def test_what_only_looks_alike_does_not_count(text: str) -> None:
    assert findings(ct_image(ImageComments=text)) == []
