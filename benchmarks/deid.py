"""What de-identification costs, beside `cp` and beside other tools, and what each leaks.

    python benchmarks/deid.py [--peers PYTHON] [--rounds N] [--kinds CT,MR,DX,MF,MG,SR] [--work DIR]

Makes its corpus, then runs every way over the same files on the same core, in turn, several rounds;
figures are medians of CPU (user and system) and wall, without start-up. `--peers` names a Python
that has the other tools; `dcmodify` (dcmtk) and `gdcmanon` (libgdcm-tools) are taken from the path.
A leak is a planted name, number or date that stands in the bytes of a tool's output, in any case.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PEERS = ("pydicom", "dicognito", "dicom-anonymizer", "deid", "dcmanon", "fw-file-rs")
OURS = ("ours-engine", "ours-text", "ours-audit", "ours-reference")
# what the corpus plants in, as their manuals say it is done; both keep what is not named
DCMODIFY = [
    *("-ma", "(0010,0010)=X", "-ma", "(0010,0020)=X"),
    *(
        word
        for tag in (
            "(0010,0030)", "(0010,1040)", "(0010,2154)", "(0010,1060)", "(0008,0050)",
            "(0008,0080)", "(0008,0090)", "(0008,1070)", "(0008,1030)", "(0010,4000)",
            "(0020,4000)", "(0032,1032)", "(0040,0275)",
        )
        for word in ("-ea", tag)
    ),
    *("-ep", "-gst", "-gse", "-gin", "-nb", "-imt"),
]  # fmt: skip


def external(command: list[str]) -> dict[str, Any]:
    """What a whole process took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False)
    wall = time.perf_counter() - wall
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"cpu": cpu, "wall": wall, "failed": {"exit code": 1} if done.returncode else {}}


def native(name: str, files: Path, target: Path) -> dict[str, Any]:
    """One of the native ways; dcmodify changes copies, whose making is not counted."""
    if shutil.which(name) is None:
        return {"absent": True}
    if name == "cp":
        return external(["cp", "-r", f"{files}/.", str(target)])
    if name == "dcmodify":
        shutil.copytree(files, target, dirs_exist_ok=True)
        return external(["dcmodify", *DCMODIFY, *sorted(map(str, target.rglob("*.dcm")))])
    return external(["gdcmanon", "--dumb", "-r", "-i", str(files), "-o", str(target), *GDCM])


GDCM = [
    word
    for option, tags in {
        "--empty": "10,10 10,20 10,30 10,1040 10,2154 10,1060 8,50 8,80 8,90 8,1070 8,1030",
        "--remove": "10,4000 20,4000 32,1032 40,275",
    }.items()
    for tag in tags.split()
    for word in (option, tag)
]


def worker(python: str, name: str, files: Path, target: Path) -> dict[str, Any]:
    """One of the Python ways, in a process of its own."""
    command = [python, str(HERE / "deid_worker.py"), name, str(files), str(target)]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)} if name in OURS else None
    done = subprocess.run(command, capture_output=True, check=False, env=environment)
    if done.returncode:
        return {"absent": True, "why": done.stderr.decode()[-300:]}
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def leaks(planted: dict[str, list[str]], target: Path) -> tuple[int, int]:
    """How many planted identifiers stand in the output of their patient, and how many there are."""
    found = total = 0
    for series, values in planted.items():
        content = b"".join(
            path.read_bytes()[: 1 << 18].lower() for path in (target / series).rglob("*.dcm")
        )
        total += len(values)
        found += sum(value.lower().encode() in content for value in values)
    return found, total


def on_two_cores(python: str, work: Path) -> str:
    """Wall of one worker on all files, over that of two workers on half of the series each."""
    files = work / "files"
    halves = [work / "half0", work / "half1"]
    for number, folder in enumerate(sorted(files.iterdir())):
        (halves[number % 2] / folder.name).parent.mkdir(exist_ok=True)
        shutil.copytree(folder, halves[number % 2] / folder.name)
    script = str(HERE / "deid_worker.py")

    def run(*sources: Path) -> float:
        started = [
            subprocess.Popen(
                [python, script, "ours-audit", str(source), str(work / f"two{number}")],
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": str(HERE.parent)},
                preexec_fn=lambda core=number: os.sched_setaffinity(0, {CORES[core]}),  # noqa: PLW1509 - no threads here
            )
            for number, source in enumerate(sources)
        ]
        return max(float(json.loads(one.communicate()[0])["wall"]) for one in started)

    alone = sum(run(half) for half in halves)
    return f"{alone / run(*halves):.2f}"


CORES = sorted(os.sched_getaffinity(0))


def main() -> None:
    """Print one line per way."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--peers", default=sys.executable)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--kinds", default="CT,MR,DX,MF,MG,SR")
    parser.add_argument("--work", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.work) as folder:
        measure(given, Path(folder))


def measure(given: argparse.Namespace, work: Path) -> None:
    """Make the corpus, run the rounds, print."""
    corpus = [sys.executable, str(HERE / "deid_corpus.py"), str(work), given.kinds, "1"]
    size = int(subprocess.run(corpus, capture_output=True, check=True).stdout)
    files, target = work / "files", work / "out"
    planted = json.loads((work / "planted.json").read_text("utf-8"))
    count = sum(1 for _ in files.rglob("*.dcm"))
    print(f"{count} files, {size / 1e6:.0f} MB ({given.kinds}), {given.rounds} rounds, one core")
    os.sched_setaffinity(0, {CORES[-1]})
    ways = ("cp", "dcmodify", "gdcmanon", *PEERS, *OURS)
    figures: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
    leaked: dict[str, tuple[int, int]] = {}
    for _ in range(given.rounds):
        for way in ways:
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir()
            if way in PEERS or way in OURS:
                python = given.peers if way in PEERS else sys.executable
                figures[way].append(worker(python, way, files, target))
            else:
                figures[way].append(native(way, files, target))
            leaked.setdefault(way, leaks(planted, target))
    base = statistics.median(one["cpu"] for one in figures["cp"])
    print(f"{'way':18}{'CPU ms/file':>12}{'wall ms/file':>14}{'x cp':>7}{'peak MB':>9}  leaked")
    for way, rounds in figures.items():
        if "absent" in rounds[0]:
            print(f"{way:18} not installed {rounds[0].get('why', '')}")
            continue
        cpu, wall = (statistics.median(one[key] for one in rounds) for key in ("cpu", "wall"))
        peak, failed = rounds[0].get("peak_mb", ""), rounds[0]["failed"] or ""
        print(
            f"{way:18}{1000 * cpu / count:12.2f}{1000 * wall / count:14.2f}{cpu / base:7.2f}"
            f"{peak:>9}  {leaked[way][0]} of {leaked[way][1]} {failed}"
        )
    if len(CORES) > 1:
        os.sched_setaffinity(0, set(CORES))
        print(f"two cores: {on_two_cores(sys.executable, work)} times as fast as one")


if __name__ == "__main__":
    main()
