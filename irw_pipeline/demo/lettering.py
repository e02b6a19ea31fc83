"""Block letters for frames with burned-in text: a face of 3 by 5 dots, drawn with numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# one octal digit per row, its three bits from left to right
_GLYPHS = {
    **dict(zip("ABCDEFGHIJ", ("25755", "65656", "34443", "65556", "74647", "74644", "34553",
                              "55755", "72227", "11152"), strict=True)),
    **dict(zip("KLMNOPQRST", ("55655", "44447", "57755", "65555", "25552", "65644", "25563",
                              "65655", "34216", "72222"), strict=True)),
    **dict(zip("UVWXYZ", ("55557", "55552", "55775", "55255", "55222", "71247"), strict=True)),
    **dict(zip("0123456789", ("75557", "26227", "61247", "61216", "55711", "74616", "34757",
                              "71222", "75757", "75716"), strict=True)),
    " ": "00000",
    "-": "00700",
}  # fmt: skip


def text_mask(text: str, scale: int) -> NDArray[np.bool_]:
    """Return the drawn text, True where there is ink; letters it lacks become boxes.

    Args:
        text: Drawn in capitals.
        scale: Pixels per dot.
    """
    columns = []
    for letter in text.upper():
        rows = [int(digit) for digit in _GLYPHS.get(letter, "77777")]
        columns.append(np.array([[bool(row & bit) for bit in (4, 2, 1, 0)] for row in rows]))
    return np.kron(np.hstack(columns), np.ones((scale, scale), dtype=bool)).astype(bool)


def draw_text(pixels: NDArray[np.generic], text: str, *, ink: int, scale: int = 3) -> None:
    """Write the text into the upper left corner of a frame, cut at its right edge.

    Args:
        pixels: Shape (rows, columns[, samples]); modified.
        text: What to write.
        ink: The value of the letters.
        scale: Pixels per dot.
    """
    mask = text_mask(text, scale)[: pixels.shape[0] - 8, : pixels.shape[1] - 8]
    pixels[8 : 8 + mask.shape[0], 8 : 8 + mask.shape[1]][mask] = ink
