"""An identifier is planted in every place that identity hides in; the words beside it must stay."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ImplicitVRLittleEndian

from irw_pipeline.dicom.read import quiet_pydicom
from irw_pipeline_tests.factories.dicom import ct_image, from_bytes, to_bytes
from irw_pipeline_tests.factories.released import NAME, release

SAFE_CREATOR = "GEMS_ACQU_01"
RT_STRUCT = "1.2.840.10008.5.1.4.1.1.481.3"
RT_PLAN = "1.2.840.10008.5.1.4.1.1.481.5"
RT_DOSE = "1.2.840.10008.5.1.4.1.1.481.2"
SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
ECG = "1.2.840.10008.5.1.4.1.1.9.1.1"
PRESENTATION = "1.2.840.10008.5.1.4.1.1.11.1"


def nested(path: str, value: object) -> Dataset:
    """A data set with `value` at `Sequence.Sequence.Attribute`."""
    first, _, rest = path.partition(".")
    dataset = Dataset()
    setattr(dataset, first, Sequence([nested(rest, value)]) if rest else value)
    return dataset


def found(dataset: Dataset, path: str) -> Any:
    for keyword in path.split("."):
        value = dataset.get(keyword)
        if value is None:
            return None
        dataset = value[0] if isinstance(value, Sequence) else value
    return dataset


def image_with(path: str, value: object, sop_class: str) -> Dataset:
    dataset = ct_image(SOPClassUID=sop_class)
    dataset.update(nested(path, value))
    return dataset


KEPT = [
    (
        "SharedFunctionalGroupsSequence.FrameAnatomySequence.AnatomicRegionSequence.CodeMeaning",
        ENHANCED_CT,
    ),
    ("PerFrameFunctionalGroupsSequence.FrameContentSequence.FrameComments", ENHANCED_CT),
    ("PerFrameFunctionalGroupsSequence.FrameContentSequence.FrameLabel", ENHANCED_CT),
    ("StructureSetROISequence.ROIName", RT_STRUCT),
    ("StructureSetROISequence.ROIDescription", RT_STRUCT),
    ("RTROIObservationsSequence.ROIObservationLabel", RT_STRUCT),
    ("StructureSetLabel", RT_STRUCT),
    ("StructureSetName", RT_STRUCT),
    ("StructureSetDescription", RT_STRUCT),
    ("RTPlanLabel", RT_PLAN),
    ("RTPlanName", RT_PLAN),
    ("RTPlanDescription", RT_PLAN),
    ("BeamSequence.BeamName", RT_PLAN),
    ("BeamSequence.BeamDescription", RT_PLAN),
    ("DoseComment", RT_DOSE),
    ("SegmentSequence.SegmentLabel", SEGMENTATION),
    ("SegmentSequence.SegmentDescription", SEGMENTATION),
    ("SegmentSequence.SegmentedPropertyTypeCodeSequence.CodeMeaning", SEGMENTATION),
    ("ContentDescription", SEGMENTATION),
    ("ContentLabel", SEGMENTATION),
    ("RealWorldValueMappingSequence.LUTExplanation", "1.2.840.10008.5.1.4.1.1.30"),
    ("WaveformSequence.ChannelDefinitionSequence.ChannelLabel", ECG),
    ("WaveformSequence.MultiplexGroupLabel", ECG),
    ("WaveformAnnotationSequence.UnformattedTextValue", ECG),
    ("WaveformAnnotationSequence.ConceptNameCodeSequence.CodeMeaning", ECG),
    ("GraphicAnnotationSequence.TextObjectSequence.UnformattedTextValue", PRESENTATION),
    ("GraphicLayerSequence.GraphicLayerDescription", PRESENTATION),
    ("GraphicLayerSequence.GraphicLayer", PRESENTATION),
    ("PresentationLUTSequence.LUTExplanation", PRESENTATION),
    ("RequestAttributesSequence.ScheduledProcedureStepDescription", ENHANCED_CT),
    ("ProcedureCodeSequence.CodeMeaning", ENHANCED_CT),
    (
        "CTExposureSequence.ReferencedRawDataSequence.ReferencedSeriesSequence.SeriesDescription",
        ENHANCED_CT,
    ),
    ("CommentsOnRadiationDose", ENHANCED_CT),
    ("ImageComments", ENHANCED_CT),
    ("AcquisitionComments", ENHANCED_CT),  # retired
    ("IdentifyingComments", ENHANCED_CT),  # retired
    ("SeriesDescription", ENHANCED_CT),
    ("ProtocolName", ENHANCED_CT),
    ("DerivationDescription", ENHANCED_CT),
    ("ContrastBolusAgent", ENHANCED_CT),
]


@pytest.mark.parametrize(("path", "sop_class"), KEPT, ids=[path for path, _ in KEPT])
def test_a_name_goes_and_the_words_beside_it_stay(path: str, sop_class: str) -> None:
    words = "LIVER 2"  # short and of capitals: some of these are CS, others SH
    after = from_bytes(release(to_bytes(image_with(path, f"{words} {NAME.upper()}", sop_class))))
    assert str(found(after, path)) == words
    clean = from_bytes(release(to_bytes(image_with(path, words, sop_class))))
    assert str(found(clean, path)) == words


GONE = [
    ("OriginalAttributesSequence.ModifiedAttributesSequence.PatientID", ENHANCED_CT),
    ("OriginalAttributesSequence.ModifiedAttributesSequence.PatientComments", ENHANCED_CT),
    ("IconImageSequence.RedPaletteColorLookupTableData", ENHANCED_CT),
    ("BeamSequence.TreatmentMachineName", RT_PLAN),
    ("ReviewerName", RT_PLAN),
    ("VerifyingObserverSequence.VerifyingObserverName", "1.2.840.10008.5.1.4.1.1.88.11"),
    ("ContentCreatorName", SEGMENTATION),
    ("OtherPatientIDsSequence.PatientID", ENHANCED_CT),
    ("DigitalSignaturesSequence.CertificateOfSigner", ENHANCED_CT),
    ("PatientInsurancePlanCodeSequence.CodeMeaning", ENHANCED_CT),
    ("MilitaryRank", ENHANCED_CT),
    ("RetrieveAETitle", ENHANCED_CT),
    ("ReferencedImageSequence.StationAETitle", ENHANCED_CT),
    ("RequestingService", ENHANCED_CT),
    ("IssuerOfAccessionNumberSequence.LocalNamespaceEntityID", ENHANCED_CT),
    ("StorageMediaFileSetID", ENHANCED_CT),
    ("DeviceID", ENHANCED_CT),
]


@pytest.mark.parametrize(("path", "sop_class"), GONE, ids=[path for path, _ in GONE])
def test_what_only_names_somebody_goes_whole(path: str, sop_class: str) -> None:
    stranger = "Zebra Quartz"  # known to nobody: only the rule for its place can take it out
    tag = tag_for_keyword(path.rpartition(".")[2])
    assert tag is not None
    value: object = stranger.encode() if path.endswith(("TableData", "OfSigner")) else stranger
    content = to_bytes(image_with(path, value, sop_class))
    assert b"Zebra" in content
    assert b"Zebra" not in release(content)


def test_private_sequences_go_and_safe_private_ones_are_walked() -> None:
    dataset = ct_image()
    inner = Dataset()
    inner.StudyComments = f"seen by {NAME}"
    inner.PatientName = "Zebra^Quartz"
    dataset.private_block(0x0009, "ZEBRA CREATOR", create=True).add_new(1, "SQ", Sequence([inner]))
    dataset.private_block(0x0019, SAFE_CREATOR, create=True).add_new(0x9E, "LO", f"FSE {NAME}")
    released = release(to_bytes(dataset))
    assert b"Zebra" not in released
    assert b"ZEBRA" not in released
    assert from_bytes(released).private_block(0x0019, SAFE_CREATOR)[0x9E].value == "FSE"


@pytest.mark.parametrize("form", ["UN", "implicit"])
def test_dates_and_text_in_retained_private_values_are_changed_whatever_their_form(
    form: str,
) -> None:
    dataset = ct_image()
    block = dataset.private_block(0x0019, SAFE_CREATOR, create=True)
    if form == "UN":
        block.add_new(0x9E, "UN", f"FSE of 2020-03-01 {NAME}".encode())
        content = to_bytes(dataset)
    else:
        block.add_new(0x9E, "LO", f"FSE of 2020-03-01 {NAME}")
        content = to_bytes(dataset, ImplicitVRLittleEndian)
    after = from_bytes(release(content))
    value = after.private_block(0x0019, SAFE_CREATOR)[0x9E].value
    text = value.decode() if isinstance(value, bytes) else value
    assert text.strip() == "FSE of 2019-11-22"


def test_nothing_outside_the_data_set_is_carried_over() -> None:
    """Preamble, file meta, padding, group lengths, and bytes after the last element."""
    dataset = ct_image()
    with quiet_pydicom():
        content = to_bytes(dataset)
        padding = struct.pack("<HH", 0xFFFC, 0xFFFC) + b"OB\0\0" + struct.pack("<L", 12)
    released = release(content + padding + b"Zebra Quartz")
    for secret in (b"Zebra", b"CANARY-META", b"CANARY-PREAMBLE"):
        assert secret not in released
    assert released[:128] == bytes(128)
    meta = from_bytes(released).file_meta
    assert {e.keyword for e in meta} == {
        "FileMetaInformationGroupLength",
        "FileMetaInformationVersion",
        "MediaStorageSOPClassUID",
        "MediaStorageSOPInstanceUID",
        "TransferSyntaxUID",
        "ImplementationClassUID",
        "ImplementationVersionName",
    }


def test_text_of_overlay_planes_and_curves_goes() -> None:
    """The plane itself keeps its four by four bits, and nothing behind them."""
    dataset = ct_image()
    for number, value in ((0x0010, 4), (0x0011, 4), (0x0100, 1)):
        dataset.add(DataElement(0x60020000 + number, "US", value))
    dataset.add(DataElement(0x60020022, "LO", "Zebra Quartz"))
    dataset.add(DataElement(0x60021500, "LO", "Zebra Quartz"))
    dataset.add(DataElement(0x60023000, "OW", b"Zebra Quartz"))
    dataset.add(DataElement(0x60024000, "LT", "Zebra Quartz"))
    dataset.add(DataElement(0x50022500, "LO", "Zebra Quartz"))
    dataset.add(DataElement(0x50023000, "OW", b"Zebra Quartz"))
    after = from_bytes(release(to_bytes(dataset)))
    kept = [tag for tag in after.keys() if tag >> 16 in (0x6002, 0x5002)]  # noqa: SIM118 - iterating gives elements
    assert kept == [0x60020010, 0x60020011, 0x60020100, 0x60023000]
    assert after[0x60023000].value == b"Ze"


@pytest.mark.parametrize(
    ("path", "value", "sop_class"),
    [
        ("StructureSetROISequence.ROIName", "Parotid_L", RT_STRUCT),
        ("SegmentSequence.SegmentLabel", "Liver", SEGMENTATION),
        ("WaveformSequence.ChannelDefinitionSequence.ChannelLabel", "Lead I", ECG),
        ("BeamSequence.BeamName", "Field 1", RT_PLAN),
    ],
)
def test_labels_stay_as_they_are(path: str, value: str, sop_class: str) -> None:
    assert found(from_bytes(release(to_bytes(image_with(path, value, sop_class)))), path) == value
