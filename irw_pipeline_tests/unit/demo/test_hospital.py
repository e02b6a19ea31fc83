"""The synthetic hospital: what the demo promises of its drops."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pydicom
import pytest

from irw_pipeline.demo import codes
from irw_pipeline.demo.archive import RELEASED, study_folder
from irw_pipeline.demo.hospital import Hospital, make_hospital
from irw_pipeline.demo.images import SOURCES, template
from irw_pipeline.demo.people import OLDEST, make_people
from irw_pipeline.demo.story import Link
from irw_pipeline.demo.tables import COLUMNS
from irw_pipeline.errors import InputError
from irw_pipeline.ids import ReasonCode

if TYPE_CHECKING:
    from pathlib import Path

NOT_READABLE = {
    ReasonCode.UNREADABLE,
    ReasonCode.EMPTY_OBJECT,
    ReasonCode.NOT_DICOM,
    ReasonCode.MISSING_REQUIRED_ATTRIBUTE,
    ReasonCode.PATIENT_ID_MISSING,
}


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Hospital:
    return make_hospital(tmp_path_factory.mktemp("hospital"))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    make_hospital(tmp_path / "one", patients=4, seed=7)
    make_hospital(tmp_path / "two", patients=4, seed=7)
    make_hospital(tmp_path / "other", patients=4, seed=8)

    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")
    assert hashes(tmp_path / "one") != hashes(tmp_path / "other")


def test_it_is_as_large_as_the_demo_promises(hospital: Hospital) -> None:
    studies = Counter(study.exam.modality for study in hospital.studies)

    assert hospital.patient_count == len(rows(hospital.ehr / "patients.csv")) == 40
    assert hospital.study_count >= 60
    assert set(studies) == {"CT", "MR", "CR", "DX", "MG", "US", "PT"}
    assert sum(path.stat().st_size for path in hospital.dicom.rglob("*") if path.is_file()) < 120e6


def test_the_smallest_hospital_has_every_awkward_file(hospital: Hospital, tmp_path: Path) -> None:
    small = make_hospital(tmp_path, patients=4)

    assert Counter(item.what for item in small.awkward) == Counter(
        item.what for item in hospital.awkward
    )


def test_every_file_of_the_drop_is_accounted_for(hospital: Hospital) -> None:
    files = {
        path.relative_to(hospital.dicom).as_posix()
        for path in hospital.dicom.rglob("*")
        if path.is_file()
    }

    assert files == {item.path for item in hospital.received}
    assert len(files) == hospital.instance_count


def test_every_other_file_is_a_whole_image_of_a_known_patient(hospital: Hospital) -> None:
    known = {(row["Id"], "") for row in rows(hospital.ehr / "patients.csv")}
    known |= {(row["patient_id"], row["issuer"]) for row in rows(hospital.mpi)}
    uids = set()
    for item in hospital.received:
        if item.outcome in NOT_READABLE:
            continue
        dataset = pydicom.dcmread(hospital.dicom / item.path)
        is_known = (dataset.PatientID, dataset.get("IssuerOfPatientID", "")) in known
        assert is_known == (item.outcome != ReasonCode.PATIENT_UNKNOWN), item.path
        assert dataset.file_meta.MediaStorageSOPInstanceUID == dataset.SOPInstanceUID
        if item.outcome != ReasonCode.DUPLICATE_INSTANCE:
            assert dataset.SOPInstanceUID not in uids
            uids.add(dataset.SOPInstanceUID)


def test_header_and_ehr_agree_where_the_file_is_not_awkward(hospital: Hospital) -> None:
    people = {row["Id"]: row for row in rows(hospital.ehr / "patients.csv")}
    people |= {row["patient_id"]: people[row["ehr_patient_id"]] for row in rows(hospital.mpi)}
    for item in hospital.received:
        if item.outcome != RELEASED or item.what:
            continue
        dataset = pydicom.dcmread(hospital.dicom / item.path, stop_before_pixels=True)
        person = people[dataset.PatientID]
        assert dataset.PatientBirthDate == person["BIRTHDATE"].replace("-", "")
        assert str(dataset.PatientName) == f"{person['LAST']}^{person['FIRST']}"
        assert dataset.PatientSex == person["GENDER"]


@pytest.mark.parametrize("name", sorted(set(SOURCES) - {"report"}))
def test_the_pixels_of_every_source_can_be_decoded(name: str) -> None:
    dataset = template(name)

    assert dataset.pixel_array.shape[:2] == (dataset.Rows, dataset.Columns)


def test_the_report_refers_to_images_of_its_study(hospital: Hospital) -> None:
    reports = [item for item in hospital.received if "/series50/" in item.path]
    assert reports
    for item in reports:
        report = pydicom.dcmread(hospital.dicom / item.path)
        evidence = report.CurrentRequestedProcedureEvidenceSequence[0]
        shown = [
            image.ReferencedSOPInstanceUID
            for image in evidence.ReferencedSeriesSequence[0].ReferencedSOPSequence
        ]
        study = next(study for study in hospital.studies if study.uid == report.StudyInstanceUID)
        assert evidence.StudyInstanceUID == study.uid
        assert shown == [instance.uid for instance in study.series[0].instances]


def test_a_patient_is_older_than_89_at_the_examination(hospital: Hospital) -> None:
    study = next(study for study in hospital.studies if study.person.number == OLDEST)
    image = next((hospital.dicom / study_folder(study)).rglob("*.dcm"))

    assert int(pydicom.dcmread(image).PatientAge[:3]) > 89


def test_every_way_of_linking_occurs(hospital: Hospital) -> None:
    procedures = {
        (row["PATIENT"], row["CODE"], row["START"][:10])
        for row in rows(hospital.ehr / "procedures.csv")
    }
    imaging = rows(hospital.ehr / "imaging_studies.csv")
    accessions = {row["ACCESSION_NUMBER"] for row in imaging}
    series = {row["SERIES_UID"] for row in imaging}

    assert {study.link for study in hospital.studies} == set(Link)
    for study in hospital.studies:
        day = study.procedure_at.date().isoformat()
        key = (study.person.ehr_id, study.exam.procedure.code, day)
        assert (key in procedures) == (study.link is not Link.NONE)
        assert (study.accession in accessions) == (study.link is Link.ACCESSION)
        assert (study.series[0].uid in series) == (study.link is Link.STUDY_UID)
        assert study.procedure_at - study.started_at < timedelta(days=2)


def test_each_field_has_members_and_others(hospital: Hospital) -> None:
    fields = Counter(person.field for person in hospital.people)
    diagnoses = {row["CODE"] for row in rows(hospital.ehr / "conditions.csv")}
    founding = (
        codes.BREAST_CANCER,
        codes.PROSTATE_CANCER,
        codes.ALZHEIMER,
        codes.PARKINSON,
        codes.MULTIPLE_SCLEROSIS,
        codes.CROHN,
        codes.ULCERATIVE_COLITIS,
        codes.SPINE_INJURY,
        codes.SPINE_FRACTURE,
    )

    assert all(count >= 4 for count in fields.values())
    assert len(fields) == 7
    assert {code.code for code in founding} <= diagnoses


def test_references_between_ehr_tables_hold(hospital: Hospital) -> None:
    patients = {row["Id"] for row in rows(hospital.ehr / "patients.csv")}
    encounters = {row["Id"] for row in rows(hospital.ehr / "encounters.csv")}
    for name, columns in COLUMNS.items():
        for row in rows(hospital.ehr / f"{name}.csv"):
            assert row.get("PATIENT", next(iter(patients))) in patients
            if "ENCOUNTER" in columns:
                assert row["ENCOUNTER"] in encounters | {""}
    assert len(encounters) == len(rows(hospital.ehr / "encounters.csv"))


def test_names_are_of_one_person_each() -> None:
    people = make_people(2017, 180)

    assert len({person.header_name for person in people}) == len(people)


def test_odd_rows_are_there(hospital: Hospital) -> None:
    observations = [tuple(row.items()) for row in rows(hospital.ehr / "observations.csv")]
    medications = rows(hospital.ehr / "medications.csv")

    assert len(observations) > len(set(observations))
    assert any(row["STOP"] and row["STOP"] < row["START"] for row in medications)
    assert any("\u200b" in row["TEXT"] for row in rows(hospital.ehr / "notes.csv"))
    assert any(row["CODE"] == codes.ADDRESS.code for row in map(dict, observations))


def test_too_few_patients_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least 4"):
        make_hospital(tmp_path, patients=3)


@pytest.mark.shared
def test_columns_equal_those_of_synthea(hospital: Hospital, request: pytest.FixtureRequest) -> None:
    export = request.config.rootpath.parent / "shared/data/ehr/synthea_ma_110"
    if not export.is_dir():
        pytest.skip("no Synthea export stands beside the checkout")
    compared = 0
    for path in sorted(export.glob("*.csv")):
        with path.open(encoding="utf-8") as theirs:
            expected = theirs.readline().strip()
        with (hospital.ehr / path.name).open(encoding="utf-8") as ours:
            assert ours.readline().strip().removesuffix(",ACCESSION_NUMBER") == expected
        compared += 1
    assert compared >= 10
