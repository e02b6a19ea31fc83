"""One released object as the scorer sees it: its bytes, and its elements by path."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pydicom
from pydicom.charset import convert_encodings
from pydicom.sequence import Sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian

from irw_pipeline.dicom.read import quiet_pydicom

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from benchmarks.answer_key.key import Step

PIXEL_DATA = 0x7FE00010
OVERLAY_DATA = 0x60003000


@dataclass
class Output:
    """A released object beside its source."""

    name: str
    """Its path below the target folder."""
    source: Dataset = field(repr=False)
    dataset: Dataset = field(repr=False)
    content: bytes = field(repr=False)
    """All bytes but the pixels, which hold short tokens by chance; inflated where deflated."""
    pixel_bytes: bytes = field(repr=False)
    codecs: tuple[str, ...]

    @staticmethod
    def read(source: Path, target: Path, name: str) -> Output:
        """Read both objects."""
        released = target / name
        with quiet_pydicom():
            before = pydicom.dcmread(source, force=True)
            dataset = pydicom.dcmread(released, force=True)
            content = released.read_bytes()
            if dataset.file_meta.get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian:
                start = 144 + int.from_bytes(content[140:144], "little")
                content = content[:start] + zlib.decompressobj(-zlib.MAX_WBITS).decompress(
                    content[start:]
                )
            pixel_bytes = (
                bytes(dataset["PixelData"].value or b"") if "PixelData" in dataset else b""
            )
            content = content.replace(pixel_bytes, b"") if pixel_bytes else content
            charset = before.get("SpecificCharacterSet") or ""
            codecs = tuple(convert_encodings(charset))
        return Output(name, before, dataset, content, pixel_bytes, codecs)

    def text(self, path: tuple[Step, ...], *, of_source: bool = False) -> str | None:
        """All text of one element and of what is below it in a sequence; None if it is absent."""
        with quiet_pydicom():
            element = _find(self.source if of_source else self.dataset, path)
            return None if element is None else _text(element)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Tag and text of every element that is no sequence."""
        with quiet_pydicom():
            for element in self.dataset.iterall():
                if element.VR != "SQ" and element.tag != PIXEL_DATA:
                    yield str(element.tag), _text(element)

    def value(self, path: tuple[Step, ...]) -> str:
        """The value as text; empty if it is not there."""
        return (self.text(path) or "").strip(" \0")

    def pixels(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """The frames of source and release: (frames, rows, columns[, samples])."""
        with quiet_pydicom():
            pair = []
            for dataset in (self.source, self.dataset):
                pixels = dataset.pixel_array
                is_many = int(dataset.get("NumberOfFrames") or 1) > 1
                pair.append(pixels if is_many else pixels[np.newaxis])
        return pair[0], pair[1]

    def overlays(self) -> tuple[NDArray[Any], NDArray[Any] | None]:
        """The first overlay plane of source and release, None where it was removed."""
        planes = [_overlay(dataset) for dataset in (self.source, self.dataset)]
        if planes[0] is None:
            raise ValueError("the source has no overlay")
        return planes[0], planes[1]

    def has_same_pixel_bytes(self) -> bool:
        """Whether PixelData was passed through, padding apart."""
        if any("PixelData" not in one for one in (self.source, self.dataset)):
            return False
        before, after = (bytes(one["PixelData"].value) for one in (self.source, self.dataset))
        return before.rstrip(b"\0") == after.rstrip(b"\0")


def _overlay(dataset: Dataset) -> NDArray[Any] | None:
    if OVERLAY_DATA not in dataset:
        return None
    rows, columns = int(dataset[0x60000010].value), int(dataset[0x60000011].value)
    bits = np.unpackbits(np.frombuffer(dataset[OVERLAY_DATA].value, "u1"), bitorder="little")
    return bits[: rows * columns].reshape(1, rows, columns)


def _find(dataset: Dataset, path: tuple[Step, ...]) -> Any:
    current: Any = dataset
    for step in path:
        current = _next(current, step)
        if current is None:
            return None
    return current


def _next(current: Any, step: Step) -> Any:
    """One step down: into an item of a sequence, or to an element of a data set."""
    if isinstance(step, int):
        items = current.value if isinstance(current.value, Sequence) else ()
        return items[step] if len(items) > step else None
    if step == "meta":
        return current.file_meta
    if step.startswith("@"):
        return _content_item(current, step.removeprefix("@"))
    if "|" not in step:
        return current.get(int(step, 16))
    group, creator, element = step.split("|")
    try:
        return current.private_block(int(group, 16), creator)[int(element, 16)]
    except KeyError:
        return None


def _content_item(content: Any, name: str) -> Dataset | None:
    """The last item of a value type and concept: what was planted stands behind what was there."""
    found = None
    for item in content.value if isinstance(content.value, Sequence) else ():
        concept = item.get("ConceptNameCodeSequence") or [{}]
        if f"{item.get('ValueType')} {concept[0].get('CodeValue')}" == name:
            found = item
    return found


def _text(element: Any) -> str:
    value = element.value
    if isinstance(value, Sequence):
        return "\n".join(_text(inner) for item in value for inner in item.iterall())
    if isinstance(value, bytes):
        return value.decode("latin-1") + "\n" + value.decode("utf-16-le", "replace")
    if isinstance(value, (list, pydicom.multival.MultiValue)):
        return "\\".join(str(one) for one in value)
    return "" if value is None else str(value)
