"""What the policy `research` makes of an object that names somebody."""

from __future__ import annotations

from functools import lru_cache

from irw_pipeline.deid.engine import Engine
from irw_pipeline.deid.outcome import Released
from irw_pipeline.deid.policy.policy import load_policy
from irw_pipeline_tests.factories.dicom import broker, subject

NAME = "Wuckert"
"""Part of the name of the patient of `ct_image`."""


@lru_cache
def _engine() -> Engine:
    return Engine(load_policy("research"), broker())


def release(content: bytes) -> bytes:
    """The released object; that `NAME` does not stand in it is asserted."""
    outcome = _engine().deidentify(content, subject())
    assert isinstance(outcome, Released), outcome
    assert NAME.lower().encode() not in outcome.content.lower()
    return outcome.content
