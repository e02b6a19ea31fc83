"""Scores de-identifiers against an answer key: makes objects, runs `irw deid`, prints the figures.

    python -m benchmarks.answer_key [--seeds 1,2,3] [--policy research] [--show]
    python -m benchmarks.answer_key make SEED FOLDER         objects and answer_key.json beside them
    python -m benchmarks.answer_key score KEY SOURCE TARGET MAPPING.csv   the output of any tool
    python -m benchmarks.answer_key compare SEED PYTHON      beside the peers that PYTHON has

`--show` names the objects that each failure happened in. Nothing printed is a planted value.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.answer_key.generate import KEY_NAME, generate
from benchmarks.answer_key.key import AnswerKey
from benchmarks.answer_key.score import Score, score
from irw_pipeline.identity.broker import Broker, Key
from irw_pipeline.steps.deidentify_folder import deidentify_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

PEERS = ("dicognito", "dicom-anonymizer", "deid")


def run_seed(seed: int, folder: Path, policy: str = "research", only: Sequence[str] = ()) -> Score:
    """De-identify the objects of a seed as `irw deid` does, and score the output."""
    source, target, mapping = folder / "in", folder / "out", folder / "mapping.csv"
    key = generate(seed, source, only)
    broker = Broker(Key(f"a key of nobody, seed {seed}".encode()))
    deidentify_folder(source, target, policy=policy, mapping=mapping, broker=broker)
    return score(key, source, target, mapping)


def _run(arguments: argparse.Namespace) -> None:
    for seed in [int(one) for one in arguments.seeds.split(",")]:
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            result = run_seed(seed, Path(folder), arguments.policy)
            print(f"seed {seed}, policy {arguments.policy}, {time.perf_counter() - start:.0f} s")
            _print(result, is_shown=arguments.show)


def _make(arguments: argparse.Namespace) -> None:
    key = generate(arguments.seed, arguments.folder)
    path = arguments.folder.with_name(arguments.folder.name + "." + KEY_NAME)
    key.write(path)
    print(f"{len(key.files)} objects in {arguments.folder}, their key in {path}")


def _score(arguments: argparse.Namespace) -> None:
    key = AnswerKey.read(arguments.key)
    result = score(key, arguments.source, arguments.target, arguments.mapping)
    _print(result, is_shown=arguments.show)


def _compare(arguments: argparse.Namespace) -> None:
    """One row a tool; the peers run in the environment of another Python (see peers.py)."""
    print("| tool | released | checks passed | identifiers leaked | retained |")
    print("| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _print_row("irw deid, policy research", run_seed(arguments.seed, folder))
        key = generate(arguments.seed, folder / "in")
        for tool in PEERS:
            target, mapping = folder / tool, folder / f"{tool}.csv"
            script = Path(__file__).with_name("peers.py")
            command = [
                arguments.python,
                "-W",
                "ignore",
                script,
                tool,
                folder / "in",
                target,
                mapping,
            ]
            run = subprocess.run(command, check=True, capture_output=True, text=True)
            version = run.stdout.split()[-1]
            _print_row(f"{tool} {version}", score(key, folder / "in", target, mapping))


def _print_row(tool: str, result: Score) -> None:
    print(
        f"| {tool} | {result.released} of {result.files} | {result.passed_percent:.1f} % of "
        f"{result.checks} | {result.leaked} of {result.identifiers} | "
        f"{result.retained_percent:.1f} % |"
    )


def _print(result: Score, *, is_shown: bool) -> None:
    for line in result.lines():
        print("  " + line)
    if is_shown:
        for failure, sources in result.where.items():
            print(f"  {' / '.join(failure)}: {', '.join(sources[:3])}")


def main() -> None:
    """Read the command line and print one report a seed."""
    parser = argparse.ArgumentParser(prog="answer_key", description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--policy", default="research")
    parser.add_argument("--show", action="store_true")
    parser.set_defaults(act=_run)
    commands = parser.add_subparsers()
    make = commands.add_parser("make")
    make.add_argument("seed", type=int)
    make.add_argument("folder", type=Path)
    make.set_defaults(act=_make)
    rate = commands.add_parser("score")
    for name in ("key", "source", "target", "mapping"):
        rate.add_argument(name, type=Path)
    rate.set_defaults(act=_score)
    beside = commands.add_parser("compare")
    beside.add_argument("seed", type=int)
    beside.add_argument("python", type=Path)
    beside.set_defaults(act=_compare)
    arguments = parser.parse_args()
    arguments.act(arguments)


if __name__ == "__main__":
    main()
