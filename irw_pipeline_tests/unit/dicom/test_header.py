from __future__ import annotations

from datetime import date

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from irw_pipeline.dicom.header import catalogue_row, header_facts, text_of
from irw_pipeline.dicom.read import read_dataset
from irw_pipeline_tests.factories.dicom import ct_image, to_bytes


def row(**attributes: object) -> dict[str, object]:
    return catalogue_row(read_dataset(to_bytes(ct_image(**attributes))))


def test_facts_are_as_received_and_stripped() -> None:
    facts = header_facts(read_dataset(to_bytes(ct_image(IssuerOfPatientID=" GH "))))
    assert facts == {
        "sop_instance_uid": "1.2.3.4.5.6.1",
        "sop_class_uid": "1.2.840.10008.5.1.4.1.1.2",
        "study_instance_uid": "1.2.3.4.5.6.2",
        "series_instance_uid": "1.2.3.4.5.6.3",
        "transfer_syntax_uid": "1.2.840.10008.1.2.1",
        "patient_id": "MRN-0815",
        "issuer_of_patient_id": "GH",
        "patient_name": "Wuckert^Temika",
        "patient_birth_date": "19500102",
        "patient_sex": "F",
        "accession_number": "ACC-4711",
        "study_date": "20200301",
        "modality": "CT",
    }


def test_the_row_is_typed() -> None:
    made = row(
        PixelSpacing=["0.5", "0.6"], KVP="120", SeriesNumber="3", ImageType=["ORIGINAL", "PRIMARY"]
    )
    assert made["study_date"] == date(2020, 3, 1)
    assert (made["pixel_spacing_mm"], made["kvp_kv"], made["series_number"]) == (0.5, 120.0, 3)
    assert (made["rows"], made["number_of_frames"], made["patient_age_years"]) == (4, 1, 70)
    assert made["image_type"] == "ORIGINAL\\PRIMARY"
    assert made["body_part_examined"] is None


def test_malformed_values_are_none() -> None:
    made = row(KVP="", StudyDate="2020", PatientAge="old", SeriesNumber="99999999999", Modality="")
    for column in ("kvp_kv", "study_date", "patient_age_years", "series_number", "modality"):
        assert made[column] is None


def test_geometry_of_enhanced_objects_comes_from_their_functional_groups() -> None:
    measures, group = Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = ["0.7", "0.7"], "2.5"
    group.PixelMeasuresSequence = Sequence([measures])
    made = row(SharedFunctionalGroupsSequence=Sequence([group]), NumberOfFrames=1)
    assert (made["pixel_spacing_mm"], made["slice_thickness_mm"]) == (0.7, 2.5)


def test_an_empty_element_of_an_unknown_vr_is_none() -> None:
    """pydicom converts an empty element when it is looked at, and cannot."""
    nothing = RawDataElement(
        Tag("Modality"), "\x55\xab", 0, None, 0, is_implicit_VR=False, is_little_endian=True
    )
    dataset = Dataset()
    dataset[nothing.tag] = nothing
    assert text_of(dataset, "Modality") is None
