"""Bytes to a pydicom data set, or one of our errors.

pydicom's own texts may quote values: they stop here.
"""

from __future__ import annotations

import logging
import re
import warnings
import zlib
from collections import deque
from contextlib import contextmanager, suppress
from io import BytesIO
from mmap import ACCESS_READ, mmap
from os import fstat
from typing import TYPE_CHECKING

import pydicom
from pydicom import config
from pydicom.dataset import Dataset
from pydicom.pixels.utils import get_expected_length

from irw_pipeline.dicom.layout import (
    PIXELS,
    CutShortError,
    LayoutError,
    elements,
    encoding_of,
)
from irw_pipeline.dicom.structure import damage_of
from irw_pipeline.errors import DicomReadError
from irw_pipeline.ids import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydicom.dataset import FileDataset

    from irw_pipeline.dicom.layout import Buffer, Encoding

MAX_INFLATED_BYTES = 1 << 26
"""A deflated data set larger than this is refused: it is held in memory more than once."""

_LARGE_FILE = 1 << 24
_INFLATE_STEP = 1 << 22

_SHORTEST = 8
"""Bytes of the shortest element."""

_WHITE = b"\0\t\n\r \x1a"
_MAGIC_AT = 128
_META_AT = 132
_UID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
_SHAPE_KEYWORDS = (
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "BitsAllocated",
)
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
            with suppress(CutShortError):  # what is missing is judged below
                content = content[: _refuse_hostile(content)]
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


def read_header(path: Path) -> FileDataset:
    """Return the data set of a file that `examine_file` accepted; of a large one without pixels.

    Raises:
        ObjectReadError: As `read_dataset`.
        OSError: The file cannot be read.
    """
    if path.stat().st_size < _LARGE_FILE:
        return read_dataset(path.read_bytes())
    with quiet_pydicom():
        try:
            return pydicom.dcmread(path, stop_before_pixels=True, force=True)
        except OSError:
            raise
        except Exception as error:  # as above
            raise ObjectReadError(ReasonCode.UNREADABLE, type(error).__name__) from error


def _is_plausible(dataset: FileDataset) -> bool:
    """Whether a file without the DICM prefix still names a SOP class and a modality or instance."""
    sop_class = str(
        dataset.get("SOPClassUID") or dataset.file_meta.get("MediaStorageSOPClassUID") or ""
    )
    return bool(_UID.fullmatch(sop_class)) and len(dataset) > 2  # noqa: PLR2004


def examine_file(path: Path) -> None:
    """Make sure that a large file is worth reading: only where its elements lie is looked at.

    Raises:
        ObjectReadError: `NOT_DICOM`, or `UNREADABLE`: an element is longer than the file, it is a
            deflated data set that inflates too far, or it is nested too deeply.
        OSError: The file cannot be read.
    """
    with path.open("rb") as stream:
        if fstat(stream.fileno()).st_size < _LARGE_FILE:
            return
        with mmap(stream.fileno(), 0, access=ACCESS_READ) as content:
            is_dicom = content[_MAGIC_AT:_META_AT] == b"DICM" or content[:2] == b"\x08\0"
            if not is_dicom:
                raise ObjectReadError(ReasonCode.NOT_DICOM, "no DICM prefix and no SOP class")
            try:
                _refuse_hostile(content)
            except CutShortError as error:
                raise ObjectReadError(ReasonCode.UNREADABLE, str(error)) from error


def _refuse_hostile(content: Buffer) -> int:
    """Where the object ends and something else begins; raise if it would cost too much to read.

    Raises:
        CutShortError: An element is longer than what holds it.
        ObjectReadError: `UNREADABLE`: too deep, too many elements, or inflates too far.
    """
    encoding = encoding_of(content)
    try:
        if encoding.is_deflated:
            deque(inflate(content, encoding.start), maxlen=0)  # a bomb is never held
            inflated = b"".join(inflate(content, encoding.start))
            deque(elements(inflated, encoding._replace(start=0)), maxlen=0)
            return len(content)
        return _end_of(content, encoding)
    except CutShortError:
        raise
    except LayoutError as error:
        raise ObjectReadError(ReasonCode.UNREADABLE, str(error)) from error


def _end_of(content: Buffer, encoding: Encoding) -> int:
    """Where the data set ends; a few bytes behind it that are no white space may be its own."""
    walk, last = elements(content, encoding), 0
    while True:
        try:
            last = next(walk).top
        except StopIteration as done:
            end: int = done.value
            left = content[end : end + _SHORTEST]
            is_own = len(left) < _SHORTEST and left.strip(_WHITE) and last not in PIXELS
            return len(content) if is_own else end


def inflate(content: Buffer, start: int) -> Iterator[bytes]:
    """Yield what a deflated data set inflates to, in pieces of a bounded size.

    Args:
        content: The object.
        start: Where its data set begins.

    Raises:
        ObjectReadError: `UNREADABLE`: more than `MAX_INFLATED_BYTES`, or cut short.
    """
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    size = 0
    data = b""
    while not inflater.eof:
        if not data:
            data = content[start : start + _INFLATE_STEP]
            start += len(data)
        if not data:
            raise ObjectReadError(ReasonCode.UNREADABLE, "deflated data set is cut short")
        try:
            piece = inflater.decompress(data, _INFLATE_STEP)
        except zlib.error as error:
            raise ObjectReadError(ReasonCode.UNREADABLE, type(error).__name__) from error
        data = inflater.unconsumed_tail
        if (size := size + len(piece)) > MAX_INFLATED_BYTES:
            raise ObjectReadError(ReasonCode.UNREADABLE, "deflated data set is too large")
        yield piece


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
                return len(value) < get_expected_length(_shape_of(dataset))
            except (AttributeError, TypeError, ValueError, KeyError):
                return False
    return False


def _shape_of(dataset: FileDataset) -> Dataset:
    """The attributes that say how many pixels there are; those of `dataset` stay raw."""
    shape = Dataset()
    for keyword in _SHAPE_KEYWORDS:
        if (element := dataset.get_item(keyword)) is not None:
            shape[element.tag] = element
    return shape
