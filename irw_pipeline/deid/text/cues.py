"""Names that something beside them announces: a title, a role, a label, a degree, a farewell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from irw_pipeline.deid.text.marks import GONE, HELD
from irw_pipeline.deid.text.runs import (
    CREDENTIALS,
    JOIN,
    MAX_PARTS,
    fits,
    goes_on,
    is_credential,
    is_imaging,
    is_phrase,
    may_name,
    name_run,
)
from irw_pipeline.deid.text.titles import take_titled
from irw_pipeline.deid.text.words import evidence_pattern, evidence_words

if TYPE_CHECKING:
    from irw_pipeline.deid.text.tokens import Token

_TITLES = evidence_words("titles")
_READERS = frozenset({"reading", "referring", "ordering", "attending", "requesting", "signing"})
_IN_TOWNS = frozenset({"upon", "on", "of", "am", "de", "la", "du"})
_ROLES = evidence_pattern("roles")
_BESIDE = f"{'|'.join(sorted(evidence_words('beside')))}|{evidence_pattern('professions')}"
_SIGN = r"\s?[:=|\uff1a]"
_CUES = re.compile(
    rf"\b(?:(?P<by>(?:{_ROLES}|[a-z]{{4,}}ed) by\b(?: and [\w ]{{1,30}} by\b)?:?"
    rf"|(?:{evidence_pattern('spoken')})(?: (?:these |the )?(?:findings?|results?|case))?"
    r"(?: directly| by (?:tele)?phone| verbally)? with(?: the)?"
    r"(?: (?:fellow|resident|attending|nurse))?\b"
    rf"|(?:{evidence_pattern('supervised')})\b"
    rf"|(?:{evidence_pattern('told')})(?: directly| verbally| by (?:tele)?phone)? to\b)"
    rf"|(?P<town>(?:{evidence_pattern('towns')})\b)"
    rf"|(?P<sign>(?:{evidence_pattern('staff', 'people')}|{evidence_pattern('professions')})"
    rf"(?:['\u2019]s name)?{_SIGN})"
    rf"|(?P<farewell>(?:{evidence_pattern('farewells')})\b,?(?=\s))"
    rf"|(?P<kin>(?:{evidence_pattern('kin')})(?:(?: is|,)? ?\((?=\w)|,(?= )))"
    rf"|(?P<beside>(?:{_BESIDE})\b\.?(?=\s+\S)))",
    re.IGNORECASE,
)
_OF_PATIENT = re.compile(evidence_pattern("people"), re.IGNORECASE)
"""Cues after which other things than names stand as well."""
_MADE = re.compile(rf"(?!(?:{_ROLES}) by)[a-z]+ed by", re.IGNORECASE)
"""What is done by things as well: rearranged by FISH."""
_BEFORE_DATE = re.compile(rf"\b(?:{evidence_pattern('signed')})\b:?\s+(?=\S)", re.IGNORECASE)
_AFTER_SIGNED = re.compile(rf"\s*(?:[\d(/|;.{GONE}]|{HELD}|\n|\Z)")
_SIGNS = re.compile(rf"\)?\s(?:{evidence_pattern('signs')})\b", re.IGNORECASE)
_DEED = re.compile(rf"here|{evidence_pattern('deeds')}", re.IGNORECASE)
_DEEDS = re.compile(
    rf"\s(?:{evidence_pattern('signs', 'deeds', 'is_person')})(?!\w)", re.IGNORECASE
)
_LIST_JOIN = re.compile(
    r"\s*(?:,|;|/|&|\n)\s*(?:cc:\s*)?|\s+(?:and|und|et|y|with|or)\s+|\s*[,;]\s*and\s+"
)
_JOINERS = ("and", "und", "et", "y", "with", "or")


def take_announced(text: str, tokens: list[Token], taken: set[int]) -> None:
    """Add to `taken` the places of the words that something announces as a name."""
    take_titled(tokens, taken)
    _by_cue(text, tokens, taken)
    _by_credential(text, tokens, taken)
    _by_signing(text, tokens, taken)


def _by_cue(text: str, tokens: list[Token], taken: set[int]) -> None:
    starts = {token.start: index for index, token in enumerate(tokens)}
    for cue in _CUES.finditer(text):
        kind = cue.lastgroup or ""
        index = _first_after(text, cue.end(), starts, over_lines=kind in ("sign", "farewell"))
        if index is None:
            continue
        if kind == "beside":
            _take_beside(tokens, index, taken, cue[0])
            continue
        of_staff = kind == "sign" and not _OF_PATIENT.match(cue[0])
        surely = kind in ("by", "farewell", "kin") and not _MADE.match(cue[0])
        any_word = of_staff or surely or _is_pair(tokens, index)
        least = 0 if kind in ("sign", "farewell") else 1
        if kind == "town":
            _take_town(tokens, index, taken, lives=" " in cue[0])
            continue
        _take_list(tokens, index, taken, least=least, any_case=of_staff, any_word=any_word)


def _take_town(tokens: list[Token], index: int, taken: set[int], *, lives: bool) -> None:
    """Take a town: Cedar Falls, Newcastle upon Tyne."""
    plain = lives or _is_pair_of_capitals(tokens, index)
    run = name_run(tokens, index, least=0 if plain else 1, any_word=False)
    rest = tokens[run[-1] + 1 : run[-1] + 3] if run and plain else []
    if rest and rest[0].gap == " " and rest[0].is_capital and not rest[0].is_upper:
        run.append(run[-1] + 1)
    elif len(rest) > 1 and rest[0].text in _IN_TOWNS and rest[0].gap == rest[1].gap == " ":
        run += [run[-1] + 1, run[-1] + 2] if rest[1].is_capital else []
    taken.update(run)


def _first_after(text: str, at: int, starts: dict[int, int], *, over_lines: bool) -> int | None:
    """The word behind a cue, on the next line too where the cue ends one."""
    while at < len(text) and text[at] in (" \t\r\n" if over_lines else " \t"):
        at += 1
    return starts.get(at)


def _take_beside(tokens: list[Token], index: int, taken: set[int], cue: str) -> None:
    """Take a name behind a role without a sign: Pt Brown, tech CHIP, pt lindqvist called."""
    token = tokens[index]
    if "." in cue and len(cue) > len("pat."):
        return  # the sentence ends
    alone = token.word.may_be_name and goes_on(tokens, index) and not is_phrase(tokens, index)
    as_name = not token.is_upper or (token.word.may_be_given and not is_imaging(token))
    any_word = _is_pair(tokens, index) or (token.is_capital and alone and as_name)
    acts = index + 1 < len(tokens) and _DEED.fullmatch(tokens[index + 1].text)
    listed = token.word.may_be_name and bool(acts) and not is_imaging(token)
    small = token.text.islower() and (listed or token.word.is_name or token.word.is_unknown)
    if small and listed and not token.weight:
        taken.add(index)
        return
    if small:
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        listed = token.word.is_name or (following is not None and following.word.is_name)
        small = listed or goes_on(tokens, index)
    _take_list(tokens, index, taken, least=1, any_case=small, any_word=any_word)


def _take_list(
    tokens: list[Token],
    index: int,
    taken: set[int],
    *,
    least: int,
    any_case: bool,
    any_word: bool,
) -> None:
    """Take a run of names, and those that follow it in the same list."""
    while index < len(tokens):
        if tokens[index].text.lower() in _TITLES and index + 1 < len(tokens):
            index += 1
            least, any_word = 0, True
        run = name_run(tokens, index, least=least, any_case=any_case, any_word=any_word)
        if not run:
            return
        taken.update(run)
        index = run[-1] + 1
        while index < len(tokens) and is_credential(tokens[index]):
            index += 1
        if index >= len(tokens) or not _LIST_JOIN.fullmatch(
            re.sub(r"^[.)]+", "", _gap_words(tokens, run[-1], index))
        ):
            return
        if not tokens[index].gap.strip() and tokens[index].text.lower() not in _JOINERS:
            return
        slashed = tokens[index].gap == "/"
        if tokens[index].text.lower() in _JOINERS:
            index += 1
        least = 1
        any_word = _is_pair(tokens, index) or (slashed and goes_on(tokens, index))


def _gap_words(tokens: list[Token], last: int, index: int) -> str:
    """The text between two tokens, without the credentials in it."""
    if index == last + 1:
        return tokens[index].gap if tokens[index].gap.strip() else " and "
    return tokens[index].gap or " "


def _is_pair(tokens: list[Token], index: int, *, loose: bool = False) -> bool:
    """Whether two words that may be names stand here, the first a given name or not of imaging."""
    if index + 1 >= len(tokens) or not JOIN.fullmatch(tokens[index + 1].gap):
        return False
    one, other = tokens[index], tokens[index + 1]
    if not (may_name(one) and may_name(other)) or one.is_glued or other.is_glued:
        return False
    if is_phrase(tokens, index) or is_phrase(tokens, index + 1):
        return False
    given = one.word.may_be_given or other.word.may_be_given
    titles = not (one.is_upper or other.is_upper)
    return given and ((loose and titles) or not (is_imaging(one) and is_imaging(other)))


def _is_pair_of_capitals(tokens: list[Token], index: int) -> bool:
    """Whether two words in title case stand here, no words of medicine: Cedar Falls."""
    pair = tokens[index : index + 2]
    titles = all(one.is_capital and not one.is_upper for one in pair)
    return len(pair) > 1 and pair[1].gap == " " and titles and not pair[0].stays


def _by_credential(text: str, tokens: list[Token], taken: set[int]) -> None:
    ends = {token.end: index for index, token in enumerate(tokens)}
    for match in CREDENTIALS.finditer(text):
        at = match.start()
        index = ends.get(at, ends.get(at - 1) if text[at - 1 : at] == "." else None)
        if index is not None and index != ends.get(at) and not _is_short(tokens[index]):
            continue  # a sentence ends: History of Parkinson. RN X
        if index is not None and tokens[index].text.lower() in _READERS:
            continue  # READING MD: X
        run: list[int] = []
        while index is not None and index >= 0 and len(run) < MAX_PARTS:
            token = tokens[index]
            if not _is_before_degree(tokens, index, run, is_listed="," in match[0]):
                break
            run.append(index)
            if not JOIN.fullmatch(token.gap) or ("," in token.gap and len(run) > 1):
                break
            index -= 1
        if run and any(tokens[i].weight or not tokens[i].is_initial for i in run):
            taken.update(run)


def _is_short(token: Token) -> bool:
    """An initial, or a suffix that ends in a dot."""
    return token.is_initial or token.text in ("Jr", "Sr")


def _is_before_degree(tokens: list[Token], index: int, run: list[int], *, is_listed: bool) -> bool:
    token = tokens[index]
    if token.is_particle and run:
        return True
    if token.word.is_clinical:
        if not may_name(token):
            given = index > 0 and tokens[index - 1].word.may_be_given
            return not run and given and token.is_capital and is_listed
        return not is_imaging(token) or (is_listed and not token.is_upper)
    if not fits(token):
        return False
    return not (run and token.word.is_common and not token.word.may_be_name)


def _by_signing(text: str, tokens: list[Token], taken: set[int]) -> None:
    """Names between what was done and when: verified Lee 10:19; 14 May: Golden addended."""
    starts = {token.start: index for index, token in enumerate(tokens)}
    for match in _BEFORE_DATE.finditer(text):
        index = starts.get(match.end())
        if index is None or tokens[index].text.islower():
            continue
        run = name_run(tokens, index, least=1, any_word=True)
        run = run or ([index] if may_name(tokens[index]) else [])
        if run and _AFTER_SIGNED.match(text, tokens[run[-1]].end):
            taken.update(run)
    for index, token in enumerate(tokens):
        begins = not token.gap or token.gap[-1] in "\n(" or any(c in token.gap for c in ":;|.")
        free = not is_imaging(token) or _is_pair(tokens, index, loose=True)
        if begins and may_name(token) and free and not token.is_glued:
            run = name_run(tokens, index, least=1, any_word=True)
            follows = _SIGNS if token.stays else _DEEDS
            if run and follows.match(text, tokens[run[-1]].end):
                taken.update(run)
