"""What a person decided of the pixels is what happens to them, and nothing else does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)

from irw_pipeline.deid.engine import Engine
from irw_pipeline.deid.outcome import Rejected, Released
from irw_pipeline.deid.pixels.box import Box
from irw_pipeline.deid.pixels.decision import Decision, Mark, State, marks_of, text_of_marks
from irw_pipeline.deid.policy.policy import load_policy
from irw_pipeline.errors import InputError
from irw_pipeline.ids import ReasonCode
from irw_pipeline_tests.factories.burned_in import anatomy, image_of, write_on
from irw_pipeline_tests.factories.dicom import broker, ct_image, from_bytes, subject, to_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

RESEARCH, STRICT = (Engine(load_policy(name), broker()) for name in ("research", "strict"))
ACCEPTED, REJECTED = Decision(State.ACCEPTED), Decision(State.REJECTED)


def page() -> NDArray[np.uint8]:
    """A page of text, which nobody but a person may release."""
    frame = np.zeros((400, 500), np.uint8)
    for line in range(12):
        write_on(frame, "Seen today with a cough and fever", 8 + 32 * line, 10, 22, 255)
    return frame


def outcome_of(
    dataset: Dataset, decision: Decision | None, engine: Engine = RESEARCH
) -> Released | Rejected:
    syntax = UID(str(dataset.file_meta.TransferSyntaxUID))
    return engine.deidentify(to_bytes(dataset, syntax), subject(), decision)


def released(dataset: Dataset, decision: Decision, engine: Engine = RESEARCH) -> Dataset:
    outcome = outcome_of(dataset, decision, engine)
    assert isinstance(outcome, Released), outcome
    return from_bytes(outcome.content)


@pytest.mark.parametrize("engine", [RESEARCH, STRICT], ids=["research", "strict"])
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, RLELossless], ids=lambda uid: uid.name)
def test_accepted_pixels_keep_their_bytes(syntax: UID, engine: Engine) -> None:
    dataset = image_of(page()[None], syntax)
    assert isinstance(outcome_of(dataset, None, engine), Rejected)
    after = released(dataset, ACCEPTED, engine)
    assert after["PixelData"].value == dataset["PixelData"].value
    assert after.BurnedInAnnotation == "NO"


@pytest.mark.parametrize(
    "syntax",
    [ExplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless, JPEG2000Lossless],
    ids=lambda uid: uid.name,
)
def test_marked_boxes_are_blanked_in_their_frames_and_nothing_else_is(syntax: UID) -> None:
    frames = np.stack([page() + np.uint8(1)] * 3)
    frames[:, 0, 0] = 0
    marks = (Mark(Box(10, 20, 30, 60)), Mark(Box(100, 0, 120, 500), frame=2))
    after = released(image_of(frames, syntax), Decision(State.BLANKED, marks))
    expected = frames.copy()
    expected[:, 10:30, 20:60] = 0
    expected[1, 100:120] = 0
    assert (after.pixel_array == expected).all()
    assert after.file_meta.TransferSyntaxUID == syntax


def test_rejected_objects_stay_out() -> None:
    outcome = outcome_of(image_of(anatomy(200, 200)[None]), REJECTED)
    assert isinstance(outcome, Rejected)
    assert outcome.reason is ReasonCode.REJECTED_IN_REVIEW


def test_a_decision_opens_no_other_gate() -> None:
    """Accepted pixels do not release what is out of reach, nor what the audit finds."""
    unreachable = ct_image(SOPClassUID="1.2.840.10008.5.1.4.1.1.66")
    outcome = RESEARCH.deidentify(to_bytes(unreachable), subject(), ACCEPTED)
    assert isinstance(outcome, Rejected)
    assert outcome.reason is ReasonCode.UNSUPPORTED_SOP_CLASS
    pixels = bytearray(page().tobytes())
    pixels[5000:5007] = b"WUCKERT"
    outcome = outcome_of(image_of(page()[None], PixelData=bytes(pixels)), ACCEPTED)
    assert isinstance(outcome, Rejected)
    assert outcome.reason is ReasonCode.RESIDUAL_IDENTIFIER


def test_what_cannot_be_decoded_can_be_accepted_but_not_blanked() -> None:
    dataset = image_of(anatomy(200, 200)[None], JPEG2000Lossless)
    broken = bytearray(dataset["PixelData"].value)
    broken[30:] = bytes(len(broken) - 30)
    dataset.PixelData = bytes(broken)
    assert released(dataset, ACCEPTED)["PixelData"].value == dataset["PixelData"].value
    outcome = outcome_of(dataset, Decision(State.BLANKED, (Mark(Box(0, 0, 9, 9)),)))
    assert isinstance(outcome, Rejected)
    assert outcome.reason is ReasonCode.PIXELS_UNDECODABLE


_PLACES = st.integers(0, 4000)
_MARKS = st.builds(
    lambda top, left, height, width, frame: Mark(
        Box(top, left, top + height, left + width), frame
    ),
    _PLACES, _PLACES, st.integers(1, 4000), st.integers(1, 4000),
    st.none() | st.integers(1, 900),
)  # fmt: skip


@given(st.lists(_MARKS))
def test_marks_are_read_as_they_were_written(marks: list[Mark]) -> None:
    assert set(marks_of(text_of_marks(marks))) == set(marks)


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "1,2,0,4", "1,2,3,0", "-1,2,3,4", "1,2,3,4@0", "a,b,c,d", "1,2,3,4@"]
)
def test_no_other_form_is_a_mark(text: str) -> None:
    with pytest.raises(InputError):
        Mark.parse(text)
