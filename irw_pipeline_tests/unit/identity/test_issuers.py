from __future__ import annotations

from irw_pipeline.identity.broker import dicom_person_key
from irw_pipeline.identity.issuers import Issuers


def seen(*objects: tuple[str, str, str]) -> Issuers:
    issuers = Issuers()
    for patient_id, issuer, study in objects:
        issuers.note(patient_id, issuer, study)
    return issuers


def test_the_only_issuer_of_an_id_fills_in_where_there_is_none() -> None:
    issuers = seen(("7", "A", "1.1"), ("7", "", "1.2"), ("8", "B", "1.3"))
    assert issuers.person_key("7", "A", "1.1") == dicom_person_key("A", "7")
    assert issuers.person_key("7", "", "1.2") == dicom_person_key("A", "7")
    assert issuers.person_key("9", "", "1.2") == dicom_person_key("", "9")


def test_two_issuers_of_an_id_are_two_persons_and_the_study_tells_whose_it_is() -> None:
    issuers = seen(("7", "A", "1.1"), ("7", "B", "1.2"), ("7", "", "1.2"), ("7", "", "1.3"))
    keys = [issuers.person_key("7", *rest) for rest in (("A", "1.1"), ("B", "1.2"))]
    assert keys == [dicom_person_key("A", "7"), dicom_person_key("B", "7")]
    assert issuers.person_key("7", "", "1.2") == dicom_person_key("B", "7")
    assert issuers.person_key("7", "", "1.3") == dicom_person_key("", "7")


def test_without_a_patient_id_each_study_is_a_person() -> None:
    issuers = seen(("", "A", "1.1"))
    assert issuers.person_key("", "A", "1.1") == dicom_person_key("A", "1.1")
    assert issuers.person_key("", "", "1.1") == dicom_person_key("", "1.1")
