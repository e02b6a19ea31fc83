"""Names of people whom nobody told us of: found by titles, roles, credentials and word lists.

Evidence is weighed on runs of words that have the form of a name and are no words of medicine.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from irw_pipeline.deid.text.cues import take_announced
from irw_pipeline.deid.text.marks import BAR, GONE, NAMED
from irw_pipeline.deid.text.runs import (
    JOIN,
    MAX_PARTS,
    is_degree,
    is_imaging,
    is_phrase,
    may_name,
    name_run,
)
from irw_pipeline.deid.text.tokens import is_prose, tokens_of

if TYPE_CHECKING:
    from irw_pipeline.deid.text.tokens import Token

Span = tuple[int, int]

_ENOUGH = 2
_LONG = 4
_BEFORE_NAMED = re.compile(rf"[ ,^{BAR}-]{{0,2}}{NAMED}")
_AFTER_NAMED = re.compile(rf"{NAMED}[ ,^{BAR}-]{{0,2}}\Z")
_TOWARDS = frozenset({"to", "by", "with", "from", "for", "and", "per", "see", "cc"})


def name_spans(text: str, tokens: list[Token] | None = None) -> list[Span]:
    """Return where names of people stand, as slices of the text in their order."""
    words = tokens if tokens is not None else tokens_of(text)
    taken: set[int] = set()
    take_announced(text, words, taken)
    prose = is_prose(words)
    _by_known_half(text, words, taken)
    _by_weight(text, words, taken, prose=prose)
    _by_pair(words, taken, prose=prose)
    return joined_spans(text, words, taken)


def _by_weight(text: str, tokens: list[Token], taken: set[int], *, prose: bool) -> None:
    index = 0
    while index < len(tokens):
        run = _loose_run(tokens, index)
        if not run:
            index += 1
            continue
        index = run[-1] + 1
        if _is_name_run([tokens[i] for i in run], text, prose=prose):
            taken.update(run)


def _is_name_run(run: list[Token], text: str, *, prose: bool) -> bool:
    weight = sum(token.weight for token in run)
    listed = any(token.word.is_name for token in run)
    if len(run) == 1:
        return _is_lone_name(run[0], text, prose=prose)
    if not all(token.is_capital or token.is_particle for token in run):
        both = [token.word.is_name or token.word.is_unknown for token in run]
        return all(both) and any(token.word.is_given for token in run)
    if any(token.is_glued for token in run) and not listed:
        return False
    return weight >= _ENOUGH or (listed and any(token.is_initial for token in run))


def _is_lone_name(token: Token, text: str, *, prose: bool) -> bool:
    if not token.is_capital or (token.is_glued and not _is_between_bars(token, text)):
        return False
    if token.word.is_name and token.weight >= _ENOUGH:
        return True
    if token.is_glued:  # plan_Nwosu_boost
        return token.word.is_unknown and len(token.text) > _LONG
    return prose and token.word.is_unknown and not token.is_upper and _is_inside(token, text)


def _by_pair(tokens: list[Token], taken: set[int], *, prose: bool) -> None:
    """Take two words of which one or both are words of medicine too: Hope Adeyemi, Mark Hill."""
    for index in range(len(tokens) - 1):
        one, other = tokens[index], tokens[index + 1]
        if one.is_glued or other.is_glued or not (_may_pair(one, other) and may_name(other)):
            continue
        if other.gap not in (" ", "^", ", ", ",") or is_phrase(tokens, index + 1):
            continue
        begins = index == 0 or index - 1 not in taken or not JOIN.fullmatch(one.gap)
        found = other.gap != " " and not prose and _is_name_reversed(one, other)
        if not found and begins and other.gap in (" ", "^"):
            addressed = index > 0 and tokens[index - 1].text in _TOWARDS
            titles = not (one.is_upper or other.is_upper)
            found = (addressed and titles) or _is_full_name(one, other, prose=prose)
        if found:
            taken.update((index, index + 1))


def _may_pair(one: Token, other: Token) -> bool:
    """Whether the first of two words may be a name beside the second: Delacroix, Yolanda."""
    everyday = one.word.is_common and one.is_capital and not one.is_upper
    return may_name(one) or (everyday and "," in other.gap and other.word.is_given)


def _is_full_name(given: Token, family: Token, *, prose: bool) -> bool:
    exam = any(one.is_upper or not prose for one in (given, family) if is_imaging(one))
    if exam and not (given.word.is_given and not family.is_upper):
        return False
    title = not (given.is_upper or family.is_upper)
    if given.stays and family.stays:
        return given.word.may_be_given and (title or not exam)
    if given.stays:
        long = title and len(family.text) >= _LONG
        return given.word.may_be_given and (
            family.word.is_name or (family.word.is_unknown and long)
        )
    if family.word.is_given and not given.word.is_name:  # SILVER SHIRIN
        return True
    return given.word.is_given or (title and given.word.is_unknown and len(given.text) >= _LONG)


def _is_name_reversed(family: Token, given: Token) -> bool:
    title = not (family.is_upper or given.is_upper)
    if given.gap == ",":  # STRONG,MAY
        return not is_imaging(given) or title
    if family.word.takes_noun or is_imaging(family) or len(given.text) < _LONG:
        return given.word.is_given and (title or not is_imaging(family))
    return given.word.may_be_given and not given.word.takes_noun


def _is_between_bars(token: Token, text: str) -> bool:
    """Whether underscores touch it, not digits, and it is written as a name: plan_Walker_1."""
    beside = text[token.start - 1 : token.start] + text[token.end : token.end + 1]
    return not token.is_upper and not any(map(str.isdigit, beside))


def _loose_run(tokens: list[Token], index: int) -> list[int]:
    """Words from `index` on that may be one name by themselves."""
    run: list[int] = []
    while index < len(tokens) and len(run) < MAX_PARTS:
        token = tokens[index]
        if run and (not JOIN.fullmatch(token.gap) or is_degree(tokens, index)):
            break
        fits = token.weight > 0 or (token.is_initial and not token.is_glued)
        joins = bool(run) and (
            (token.is_particle and index + 1 < len(tokens) and tokens[index + 1].is_capital)
            or (tokens[run[-1]].is_particle and token.is_capital and not is_imaging(token))
        )
        beside = (
            token.word.is_eponym
            and not token.is_protected
            and bool(run)
            and tokens[run[-1]].word.is_given
        )
        if not (fits or joins or beside):
            break
        run.append(index)
        index += 1
    while (
        run
        and tokens[run[-1]].is_initial
        and len(run) > 1
        and tokens[run[-1]].gap == " "
        and not _dotted(tokens, run[-1])
    ):
        if tokens[run[-2]].word.is_name:
            break
        run.pop()
    return run if any(tokens[i].weight for i in run) else []


def _dotted(tokens: list[Token], index: int) -> bool:
    return index + 1 < len(tokens) and tokens[index + 1].gap.startswith(".")


def _is_inside(token: Token, text: str) -> bool:
    """Whether the word stands inside a sentence."""
    before = text[: token.start].rstrip()
    return (bool(before) and before[-1].isalnum()) or before[-1:] in ",("


def _by_known_half(text: str, tokens: list[Token], taken: set[int]) -> None:
    """What stands beside a known name that went is its other half."""
    if NAMED not in text and GONE not in text:
        return
    for index, token in enumerate(tokens):
        after = _BEFORE_NAMED.match(text, token.end)
        if _AFTER_NAMED.search(token.gap):
            taken.update(name_run(tokens, index, least=1, any_word=_is_last(tokens, index)))
        elif after and may_name(token) and (token.weight or token.word.may_be_given):
            taken.add(index)
            if (
                index
                and token.gap == " "
                and may_name(tokens[index - 1])
                and tokens[index - 1].weight
            ):
                taken.add(index - 1)
        elif _is_beside_id(text, token):
            taken.add(index)


def _is_last(tokens: list[Token], index: int) -> bool:
    """Whether the word is the last before a sign."""
    return (
        may_name(tokens[index])
        and not is_imaging(tokens[index])
        and (index + 1 >= len(tokens) or not tokens[index + 1].gap.isspace())
    )


def _is_beside_id(text: str, token: Token) -> bool:
    """A long capital word in no list, beside a number that went: BELQUOR 00123456."""
    if not (token.is_capital and token.word.is_unknown and len(token.text) > 4):  # noqa: PLR2004
        return False
    after = re.match(rf"[ ^][(\[]?{GONE}", text[token.end : token.end + 3])
    before = token.is_upper and token.gap in (f"{GONE} ", f" {GONE} ")
    return not token.is_glued and bool(after or before)


def joined_spans(text: str, tokens: list[Token], taken: set[int]) -> list[Span]:
    """Return neighbouring words as one span; a possessive ending and a dot of an initial belong."""
    spans: list[Span] = []
    for index in sorted(taken):
        token = tokens[index]
        end = token.end
        if token.is_initial and text[end : end + 1] == ".":
            end += 1
        if spans and index - 1 in taken and JOIN.fullmatch(token.gap):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((token.start, end))
    return spans
