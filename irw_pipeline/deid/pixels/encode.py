"""Changed frames back into an object, in its own transfer syntax where that loses nothing.

Else in Explicit VR Little Endian, which every reader decodes; a second lossy pass is never made.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from pydicom.dataelem import DataElement
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders.base import get_encoder
from pydicom.pixels.utils import pack_bits
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSLossless,
    RLELossless,
)

from irw_pipeline.dicom.write import transfer_syntax_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from pydicom.dataset import FileDataset
    from pydicom.uid import UID

_PIXEL_DATA = 0x7FE0_0010
_ENCODED = (RLELossless, JPEG2000Lossless, JPEGLSLossless)
_ALWAYS_LOSSY = (JPEGBaseline8Bit, JPEGExtended12Bit)
_BYTE = 8


class Frames(Protocol):
    """Gives the frames afresh at each call."""

    def __call__(self, *, is_raw: bool) -> Iterator[tuple[NDArray[Any], dict[str, Any]]]:
        """Yield frames and the attributes that describe them; `is_raw` as for `decoded`."""


def replace_pixels(dataset: FileDataset, frames: Frames) -> None:
    """Set the pixels of `dataset`, its transfer syntax, and the attributes that describe them.

    What says that the pixels once were compressed with loss stays (PS3.3 C.7.6.1.1.5).
    """
    syntax = transfer_syntax_of(dataset)
    if syntax in _ENCODED:
        try:
            _encapsulate(dataset, frames, syntax)
        except Exception:  # noqa: BLE001 - an encoder's limits show as many kinds; the plain form has none
            _write_plain(dataset, frames, ExplicitVRLittleEndian)
    elif syntax.is_compressed and not syntax.is_deflated:
        _write_plain(dataset, frames, ExplicitVRLittleEndian)
    else:
        _write_plain(dataset, frames, syntax)
    for keyword in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths"):
        if keyword in dataset:
            delattr(dataset, keyword)
    if syntax in _ALWAYS_LOSSY:
        dataset.LossyImageCompression = "01"


def _encapsulate(dataset: FileDataset, frames: Frames, syntax: UID) -> None:
    encoder = get_encoder(syntax)
    encoded, described = [], {}
    for frame, properties in frames(is_raw=True):
        described = {**properties, "planar_configuration": 0}
        if syntax == JPEG2000Lossless and described["photometric_interpretation"] == "RGB":
            # what IODs ask for in this syntax; the encoder transforms without loss (PS3.5 8.2.4)
            described["photometric_interpretation"] = "YBR_RCT"
        encoded.append(encoder.encode(frame, **_of_frame(described)))
    element = DataElement(_PIXEL_DATA, "OB", encapsulate(encoded))
    element.is_undefined_length = True
    dataset[_PIXEL_DATA] = element
    _describe(dataset, described, planes=1 if syntax == RLELossless else 0)


def _of_frame(properties: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in properties.items() if key != "number_of_frames"} | {
        "number_of_frames": 1
    }


def _write_plain(dataset: FileDataset, frames: Frames, syntax: UID) -> None:
    content, described = bytearray(), {}
    bits: list[NDArray[Any]] = []
    is_big = syntax == ExplicitVRBigEndian
    for frame, properties in frames(is_raw=not transfer_syntax_of(dataset).is_compressed):
        described = properties
        if properties["bits_allocated"] == 1:
            bits.append(frame)
        else:
            is_swapped = is_big != (sys.byteorder == "big")
            content += (frame.byteswap() if is_swapped else frame).tobytes()
    if bits:
        content += pack_bits(np.stack(bits))
    content += b"\0" * (len(content) % 2)
    vr = "OB" if described["bits_allocated"] <= _BYTE else "OW"
    if syntax.is_implicit_VR:
        vr = "OW"
    dataset[_PIXEL_DATA] = DataElement(_PIXEL_DATA, vr, bytes(content))
    _describe(dataset, described, planes=0)
    dataset.file_meta.TransferSyntaxUID = syntax


def _describe(dataset: FileDataset, properties: dict[str, Any], *, planes: int) -> None:
    dataset.PhotometricInterpretation = properties["photometric_interpretation"]
    dataset.SamplesPerPixel = properties["samples_per_pixel"]
    dataset.BitsAllocated = properties["bits_allocated"]
    dataset.BitsStored = properties["bits_stored"]
    dataset.HighBit = properties["bits_stored"] - 1
    dataset.PixelRepresentation = properties["pixel_representation"]
    if dataset.SamplesPerPixel > 1:
        dataset.PlanarConfiguration = planes
