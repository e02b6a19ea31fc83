from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from irw_pipeline.deid.engine import Engine
from irw_pipeline.deid.outcome import Released
from irw_pipeline.deid.policy.policy import load_policy
from irw_pipeline.dicom.read import quiet_pydicom, read_dataset
from irw_pipeline_tests.factories.dicom import broker, pydicom_files, subject

SHARED = Path(__file__).parents[4] / "shared" / "data" / "dicom"
PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
CLEAN_PIXEL_DATA = "113101"  # PS3.16 CID 7050
ENGINE = Engine(load_policy("research"), broker())


def outcome_of(path: Path) -> str:
    """Release one file and hold its pixels against the source's; the name of what became of it."""
    content = path.read_bytes()
    outcome = ENGINE.deidentify(content, subject())
    if not isinstance(outcome, Released):
        return str(outcome.reason)
    with quiet_pydicom():
        before, after = read_dataset(content), read_dataset(outcome.content)
        codes = {item.CodeValue for item in after.DeidentificationMethodCodeSequence}
        is_looked_at = CLEAN_PIXEL_DATA in codes
        is_changed = False
        for keyword in PIXELS:
            assert (keyword in before) == (keyword in after)
            if keyword in before:
                odd = len(before[keyword].value) % 2
                is_same = before[keyword].value + b"\0" * odd == after[keyword].value
                assert is_same or is_looked_at
                is_changed = is_changed or not is_same
        if is_changed:
            return "released and changed"
        try:
            pixels = before.pixel_array
        except Exception:  # noqa: BLE001 - files that no installed decoder reads
            return "released"
        np.testing.assert_array_equal(pixels, after.pixel_array)
    return "released and decoded"


def test_pixels_of_every_pydicom_file_are_the_source_s() -> None:
    outcomes = Counter(outcome_of(path) for path in pydicom_files())
    assert outcomes["released and decoded"] >= 50
    assert "UNEXPECTED" not in outcomes


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="no public corpus beside the checkout")
def test_every_public_file_is_released_or_has_a_reason() -> None:
    outcomes = Counter(outcome_of(p) for p in sorted(SHARED.rglob("*")) if p.is_file())
    assert outcomes["released"] + outcomes["released and decoded"] >= 100
    assert set(outcomes) <= {
        "released",
        "released and decoded",
        "released and changed",
        "PIXELS_UNCERTAIN",
        "PIXELS_UNDECODABLE",
        "MISSING_REQUIRED_ATTRIBUTE",
        "NOT_DICOM",
        "UNREADABLE",
        "UNSUPPORTED_SOP_CLASS",
        "RESIDUAL_IDENTIFIER",
    }
