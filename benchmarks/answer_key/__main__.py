"""Scores de-identifiers against an answer key: makes objects, runs `irw deid`, prints the figures.

    python -m benchmarks.answer_key [--seeds 1,2,3] [--policy research] [--show]
    python -m benchmarks.answer_key make SEED FOLDER         objects and answer_key.json beside them
    python -m benchmarks.answer_key score KEY SOURCE TARGET MAPPING.csv   the output of any tool

`--show` names the objects that each failure happened in. Nothing printed is a planted value.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks.answer_key.generate import KEY_NAME, generate
from benchmarks.answer_key.key import AnswerKey
from benchmarks.answer_key.score import Score, score
from irw_pipeline.identity.broker import Broker, Key
from irw_pipeline.steps.deidentify_folder import deidentify_folder


def run_seed(seed: int, folder: Path, policy: str = "research") -> Score:
    """De-identify the objects of a seed as `irw deid` does, and score the output."""
    source, target, mapping = folder / "in", folder / "out", folder / "mapping.csv"
    key = generate(seed, source)
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
    arguments = parser.parse_args()
    arguments.act(arguments)


if __name__ == "__main__":
    main()
