from __future__ import annotations

import pytest

from irw_pipeline.deid.engine import Engine
from irw_pipeline.deid.outcome import Rejected, Released
from irw_pipeline.deid.pixels.decision import Decision, State
from irw_pipeline.deid.policy.policy import lay_over, load_policy
from irw_pipeline.ids import ReasonCode
from irw_pipeline_tests.factories.dicom import broker, ct_image, from_bytes, subject, to_bytes

PHOTOGRAPH = "1.2.840.10008.5.1.4.1.1.77.1.4"


@pytest.fixture(scope="module")
def engine() -> Engine:
    project = 'project: faces\nversion: "1"\noptions: [clean_recognizable_visual_features]'
    return Engine(lay_over(load_policy("research"), "faces", project), broker())


def outcome_of(engine: Engine, **header: str | None) -> Released | Rejected:
    return engine.deidentify(to_bytes(ct_image(**header)), subject())


@pytest.mark.parametrize(
    "header",
    [
        {"BodyPartExamined": "HEAD"},
        {"BodyPartExamined": "Whole Body"},
        {},
        {"BodyPartExamined": "CHEST", "Modality": None},
        {"BodyPartExamined": "CHEST", "RecognizableVisualFeatures": "YES"},
        {"BodyPartExamined": "NECK", "Modality": "MR"},
        {"BodyPartExamined": "CHEST", "Modality": "XC", "SOPClassUID": PHOTOGRAPH},
    ],
)
def test_what_may_show_a_face_waits(engine: Engine, header: dict[str, str | None]) -> None:
    outcome = outcome_of(engine, **header)
    assert isinstance(outcome, Rejected)
    assert outcome.reason in {ReasonCode.FACE_MAY_SHOW, ReasonCode.PIXELS_UNCERTAIN}


@pytest.mark.parametrize(
    "header", [{"BodyPartExamined": "Chest"}, {"Modality": "US", "BodyPartExamined": "HEAD"}]
)
def test_what_cannot_show_a_face_is_released_and_says_so(
    engine: Engine, header: dict[str, str]
) -> None:
    outcome = outcome_of(engine, **header)
    assert isinstance(outcome, Released)
    released = from_bytes(outcome.content)
    assert released.RecognizableVisualFeatures == "NO"
    codes = {item.CodeValue for item in released.DeidentificationMethodCodeSequence}
    assert "113102" in codes


def test_without_the_option_heads_are_released() -> None:
    plain = Engine(load_policy("research"), broker())
    outcome = outcome_of(plain, BodyPartExamined="HEAD")
    assert isinstance(outcome, Released)
    assert "RecognizableVisualFeatures" not in from_bytes(outcome.content)


@pytest.mark.parametrize(
    ("state", "expected"), [(State.ACCEPTED, None), (State.REJECTED, ReasonCode.REJECTED_IN_REVIEW)]
)
def test_a_person_decides_whether_a_face_shows(
    engine: Engine, state: State, expected: ReasonCode | None
) -> None:
    content = to_bytes(ct_image(BodyPartExamined="HEAD"))
    outcome = engine.deidentify(content, subject(), Decision(state))
    assert getattr(outcome, "reason", None) == expected
