"""How much writing on images is found, what is blanked where there is none, and what looking costs.

    python -m benchmarks.pixels [SEED]

Lines with made-up names and numbers are drawn, in several fonts, sizes and contrasts, light and
dark, on real images of pydicom and pydicom-data, where they stand out from what is below them. A
line counts as found if nearly all of its ink is blanked. Then images without writing are looked at.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pydicom
from PIL import Image, ImageDraw, ImageFont
from pydicom.data import get_testdata_file

from irw_pipeline.deid.pixels.box import Box
from irw_pipeline.deid.pixels.frames import decoded
from irw_pipeline.deid.pixels.lines import writing_on
from irw_pipeline.deid.pixels.view import views
from irw_pipeline.dicom.read import quiet_pydicom

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from pydicom.dataset import FileDataset

BACKGROUNDS = (
    "RG1_UNCR.dcm",
    "RG3_UNCR.dcm",
    "US1_UNCR.dcm",
    "examples_rgb_color.dcm",
    "color3d_jpeg_baseline.dcm",
    "CT_small.dcm",
    "JPGLosslessP14SV1_1s_1f_8b.dcm",
)
CLEAN = (
    "RG1_UNCR.dcm",
    "RG1_J2KI.dcm",
    "RG3_UNCR.dcm",
    "JPEG2000_UNC.dcm",
    "CT_small.dcm",
    "MR_small.dcm",
    "OT-PAL-8-face.dcm",
    "image_dfl.dcm",
    "emri_small.dcm",
)
SIZES = (8, 10, 12, 16, 24, 40)
HERSHEY = {
    "simplex": cv2.FONT_HERSHEY_SIMPLEX,
    "plain": cv2.FONT_HERSHEY_PLAIN,
    "complex": cv2.FONT_HERSHEY_COMPLEX_SMALL,
}
CONTRASTS = (50, 90, 255)
"""Grey levels of 255 by which a line stands out from the brightest or darkest below it, at most."""

LETTERS = "ABCDEFGHIKLMNOPRSTUVWYZ"
_LEAST_CONTRAST = 40
_FOUND = 0.97  # of a line's ink


def made_line(chance: np.random.Generator) -> str:
    """A name or a number that nobody has."""
    name, given = ("".join(chance.choice(list(LETTERS), length)).title() for length in (8, 5))
    number = int(chance.integers(10**6, 10**7))
    forms = (f"{name}, {given}", f"{name}^{given}".upper(), f"MRN {number}", f"ID:{number} {name}")
    return str(chance.choice(forms))


def drawn(text: str, font: str, size: int) -> NDArray[np.bool_]:
    """The letters, True where there is ink."""
    if font == "print":
        face = ImageFont.load_default(size)
        box = face.getbbox(text)
        page = Image.new("L", (int(box[2]) + 2, int(box[3]) + 2))
        ImageDraw.Draw(page).text((1, 1), text, fill=255, font=face)
        return np.greater(np.asarray(page, dtype=np.uint8), 100)
    scale = cv2.getFontScaleFromHeight(HERSHEY[font], size, 1)
    (width, height), below = cv2.getTextSize(text, HERSHEY[font], scale, 1)
    ink = np.zeros((height + below + 4, width + 4), np.uint8)
    cv2.putText(ink, text, (2, height + 2), HERSHEY[font], scale, 255, 1, cv2.LINE_AA)
    return np.greater(ink, 100)


def images(name: str) -> Iterator[NDArray[np.uint8]]:
    """The views of an image's first frame."""
    dataset: FileDataset = pydicom.dcmread(str(get_testdata_file(name)), force=True)
    for frame, properties in decoded(dataset, [0], is_raw=False):
        yield from views(frame, dataset, properties["photometric_interpretation"])


@dataclass(frozen=True)
class Planted:
    """One line: how it was drawn, where, and its ink there."""

    font: str
    contrast: int
    place: Box
    ink: NDArray[np.bool_]


def plant(image: NDArray[np.uint8], size: int, chance: np.random.Generator) -> list[Planted]:
    """Draw a line in each font where it stands out; `image` is changed."""
    planted: list[Planted] = []
    for font in ("print", *HERSHEY):
        ink = drawn(made_line(chance), font, size)
        contrast = int(chance.choice(CONTRASTS))
        is_dark = bool(chance.integers(0, 4) == 0)
        height, width = ink.shape
        if height >= image.shape[0] or width >= image.shape[1]:
            continue
        for _ in range(20):
            top = int(chance.integers(0, image.shape[0] - height))
            left = int(chance.integers(0, image.shape[1] - width))
            place = Box(top, left, top + height, left + width)
            low, high = np.percentile(image[place.slices].mean(axis=2), (5, 95))
            value = max(low - contrast, 0) if is_dark else min(high + contrast, 255)
            is_free = not any(place.grown(size).overlaps(one.place) for one in planted)
            if is_free and (low - value if is_dark else value - high) >= _LEAST_CONTRAST:
                image[place.slices][ink] = int(value)
                planted.append(Planted(font, contrast, place, ink))
                break
    return planted


def main() -> None:
    """Print found lines by size and font, blanked share of clean images, and times."""
    chance = np.random.default_rng(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    found: dict[Any, list[bool]] = defaultdict(list)
    with quiet_pydicom():
        for name in BACKGROUNDS:
            for size in SIZES:
                image = next(images(name)).copy()
                planted = plant(image, size, chance)
                boxes = writing_on(image, carries_text=True, is_small_text_sought=True) or []
                blanked = np.zeros(image.shape[:2], bool)
                for box in boxes:
                    blanked[box.slices] = True
                for one in planted:
                    is_found = bool(blanked[one.place.slices][one.ink].mean() >= _FOUND)
                    for key in ("all", one.font, f"{size} pixels", f"contrast {one.contrast}"):
                        found[key].append(is_found)
        for key, each in found.items():
            print(f"found, {key}: {sum(each)} of {len(each)}")
        for name in CLEAN:
            begin = time.process_time()
            shown = list(images(name))
            boxes = [
                box
                for image in shown
                for box in writing_on(image, carries_text=False, is_small_text_sought=True) or []
            ]
            share = sum(box.area for box in boxes) / (shown[0].shape[0] * shown[0].shape[1])
            seconds = time.process_time() - begin
            print(
                f"clean, {name} {shown[0].shape[:2]}: {share:.2%} blanked, {seconds:.2f} s of CPU"
            )


if __name__ == "__main__":
    main()
