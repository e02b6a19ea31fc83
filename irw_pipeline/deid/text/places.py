"""Institutions by the noun they end in: Mercy General Hospital, University of Quillham Clinic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irw_pipeline.deid.text.words import evidence, evidence_words

if TYPE_CHECKING:
    from irw_pipeline.deid.text.names import Span
    from irw_pipeline.deid.text.tokens import Token

_HEADS = evidence_words("facility_heads")
_PAIRS: dict[str, list[str]] = {
    head: before.split() for head, before in evidence()["facility_pairs"].items()
}
_KINDS = evidence_words("facility_kinds")
_NAMES = evidence_words("facility_names")
_SMALL = evidence_words("facility_small")
_MAX_WORDS = 6
_SHORT = 3


def institution_spans(tokens: list[Token]) -> list[Span]:
    """Return where named institutions stand; a hospital without a name of its own stays."""
    spans: list[Span] = []
    for index in range(len(tokens)):
        if _is_head(tokens, index):
            first, named = _walk_back(tokens, index)
            last, named_after = _walk_on(tokens, index)
            if named or named_after:
                spans.append((tokens[first].start, tokens[last].end))
    return spans


def _is_head(tokens: list[Token], index: int) -> bool:
    token = tokens[index]
    form = token.text.lower()
    if not token.is_capital:  # Varnhollow clinic
        before = tokens[index - 1] if index else token
        return (
            form in _HEADS
            and _touches(token)
            and before.weight > 0
            and _is_title(before)
            and before.is_capital
        )
    if form in _HEADS:
        return True
    if form not in _PAIRS or index == 0 or not _touches(token):
        return False
    before = tokens[index - 1]
    if not _PAIRS[form]:  # "Mercy Health": a name at once before it
        return before.is_capital and before.weight > 0 and _is_title(token)
    return before.text.lower() in _PAIRS[form]


def _walk_back(tokens: list[Token], index: int) -> tuple[int, bool]:
    first, named, step = index, False, index
    while step > 0 and index - step < _MAX_WORDS and _touches(tokens[step]):
        before = tokens[step - 1]
        kind = before.text.lower() in _KINDS
        if not _may_name(before, kind=kind):
            break
        step -= 1
        if before.text.lower() not in _SMALL:
            first = step
        named = named or (not kind)
    if not named:
        words = {token.text.lower().removesuffix("'s") for token in tokens[first:index]}
        named = bool(words & _NAMES)
    return first, named


def _walk_on(tokens: list[Token], index: int) -> tuple[int, bool]:
    """Take what follows "of": University Hospital of Quillham."""
    if index + 1 < len(tokens) and _is_named_after(tokens, index):
        return index + 1, True
    if index + 2 >= len(tokens) or tokens[index + 1].text.lower() not in ("of", "at"):
        return index, False
    last = index
    for step in range(index + 2, min(index + 5, len(tokens))):
        token = tokens[step]
        if not _touches(token) or not token.is_capital or token.stays:
            break
        last = step
    return last, last > index


def _is_named_after(tokens: list[Token], index: int) -> bool:
    """Whether the name stands behind: Hospital Quillburg, KLINIKUM QUILLBURG."""
    following = tokens[index + 1]
    free = following.is_capital and not (following.is_glued or following.is_protected)
    named = following.weight > 0 or following.word.is_eponym
    return free and named and following.gap == " " and len(following.text) > _SHORT


def _may_name(token: Token, *, kind: bool) -> bool:
    if token.text.lower() in _SMALL:
        return True
    if not token.is_capital or token.is_initial or token.is_glued:
        return False
    if token.is_mixed:
        return True
    if kind or token.word.is_eponym or token.weight:
        return True
    return (
        (token.word.is_common or token.word.may_be_name)
        and _is_title(token)
        and not token.word.is_clinical
    )


def _is_title(token: Token) -> bool:
    return not token.is_upper


def _touches(token: Token) -> bool:
    return token.gap in (" ", ". ", "-", " & ", "/") or (
        token.gap.strip() == "" and "\n" not in token.gap
    )
