"""The answer-key benchmark: first whether the scorer can be believed, then what we score."""

from __future__ import annotations

import csv
import shutil
from typing import TYPE_CHECKING

import pytest

from benchmarks.answer_key.__main__ import run_seed
from benchmarks.answer_key.generate import KEY_NAME, generate
from benchmarks.answer_key.key import REMOVAL, RETENTION, AnswerKey
from benchmarks.answer_key.score import Score, score

if TYPE_CHECKING:
    from pathlib import Path

FLOOR_SOURCES = (
    "CT_small.dcm", "98892001/CT2N/6293", "MR_small_implicit.dcm", "MR_small_bigendian.dcm",
    "emri_small.dcm", "77654033/CR1/6154", "chrKoreanMulti.dcm", "liver_1frame.dcm", "test-SR.dcm",
    "rtplan.dcm", "rtstruct.dcm", "rtdose.dcm", "waveform_ecg.dcm", "made PT", "made PR", "made KO",
    "explicit_VR-UN.dcm",
)  # fmt: skip
"""Objects whose pixels carry no text, of every kind: what headers and content score."""
FLOOR_SEEDS = (11, 12, 14, 15, 16)
MAX_LEAKED_PERCENT = 0.2
MIN_RETAINED_PERCENT = 99.0
"""Measured on seeds 11 to 18, worst: 0.07 % leaked, 99.5 % retained, no object lost."""


def _copied(folder: Path, key: AnswerKey) -> Score:
    """What a tool scores that copies its input."""
    mapping = folder / "mapping.csv"
    with mapping.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, ("source", "output", "reason"))
        writer.writeheader()
        for number, planted in enumerate(key.files):
            name = f"{number}.dcm"
            (folder / "out").mkdir(exist_ok=True)
            shutil.copy(folder / "in" / planted.source, folder / "out" / name)
            writer.writerow({"source": planted.source, "output": name, "reason": ""})
    return score(key, folder / "in", folder / "out", mapping)


def test_a_tool_that_releases_nothing_leaks_nothing_and_keeps_nothing(tmp_path: Path) -> None:
    key = generate(5, tmp_path / "in", only=["CT_small.dcm", "test-SR.dcm"])
    mapping = tmp_path / "mapping.csv"
    mapping.write_text("source,output,reason\n", "utf-8")
    result = score(key, tmp_path / "in", tmp_path / "out", mapping)
    assert (result.leaked, result.retained, result.released) == (0, 0, 0)
    assert result.retention > 0
    assert result.lost == {("not accounted for", True): 2}


def test_seeds_give_other_identities_and_the_same_seed_the_same_files(tmp_path: Path) -> None:
    only = ["CT_small.dcm"]
    words = {}
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        key = generate(seed, tmp_path / name, only=only)
        words[name] = {c.words for c in key.files[0].checks if c.action == "text_removed"}
        key.write(tmp_path / f"{name}.{KEY_NAME}")
        assert AnswerKey.read(tmp_path / f"{name}.{KEY_NAME}") == key
    assert words["a"] == words["b"] != words["c"]
    files = [next((tmp_path / name).rglob("*.dcm")) for name in "ab"]
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize("seed", [20, 21])
def test_a_tool_that_copies_leaks_every_identifier_and_keeps_everything(
    tmp_path: Path, seed: int
) -> None:
    """So every planted thing stands where its check looks for it."""
    key = generate(seed, tmp_path / "in")
    copied = _copied(tmp_path, key)
    checks = [check for planted in key.files for check in planted.checks]
    assert copied.released == len(key.files)
    assert copied.identifiers == sum(check.action in REMOVAL for check in checks)
    own = [c for c in checks if c.action == "pixels_hidden" or (c.action in REMOVAL and c.path)]
    places = {place for _, _, place in copied.failures if not place.startswith("found in")}
    leaked_in_place = sum(n for (_, _, p), n in copied.failures.items() if p in places)
    others = sum(n for (action, *_), n in copied.failures.items() if action not in REMOVAL)
    assert leaked_in_place - others == len(own)
    assert copied.retained == copied.retention == sum(c.action in RETENTION for c in checks)


def test_the_worst_seed_stays_within_what_was_measured(tmp_path: Path) -> None:
    scores = {
        seed: run_seed(seed, tmp_path / str(seed), only=FLOOR_SOURCES) for seed in FLOOR_SEEDS
    }
    leaked = {seed: 100 * one.leaked / one.identifiers for seed, one in scores.items()}
    retained = {seed: one.retained_percent for seed, one in scores.items()}
    leakiest, poorest = max(leaked, key=leaked.__getitem__), min(retained, key=retained.__getitem__)
    assert leaked[leakiest] <= MAX_LEAKED_PERCENT, (leakiest, scores[leakiest].lines())
    assert retained[poorest] >= MIN_RETAINED_PERCENT, (poorest, scores[poorest].lines())
    assert {seed: dict(one.lost) for seed, one in scores.items() if one.lost} == {}
