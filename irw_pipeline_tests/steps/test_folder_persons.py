"""What one header tells of a person goes from that person's other objects."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from irw_pipeline.dicom import read
from irw_pipeline.identity.broker import dicom_person_key
from irw_pipeline.steps.deidentify_folder import deidentify_folder
from irw_pipeline_tests.factories.dicom import broker, ct_image, from_bytes, to_bytes

if TYPE_CHECKING:
    from pathlib import Path

SILENT = dict.fromkeys(("PatientName", "PatientBirthDate", "AccessionNumber"), "")
TEXT = "CHEST Quillby, ref Ostrander, VX-99817, room STN4711, ACC-4711 w/o contrast"


def teller(**attributes: object) -> Dataset:
    return ct_image(
        **{
            "SOPInstanceUID": "1.2.3.1",
            "PatientName": "Quillby^Ada",
            "ReferringPhysicianName": "Ostrander^Jan",
            "AdmissionID": "VX-99817",
            "StationName": "STN4711",
            **attributes,
        }
    )


def silent(**attributes: object) -> Dataset:
    return ct_image(
        **{**SILENT, "SOPInstanceUID": "1.2.3.2", "StudyDescription": TEXT, **attributes}
    )


def run(
    tmp_path: Path, images: dict[str, bytes], policy: str = "research", workers: int = 1
) -> dict[str, dict[str, str]]:
    source = tmp_path / "in"
    source.mkdir(exist_ok=True)
    for name, content in images.items():
        (source / name).write_bytes(content)
    mapping = tmp_path / "map.csv"
    deidentify_folder(
        source,
        tmp_path / "out",
        policy=policy,
        mapping=mapping,
        broker=broker(),
        workers=workers,
    )
    with mapping.open(newline="") as stream:
        return {row["source"]: row for row in csv.DictReader(stream)}


def released(tmp_path: Path, row: dict[str, str]) -> Dataset:
    return from_bytes((tmp_path / "out" / row["output"]).read_bytes())


@pytest.mark.parametrize(
    "syntax",
    [
        ExplicitVRLittleEndian,
        ImplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
    ],
)
@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")], ids=["before", "after"])
def test_it_goes_from_text_whatever_the_order_of_the_files(
    tmp_path: Path, syntax: UID, names: tuple[str, str]
) -> None:
    rows = run(
        tmp_path, {names[0]: to_bytes(teller(), syntax), names[1]: to_bytes(silent(), syntax)}
    )
    text = released(tmp_path, rows[names[1]]).StudyDescription
    named = ("Quillby", "Ostrander", "VX-99817", "STN4711", "ACC-4711")
    assert [word for word in named if word in text] == []
    assert "CHEST" in text
    assert "w/o contrast" in text


def test_a_large_file_of_an_unusual_encoding_tells_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "_LARGE_FILE", 100)
    images = {"a": to_bytes(teller(), ExplicitVRBigEndian), "b": to_bytes(silent())}
    assert "Quillby" not in released(tmp_path, run(tmp_path, images)["b"]).StudyDescription


def test_a_header_longer_than_what_is_read_at_first_tells_too(tmp_path: Path) -> None:
    waveform = Dataset()
    waveform.add_new(0x54001010, "OW", bytes(100_000))
    image = teller(WaveformSequence=Sequence([waveform]))
    image["WaveformSequence"].is_undefined_length = True
    waveform.is_undefined_length_sequence_item = True
    rows = run(tmp_path, {"a": to_bytes(image), "b": to_bytes(silent())})
    assert rows["a"]["status"] == "released"
    assert "Quillby" not in released(tmp_path, rows["b"]).StudyDescription


def test_the_audit_looks_for_it(tmp_path: Path) -> None:
    pixels = b"\0\0 Quillby ".ljust(32, b"\0")
    rows = run(tmp_path, {"a": to_bytes(teller()), "b": to_bytes(silent(PixelData=pixels))})
    assert rows["b"]["reason"] == "RESIDUAL_IDENTIFIER"
    assert rows["b"]["detail"] == "name in (7FE0,0010)"


def test_it_stays_in_the_objects_of_others(tmp_path: Path) -> None:
    other = silent(PatientID="MRN-2", StudyDescription="STN4711 chest")
    rows = run(tmp_path, {"a": to_bytes(teller()), "b": to_bytes(other)})
    assert released(tmp_path, rows["b"]).StudyDescription == "STN4711 chest"


def test_any_number_of_workers_hears_the_same(tmp_path: Path) -> None:
    images = {"z": to_bytes(teller())} | {
        f"{number:03d}": to_bytes(silent(SOPInstanceUID=f"1.2.4.{number}")) for number in range(40)
    }
    outputs = []
    for workers in (1, 2):
        folder = tmp_path / str(workers)
        folder.mkdir()
        rows = run(folder, images, workers=workers)
        outputs.append(
            {name: (folder / "out" / row["output"]).read_bytes() for name, row in rows.items()}
        )
    assert outputs[0] == outputs[1]
    assert not [content for content in outputs[0].values() if b"Quillby" in content]


def test_a_patient_whose_issuer_stands_in_some_objects_is_one_person(tmp_path: Path) -> None:
    rows = run(
        tmp_path,
        {
            "a": to_bytes(teller(IssuerOfPatientID="HOSPITAL A")),
            "b": to_bytes(silent()),
            "c": to_bytes(silent(SOPInstanceUID="1.2.3.3", PatientID="mrn-0815")),
        },
    )
    own = broker().research_id(dicom_person_key("HOSPITAL A", "MRN-0815"))
    images = [released(tmp_path, rows[name]) for name in "ab"]
    assert {image.PatientID for image in images} == {own}
    assert images[0].StudyDate == images[1].StudyDate
    assert released(tmp_path, rows["c"]).PatientID != own
