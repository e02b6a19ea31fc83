"""What the policy `research` makes of an object that names somebody."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from irw_pipeline.deid.engine import Engine
from irw_pipeline.deid.outcome import Released
from irw_pipeline.deid.policy.policy import load_policy
from irw_pipeline_tests.factories.dicom import broker, from_bytes, subject, to_bytes

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pydicom.uid import UID

NAME = "Wuckert"
"""Part of the name of the patient of `ct_image`."""


@lru_cache
def _engine(*, byte_path: bool = True) -> Engine:
    return Engine(load_policy("research"), broker(), byte_path=byte_path)


def release(content: bytes) -> bytes:
    """The released object; that `NAME` does not stand in it is asserted."""
    outcome = _engine().deidentify(content, subject())
    assert isinstance(outcome, Released), outcome
    assert NAME.lower().encode() not in outcome.content.lower()
    return outcome.content


def released_by_both(dataset: Dataset, syntax: UID) -> Dataset:
    """The released object; that both ways through the engine give the same bytes is asserted."""
    content = to_bytes(dataset, syntax)
    outcomes = [_engine(byte_path=way).deidentify(content, subject()) for way in (True, False)]
    assert all(isinstance(outcome, Released) for outcome in outcomes), outcomes
    one, other = (outcome.content for outcome in outcomes if isinstance(outcome, Released))
    assert one == other
    return from_bytes(one)
