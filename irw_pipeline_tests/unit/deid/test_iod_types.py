from __future__ import annotations

import csv
import re
import shutil
import subprocess
import sys
from functools import lru_cache
from importlib import resources
from pathlib import Path

import pytest

from irw_pipeline.deid.engine import Engine
from irw_pipeline.deid.outcome import Released
from irw_pipeline.deid.policy.iod_types import STRICTEST, iod_of, resolve
from irw_pipeline.deid.policy.policy import load_policy
from irw_pipeline.deid.policy.rule_table import RuleTables
from irw_pipeline.deid.policy.rules import Kind
from irw_pipeline_tests.factories import iod_tables
from irw_pipeline_tests.factories.dicom import broker, pydicom_files, subject

CT = "1.2.840.10008.5.1.4.1.1.2"
ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
RT_PLAN = "1.2.840.10008.5.1.4.1.1.481.5"
CONTENT_DATE, SERIES_DATE, RT_PLAN_DATE, INSTITUTION = (
    0x00080023,
    0x00080021,
    0x300A0006,
    0x00080080,
)
REFERRING_PHYSICIAN_ID = 0x00080096


@pytest.mark.parametrize(
    ("name", "rows"),
    [("iod_sop_classes", iod_tables.sop_classes), ("iod_types", iod_tables.types)],
)
def test_our_iod_tables_say_what_ps3_3_says(name: str, rows: object) -> None:
    """Against highdicom's copy of PS3.3; a new edition of it is a red test."""
    assert callable(rows)
    text = (resources.files("irw_pipeline.deid") / "tables" / f"{name}.csv").read_text("utf-8")
    assert list(csv.DictReader(text.splitlines())) == rows()


@pytest.mark.parametrize("action", STRICTEST)
def test_a_required_attribute_is_never_left_out_nor_empty(action: str) -> None:
    assert resolve(action, "1") in ("D", "U", "Z" if action == "X/Z" else "D")
    assert resolve(action, "2") != "X"
    assert resolve(action, "3") in "XZ"
    assert resolve("K", "1") == "K"


@pytest.mark.parametrize(
    ("sop_class", "tag", "parent", "action"),
    [
        (CT, CONTENT_DATE, 0, "Z"),
        (ENHANCED_CT, CONTENT_DATE, 0, "D"),
        (CT, SERIES_DATE, 0, "X"),
        (RT_PLAN, RT_PLAN_DATE, 0, "Z"),
        (CT, RT_PLAN_DATE, 0, "X"),
        (CT, INSTITUTION, 0, "X"),
        (CT, INSTITUTION, REFERRING_PHYSICIAN_ID, "D"),
        ("1.2.3", SERIES_DATE, 0, "D"),
        ("1.2.3", INSTITUTION, REFERRING_PHYSICIAN_ID, "D"),
    ],
)
def test_a_compound_action_is_chosen_by_iod_and_place(
    sop_class: str, tag: int, parent: int, action: str
) -> None:
    """Without date options; a SOP class that is not in the table gets the strictest choice."""
    rule = RuleTables(load_policy("safe_harbor")).of(Kind(sop_class)).rule(tag, parent)
    assert rule is not None
    assert rule.action == action
    assert bool(iod_of(sop_class)) == (sop_class != "1.2.3")


@lru_cache
def errors_of(path: Path) -> frozenset[str]:
    """What dciodvfy calls an error, without values and numbers."""
    dciodvfy = shutil.which("dciodvfy", path=str(Path(sys.executable).parent)) or "dciodvfy"
    run = subprocess.run([dciodvfy, str(path)], capture_output=True, check=False)
    lines = run.stderr.decode("latin-1").splitlines()
    return frozenset(_without_values(line) for line in lines if line.startswith("Error"))


def _without_values(line: str) -> str:
    line = re.sub(r"<(?![A-Z][A-Za-z]+>)[^>]*>", "<>", re.sub(r"= <.*", "", line))
    return re.sub(r"[\d.]*\d", "#", line)


@pytest.mark.parametrize("policy", ["research", "limited_dataset", "safe_harbor"])
def test_a_release_breaks_no_rule_of_its_iod_that_its_source_kept(
    policy: str, tmp_path: Path
) -> None:
    """`strict` is not held to it: an allow-list leaves out what an IOD requires."""
    engine = Engine(load_policy(policy), broker())
    new: dict[str, list[str]] = {}
    released = 0
    for path in pydicom_files():
        outcome = engine.deidentify(path.read_bytes(), subject())
        if isinstance(outcome, Released):
            released += 1
            target = tmp_path / f"{policy}-{released}.dcm"
            target.write_bytes(outcome.content)
            for line in errors_of(target) - errors_of(path):
                new.setdefault(line, []).append(path.name)
    assert new == {}
    assert released > 50
