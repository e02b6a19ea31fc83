"""A data set to the bytes of a DICOM file, with preamble and file meta made from nothing."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import pydicom
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from irw_pipeline.dicom.read import ObjectReadError, quiet_pydicom
from irw_pipeline.ids import ReasonCode

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

IMPLEMENTATION_CLASS_UID = UID("2.25.268402349125434104118736478463051021311")
IMPLEMENTATION_VERSION_NAME = "IRW_PIPELINE_1"


def transfer_syntax_of(dataset: FileDataset) -> UID:
    """The transfer syntax the data set was read in, also where its file meta does not name it."""
    named = dataset.file_meta.get("TransferSyntaxUID")
    if named:
        return UID(str(named))
    is_implicit, is_little = dataset.original_encoding
    if is_implicit:
        return ImplicitVRLittleEndian
    return ExplicitVRLittleEndian if is_little else ExplicitVRBigEndian


def write_dataset(dataset: FileDataset) -> bytes:
    """Return the file of `dataset` in the transfer syntax it was read in.

    Elements that were not touched keep their bytes, PixelData above all. Nothing of the source's
    preamble, file meta group or command set is carried over (PS3.10 7.1). `dataset` is changed.

    Raises:
        ObjectReadError: `UNREADABLE`: a value is malformed in a way that cannot be encoded.
    """
    syntax = transfer_syntax_of(dataset)
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = syntax
    meta.ImplementationClassUID = IMPLEMENTATION_CLASS_UID
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    dataset.file_meta = meta
    dataset.preamble = b"\0" * 128
    buffer = BytesIO()
    encoding: dict[str, Any] = {}
    if syntax.is_private:  # written as it was read; pydicom cannot derive its encoding
        is_implicit, is_little = dataset.original_encoding
        encoding = {"implicit_vr": is_implicit, "little_endian": is_little}
    with quiet_pydicom():
        try:
            pydicom.dcmwrite(buffer, dataset, enforce_file_format=True, **encoding)
        except Exception as error:
            kind = f"cannot be written again ({type(error).__name__})"
            raise ObjectReadError(ReasonCode.UNREADABLE, kind) from error
    return buffer.getvalue()


def is_dataset_element(tag: int) -> bool:
    """Whether a tag belongs in a stored data set: not a group length, command, meta or padding."""
    group, element = tag >> 16, tag & 0xFFFF
    return element != 0 and group > 2 and group not in (0xFFFC, 0xFFFE)  # noqa: PLR2004
