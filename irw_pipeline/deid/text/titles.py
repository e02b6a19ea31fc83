"""Names behind a title: Dr. Head, Prof. Dr. med. Lange, CALLED TO DR WHITE; not DR HEAD, a film."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from irw_pipeline.deid.text.marks import BAR
from irw_pipeline.deid.text.runs import goes_on, is_imaging, is_phrase, may_name, name_run
from irw_pipeline.deid.text.words import evidence_words

if TYPE_CHECKING:
    from irw_pipeline.deid.text.tokens import Token

_TITLES = evidence_words("titles")
_OFFICES = frozenset({"nurse", "sister", "father", "doctor", "professor"})
"""Titles that say what somebody does; they stay."""
_BEFORE_DOCTOR = frozenset(
    ["to", "by", "with", "from", "of", "and", "per", "physician", "attending"]
)
_ACADEMIC = evidence_words("academic")
_TITLE_GAP = re.compile(rf"\.?[ \t]+|\.|{BAR}")


def take_titled(tokens: list[Token], taken: set[int]) -> None:
    """Add to `taken` the places of titles and of the names behind them."""
    for index, token in enumerate(tokens):
        if token.text.lower() not in _TITLES or index + 1 >= len(tokens):
            continue
        at = _after_academic(tokens, index + 1)
        gaps = [tokens[i].gap for i in range(index + 1, at + 1)]
        if not all(map(_TITLE_GAP.fullmatch, gaps)) or (token.is_glued and gaps[0] != BAR):
            continue
        if run := _titled(tokens, index, at):
            taken.update((*range(index + 1, at), *run))
            is_form = token.text.lower() not in _OFFICES
            if is_form and ("." in gaps[0] or token.is_capital):
                taken.add(index)


def _after_academic(tokens: list[Token], at: int) -> int:
    """Where the name behind Dr. med. or Prof. Dr. begins."""
    while at + 1 < len(tokens) and tokens[at].text.lower() in _ACADEMIC:
        at += 1
    return at


def _titled(tokens: list[Token], index: int, at: int) -> list[int]:
    """The name at `at`, behind the title at `index`; DR and MR may be modalities."""
    title = tokens[index]
    shouted = title.is_upper and len(title.text) <= 2 and "." not in tokens[index + 1].gap  # noqa: PLR2004
    if title.is_capital and not (shouted and at == index + 1):
        return name_run(tokens, at, least=0, any_word=True)
    is_person = shouted and _is_person(tokens, index)
    run = name_run(tokens, at, least=1, any_case=not title.is_capital, any_word=is_person)
    told = shouted and index > 0 and tokens[index - 1].text.lower() in _BEFORE_DOCTOR
    if not run and told and may_name(tokens[at]):  # CALLED TO DR WHITE
        return [at]
    return run


def _is_person(tokens: list[Token], index: int) -> bool:
    """Whether DR is a doctor here: BY DR HEAD, DR MARK HILL; not DR HEAD."""
    before = tokens[index - 1].text.lower() if index else ""
    if before in _BEFORE_DOCTOR:
        return True
    first = tokens[index + 1]
    if not may_name(first) or is_phrase(tokens, index + 1):
        return False
    further = tokens[index + 2] if index + 2 < len(tokens) else None
    paired = further is not None and further.gap == " " and may_name(further)
    return paired if is_imaging(first) else paired or goes_on(tokens, index + 1)
