"""`python -m irw_pipeline.contracts.lint`: is every contract file sound, for us and for others?

A development tool. The pipeline itself reads contracts through `model` alone.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import yaml

from irw_pipeline.contracts.model import contracts_root, read_contract
from irw_pipeline.errors import ContractError

if TYPE_CHECKING:
    from pathlib import Path

_LOG = logging.getLogger(__name__)


def lint_contracts(root: Path) -> tuple[int, list[str]]:
    """Return how many contract files lie under a root, and a line for each problem in them.

    A file is sound when our loader honours every key of it, and when the standard's own model
    (package `open-data-contract-standard`) reads it and gives the same document back: a key that
    the standard does not know would be lost there.
    """
    problems: list[str] = []
    paths = sorted(root.rglob("*.y*ml"))
    for path in paths:
        label = path.relative_to(root).as_posix()
        try:
            read_contract(path)
        except ContractError as error:
            problems.append(str(error))
            continue
        if foreign := _foreign_to_the_standard(path):
            problems.append(f"{label}: not in the Open Data Contract Standard: {foreign}")
    return len(paths), problems


def _foreign_to_the_standard(path: Path) -> str:
    from open_data_contract_standard.model import OpenDataContractStandard  # noqa: PLC0415 - dev
    from pydantic import ValidationError  # noqa: PLC0415 - as above

    document = yaml.safe_load(path.read_bytes())
    try:
        model = OpenDataContractStandard.model_validate(document)
    except ValidationError as error:
        return ", ".join(".".join(map(str, item["loc"])) for item in error.errors())
    read_back = model.model_dump(by_alias=True, exclude_unset=True)
    return ", ".join(_differences(document, read_back, ""))


def _differences(given: object, read_back: object, where: str) -> list[str]:
    """Name the places, as dotted keys, where what was read back differs from what was given."""
    if isinstance(given, dict) and isinstance(read_back, dict):
        return [
            place
            for key in sorted(given.keys() | read_back.keys())
            for place in _differences(given.get(key), read_back.get(key), f"{where}.{key}")
        ]
    if isinstance(given, list) and isinstance(read_back, list) and len(given) == len(read_back):
        return [
            place
            for index, pair in enumerate(zip(given, read_back, strict=True))
            for place in _differences(*pair, f"{where}[{index}]")
        ]
    return [] if given == read_back else [where.removeprefix(".")]


def main() -> int:
    """Lint the contracts of this installation; 1 when one has a problem."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    count, problems = lint_contracts(contracts_root())
    for problem in problems:
        _LOG.error("%s", problem)
    _LOG.info("%d contracts read, %d problems", count, len(problems))
    return 1 if problems or not count else 0


if __name__ == "__main__":
    sys.exit(main())
