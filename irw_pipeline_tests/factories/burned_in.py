"""Images with writing on them, and what a reader reads on an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian

from irw_pipeline.deid.pixels.detect import find_text
from irw_pipeline.deid.pixels.read import read_line
from irw_pipeline_tests.factories.dicom import ct_image

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = "KOWALCZYK, TEMIKA"
NUMBER = "MRN 4711-0815"


def anatomy(rows: int, columns: int, seed: int = 1) -> NDArray[np.uint8]:
    """Soft blobs with noise, dark at the rim: nothing that reads as text."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:rows, 0:columns]
    blobs = np.exp(-(((y - rows / 2) / rows) ** 2 + ((x - columns / 2) / columns) ** 2) * 12)
    grey: NDArray[np.float64] = blobs * 150 + random.normal(10, 3, (rows, columns))
    return np.clip(grey, 0, 200).astype(np.uint8)


def letters(text: str, size: int, *, font: str = "print") -> NDArray[np.bool_]:
    """The drawn text, True where there is ink. `font` is print, or plotted for strokes."""
    if font == "print":
        face = ImageFont.load_default(size)
        box = face.getbbox(text)
        image = Image.new("L", (int(box[2]) + 2, int(box[3]) + 2))
        ImageDraw.Draw(image).text((1, 1), text, fill=255, font=face)
        drawn = np.asarray(image, dtype=np.uint8)
        return np.greater(drawn, 100)
    scale = cv2.getFontScaleFromHeight(cv2.FONT_HERSHEY_SIMPLEX, size, 1)
    (width, height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    drawn = np.zeros((height + below + 4, width + 4), np.uint8)
    cv2.putText(drawn, text, (2, height + 2), cv2.FONT_HERSHEY_SIMPLEX, scale, 255, 1, cv2.LINE_AA)
    return np.greater(drawn, 100)


def write_on(  # noqa: PLR0917 - where and what
    frame: NDArray[Any], text: str, top: int, left: int, size: int, ink: object, font: str = "print"
) -> NDArray[np.bool_]:
    """Draw text into a frame of shape (rows, columns[, samples]) and return where its ink is."""
    mask = letters(text, size, font=font)
    drawn = np.zeros(frame.shape[:2], bool)
    drawn[top : top + mask.shape[0], left : left + mask.shape[1]] = mask
    frame[drawn] = ink
    return drawn


def image_of(frames: NDArray[Any], syntax: UID = ExplicitVRLittleEndian, **said: object) -> Dataset:
    """An object with these pixels, (frames, rows, columns[, 3]), in any lossless syntax."""
    attributes: dict[str, object] = {
        "SOPClassUID": "1.2.840.10008.5.1.4.1.1.7",
        "Modality": "OT",
        "NumberOfFrames": len(frames),
        "Rows": frames.shape[1],
        "Columns": frames.shape[2],
        "SamplesPerPixel": 3 if frames.ndim == 4 else 1,
        "PhotometricInterpretation": "RGB" if frames.ndim == 4 else "MONOCHROME2",
        "BitsAllocated": frames.itemsize * 8,
        "BitsStored": frames.itemsize * 8,
        "HighBit": frames.itemsize * 8 - 1,
        "PixelData": (frames.byteswap() if syntax == ExplicitVRBigEndian else frames).tobytes(),
    }
    if frames.ndim == 4:
        attributes["PlanarConfiguration"] = 0
    dataset = ct_image(**attributes | said)
    if syntax.is_compressed and not syntax.is_deflated:
        dataset.file_meta = _meta(ExplicitVRLittleEndian)
        dataset.compress(syntax, generate_instance_uid=False)
    else:
        dataset.file_meta = _meta(syntax)
    return dataset


def words_on(image: NDArray[np.uint8]) -> str:
    """Everything that a reader reads on an 8-bit image (rows, columns[, 3]), in capitals."""
    colour = image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)
    lines = find_text(colour, is_small_text_sought=True)
    return " ".join(read_line(colour, line.box)[0].upper() for line in lines)


def _meta(syntax: UID) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax
    return meta
