"""The objects that are planted into: real ones of installed packages, and kinds that none ships."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pydicom
from pydicom import uid
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydicom.dataset import FileDataset

REAL = (
    "CT_small.dcm", "693_UNCI.dcm", "explicit_VR-UN.dcm", "J2K_pixelrep_mismatch.dcm",
    "77654033/CT2/17106", "98892001/CT2N/6293", "TINY_ALPHA/PT000000/ST000000/SE000000/IM000000",
    "MR_small.dcm", "MR_small_RLE.dcm", "MR_small_bigendian.dcm", "MR_small_implicit.dcm",
    "MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm", "98892003/MR1/15820",
    "98892003/MR700/4467", "MR-SIEMENS-DICOM-WithOverlays.dcm", "emri_small.dcm",
    "emri_small_RLE.dcm", "eCT_Supplemental.dcm", "77654033/CR1/6154", "chrJapMulti.dcm",
    "chrKoreanMulti.dcm", "US1_UNCI.dcm", "OBXXXX1A_rle.dcm", "examples_palette.dcm",
    "examples_ybr_color.dcm", "ExplVR_BigEnd.dcm", "JPEG-LL.dcm", "SC_rgb.dcm", "SC_rgb_rle.dcm",
    "image_dfl.dcm", "chrH31.dcm", "chrH32.dcm", "chrI2.dcm", "chrX1.dcm", "chrX2.dcm",
    "chrRuss.dcm", "chrGreek.dcm", "chrArab.dcm", "chrHbrw.dcm", "chrFren.dcm", "chrGerm.dcm",
    "liver_1frame.dcm", "test-SR.dcm", "reportsi.dcm", "rtplan.dcm", "rtstruct.dcm",
    "rtdose.dcm", "rtdose_rle.dcm", "SC_jpeg_no_color_transform.dcm", "98892003/MR2/15970",
    "waveform_ecg.dcm",
)  # fmt: skip
"""Files of pydicom and pydicom-data; a path's end where pydicom keeps it in a folder."""

_LIKE = {
    "DX": (uid.DigitalXRayImageStorageForPresentation, "DX"),
    "MG": (uid.DigitalMammographyXRayImageStorageForPresentation, "MG"),
    "XA": (uid.XRayAngiographicImageStorage, "XA"),
    "PT": (uid.PositronEmissionTomographyImageStorage, "PT"),
    "NM": (uid.NuclearMedicineImageStorage, "NM"),
    "PX": (uid.DigitalXRayImageStorageForProcessing, "PX"),
}


def names() -> tuple[str, ...]:
    """The names of all source objects, real and made."""
    return (*REAL, *(f"made {kind}" for kind in (*_LIKE, *_MADE)))


def load(name: str) -> FileDataset:
    """A fresh copy of one source object, whole, with file meta.

    Raises:
        FileNotFoundError: The package that ships it is not installed.
    """
    if name.startswith("made "):
        kind = name.removeprefix("made ")
        return _saved(_image(*_LIKE[kind]) if kind in _LIKE else _MADE[kind]())
    dataset = pydicom.dcmread(_real(name), force=True)
    dataset.decode()
    if "TransferSyntaxUID" not in dataset.file_meta:
        is_implicit, is_little = dataset.original_encoding
        explicit = uid.ExplicitVRLittleEndian if is_little else uid.ExplicitVRBigEndian
        dataset.file_meta.TransferSyntaxUID = (
            uid.ImplicitVRLittleEndian if is_implicit else explicit
        )
    return dataset


def _real(name: str) -> Path:
    if "/" in name:
        return Path(str(get_testdata_file("CT_small.dcm"))).parent / "dicomdirtests" / name
    found = get_testdata_file(name, download=False)
    if found is not None:
        return Path(str(found))
    for path in Path(pydicom.__file__).parent.rglob(name):
        return path
    raise FileNotFoundError(f"{name}: install pydicom-data")


def _saved(dataset: Dataset) -> FileDataset:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = uid.UID("1.2.3")
    dataset.file_meta = meta
    stream = BytesIO()
    pydicom.dcmwrite(stream, dataset, enforce_file_format=True)
    stream.seek(0)
    return pydicom.dcmread(stream)


def _bare(sop_class: str, modality: str) -> Dataset:
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = uid.UID(sop_class), uid.UID("1.2.3")
    dataset.StudyInstanceUID = dataset.SeriesInstanceUID = uid.UID("1.2.3.1")
    dataset.Modality, dataset.Manufacturer = modality, "ACME Imaging"
    dataset.SeriesNumber = dataset.InstanceNumber = 1
    dataset.StudyTime = dataset.ContentTime = "101500"
    return dataset


def _image(sop_class: str, modality: str) -> Dataset:
    """A radiograph of 512 x 448 with soft structure and some noise."""
    dataset = _bare(sop_class, modality)
    rows, columns = 512, 448
    y, x = np.mgrid[0:rows, 0:columns]
    soft = 900 + 500 * np.sin(y / 90) * np.cos(x / 70) + 300 * np.exp(-((x - 200) ** 2) / 9000)
    noise = np.random.default_rng(7).normal(0, 12, (rows, columns))
    pixels = np.clip(soft + noise, 0, 4095).astype("<u2")
    dataset.Rows, dataset.Columns = rows, columns
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PixelRepresentation = 0
    dataset.PixelSpacing = dataset.ImagerPixelSpacing = [0.2, 0.2]
    dataset.WindowCenter, dataset.WindowWidth = 2048, 4096
    dataset.KVP, dataset.BodyPartExamined, dataset.ViewPosition = 60, "CHEST", "PA"
    dataset.ImageType = ["ORIGINAL", "PRIMARY"]
    dataset.BurnedInAnnotation = "NO"
    dataset.PixelData = pixels.tobytes()
    return dataset


def _presentation_state() -> Dataset:
    return _bare(uid.GrayscaleSoftcopyPresentationStateStorage, "PR")


def _key_object() -> Dataset:
    dataset = _bare(uid.KeyObjectSelectionDocumentStorage, "KO")
    dataset.ValueType, dataset.ContinuityOfContent = "CONTAINER", "SEPARATE"
    dataset.ConceptNameCodeSequence = [_code("113000", "DCM", "Of Interest")]
    return dataset


def _report() -> Dataset:
    dataset = _bare(uid.EnhancedSRStorage, "SR")
    dataset.ValueType, dataset.ContinuityOfContent = "CONTAINER", "SEPARATE"
    dataset.CompletionFlag, dataset.VerificationFlag = "COMPLETE", "VERIFIED"
    dataset.ConceptNameCodeSequence = [_code("18748-4", "LN", "Diagnostic imaging report")]
    return dataset


def _document() -> Dataset:
    dataset = _bare(uid.EncapsulatedPDFStorage, "DOC")
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    dataset.EncapsulatedDocument = b"%PDF-1.4\n%%EOF\n"
    return dataset


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


_MADE: dict[str, Callable[[], Dataset]] = {
    "PR": _presentation_state,
    "KO": _key_object,
    "SR": _report,
    "PDF": _document,
}
