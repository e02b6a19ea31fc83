"""A batch, from received bytes to released objects and rows, over a real lake."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from irw_pipeline.contracts.model import contracts_root
from irw_pipeline.identity.broker import ehr_person_key
from irw_pipeline.steps.deidentify_batch import BatchOutcome, deidentify_batch
from irw_pipeline.steps.land_drop import land_dicom, register_objects
from irw_pipeline.steps.map_persons import map_persons
from irw_pipeline.steps.read_batch import read_batch
from irw_pipeline.steps.watch_landing import waiting_batches
from irw_pipeline_tests.factories.dicom import from_bytes
from irw_pipeline_tests.steps.hospital import (
    MPI,
    PATIENT,
    patient,
    publish,
    read,
    versions,
    write_image,
)

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from irw_pipeline.steps.warehouse import Warehouse

OUTPUTS = (
    "raw.landing_object",
    "raw.dicom_instance",
    "vault.person_map",
    "imaging.instance",
    "imaging.action_log",
    "quarantine.instance",
    "quarantine.row",
    "ops.gate_verdict",
)


def run(warehouse: Warehouse, drop: Path) -> BatchOutcome:
    [batch] = register_objects(warehouse, land_dicom(warehouse, drop))
    assert read_batch(warehouse, batch).verdict.passed
    assert map_persons(warehouse).verdict.passed
    return deidentify_batch(warehouse, batch)


def reasons(warehouse: Warehouse) -> list[str]:
    return sorted(row["reason_code"] for row in read(warehouse, "quarantine.instance"))


def object_files(warehouse: Warehouse) -> set[str]:
    return {info.path for info in warehouse.lake.objects("research").list("objects")}


def entry(patient_id: str, of: str, issuer: str | None = None) -> dict[str, Any]:
    return {"row_key": "0" * 32, "patient_id": patient_id, "issuer": issuer, "ehr_patient_id": of}


def test_every_received_object_is_released_or_waits(warehouse: Warehouse, tmp_path: Path) -> None:
    """Nothing may be lost: the two counts add up, and each released row has its file."""
    drop = tmp_path / "drop"
    for name in ("one", "two", "same"):
        write_image(drop, name, SeriesInstanceUID=f"1.2.{len(name)}.{sum(name.encode())}")
    shutil.copy(drop / "same", drop / "same again")
    write_image(drop, "stranger", PatientID="UNKNOWN", StudyInstanceUID="1.9")
    write_image(drop, "nobody", PatientID="", StudyInstanceUID="1.9.1")
    (drop / "text").write_text("not DICOM")
    (drop / "empty").touch()
    publish(warehouse, PATIENT, patient(), patient("other"))
    outcome = run(warehouse, drop)
    assert outcome.received == 8
    assert (outcome.instances.rows, outcome.quarantined.rows) == (3, 5)
    assert reasons(warehouse) == [
        "DUPLICATE_INSTANCE",
        "EMPTY_OBJECT",
        "NOT_DICOM",
        "PATIENT_ID_MISSING",
        "PATIENT_UNKNOWN",
    ]
    released = read(warehouse, "imaging.instance")
    assert object_files(warehouse) == {row["object_path"] for row in released}
    key = ehr_person_key("MRN-0815")
    assert {row["person_id"] for row in released} == {warehouse.broker.person_id(key)}
    logged = {row["sop_instance_uid"] for row in read(warehouse, "imaging.action_log")}
    assert logged == {row["sop_instance_uid"] for row in released}
    [local] = [warehouse.lake.objects("restricted").local("staging")]
    assert local is not None
    assert list(local.iterdir()) == []


def test_a_released_object_is_the_one_of_its_row(warehouse: Warehouse, tmp_path: Path) -> None:
    write_image(tmp_path / "drop", "one")
    publish(warehouse, PATIENT, patient())
    run(warehouse, tmp_path / "drop")
    [row] = read(warehouse, "imaging.instance")
    content = warehouse.lake.objects("research").get(row["object_path"])
    assert content is not None
    assert len(content) == row["object_bytes"]
    assert not [v for v in (b"MRN-0815", b"Wuckert", b"ACC-4711", b"20200301") if v in content]
    image = from_bytes(content)
    assert image.PatientID == row["research_id"]
    assert image.SOPInstanceUID == row["sop_instance_uid"]
    [person] = read(warehouse, "vault.person_map")
    assert person["research_id"] == row["research_id"]
    assert person["person_id"] == row["person_id"]


def test_a_second_run_changes_no_version_and_no_file(warehouse: Warehouse, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    write_image(drop, "one")
    write_image(drop, "stranger", PatientID="UNKNOWN")
    publish(warehouse, PATIENT, patient())
    run(warehouse, drop)
    store = warehouse.lake.objects("research")
    [path] = object_files(warehouse)
    file = store.local(path)
    assert file is not None
    before = versions(warehouse, *OUTPUTS), file.stat().st_mtime_ns
    run(warehouse, drop)
    assert (versions(warehouse, *OUTPUTS), file.stat().st_mtime_ns) == before


def test_who_waits_is_released_when_the_ehr_knows_them(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """Images often come before the extract that names their patient."""
    drop = tmp_path / "drop"
    write_image(drop, "one")
    publish(warehouse, PATIENT, patient("other"))
    outcome = run(warehouse, drop)
    assert (outcome.instances.rows, outcome.quarantined.rows) == (0, 1)
    [batch] = waiting_batches(warehouse)
    publish(warehouse, PATIENT, patient("other"), patient())
    outcome = run(warehouse, drop)
    assert (outcome.instances.rows, outcome.quarantined.rows) == (1, 0)
    assert outcome.instances.is_changed
    assert [row["ingest_batch"] for row in read(warehouse, "imaging.instance")] == [batch]
    assert waiting_batches(warehouse) == []


def test_who_is_no_longer_known_is_withdrawn(warehouse: Warehouse, tmp_path: Path) -> None:
    """A wrong match that the EHR takes back must take its files back too."""
    drop = tmp_path / "drop"
    write_image(drop, "one")
    publish(warehouse, PATIENT, patient())
    run(warehouse, drop)
    assert len(object_files(warehouse)) == 1
    publish(warehouse, PATIENT, patient("other"))
    run(warehouse, drop)
    assert read(warehouse, "imaging.instance") == []
    assert object_files(warehouse) == set()


def test_a_header_that_contradicts_the_ehr_holds_its_whole_study(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """One wrong birth date says that the study may be another person's."""
    drop = tmp_path / "drop"
    write_image(drop, "right")
    write_image(drop, "wrong", PatientBirthDate="19990909")
    write_image(drop, "other study", StudyInstanceUID="1.9", SeriesInstanceUID="1.9.1")
    publish(warehouse, PATIENT, patient())
    outcome = run(warehouse, drop)
    assert outcome.instances.rows == 1
    held = read(warehouse, "quarantine.instance")
    assert {(row["reason_code"], row["detail"]) for row in held} == {
        ("IDENTITY_MISMATCH", "birth_date")
    }
    assert len(held) == 2
    [released] = read(warehouse, "imaging.instance")
    assert released["study_instance_uid"] == warehouse.broker.uid("1.9")


def test_the_mpi_turns_a_contradiction_into_a_warning(warehouse: Warehouse, tmp_path: Path) -> None:
    """Whoever keeps the MPI has looked at both records."""
    drop = tmp_path / "drop"
    write_image(drop, "one", PatientBirthDate="19990909", PatientID="ALIAS")
    publish(warehouse, PATIENT, patient())
    publish(warehouse, MPI, entry("ALIAS", "MRN-0815"))
    outcome = run(warehouse, drop)
    assert (outcome.instances.rows, outcome.quarantined.rows) == (1, 0)
    [row] = read(warehouse, "imaging.instance")
    assert row["identity_warning"] == "birth_date"
    assert row["research_id"] == warehouse.broker.research_id(ehr_person_key("MRN-0815"))


def test_another_name_alone_is_a_warning(warehouse: Warehouse, tmp_path: Path) -> None:
    """Names change by marriage; the id, the birth date and the sex agree."""
    write_image(tmp_path / "drop", "one", PatientName="Neumann^Anna")
    publish(warehouse, PATIENT, patient())
    run(warehouse, tmp_path / "drop")
    [row] = read(warehouse, "imaging.instance")
    assert row["identity_warning"] == "name"


def test_an_object_whose_row_is_refused_leaves_no_file(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """A file without a row would be readable by whoever lists the zone."""
    drop = tmp_path / "drop"
    for name in ("one", "two"):
        write_image(drop, name)
    write_image(drop, "odd", Modality="ZZ")
    publish(warehouse, PATIENT, patient())
    outcome = run(warehouse, drop)
    assert (outcome.instances.rows, outcome.quarantined.rows) == (2, 1)
    [held] = read(warehouse, "quarantine.instance")
    assert (held["reason_code"], held["detail"]) == ("VALUE_NOT_ALLOWED", "modality.one_of")
    paths = {row["object_path"] for row in read(warehouse, "imaging.instance")}
    assert object_files(warehouse) == paths
    logged = {row["sop_instance_uid"] for row in read(warehouse, "imaging.action_log")}
    assert len(logged) == 2


def test_a_closed_gate_releases_no_file(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No object may reach the research zone before its catalogue row may."""
    root = tmp_path / "contracts"
    shutil.copytree(contracts_root(), root)
    edited = root / "imaging" / "instance.odcs.yaml"
    false = "{type: sql, name: never, query: 'SELECT count(*) FROM {table}', mustBe: 0}"
    edited.write_text(f"{edited.read_text()}  quality: [{false}]\n")
    write_image(tmp_path / "drop", "one")
    publish(warehouse, PATIENT, patient())
    monkeypatch.setattr("irw_pipeline.contracts.model.contracts_root", lambda: root)
    outcome = run(warehouse, tmp_path / "drop")
    assert outcome.instances.verdict.broken == ("never",)
    assert object_files(warehouse) == set()
    assert read(warehouse, "imaging.instance") == []


def test_an_object_that_left_the_landing_zone_is_an_outcome(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    write_image(tmp_path / "drop", "one")
    publish(warehouse, PATIENT, patient())
    [batch] = register_objects(warehouse, land_dicom(warehouse, tmp_path / "drop"))
    read_batch(warehouse, batch)
    landed = warehouse.lake.objects("landing")
    landed.delete([info.path for info in landed.list("dicom")])
    deidentify_batch(warehouse, batch)
    assert reasons(warehouse) == ["OBJECT_MISSING"]
    read_batch(warehouse, batch)
    assert read(warehouse, "raw.dicom_instance")[0]["read_status"] == "OBJECT_MISSING"


def test_an_instance_of_an_earlier_batch_is_a_duplicate(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """A study that is sent twice must be counted once."""
    write_image(tmp_path / "a", "one")
    write_image(tmp_path / "b", "one", StudyDescription="sent again")
    publish(warehouse, PATIENT, patient())
    assert run(warehouse, tmp_path / "a").instances.rows == 1
    assert run(warehouse, tmp_path / "b").instances.rows == 0
    assert reasons(warehouse) == ["DUPLICATE_INSTANCE"]
    assert len(object_files(warehouse)) == 1


def test_without_an_ehr_the_images_are_the_people(warehouse: Warehouse, tmp_path: Path) -> None:
    """The same id of two issuers is two persons."""
    drop = tmp_path / "drop"
    for number, issuer in enumerate(("A", "B", "B")):
        write_image(drop, f"n{number}", IssuerOfPatientID=issuer, StudyInstanceUID=f"1.{number}")
    assert run(warehouse, drop).instances.rows == 3
    people = read(warehouse, "vault.person_map")
    assert len(people) == 2
    released = {row["person_id"] for row in read(warehouse, "imaging.instance")}
    assert released == {row["person_id"] for row in people}
