"""Blanking in the stored representation; what lies outside of the mask keeps its value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.dataelem import DataElement
from pydicom.uid import ExplicitVRBigEndian

from irw_pipeline.deid.pixels.encode import replace_pixels
from irw_pipeline.deid.pixels.frames import decoded, fill_value, frame_count
from irw_pipeline.dicom.write import transfer_syntax_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from pydicom.dataset import FileDataset

    from irw_pipeline.deid.pixels.decision import Mark

PIXEL_DATA = 0x7FE0_0010
_WHOLE_BYTES = (8, 16, 32)


@dataclass(frozen=True)
class Mask:
    """What to blank: the same in every frame, and what is marked in single ones."""

    everywhere: NDArray[np.bool_]
    marks: tuple[Mark, ...] = ()

    def of(self, frame: int) -> NDArray[np.bool_]:
        """The mask of one frame, zero-based, of shape (rows, columns)."""
        own = [mark.box for mark in self.marks if mark.frame in {None, frame + 1}]
        if not own:
            return self.everywhere
        mask = self.everywhere.copy()
        for box in own:
            mask[box.within(*mask.shape).slices] = True
        return mask


def blank(dataset: FileDataset, mask: Mask) -> bool:
    """Blank the frames where the mask says so; whether that changed anything. Changes `dataset`.

    Uncompressed pixels are changed where they stand; others are decoded and encoded again without
    loss. The icon, a small copy of the image, goes.

    Args:
        dataset: Its pixels, and the attributes that describe them.
        mask: Where.
    """
    if not (mask.marks or mask.everywhere.any()):
        return False
    if _is_plain(dataset):
        is_changed = _blank_in_place(dataset, mask)
    else:
        is_changed = any(
            (frame[mask.of(number)] != fill_value(frame, properties, dataset)).any()
            for number, (frame, properties) in enumerate(decoded(dataset, is_raw=True))
        )
        if is_changed:
            replace_pixels(dataset, lambda *, is_raw: _blanked(dataset, mask, is_raw=is_raw))
    if is_changed and "IconImageSequence" in dataset:
        del dataset.IconImageSequence
    return is_changed


def _blanked(
    dataset: FileDataset, mask: Mask, *, is_raw: bool
) -> Iterator[tuple[NDArray[Any], dict[str, Any]]]:
    for number, (frame, properties) in enumerate(decoded(dataset, is_raw=is_raw)):
        frame[mask.of(number)] = fill_value(frame, properties, dataset)
        yield frame, properties


def _is_plain(dataset: FileDataset) -> bool:
    """Whether a pixel's samples are whole words at places that can be computed."""
    syntax = transfer_syntax_of(dataset)
    bits = int(dataset.BitsAllocated)
    return (
        not syntax.is_compressed
        and bits in _WHOLE_BYTES
        and not (syntax == ExplicitVRBigEndian and bits == 8)  # noqa: PLR2004 - OW swaps its bytes
        and not str(dataset.PhotometricInterpretation).endswith(("422", "420"))
    )


def _blank_in_place(dataset: FileDataset, mask: Mask) -> bool:
    element = dataset[PIXEL_DATA]
    content = bytearray(element.value)
    rows, columns = mask.everywhere.shape
    samples = int(dataset.SamplesPerPixel)
    is_planar = samples > 1 and int(dataset.get("PlanarConfiguration") or 0) == 1
    order = ">" if transfer_syntax_of(dataset) == ExplicitVRBigEndian else "<"
    frames = frame_count(dataset)
    words = np.frombuffer(
        content,
        dtype=f"{order}u{int(dataset.BitsAllocated) // 8}",
        count=frames * rows * columns * samples,
    )
    shape = (frames, samples, rows, columns) if is_planar else (frames, rows, columns, samples)
    stored = words.reshape(shape)
    if is_planar:
        stored = stored.transpose(0, 2, 3, 1)
    stored_bits = (1 << int(dataset.BitsStored)) - 1
    shift = int(dataset.HighBit) + 1 - int(dataset.BitsStored)
    is_changed = False
    for number, (frame, properties) in enumerate(decoded(dataset, is_raw=True)):
        fill = fill_value(frame, properties, dataset).astype(np.int64)
        word = ((fill & stored_bits) << max(shift, 0)).astype(words.dtype)
        where = mask.of(number)
        is_changed |= bool((stored[number][where] != word).any())
        stored[number][where] = word
    if is_changed:
        dataset[PIXEL_DATA] = DataElement(PIXEL_DATA, element.VR, bytes(content))
    return is_changed
