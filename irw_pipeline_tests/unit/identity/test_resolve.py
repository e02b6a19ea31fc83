from __future__ import annotations

import pytest

from irw_pipeline.identity.known import known_from_patient_row
from irw_pipeline.identity.resolve import Match, PatientIndex, disagreements
from irw_pipeline.identity.subject import IdentifierKind, KnownIdentifier

EHR = ["ehr-1", "ehr-2", "ehr-3"]
MPI = [
    ("MRN-1", "HOSPITAL", "ehr-1"),
    ("MRN-2", None, "ehr-2"),
    ("TWICE", "HOSPITAL", "ehr-1"),
    ("TWICE", "CLINIC", "ehr-2"),
    ("GONE", "HOSPITAL", "ehr-9"),
    ("ehr-3", "HOSPITAL", "ehr-1"),
    ("ehr-2", "HOSPITAL", "ehr-9"),
]


@pytest.mark.parametrize(
    ("patient_id", "issuer", "expected"),
    [
        pytest.param("ehr-1", "", Match("ehr-1", is_by_mpi=False), id="direct"),
        pytest.param(" ehr-1 ", "ANY", Match("ehr-1", is_by_mpi=False), id="direct, padded"),
        pytest.param("MRN-1", "HOSPITAL", Match("ehr-1", is_by_mpi=True), id="exact"),
        pytest.param("MRN-1", "CLINIC", None, id="other issuer"),
        pytest.param("MRN-1", "", Match("ehr-1", is_by_mpi=True), id="header without issuer"),
        pytest.param("MRN-2", "", Match("ehr-2", is_by_mpi=True), id="neither has an issuer"),
        pytest.param("MRN-2", "ANY", Match("ehr-2", is_by_mpi=True), id="entry for any issuer"),
        pytest.param("TWICE", "", None, id="two candidates"),
        pytest.param("TWICE", "CLINIC", Match("ehr-2", is_by_mpi=True), id="issuer decides"),
        pytest.param("GONE", "HOSPITAL", None, id="unknown to the EHR"),
        pytest.param("ehr-3", "HOSPITAL", Match("ehr-1", is_by_mpi=True), id="MPI wins"),
        pytest.param("ehr-2", "HOSPITAL", None, id="no way back to the same id"),
        pytest.param("", "", None, id="empty"),
        pytest.param("nobody", "", None, id="nobody"),
    ],
)
def test_a_patient_id_stands_for_one_patient_or_for_none(
    patient_id: str, issuer: str, expected: Match | None
) -> None:
    """Guessing would put a person's images under another person."""
    assert PatientIndex(EHR, MPI).match(patient_id, issuer) == expected


def test_an_index_knows_whether_there_is_an_ehr() -> None:
    assert PatientIndex(EHR, []).has_ehr
    assert not PatientIndex([], MPI).has_ehr


def test_a_match_shows_no_identifier() -> None:
    assert "ehr-1" not in repr(Match("ehr-1", is_by_mpi=True))


PATIENT = {"birthdate": "1950-01-02", "gender": "F", "first": "Temika", "last": "Wuckert"}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ({"patient_birth_date": "19500102", "patient_sex": "F"}, set()),
        ({"patient_birth_date": "19500201"}, {"birth_date"}),
        ({"patient_sex": "M"}, {"sex"}),
        ({"patient_sex": "O"}, set()),
        ({"patient_name": "WUCKERT^T"}, set()),
        ({"patient_name": "Doe^John"}, {"name"}),
        ({"patient_name": None, "patient_birth_date": "", "patient_sex": None}, set()),
        ({"patient_birth_date": "not a date"}, set()),
        (
            {"patient_birth_date": "19600101", "patient_sex": "M", "patient_name": "Doe^John"},
            {"birth_date", "sex", "name"},
        ),
    ],
)
def test_only_what_both_sides_say_can_differ(
    header: dict[str, str | None], expected: set[str]
) -> None:
    assert disagreements(header, PATIENT) == expected


def test_a_maiden_name_and_accents_agree() -> None:
    row = {"first": "Zoë", "last": "Neu", "maiden": "Müller"}
    assert disagreements({"patient_name": "MÜLLER^ZOË"}, row) == frozenset()


def test_what_the_ehr_knows_is_searched_for_without_being_shown() -> None:
    row = {"id": "ehr-1", **PATIENT, "ssn": "999-00-1111", "zip": "12", "city": "Boston"}
    known = known_from_patient_row(row)
    assert KnownIdentifier(IdentifierKind.SSN, "999-00-1111") in known
    assert KnownIdentifier(IdentifierKind.NAME, "Wuckert^Temika") in known
    assert {"12", "Boston"}.isdisjoint(item.value for item in known)
    assert "Wuckert" not in repr(known)
