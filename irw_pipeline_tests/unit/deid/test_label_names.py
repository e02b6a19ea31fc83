from __future__ import annotations

import pytest

from irw_pipeline.deid.engine import Engine
from irw_pipeline.deid.outcome import Released
from irw_pipeline.deid.policy.policy import load_policy
from irw_pipeline_tests.factories.dicom import broker, ct_image, from_bytes, subject, to_bytes


def released(keyword: str, value: str) -> str:
    image = ct_image(PatientName="Stone^Long", OperatorsName="Hand^Ada", **{keyword: value})
    after = set()
    for byte_path in (True, False):
        outcome = Engine(load_policy("research"), broker(), byte_path=byte_path).deidentify(
            to_bytes(image), subject()
        )
        assert isinstance(outcome, Released)
        after.add(str(from_bytes(outcome.content)[keyword].value or ""))
    assert len(after) == 1
    return after.pop()


@pytest.mark.parametrize(
    "keyword", ["SeriesDescription", "PositionReferenceIndicator", "CountsSource"]
)
@pytest.mark.parametrize(
    ("label", "after"),
    [("Stone", ""), ("Long AX T1", "AX T1"), ("L5-S1 Stone", "L5-S1"), ("CTA HE Hand", "CTA HE")],
)
def test_a_name_that_is_a_word_goes_from_a_label(keyword: str, label: str, after: str) -> None:
    assert released(keyword, label) == after


@pytest.mark.parametrize(
    "text",
    [
        "STONE PROTOCOL",
        "Stone protocol",
        "Long bones AP",
        "HAND AP LAT",
        "Kidney stone CT",
        "AX T1",
    ],
)
def test_a_word_that_is_used_as_one_stays(text: str) -> None:
    assert released("SeriesDescription", text) == text
