"""Ten thousand damaged files: each is released or rejected, none crashes, none tells who it was.

`make fuzz` runs them all; by default some hundreds do.
"""

from __future__ import annotations

import os
from collections import Counter

from irw_pipeline.deid.engine import Engine
from irw_pipeline.deid.outcome import Rejected
from irw_pipeline.deid.policy.policy import load_policy
from irw_pipeline.identity.subject import Subject
from irw_pipeline_tests.factories.dicom import broker
from irw_pipeline_tests.factories.mutate import KNOWN, leaked, mutated, planted_files

FILES = int(os.environ.get("FUZZ_FILES", "300"))


def test_damaged_files_are_released_or_rejected_and_tell_nothing() -> None:
    """The planted tokens are searched by `in` on the bytes, not by the audit."""
    engine = Engine(load_policy("research"), broker())
    subject = Subject(
        person_id=1, research_id="IRWABCDEFGHIJKLMNOP", date_offset_days=100, known=KNOWN
    )
    seeds = planted_files()
    outcomes: Counter[str] = Counter()
    for number in range(FILES):
        outcome = engine.deidentify(mutated(seeds, number), subject)
        if isinstance(outcome, Rejected):
            outcomes[outcome.reason] += 1
            continue
        outcomes["released"] += 1
        assert leaked(outcome.content) == [], number
    assert sum(outcomes.values()) == FILES
    assert outcomes["released"] > FILES / 10, outcomes
    assert outcomes["UNREADABLE"] > FILES / 20, outcomes
