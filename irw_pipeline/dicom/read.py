"""Bytes to a pydicom data set, or one of our errors.

pydicom's own texts may quote values: they stop here.
"""

from __future__ import annotations

import logging
import re
import struct
import warnings
import zlib
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

import pydicom
from pydicom import config
from pydicom.pixels.utils import get_expected_length
from pydicom.uid import DeflatedExplicitVRLittleEndian

from irw_pipeline.dicom.structure import damage_of
from irw_pipeline.errors import DicomReadError
from irw_pipeline.ids import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.dataset import FileDataset

MAX_INFLATED_BYTES = 1 << 30
"""A deflated data set larger than this is refused: the largest real ones are a tenth of it."""

_MAGIC_AT = 128
_META_AT = 132
_UID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
_PIXEL_KEYWORDS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")


class ObjectReadError(DicomReadError):
    """One object could not be read; `reason` is its outcome, `kind` names what failed, no value."""

    def __init__(self, reason: ReasonCode, kind: str) -> None:
        """Keep the reason code and the kind of failure."""
        self.reason = reason
        self.kind = kind
        super().__init__(f"{reason}: {kind}")


@contextmanager
def quiet_pydicom() -> Iterator[None]:
    """Silence pydicom's warnings and log lines, which quote values, and its value validation."""
    logger = logging.getLogger("pydicom")
    was_disabled = logger.disabled
    was_reading = config.settings.reading_validation_mode
    was_writing = config.settings.writing_validation_mode
    logger.disabled = True
    config.settings.reading_validation_mode = config.IGNORE
    config.settings.writing_validation_mode = config.IGNORE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.disabled = was_disabled
        config.settings.reading_validation_mode = was_reading
        config.settings.writing_validation_mode = was_writing


def read_dataset(content: bytes) -> FileDataset:
    """Return the data set of a whole DICOM object, with or without preamble and file meta.

    Values stay raw until they are asked for. Use it and its result inside `quiet_pydicom`.

    Raises:
        ObjectReadError: `EMPTY_OBJECT`, `NOT_DICOM` (nothing says that this is DICOM) or
            `UNREADABLE` (it is DICOM, and damaged or cut short).
    """
    if not content:
        raise ObjectReadError(ReasonCode.EMPTY_OBJECT, "no bytes")
    has_magic = content[_MAGIC_AT : _MAGIC_AT + 4] == b"DICM"
    if has_magic and content[_META_AT : _META_AT + 2] != b"\2\0" and content[:2] == b"\x08\0":
        # no preamble: the four letters stand in a value by chance
        content = bytes(_MAGIC_AT) + b"DICM" + content
    kind = ""
    dataset: FileDataset | None = None
    with quiet_pydicom():
        try:
            _refuse_bomb(content)
            dataset = pydicom.dcmread(BytesIO(content), force=True)
            plausible = has_magic or _is_plausible(dataset)
            if plausible:
                kind = _damage(content, dataset)
        except ObjectReadError:
            raise
        except Exception as error:  # noqa: BLE001 - pydicom raises many kinds, and their texts quote values
            plausible, kind = has_magic, type(error).__name__
    if not plausible:
        raise ObjectReadError(ReasonCode.NOT_DICOM, "no DICM prefix and no SOP class")
    if kind or dataset is None:
        raise ObjectReadError(ReasonCode.UNREADABLE, kind)
    return dataset


def _is_plausible(dataset: FileDataset) -> bool:
    """Whether a file without the DICM prefix still names a SOP class and a modality or instance."""
    sop_class = str(
        dataset.get("SOPClassUID") or dataset.file_meta.get("MediaStorageSOPClassUID") or ""
    )
    return bool(_UID.fullmatch(sop_class)) and len(dataset) > 2  # noqa: PLR2004


def _refuse_bomb(content: bytes) -> None:
    """Raise if a deflated data set would inflate beyond `MAX_INFLATED_BYTES` or is cut short."""
    uid = str(DeflatedExplicitVRLittleEndian).encode()
    if uid not in content[:2048]:
        return
    (group_length,) = struct.unpack_from("<L", content, _MAGIC_AT + 12)
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    data = content[_MAGIC_AT + 16 + group_length :]
    size = 0
    while data and not inflater.eof:
        size += len(inflater.decompress(data, 1 << 22))
        data = inflater.unconsumed_tail
        if size > MAX_INFLATED_BYTES:
            raise ObjectReadError(ReasonCode.UNREADABLE, "deflated data set is too large")
    if not inflater.eof:
        raise ObjectReadError(ReasonCode.UNREADABLE, "deflated data set is cut short")


def _damage(content: bytes, dataset: FileDataset) -> str:
    """What is damaged in a data set that pydicom accepted, or an empty text."""
    if damage := damage_of(content, dataset):
        return damage
    if _pixels_are_short(dataset):
        return "pixel data shorter than rows x columns"
    return ""


def _pixels_are_short(dataset: FileDataset) -> bool:
    syntax = dataset.file_meta.get("TransferSyntaxUID")
    if syntax is not None and not syntax.is_private and syntax.is_compressed:
        return False
    for keyword in _PIXEL_KEYWORDS:
        if keyword in dataset:
            value = dataset.get_item(keyword).value or b""
            try:
                expected = get_expected_length(dataset)
            except (AttributeError, TypeError, ValueError, KeyError):
                return False
            return len(value) < expected
    return False
