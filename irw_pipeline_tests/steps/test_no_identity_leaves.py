"""Canaries in every source: nothing outside the restricted zones, logs or errors holds one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from irw_pipeline.ids import TableName
from irw_pipeline.lake.zones import local_path
from irw_pipeline.steps.build_table import build_table
from irw_pipeline.steps.deidentify_batch import deidentify_batch
from irw_pipeline.steps.describe_lake import describe_lake
from irw_pipeline.steps.find_subjects import subject_finder
from irw_pipeline.steps.land_drop import land_dicom, register_objects
from irw_pipeline.steps.map_persons import map_persons
from irw_pipeline.steps.read_batch import read_batch
from irw_pipeline_tests.steps.hospital import PATIENT, patient, publish, read, write_image

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from irw_pipeline.steps.warehouse import Warehouse

CANARIES = (b"CANARY", b"Wuckert", b"Temika", b"MRN-0815", b"ACC-4711", b"1950-01-02", b"19500102")


def leaks(folder: Path) -> list[str]:
    """The files below a folder that hold a canary, in their bytes or in their path."""
    found = []
    for path in folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        named = str(path.relative_to(folder)).encode()
        found += [f"{path} {c!r}" for c in CANARIES if c in content or c in named]
    return found


def test_no_canary_reaches_the_research_zone_a_log_or_a_verdict(
    warehouse: Warehouse,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG, logger="irw_pipeline")
    caplog.set_level(logging.INFO)
    drop = tmp_path / "CANARY drop"
    write_image(drop, "CANARY one")
    write_image(drop, "CANARY stranger", PatientID="CANARY-UNKNOWN", StudyInstanceUID="1.9")
    write_image(drop, "CANARY wrong", PatientBirthDate="19990909", StudyInstanceUID="1.8")
    write_image(drop, "CANARY odd", Modality="CANARY-MOD", StudyInstanceUID="1.7")
    (drop / "CANARY text").write_text("CANARY")
    comments = "Mrs. Temika Wuckert, MRN-0815, born 1950-01-02, CANARY street, ACC-4711"
    texts = dict.fromkeys(("StudyDescription", "SeriesDescription", "ImageComments"), comments)
    private = ("PatientAddress", "OtherPatientNames", "PatientComments", "ReferringPhysicianName")
    named = dict.fromkeys(private, "CANARY")
    write_image(drop, "CANARY full", StudyInstanceUID="1.6", **texts, **named)
    ehr = patient(ssn="999-CANARY", address="CANARY street", maiden="CANARY")
    shown: list[object] = [publish(warehouse, PATIENT, ehr, patient("CANARY", gender=None))]
    [batch] = register_objects(warehouse, land_dicom(warehouse, drop))
    shown += [read_batch(warehouse, batch), map_persons(warehouse)]
    shown += subject_finder(warehouse).find_all(read(warehouse, "raw.dicom_instance"))
    outcome = deidentify_batch(warehouse, batch)
    assert outcome.instances.rows == 2
    assert outcome.quarantined.rows == 4
    shown += [outcome, warehouse, warehouse.broker]
    shown += [
        build_table(warehouse, TableName.parse(name)) for name in ("imaging.series", "omop.person")
    ]
    shown += [read(warehouse, "quarantine.instance"), read(warehouse, "ops.gate_verdict")]
    shown += [read(warehouse, "imaging.action_log"), describe_lake(warehouse).text]
    assert "PATIENT_UNKNOWN" in describe_lake(warehouse).text
    said = "".join([*map(repr, shown), caplog.text, *capfd.readouterr()])
    said = said.replace(str(tmp_path), "")
    assert [canary for canary in CANARIES if canary.decode() in said] == []
    research = local_path(warehouse.lake.zones.uris["research"])
    assert research is not None
    assert len(list(research.rglob("*.dcm"))) == 2
    assert leaks(research) == []
    restricted = local_path(warehouse.lake.zones.uris["restricted"])
    assert restricted is not None
    assert leaks(restricted), "the search finds what is there"
