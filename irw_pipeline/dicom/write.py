"""A data set to the bytes of a DICOM file, with preamble and file meta made from nothing."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import pydicom
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from irw_pipeline.dicom.read import ObjectReadError, quiet_pydicom
from irw_pipeline.ids import ReasonCode

if TYPE_CHECKING:
    from pydicom.dataset import Dataset, FileDataset

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
    buffer = BytesIO()
    encoding: dict[str, Any] = {}
    if syntax.is_private:  # written as it was read; pydicom cannot derive its encoding
        is_implicit, is_little = dataset.original_encoding
        encoding = {"implicit_vr": is_implicit, "little_endian": is_little}
    with quiet_pydicom():
        try:
            dataset.file_meta = _meta_of(dataset, syntax)
            dataset.preamble = b"\0" * 128
            if not syntax.is_implicit_VR:
                _name_vrs(dataset)
            pydicom.dcmwrite(buffer, dataset, enforce_file_format=True, **encoding)
        except Exception as error:
            kind = f"cannot be written again ({type(error).__name__})"
            raise ObjectReadError(ReasonCode.UNREADABLE, kind) from error
    return buffer.getvalue()


def _name_vrs(dataset: Dataset) -> None:
    """Give a VR to what was read without one: its file meta promised VRs that it has not."""
    for tag in list(dataset.keys()):
        item = dataset.get_item(tag)
        if isinstance(item, RawDataElement) and item.VR is None:
            item = dataset[tag]
        if not isinstance(item, RawDataElement) and item.VR == "SQ":
            for one in item.value:
                _name_vrs(one)


def _meta_of(dataset: FileDataset, syntax: UID) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = syntax
    meta.ImplementationClassUID = IMPLEMENTATION_CLASS_UID
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    return meta


def file_start(sop_class: bytes, instance: bytes, syntax: str) -> bytes:
    """The preamble and file meta that `write_dataset` makes.

    Args:
        sop_class: The value of SOPClassUID, padded or not.
        instance: The value of SOPInstanceUID.
        syntax: The transfer syntax UID.
    """
    meta = b"\2\0\1\0OB\0\0\2\0\0\0\0\1" + b"".join(
        (
            _meta_element(0x02, b"UI", sop_class),
            _meta_element(0x03, b"UI", instance),
            _meta_element(0x10, b"UI", syntax.encode()),
            _meta_element(0x12, b"UI", IMPLEMENTATION_CLASS_UID.encode()),
            _meta_element(0x13, b"SH", IMPLEMENTATION_VERSION_NAME.encode()),
        )
    )
    length = len(meta).to_bytes(4, "little")
    return bytes(128) + b"DICM" + _meta_element(0x00, b"UL", length) + meta


def _meta_element(number: int, vr: bytes, value: bytes) -> bytes:
    value += bytes(len(value) % 2)
    return b"\2\0" + bytes((number, 0)) + vr + len(value).to_bytes(2, "little") + value


def is_dataset_element(tag: int) -> bool:
    """Whether a tag belongs in a stored data set: not a group length, command, meta or padding."""
    group, element = tag >> 16, tag & 0xFFFF
    return element != 0 and group > 2 and group not in (0xFFFC, 0xFFFE)  # noqa: PLR2004
