"""Scores the output of any de-identifier against an answer key: places and kinds, never values."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.answer_key import verdicts
from benchmarks.answer_key.key import CONSISTENCY, REMOVAL, RETENTION
from benchmarks.answer_key.output import Output

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.answer_key.key import AnswerKey, Check, PlantedFile

PER_CENT = 100


@dataclass
class Score:
    """What became of every check; `failures` counts (action, kind, place)."""

    checks: int = 0
    passed: int = 0
    identifiers: int = 0
    leaked: int = 0
    retention: int = 0
    retained: int = 0
    files: int = 0
    released: int = 0
    lost: Counter[tuple[str, bool]] = field(default_factory=Counter)
    """Quarantined files by (reason, whether a good tool releases the file)."""
    failures: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    where: dict[tuple[str, str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    """Up to a few sources of each failure, to look at; the paths of generated objects."""

    @property
    def passed_percent(self) -> float:
        """Of all checks of the objects that a good tool releases."""
        return PER_CENT * self.passed / max(1, self.checks)

    @property
    def retained_percent(self) -> float:
        """Of all that should have been kept; what was lost with its object counts as lost."""
        return PER_CENT * self.retained / max(1, self.retention)

    def lines(self) -> list[str]:
        """The report, worst places first."""
        lost = ", ".join(
            f"{reason} {count}{'' if expected else ' (rightly)'}"
            for (reason, expected), count in sorted(self.lost.items())
        )
        head = [
            f"files released {self.released} of {self.files}; quarantined: {lost or 'none'}",
            f"checks passed {self.passed} of {self.checks} ({self.passed_percent:.2f} %)",
            f"identifiers leaked {self.leaked} of {self.identifiers}",
            f"retained {self.retained} of {self.retention} ({self.retained_percent:.2f} %)",
        ]
        return head + [
            f"{count:5} {action:16} {kind:22} {place}"
            for (action, kind, place), count in self.failures.most_common()
        ]


def score(key: AnswerKey, source: Path, target: Path, mapping: Path) -> Score:
    """Score what a tool wrote; its mapping has the columns source, output, reason."""
    with mapping.open(encoding="utf-8", newline="") as stream:
        rows = {row["source"]: row for row in csv.DictReader(stream)}
    result = Score(files=len(key.files))
    consistency = verdicts.Consistency()
    for planted in key.files:
        row = rows.get(planted.source, {})
        if not row.get("output"):
            _lost(result, planted, row.get("reason") or "not accounted for")
            continue
        result.released += 1
        output = Output.read(source / planted.source, target, row["output"])
        strays = verdicts.Strays(output)
        for check in planted.checks:
            if check.action in CONSISTENCY:
                consistency.add(planted, check, output)
            elif verdicts.passes(check, output):
                _count(result, planted, check, is_passed=True)
            else:
                strays.leaked.update(check.words)
                _count(result, planted, check, is_passed=False)
        for check, place in strays.find(planted.checks):
            _misplace(result, planted, check, place)
    for planted, check, is_passed in consistency.verdicts():
        _count(result, planted, check, is_passed=is_passed)
    return result


def _count(result: Score, planted: PlantedFile, check: Check, *, is_passed: bool) -> None:
    result.checks += 1
    result.passed += is_passed
    if check.action in REMOVAL:
        result.identifiers += 1
        result.leaked += not is_passed
    if check.action in RETENTION:
        result.retention += 1
        result.retained += is_passed
    if not is_passed:
        failure = (check.action, check.kind, check.place)
        result.failures[failure] += 1
        result.where[failure].append(planted.source)


def _misplace(result: Score, planted: PlantedFile, check: Check, place: str) -> None:
    """A check that its own element passed has failed after all: the words stand elsewhere."""
    result.passed -= 1
    result.leaked += 1
    failure = (check.action, check.kind, f"found in {place}")
    result.failures[failure] += 1
    result.where[failure].append(planted.source)


def _lost(result: Score, planted: PlantedFile, reason: str) -> None:
    """Nothing leaked, nothing kept; where release was due every other check has failed."""
    result.lost[reason, planted.is_expected] += 1
    for check in planted.checks:
        if check.action in REMOVAL:
            result.identifiers += 1
            if planted.is_expected:
                result.checks += 1
                result.passed += 1
        elif planted.is_expected:
            result.checks += 1
            result.retention += check.action in RETENTION
            result.failures["lost with its object", reason, "-"] += 1
