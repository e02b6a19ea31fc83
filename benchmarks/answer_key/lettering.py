"""Burned-in text: identifiers drawn into the pixels, as ultrasound and screens do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.answer_key.plant import Planter

LETTERED = {
    "US1_UNCI.dcm": (18, 0), "OBXXXX1A_rle.dcm": (16, 0), "examples_palette.dcm": (14, 1),
    "SC_rgb.dcm": (12, 2), "image_dfl.dcm": (20, 1), "JPEG-LL.dcm": (13, 0), "made DX": (22, 2),
    "made MG": (28, 1), "made XA": (16, 3), "made PX": (18, 0), "SC_rgb_rle.dcm": (12, 0),
}  # fmt: skip
"""Which objects get text: height of a letter in pixels, and the corner (0 to 3, clockwise)."""

_NATIVE = {
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    DeflatedExplicitVRLittleEndian,
}
_MIN_CONTRAST = 0.45
OVERLAY = 0x60003000


def letter(planter: Planter, name: str) -> None:
    """Draw the patient's name, number and birth date into a corner of every frame."""
    dataset, p = planter.dataset, planter.person
    height, corner = LETTERED[name]
    birth = f"{p.birth[6:]}.{p.birth[4:6]}.{p.birth[:4]}"
    lines = [f"{p.family.upper()}, {p.given}"[:22], p.mrn, f"DOB {birth}"]
    pixels = dataset.pixel_array.copy()
    frames = pixels if int(dataset.get("NumberOfFrames") or 1) > 1 else pixels[np.newaxis]
    boxes = [
        _draw(frames, text, dataset, height=height, corner=corner, row=row)
        for row, text in enumerate(lines)
    ]
    _store(dataset, pixels)
    for box, kind in zip(boxes, ("name", "mrn", "birth date"), strict=True):
        if box:
            planter.check("pixels_hidden", kind, "burned-in text", (), box=box)
    around = tuple(
        function(box[index] for box in boxes if box)
        for index, function in enumerate((min, min, max, max))
    )
    planter.check("pixels_retained", "pixels", "beside burned-in text", (), box=around)


def letter_overlay(planter: Planter) -> None:
    """Draw the patient's name into the bits of the object's own overlay."""
    dataset, p = planter.dataset, planter.person
    rows, columns = int(dataset[0x60000010].value), int(dataset[0x60000011].value)
    bits = np.unpackbits(np.frombuffer(dataset[OVERLAY].value, "u1"), bitorder="little")
    plane = bits[: rows * columns].reshape(1, rows, columns).copy()
    text = f"{p.family.upper()} {p.mrn}"
    box = _draw(plane, text, None, height=20, corner=0, row=0)
    dataset[OVERLAY].value = np.packbits(plane, axis=None, bitorder="little").tobytes()
    planter.check("pixels_hidden", "name", "overlay bitmap", (f"{OVERLAY:08X}",), box=box)


def _draw(
    frames: NDArray[Any], text: str, dataset: Any, *, height: int, corner: int, row: int
) -> tuple[int, ...]:
    """Draw one line into every frame; the box of its ink is returned, empty if it has no room."""
    font = ImageFont.load_default(size=height)
    left, top, right, bottom = (int(edge) for edge in font.getbbox(text))
    image = Image.new("L", (right - left + 2, bottom - top + 2))
    ImageDraw.Draw(image).text((1 - left, 1 - top), text, fill=255, font=font)
    mask = np.asarray(image) > 127  # noqa: PLR2004 - half of the ink
    rows, columns = frames.shape[1:3]
    mask = mask[:, : columns - 8]
    y = 4 + row * (height + 6)
    if corner in {2, 3}:
        y = rows - (3 - row) * (height + 6) - 4
    if y < 0 or y + mask.shape[0] > rows:
        return ()
    x = 4 if corner in {0, 3} else columns - mask.shape[1] - 4
    target = frames[:, y : y + mask.shape[0], x : x + mask.shape[1]]
    target[:, mask] = _ink(target, dataset)
    return y, x, y + mask.shape[0], x + mask.shape[1]


def _ink(target: NDArray[Any], dataset: Any) -> Any:
    """A value that is far from what lies under the letters; 1 in an overlay's bits."""
    if dataset is None:
        return 1
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        return _palette_ink(target, dataset)
    bits, is_signed = int(dataset.BitsStored), bool(dataset.PixelRepresentation)
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if is_signed else (0, 2**bits - 1)
    under = float(np.median(target))
    return high if under < low + (high - low) * (1 - _MIN_CONTRAST) else low


def _palette_ink(target: NDArray[Any], dataset: Any) -> int:
    table = np.frombuffer(dataset.RedPaletteColorLookupTableData, "<u2").astype(int)
    under = int(np.median(target))
    first = int(dataset.RedPaletteColorLookupTableDescriptor[1])
    reference = table[min(max(under - first, 0), len(table) - 1)]
    return int(np.argmax(np.abs(table - reference))) + first


def _store(dataset: Any, pixels: NDArray[Any]) -> None:
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax in _NATIVE:
        order = ">" if syntax == ExplicitVRBigEndian and pixels.dtype.itemsize > 1 else "<"
        dataset.PixelData = pixels.astype(
            f"{order}{pixels.dtype.kind}{pixels.dtype.itemsize}"
        ).tobytes()
        return
    dataset.PixelData = pixels.tobytes()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    if syntax == RLELossless:
        dataset.compress(RLELossless, generate_instance_uid=False)
