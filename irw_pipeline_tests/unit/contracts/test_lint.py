from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from irw_pipeline.contracts.lint import lint_contracts, main
from irw_pipeline.contracts.model import contracts_root

if TYPE_CHECKING:
    from pathlib import Path

PERSON = contracts_root() / "omop" / "person.odcs.yaml"


def test_every_shipped_contract_is_sound() -> None:
    assert main() == 0


@pytest.mark.parametrize(
    ("good", "bad", "named"),
    [
        ("status:", "statuz:", "statuz"),
        ("required:", "requierd:", "requierd"),
        ("physicalType: int64", "physicalType: int7", "physicalType"),
    ],
)
def test_a_key_that_nobody_honours_is_named(
    tmp_path: Path, good: str, bad: str, named: str
) -> None:
    edited = tmp_path / "omop" / PERSON.name
    edited.parent.mkdir()
    edited.write_text(PERSON.read_text().replace(good, bad))
    count, problems = lint_contracts(tmp_path)
    assert count == 1
    assert len(problems) == 1
    assert named in problems[0]


def test_what_only_we_understand_is_not_a_contract_of_the_standard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our loader could learn a key of its own; other tools must still read the file."""
    monkeypatch.setattr("irw_pipeline.contracts.lint.read_contract", lambda _path: None)
    edited = tmp_path / "omop" / PERSON.name
    edited.parent.mkdir()
    edited.write_text(PERSON.read_text().replace("classification:", "irwClass:"))
    _, problems = lint_contracts(tmp_path)
    assert "Standard" in problems[0]
    assert "schema[0].properties[0].irwClass" in problems[0]
