"""The frames of an object, decoded one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.utils import get_nr_frames

from irw_pipeline.dicom.write import transfer_syntax_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray
    from pydicom.dataset import FileDataset

MOST_PIXELS = 1 << 27
"""A frame of more pixels is not decoded: no display or film scanner makes one."""

_WORD = 16


class FrameTooLargeError(Exception):
    """A frame is larger than any real one, so its header is not believed."""


def frame_count(dataset: FileDataset) -> int:
    """How many frames the header promises."""
    return int(get_nr_frames(dataset, warn=False))


def decoded(
    dataset: FileDataset, indices: Iterable[int] | None = None, *, is_raw: bool
) -> Iterator[tuple[NDArray[Any], dict[str, Any]]]:
    """Yield frames of shape (rows, columns[, samples]) and the attributes that describe them.

    Args:
        dataset: Not modified.
        indices: Which frames, zero-based; all of them if not given.
        is_raw: Whether colour stays what it is; else it becomes RGB.

    Raises:
        FrameTooLargeError: The header promises too much.
    """
    if int(dataset.Rows) * int(dataset.Columns) > MOST_PIXELS:
        raise FrameTooLargeError
    decoder = get_decoder(transfer_syntax_of(dataset))
    yield from decoder.iter_array(dataset, indices=indices, raw=is_raw)


def fill_value(
    frame: NDArray[Any], properties: dict[str, Any], dataset: FileDataset
) -> NDArray[Any]:
    """The stored value that shows as black, one number a sample (PS3.3 C.7.6.3.1.2)."""
    photometric = properties["photometric_interpretation"]
    if photometric == "MONOCHROME1":
        return np.array([frame.max()])
    if photometric == "PALETTE COLOR":
        return np.array([_darkest_entry(dataset)])
    if photometric.startswith("YBR"):
        middle = 1 << (int(properties["bits_stored"]) - 1)
        return np.array([0, middle, middle])
    return np.zeros(3, int) if frame.ndim == 3 else np.array([frame.min()])  # noqa: PLR2004


def _darkest_entry(dataset: FileDataset) -> int:
    length, first, bits = dataset.RedPaletteColorLookupTableDescriptor
    if "RedPaletteColorLookupTableData" not in dataset:  # segmented
        return int(first)
    word = "<u2" if bits == _WORD else "u1"
    tables = [
        np.frombuffer(dataset[f"{colour}PaletteColorLookupTableData"].value, dtype=word)
        for colour in ("Red", "Green", "Blue")
    ]
    shortest = min(int(length) or 1 << 16, *(len(table) for table in tables))
    return int(first) + int(np.argmin(sum(table[:shortest].astype(int) for table in tables)))
