"""Real pixels and headers for the demo, from DICOM files that installed packages ship.

`template` gives a fresh dataset for a named source, free of its first owner's identity. PT, DX and
MG have no small file of their own in those packages: a CT or CR image is re-headed for them.
"""

from __future__ import annotations

import copy
import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pydicom
from pydicom.config import disable_value_validation
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

from irw_pipeline.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

_OVERLAY_FIRST, _OVERLAY_LAST = 0x6000, 0x60FF
_STALE = (
    "AccessionNumber",
    "DataSetTrailingPadding",
    "ImageComments",
    "InstanceCreatorUID",
    "IssuerOfPatientID",
    "NameOfPhysiciansReadingStudy",
    "OtherPatientIDsSequence",
    "PatientComments",
    "PatientIdentityRemoved",
    "DeidentificationMethod",
    "ReferencedImageSequence",
    "ReferencedPerformedProcedureStepSequence",
    "RequestAttributesSequence",
    "SourceImageSequence",
    "TimezoneOffsetFromUTC",
    "PregnancyStatus",
)
_XRAY_TUBE = (
    "KVP",
    "ExposureTime",
    "XRayTubeCurrent",
    "Exposure",
    "FilterType",
    "GeneratorPower",
    "FocalSpots",
    "ConvolutionKernel",
    "ScanOptions",
    "DistanceSourceToDetector",
    "DistanceSourceToPatient",
    "GantryDetectorTilt",
    "RotationDirection",
    "DataCollectionDiameter",
    "ContrastBolusAgent",
    "ContrastBolusRoute",
)


@dataclass(frozen=True)
class Source:
    """Where a kind of image comes from: a file of a package, and what is done to it."""

    package: str
    path: str
    change: Callable[[Dataset], None] | None = None


def _drop(dataset: Dataset, keywords: tuple[str, ...]) -> None:
    for keyword in keywords:
        if keyword in dataset:
            delattr(dataset, keyword)


def _shrink(dataset: Dataset, step: int) -> None:
    """Keep every `step`-th pixel of an uncompressed single frame."""
    pixels = dataset.pixel_array[::step, ::step]
    dataset.Rows, dataset.Columns = pixels.shape
    spacing = [str(round(0.2 * step, 3))] * 2  # these files state none, or zero
    _drop(dataset, ("PixelSpacing",))
    dataset.ImagerPixelSpacing = spacing
    dataset.PixelData = pixels.tobytes()


def _to_computed_radiograph(dataset: Dataset) -> None:
    _shrink(dataset, 5)
    dataset.PixelSpacing = dataset.ImagerPixelSpacing


def _to_digital_radiograph(dataset: Dataset) -> None:
    """PS3.3 A.26: Digital X-Ray Image - For Presentation."""
    _shrink(dataset, 5)
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"
    dataset.Modality = "DX"
    dataset.PresentationIntentType = "FOR PRESENTATION"
    dataset.PixelIntensityRelationship = "LOG"
    dataset.PixelIntensityRelationshipSign = -1
    dataset.PresentationLUTShape = "INVERSE"
    dataset.DetectorType = "DIRECT"
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = "0", "1", "US"


def _to_mammogram(dataset: Dataset) -> None:
    """PS3.3 A.27: Digital Mammography X-Ray Image - For Presentation."""
    _to_digital_radiograph(dataset)
    _shrink(dataset, 2)
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1.2"
    dataset.Modality = "MG"
    dataset.ImagerPixelSpacing = ["0.07", "0.07"]
    dataset.KVP = "28"
    dataset.AnodeTargetMaterial = "MOLYBDENUM"
    dataset.CompressionForce = "95"
    dataset.BodyPartThickness = "52"
    dataset.OrganDose = "0.013"


def _to_pet(dataset: Dataset) -> None:
    """PS3.3 A.21: Positron Emission Tomography Image."""
    _drop(dataset, _XRAY_TUBE)
    dataset.remove_private_tags()
    pixels = dataset.pixel_array.astype(np.int32)
    pixels -= pixels.min()
    dataset.PixelData = pixels.astype("<u2").tobytes()
    dataset.PixelRepresentation = 0
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.128"
    dataset.Modality = "PT"
    _drop(dataset, ("PixelPaddingValue", "SmallestImagePixelValue", "LargestImagePixelValue"))
    dataset.RescaleIntercept, dataset.RescaleSlope = "0", "2.75"
    dataset.Units = "BQML"
    dataset.SeriesType = ["STATIC", "IMAGE"]
    dataset.CountsSource = "EMISSION"
    dataset.DecayCorrection = "START"
    dataset.CorrectedImage = ["DECY", "ATTN", "SCAT", "NORM"]
    dataset.AttenuationCorrectionMethod = "CT derived"
    dataset.NumberOfSlices = 2
    dataset.ActualFrameDuration = "120000"
    dataset.FrameReferenceTime = "60000"
    dataset.ImageIndex = 1
    dataset.DecayFactor = "1.42"
    isotope = Dataset()
    isotope.CodeValue, isotope.CodingSchemeDesignator = "C-111A1", "SRT"
    isotope.CodeMeaning = "^18^Fluorine"
    dose = Dataset()
    dose.Radiopharmaceutical = "Fluorodeoxyglucose"
    dose.RadionuclideTotalDose = "370000000"
    dose.RadionuclideHalfLife = "6586.2"
    dose.RadionuclidePositronFraction = "0.97"
    dose.RadionuclideCodeSequence = Sequence([isotope])
    dataset.RadiopharmaceuticalInformationSequence = Sequence([dose])


_FILES = "data/test_files"
SOURCES = {
    "ct_small": Source("pydicom", f"{_FILES}/CT_small.dcm"),
    "ct_jpeg2000": Source("data_store", "data/693_J2KR.dcm"),
    "ct_explicit_un": Source("data_store", "data/explicit_VR-UN.dcm"),
    "mr_small": Source("pydicom", f"{_FILES}/MR_small.dcm"),
    "mr_rle": Source("pydicom", f"{_FILES}/MR_small_RLE.dcm"),
    "mr_implicit": Source("pydicom", f"{_FILES}/MR_small_implicit.dcm"),
    "mr_jpeg2000": Source("pydicom", f"{_FILES}/MR_small_jp2klossless.dcm"),
    "mr_large": Source("data_store", "data/MR2_J2KI.dcm"),
    "mr_overlay": Source("pydicom", f"{_FILES}/examples_overlay.dcm"),
    "us_rgb": Source("pydicom", f"{_FILES}/examples_rgb_color.dcm"),
    "us_rle": Source("data_store", "data/OBXXXX1A_rle.dcm"),
    "us_jpeg2000": Source("data_store", "data/US1_J2KI.dcm"),
    "radiograph_cr": Source("data_store", "data/RG1_UNCR.dcm", _to_computed_radiograph),
    "radiograph_jpeg2000": Source("data_store", "data/RG3_J2KI.dcm"),
    "radiograph_dx": Source("data_store", "data/RG1_UNCR.dcm", _to_digital_radiograph),
    "mammogram": Source("data_store", "data/RG3_UNCR.dcm", _to_mammogram),
    "pet": Source("pydicom", f"{_FILES}/CT_small.dcm", _to_pet),
    "report": Source("pydicom", f"{_FILES}/reportsi.dcm"),
    "capture": Source("data_store", "data/SC_rgb.dcm"),
}


def source_path(source: Source) -> Path:
    """Return the file below the package's own folder; nothing is ever downloaded.

    Raises:
        InputError: The package or the file is not installed.
    """
    spec = importlib.util.find_spec(source.package)
    if spec is None or spec.origin is None:
        raise InputError(f"the demo needs the package of {source.package}; install pydicom-data")
    path = Path(spec.origin).parent / source.path
    if not path.is_file():
        raise InputError(f"{source.package} does not ship {source.path}; install its usual version")
    return path


@cache
def _loaded(name: str) -> Dataset:
    source = SOURCES[name]
    with disable_value_validation():
        dataset = pydicom.dcmread(source_path(source))
        # every text is decoded now, so that another character set may be stated later
        dataset.decode()
        for tag in list(dataset.keys()):
            # group lengths would be wrong soon; an overlay of these files is a stranger's drawing
            if tag.element == 0 or _OVERLAY_FIRST <= tag.group <= _OVERLAY_LAST:
                del dataset[tag]
        _drop(dataset, _STALE)
        if source.change is not None:
            source.change(dataset)
            dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return dataset


def template(name: str) -> Dataset:
    """Return the caller's own copy of one of `SOURCES`, pixels and technique as shipped."""
    return copy.deepcopy(_loaded(name))
