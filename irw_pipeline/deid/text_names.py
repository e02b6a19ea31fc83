"""Names of people whom nobody told us of: found by titles, roles, credentials and word lists.

Evidence is weighed on runs of words that have the form of a name and are no words of medicine.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from irw_pipeline.deid.text_marks import BAR
from irw_pipeline.deid.text_tokens import is_prose, tokens_of
from irw_pipeline.deid.words import evidence_pattern, evidence_words

if TYPE_CHECKING:
    from irw_pipeline.deid.text_tokens import Token

Span = tuple[int, int]

_ENOUGH = 2
_MAX_PARTS = 5
_TITLES = evidence_words("titles")
_ROLES = evidence_pattern("roles")
_BESIDE = "|".join(sorted(evidence_words("beside")))
_CUES = re.compile(
    rf"\b(?:(?:{_ROLES}) by\b(?: and [\w ]{{1,30}} by\b)?:?"
    rf"|(?:{evidence_pattern('spoken')})(?: (?:these |the )?(?:findings?|results?|case))?"
    r"(?: directly| by (?:tele)?phone| verbally)? with(?: the)?"
    r"(?: (?:fellow|resident|attending|nurse))?\b"
    rf"|(?:{evidence_pattern('told')})(?: directly| verbally| by (?:tele)?phone)? to\b"
    rf"|(?:{evidence_pattern('towns')})\b"
    rf"|(?:{evidence_pattern('staff', 'people')})(?:['\u2019]s name)?\s?[:=]"
    rf"|\b(?:{_BESIDE})\b(?=\s+\S))",
    re.IGNORECASE,
)
_OF_PATIENT = re.compile(evidence_pattern("people"), re.IGNORECASE)
"""Cues after which other things than names stand as well."""
_MARKS_OF_STAFF = evidence_words("credentials")
_CREDENTIALS = re.compile(rf"(?<=[\w.]),?\s{{1,2}}(?:{evidence_pattern('degrees')})(?!\w)")
_JOIN = re.compile(rf"[ \t]*(?:,[ \t]*|\.[ \t]*|\^+|{BAR}|=|[ \t]|-)?[ \t]*")
_LIST_JOIN = re.compile(
    r"\s*(?:,|;|/|&|\n)\s*(?:cc:\s*)?|\s+(?:and|und|et|y|with|or)\s+|\s*[,;]\s*and\s+"
)


def name_spans(text: str, tokens: list[Token] | None = None) -> list[Span]:
    """Return where names of people stand, as slices of the text in their order."""
    words = tokens if tokens is not None else tokens_of(text)
    taken: set[int] = set()
    _by_title(words, taken)
    _by_cue(text, words, taken)
    _by_credential(text, words, taken)
    _by_weight(text, words, taken)
    return joined_spans(text, words, taken)


def _by_title(tokens: list[Token], taken: set[int]) -> None:
    for index, token in enumerate(tokens):
        if token.text.lower() not in _TITLES or index + 1 >= len(tokens) or token.is_glued:
            continue
        following = tokens[index + 1]
        if not re.fullmatch(r"\.?[ \t]+|\.", following.gap):
            continue
        shouted = token.is_upper and len(token.text) <= 2 and "." not in following.gap  # noqa: PLR2004 - DR, MR are modalities
        if shouted or not token.is_capital:
            run = _run(tokens, index + 1, least=1, any_case=not token.is_capital)
        else:
            run = _run(tokens, index + 1, least=0, any_word=True)
        if run:
            taken.update(run)
            if "." in following.gap or token.is_capital:
                taken.add(index)


def _by_cue(text: str, tokens: list[Token], taken: set[int]) -> None:
    starts = {token.start: index for index, token in enumerate(tokens)}
    for cue in _CUES.finditer(text):
        at = cue.end()
        while at < len(text) and text[at] in " \t":
            at += 1
        index = starts.get(at)
        if index is None and cue[0].endswith((":", "=")):
            index = starts.get(at + len(text[at:]) - len(text[at:].lstrip()))
        if index is None:
            continue
        has_sign = cue[0].rstrip().endswith((":", "="))
        of_staff = has_sign and not _OF_PATIENT.match(cue[0])
        _take_list(tokens, index, taken, least=0 if has_sign else 1, of_staff=of_staff)


def _take_list(
    tokens: list[Token], index: int, taken: set[int], *, least: int, of_staff: bool
) -> None:
    """Take a run of names, and those that follow it in the same list."""
    while index < len(tokens):
        if tokens[index].text.lower() in _TITLES and index + 1 < len(tokens):
            index += 1
            least = 0
        run = _run(tokens, index, least=least, any_case=of_staff, any_word=of_staff)
        if not run:
            return
        taken.update(run)
        index = run[-1] + 1
        while index < len(tokens) and _is_credential(tokens[index]):
            index += 1
        if index >= len(tokens) or not _LIST_JOIN.fullmatch(
            re.sub(r"^[.)]+", "", _gap_words(tokens, run[-1], index))
        ):
            return
        if tokens[index].text.lower() in ("and", "und", "et", "y", "with", "or"):
            index += 1
        least = 1


def _gap_words(tokens: list[Token], last: int, index: int) -> str:
    """The text between two tokens, without the credentials in it."""
    if index == last + 1:
        return tokens[index].gap if tokens[index].gap.strip() else " and "
    return tokens[index].gap or " "


def _by_credential(text: str, tokens: list[Token], taken: set[int]) -> None:
    ends = {token.end: index for index, token in enumerate(tokens)}
    for match in _CREDENTIALS.finditer(text):
        index = ends.get(match.start(), ends.get(match.start() - 1))
        run: list[int] = []
        while index is not None and index >= 0 and len(run) < _MAX_PARTS:
            token = tokens[index]
            if not _fits(token, any_case=False) or (
                token.word.is_common and not token.word.may_be_name and run
            ):
                break
            run.append(index)
            if not _JOIN.fullmatch(token.gap):
                break
            index -= 1
        if run and any(tokens[i].weight or not tokens[i].is_initial for i in run):
            taken.update(run)


def _by_weight(text: str, tokens: list[Token], taken: set[int]) -> None:
    prose = is_prose(tokens)
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
        (token,) = run
        if token.is_glued or not token.is_capital:
            return False
        if token.word.is_name and token.weight >= _ENOUGH:
            return True
        return prose and token.word.is_unknown and not token.is_upper and _is_inside(token, text)
    if not all(token.is_capital for token in run):
        both = [token.word.is_given or token.word.is_surname for token in run]
        return all(both) and any(token.word.is_given for token in run)
    if any(token.is_glued for token in run) and not listed:
        return False
    return weight >= _ENOUGH or (listed and any(token.is_initial for token in run))


def _loose_run(tokens: list[Token], index: int) -> list[int]:
    """Words from `index` on that may be one name by themselves."""
    run: list[int] = []
    while index < len(tokens) and len(run) < _MAX_PARTS:
        token = tokens[index]
        if run and not _JOIN.fullmatch(token.gap):
            break
        fits = token.weight > 0 or (token.is_initial and not token.is_glued)
        joins = (
            bool(run) and token.is_particle and index + 1 < len(tokens) and tokens[index + 1].weight
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


def _run(
    tokens: list[Token], index: int, *, least: int, any_case: bool = False, any_word: bool = False
) -> list[int]:
    """The name that begins at `index` where one is expected; its words weigh `least` at least.

    With `any_case` it may be in lower case, with `any_word` be a word of medicine too (Dr. Head).
    """
    run: list[int] = []
    while index < len(tokens) and len(run) < _MAX_PARTS:
        token = tokens[index]
        if run and _ends_before(tokens, run, token):
            break
        is_part = _fits(token, any_case=any_case, any_word=any_word)
        if token.is_particle and index + 1 < len(tokens):
            is_part = is_part or _fits(tokens[index + 1], any_case=any_case)
        weighs = token.weight or token.is_initial or token.is_particle or token.word.takes_noun
        if not is_part or (least and not weighs):
            break
        run.append(index)
        index += 1
    return run if any(len(tokens[i].text) > 1 for i in run) else []


def _ends_before(tokens: list[Token], run: list[int], token: Token) -> bool:
    """Whether a name is over before this word, by what stands between or by the word."""
    last = tokens[run[-1]]
    if not _JOIN.fullmatch(token.gap) or ("," in token.gap and _is_credential(token)):
        return True
    if "." in token.gap and not last.is_initial:
        return True
    if token.word.is_eponym:  # Dr. Quillfeather Parkinson DaTSCAN
        return any(not tokens[i].is_initial for i in run)
    return token.word.is_common and not token.word.may_be_name and not _is_title_case(token)


def _fits(token: Token, *, any_case: bool, any_word: bool = False) -> bool:
    """Whether a word may be a name where one is expected."""
    if token.is_protected or _is_credential(token) or (token.is_glued and token.is_initial):
        return False
    if token.word.is_clinical:
        return any_word and token.is_capital and token.word.may_be_name
    return token.is_capital or (any_case and token.weight > 0)


def _is_title_case(token: Token) -> bool:
    return token.is_capital and not token.is_upper


def _is_credential(token: Token) -> bool:
    return bool(_CREDENTIALS.fullmatch(", " + token.text, 1)) or token.text in (
        "MD",
        "DO",
        "RN",
        "NP",
        "PA",
    )


def _is_inside(token: Token, text: str) -> bool:
    """Whether the word stands inside a sentence."""
    before = text[: token.start].rstrip()
    return (bool(before) and before[-1].isalnum()) or before[-1:] in ",("


def joined_spans(text: str, tokens: list[Token], taken: set[int]) -> list[Span]:
    """Return neighbouring words as one span; a possessive ending and a dot of an initial belong."""
    spans: list[Span] = []
    for index in sorted(taken):
        token = tokens[index]
        end = token.end
        if token.is_initial and text[end : end + 1] == ".":
            end += 1
        if spans and index - 1 in taken and _JOIN.fullmatch(token.gap):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((token.start, end))
    return spans
