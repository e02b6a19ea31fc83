"""How well and how fast free text is cleaned, with an answer key.

    python benchmarks/text.py [SEEDS]

Reports of three sets are filled with names, places and numbers per seed: `develop`, which the rules
were written with, `evaluate`, which they were not, and `mixed`, of a third hand, which they were
amended with. For each: the worst and the mean share of identifying spans removed (one surviving
word fails the span) and of other words lost. Then texts that identify nobody, and the cost
of an object's repeated header text, and of 1,000 fresh reports.
"""

from __future__ import annotations

import statistics
import sys
import time
from typing import TYPE_CHECKING

from irw_pipeline.deid.text.clean import clean_text, clean_texts
from irw_pipeline_tests.factories.reports import OFFSET_DAYS, SETS, reports, score
from irw_pipeline_tests.factories.reports_mixed import clinical_texts, mixed_reports

if TYPE_CHECKING:
    from collections.abc import Callable

SEEDS = 20
FRESH = 1_000
HEADER = (
    "CT CHEST W CONTRAST",
    "Thorax^ROUTINE (Adult)",
    "CHEST PA AND LATERAL",
    "AXIAL 2.0 B30f",
    "Lung nodule follow up, compare with outside study",
    "Referred by Wickremasinghe, call 555-0142",
    "ORIGINAL",
    "Omnipaque 350",
    "HFS",
    "CT ABD/PELVIS JOAQUINTA KREBBELMAN",
)


def cpu(action: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    action()
    return time.process_time() - start


def main() -> None:
    """Print the figures."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    for which in (*SETS, "mixed"):
        removed, lost, spans = [], [], 0
        for seed in range(seeds):
            made = mixed_reports(seed) if which == "mixed" else reports(which, seed)
            cleaned = clean_texts([(one.text, one.known, OFFSET_DAYS) for one in made])
            result = score(zip(made, cleaned, strict=True))
            removed.append(result.removed_share)
            lost.append(result.lost_share)
            spans += result.spans
        print(
            f"{which:9} {seeds} seeds, {spans} spans: removed mean {statistics.mean(removed):.2%} "
            f"worst {min(removed):.2%}; words lost mean {statistics.mean(lost):.2%} "
            f"worst {max(lost):.2%}"
        )
    plain = clinical_texts()
    kept = clean_texts([(text, frozenset(), OFFSET_DAYS) for text in plain])
    changed = sum(one != other for one, other in zip(plain, kept, strict=True))
    print(f"{len(plain)} texts that identify nobody: {changed} changed")
    known = reports("develop", 0)[0].known
    for value in HEADER:
        clean_text(value, known, date_offset_days=OFFSET_DAYS)
    rounds = 2_000
    spent = cpu(
        lambda: [
            clean_text(value, known, date_offset_days=OFFSET_DAYS)
            for _ in range(rounds)
            for value in HEADER * 3
        ]
    )
    print(f"an object of {len(HEADER) * 3} repeated values: {spent / rounds * 1e6:.0f} us of CPU")
    fresh = [one for seed in range(1_000, 1_100) for which in SETS for one in reports(which, seed)]
    values = [(one.text, one.known, OFFSET_DAYS) for one in fresh[:FRESH]]
    print(f"{len(values)} fresh reports: {cpu(lambda: clean_texts(values)):.1f} s of CPU")


if __name__ == "__main__":
    main()
