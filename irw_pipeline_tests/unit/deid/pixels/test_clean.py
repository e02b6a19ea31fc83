from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from irw_pipeline.deid.engine import Engine
from irw_pipeline.deid.outcome import Rejected, Released
from irw_pipeline.deid.policy.policy import load_policy
from irw_pipeline.ids import ReasonCode
from irw_pipeline_tests.factories.burned_in import (
    NAME,
    NUMBER,
    anatomy,
    image_of,
    words_on,
    write_on,
)
from irw_pipeline_tests.factories.dicom import broker, ct_image, from_bytes, subject, to_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENGINE = Engine(load_policy("research"), broker())
SYNTAXES = (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
    RLELossless,
    JPEG2000Lossless,
    JPEGLSLossless,
)
FOUR_DIGITS = "0815"


def released(dataset: Dataset) -> Dataset:
    outcome = outcome_of(dataset)
    assert isinstance(outcome, Released), outcome
    return from_bytes(outcome.content)


def outcome_of(dataset: Dataset) -> Released | Rejected:
    syntax = dataset.file_meta.TransferSyntaxUID
    return ENGINE.deidentify(to_bytes(dataset, UID(str(syntax))), subject())


def labelled(bits: int = 8, frames: int = 1) -> NDArray[np.generic]:
    """Grey frames with a name and a number on them, in the highest value."""
    top = (1 << bits) - 1 if bits == 8 else 4095
    one = anatomy(300, 420).astype(np.uint8 if bits == 8 else np.uint16) * (top // 255)
    write_on(one, NAME, 12, 20, 16, top)
    write_on(one, NUMBER, 270, 200, 11, top)
    return np.stack([one] * frames)


def assert_unreadable(image: NDArray[np.uint8]) -> None:
    read = words_on(image)
    assert not [word for word in ("KOWAL", "TEMIKA", "MRN", "4711", FOUR_DIGITS) if word in read]


@pytest.mark.parametrize(
    ("syntax", "bits"),
    [*((syntax, 16) for syntax in SYNTAXES), (ExplicitVRBigEndian, 8), (JPEGLSLossless, 8)],
)
def test_text_goes_and_all_else_stays_in_the_same_transfer_syntax(syntax: UID, bits: int) -> None:
    source = labelled(bits)
    after = released(image_of(source, syntax))
    assert after.file_meta.TransferSyntaxUID == syntax
    pixels = after.pixel_array
    assert_unreadable((pixels / pixels.max() * 255).astype(np.uint8))
    changed = pixels != source[0]
    assert changed[12:30, 20:100].any()
    assert not changed[60:250].any()
    assert changed.mean() < 0.1
    assert after.BurnedInAnnotation == "NO"
    codes = [item.CodeValue for item in after.DeidentificationMethodCodeSequence]
    assert codes.count("113101") == 1


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda uid: uid.name)
def test_an_image_without_text_keeps_its_bytes(syntax: UID) -> None:
    dataset = image_of(anatomy(300, 420)[None], syntax, BurnedInAnnotation="NO")
    assert released(dataset)["PixelData"].value == dataset["PixelData"].value


@pytest.mark.parametrize(("size", "font"), [(10, "print"), (14, "plotted"), (40, "print")])
@pytest.mark.parametrize("ink", [0, 255], ids=["dark", "light"])
def test_no_planted_word_can_be_read_in_any_size(size: int, font: str, ink: int) -> None:
    frame = anatomy(420, 640)
    if ink == 0:
        frame = np.uint8(255) - frame
    write_on(frame, NAME, 15, 12, size, ink, font)
    write_on(frame, NUMBER, 340, 100, 13, ink, font)
    assert_unreadable(released(image_of(frame[None])).pixel_array)


def test_colour_is_blanked_to_black() -> None:
    frame = np.repeat(anatomy(300, 420)[..., None], 3, axis=2)
    write_on(frame, NAME, 12, 20, 18, (255, 220, 0))
    pixels = released(image_of(frame[None])).pixel_array
    assert_unreadable(pixels)
    assert (pixels[(pixels != frame).any(axis=2)] == 0).all()


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless, JPEGLSLossless])
def test_compressed_colour_loses_nothing_but_the_text(syntax: UID) -> None:
    frame = np.repeat(anatomy(300, 420)[..., None], 3, axis=2)
    frame[..., 0] //= 2
    write_on(frame, NAME, 12, 20, 18, (255, 220, 0))
    after = released(image_of(frame[None], syntax))
    assert after.file_meta.TransferSyntaxUID == syntax
    changed = (after.pixel_array != frame).any(axis=2)
    assert changed.any()
    assert not changed[60:].any()
    assert_unreadable(after.pixel_array)


def test_colour_by_plane_is_blanked_where_it_stands() -> None:
    frame = np.repeat(anatomy(300, 420)[..., None], 3, axis=2)
    write_on(frame, NAME, 12, 20, 18, 255)
    planes = np.ascontiguousarray(frame.transpose(2, 0, 1))
    dataset = image_of(frame[None], PlanarConfiguration=1, PixelData=planes.tobytes())
    after = released(dataset)
    assert after.PlanarConfiguration == 1
    assert_unreadable(after.pixel_array)
    assert not (after.pixel_array != frame)[60:].any()


def test_inverted_grey_is_blanked_to_what_shows_as_black() -> None:
    source = 4095 - labelled(16).astype(np.uint16)
    after = released(image_of(source, PhotometricInterpretation="MONOCHROME1"))
    pixels = after.pixel_array
    assert (pixels[pixels != source[0]] == source.max()).all()
    assert_unreadable((255 - pixels / 4095 * 255).astype(np.uint8))


def test_indexed_colour_is_blanked_to_its_darkest_entry() -> None:
    frame = np.uint8(255) - anatomy(300, 420)
    write_on(frame, NAME, 12, 20, 18, 0)
    table = bytes(255 - index for index in range(256))
    dataset = image_of(frame[None], PhotometricInterpretation="PALETTE COLOR", Modality="US")
    for colour in ("Red", "Green", "Blue"):
        setattr(dataset, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, 8])
        setattr(dataset, f"{colour}PaletteColorLookupTableData", table)
    after = released(dataset)
    assert (after.pixel_array[after.pixel_array != frame] == 255).all()
    assert_unreadable(apply_color_lut(after.pixel_array, after))


def test_text_in_any_frame_of_a_short_cine_is_blanked_in_all() -> None:
    frames = np.stack([anatomy(240, 320, seed) for seed in range(5)])
    write_on(frames[3], NAME, 12, 20, 16, 255)
    pixels = released(image_of(frames, Modality="US")).pixel_array
    for frame in pixels:
        assert_unreadable(frame)
    assert (
        pixels[:, 14:26, 24:60] <= frames[:, 14:26, 24:60].min(axis=(1, 2))[:, None, None]
    ).all()


def test_a_long_cine_is_looked_at_as_a_whole() -> None:
    frames = np.stack([anatomy(160, 260, seed) for seed in range(40)])
    write_on(frames[17], NAME, 8, 12, 16, 255)
    pixels = released(image_of(frames)).pixel_array
    assert_unreadable(pixels[17])


def test_ultrasound_is_blanked_outside_of_its_regions_and_text_inside_them_as_well() -> None:
    region = Dataset()
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 40, 60
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 399, 279
    frame = anatomy(300, 420)
    write_on(frame, NAME, 12, 20, 16, 255)
    write_on(frame, NUMBER, 80, 60, 14, 255)
    dataset = image_of(
        frame[None], SOPClassUID="1.2.840.10008.5.1.4.1.1.6.1", Modality="US",
        SequenceOfUltrasoundRegions=[region],
    )  # fmt: skip
    pixels = released(dataset).pixel_array
    outside = np.ones(frame.shape, bool)
    outside[60:280, 40:400] = False
    assert (pixels[outside] == frame.min()).all()
    assert_unreadable(pixels)
    assert (pixels[140:280, 40:400] == frame[140:280, 40:400]).all()


def test_the_name_bar_of_a_known_device_is_blanked_without_looking() -> None:
    frame = anatomy(480, 640)
    dataset = image_of(
        frame[None], Modality="US", Manufacturer="Philips Medical Systems",
        ManufacturerModelName="iU22",
    )  # fmt: skip
    pixels = released(dataset).pixel_array
    assert (pixels[:47] == frame.min()).all()
    assert (pixels[47:] == frame[47:]).all()


@pytest.mark.parametrize("top", [34, 38, 42])
def test_a_line_that_a_name_bar_cuts_goes_as_a_whole(top: int) -> None:
    """The bar of a device ends at row 47, on another version of it in the middle of the letters."""
    frame = anatomy(480, 640)
    ink = write_on(frame, NAME, top, 200, 18, 255)
    dataset = image_of(
        frame[None], Modality="US", Manufacturer="Philips Medical Systems",
        ManufacturerModelName="iU22",
    )  # fmt: skip
    pixels = released(dataset).pixel_array
    assert (pixels[ink] <= frame[:47].min() + 1).all()
    assert (pixels[100:] == frame[100:]).all()


def test_a_letter_that_tells_the_side_stays() -> None:
    frame = anatomy(500, 400).astype(np.uint16) * 16
    write_on(frame, "R", 30, 330, 50, 4095)
    dataset = image_of(frame[None], SOPClassUID="1.2.840.10008.5.1.4.1.1.1.1", Modality="DX")
    assert released(dataset)["PixelData"].value == dataset["PixelData"].value


def test_the_small_copy_of_a_changed_image_goes() -> None:
    icon = Dataset()
    icon.Rows = icon.Columns = 2
    icon.BitsAllocated = 8
    icon.PixelData = b"\1\2\3\4"
    assert "IconImageSequence" not in released(image_of(labelled(), IconImageSequence=[icon]))


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"RecognizableVisualFeatures": "YES"}, ReasonCode.PIXELS_UNCERTAIN),
        ({"ConversionType": "SD"}, ReasonCode.PIXELS_UNCERTAIN),
        ({"Modality": "DOC"}, ReasonCode.PIXELS_UNCERTAIN),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.77.1.4"}, ReasonCode.PIXELS_UNCERTAIN),
        ({"BurnedInAnnotation": "YES"}, ReasonCode.PIXELS_UNCERTAIN),
    ],
)
def test_what_a_person_must_see_waits(said: dict[str, Any], reason: ReasonCode) -> None:
    outcome = outcome_of(image_of(anatomy(200, 200)[None], **said))
    assert isinstance(outcome, Rejected)
    assert outcome.reason is reason


def test_a_page_of_text_waits() -> None:
    frame = np.zeros((400, 500), np.uint8)
    for line in range(12):
        write_on(frame, "Seen today with a cough and fever", 8 + 32 * line, 10, 22, 255)
    outcome = outcome_of(image_of(frame[None]))
    assert outcome == Rejected(ReasonCode.PIXELS_UNCERTAIN, "text all over")


def test_pixels_that_no_decoder_reads_wait_where_they_may_carry_text() -> None:
    dataset = image_of(anatomy(200, 200)[None], JPEG2000Lossless)
    broken = bytearray(dataset["PixelData"].value)
    broken[30:] = bytes(len(broken) - 30)
    dataset.PixelData = bytes(broken)
    outcome = outcome_of(dataset)
    assert isinstance(outcome, Rejected)
    assert outcome.reason is ReasonCode.PIXELS_UNDECODABLE


@pytest.mark.parametrize(
    "said",
    [
        {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"},
        {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.6.1"},
        {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.77.1.4"},
        {"Modality": "US"},
        {"BurnedInAnnotation": "YES"},
        {"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]},
    ],
)
def test_a_policy_that_does_not_clean_pixels_refuses_what_carries_text(
    said: dict[str, object],
) -> None:
    engine = Engine(load_policy("strict"), broker())
    outcome = engine.deidentify(to_bytes(ct_image(**said)), subject())
    assert isinstance(outcome, Rejected)
    assert outcome.reason is ReasonCode.BURNED_IN_TEXT
