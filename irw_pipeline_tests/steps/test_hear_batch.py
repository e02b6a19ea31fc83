"""What one header of a batch tells of a person goes from that person's other objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irw_pipeline.identity.broker import dicom_person_key
from irw_pipeline.steps.deidentify_batch import deidentify_batch
from irw_pipeline.steps.land_drop import land_dicom, register_objects
from irw_pipeline.steps.read_batch import read_batch
from irw_pipeline_tests.factories.dicom import from_bytes
from irw_pipeline_tests.steps.hospital import PATIENT, patient, publish, read, write_image

if TYPE_CHECKING:
    from pathlib import Path

    from irw_pipeline.steps.warehouse import Warehouse


def run(warehouse: Warehouse, drop: Path) -> dict[str, str]:
    """The descriptions of what was released, and whose it is, by that."""
    [batch] = register_objects(warehouse, land_dicom(warehouse, drop))
    assert read_batch(warehouse, batch).verdict.passed
    deidentify_batch(warehouse, batch)
    found = {}
    for row in read(warehouse, "imaging.instance"):
        content = warehouse.lake.objects("research").get(row["object_path"])
        assert content is not None
        found[str(from_bytes(content).SeriesDescription)] = row["research_id"]
    return found


def test_it_goes_from_text_whatever_the_order(warehouse: Warehouse, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    for number, name in enumerate(("a", "m", "z")):
        naming = {"ReferringPhysicianName": "Ostrander^Jan"} if name == "m" else {}
        text = f"Ostrander plan {number}"
        write_image(drop, name, SOPInstanceUID=f"1.2.9.{number}", SeriesDescription=text, **naming)
    publish(warehouse, PATIENT, patient())
    assert sorted(run(warehouse, drop)) == ["plan 0", "plan 1", "plan 2"]


def test_without_an_ehr_an_issuer_in_some_objects_makes_no_second_person(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    drop = tmp_path / "drop"
    write_image(drop, "a", SOPInstanceUID="1.2.9.1", SeriesDescription="one")
    named = {"IssuerOfPatientID": "HOSPITAL A", "SeriesDescription": "two"}
    write_image(drop, "b", SOPInstanceUID="1.2.9.2", **named)
    own = warehouse.broker.research_id(dicom_person_key("HOSPITAL A", "MRN-0815"))
    assert run(warehouse, drop) == {"one": own, "two": own}
