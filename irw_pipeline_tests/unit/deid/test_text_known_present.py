"""What decides whether a pattern is compiled never says no where the pattern would match."""

from __future__ import annotations

import re

import pytest

from irw_pipeline.deid.text.known_present import bones
from irw_pipeline.deid.text.spelling import flattened, spelling_pattern

SPELLINGS = {
    "Jäger": ["JAEGER", "Jager", "jæger", "xJägerx"],
    "Strauß": ["STRAUSS", "Strauss", "Strau\u00df"],
    "Åsa": ["Aasa", "ASA"],
    "Þór": ["Thor", "THÓR"],
    "Đoković": ["Djokovic", "DOKOVIC"],
    "Ruiz-Vo": ["Ruiz Vo", "RUIZVO", "Ruiz\u2011Vo"],
    "O'Brien": ["OBrien", "O\u2019BRIEN"],
    "Mueller": ["Mueller", "Muller"],
    "Ann": ["Ann's", "HanAnna"],
    "12 Hill Street": ["12  hill\tSTREET"],
    "kim": ["\u212aim"],
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_every_spelling_has_the_same_bones(name: str) -> None:
    for text in SPELLINGS[name]:
        if re.search(spelling_pattern(name), flattened(text), re.IGNORECASE):
            assert bones(name) in bones(f"seen by {text}, today")


def test_another_name_has_other_bones() -> None:
    assert bones("Wuckert") not in bones("MRI BRAIN w/o contrast")
