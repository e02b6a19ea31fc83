"""Real files that are odd and harmless are released, by both paths alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from irw_pipeline.deid.engine import Engine
from irw_pipeline.deid.outcome import Released
from irw_pipeline.deid.policy.policy import load_policy
from irw_pipeline_tests.factories.dicom import broker, from_bytes, subject


@pytest.mark.parametrize("is_fast", [True, False])
@pytest.mark.parametrize(
    "name",
    [
        "SC_rgb_jpeg.dcm",  # implicit VRs, though its file meta promises explicit ones
        "badVR.dcm",  # letters in the number of its frames
        "waveform_ecg.dcm",  # a header longer than what is read at first
    ],
)
def test_an_odd_file_is_released(name: str, *, is_fast: bool) -> None:
    content = Path(str(get_testdata_file(name))).read_bytes()
    engine = Engine(load_policy("research"), broker(), byte_path=is_fast)
    outcome = engine.deidentify(content, subject())
    assert isinstance(outcome, Released), outcome
    assert from_bytes(outcome.content).PatientIdentityRemoved == "YES"
