"""Runs of words that may be one name: where they begin, and where the clinical text goes on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from irw_pipeline.deid.text.marks import BAR
from irw_pipeline.deid.text.words import common_words, evidence_pattern, evidence_words

if TYPE_CHECKING:
    from irw_pipeline.deid.text.tokens import Token

MAX_PARTS = 5
JOIN = re.compile(rf"[ \t]*(?:,[ \t]*|\.[ \t]*|\^+|{BAR}|=|[ \t]|-)?[ \t]*")
"""What may stand between two parts of a name."""
CREDENTIALS = re.compile(rf"(?<=[\w.]),?\s{{1,2}}(?:{evidence_pattern('degrees')})(?!\w)")
_CREDENTIALS = evidence_words("credentials")
_NOUNS = evidence_words("nouns")
_AFTER_NAMES = evidence_words("after_names")
_ACRONYM = 4


def name_run(
    tokens: list[Token], index: int, *, least: int, any_case: bool = False, any_word: bool = False
) -> list[int]:
    """Return the name that begins at `index` where one is expected, as places of its words.

    Args:
        tokens: The words of the text.
        index: Where it begins.
        least: What its words weigh at least.
        any_case: Whether it may be in lower case.
        any_word: Whether it may be a word of medicine too (Dr. Head).
    """
    run: list[int] = []
    while index < len(tokens) and len(run) < MAX_PARTS:
        if run and _ends_before(tokens, run, index):
            break
        if not _is_part(tokens, run, index, least, any_case=any_case, any_word=any_word):
            break
        run.append(index)
        index += 1
    return run if any(len(tokens[i].text) > 1 and not tokens[i].is_particle for i in run) else []


def fits(token: Token, *, any_case: bool = False) -> bool:
    """Return whether a word that is none of medicine has the form of a name."""
    if token.stays or is_credential(token) or (token.is_glued and token.is_initial):
        return False
    return token.is_capital or (any_case and token.weight > 0)


def may_name(token: Token) -> bool:
    """Return whether a capital word is listed as a name or in no list; a word of medicine too."""
    free = not (token.is_protected or is_credential(token) or token.is_mixed)
    return free and token.is_capital and (token.weight > 0 or token.word.may_be_name)


def is_credential(token: Token) -> bool:
    """Return whether the word is a degree, as RN."""
    return bool(CREDENTIALS.fullmatch(", " + token.text, 1)) or token.text in _CREDENTIALS


def is_degree(tokens: list[Token], index: int) -> bool:
    """Return whether RN or M.D. begins here."""
    pair = tokens[index : index + 2]
    spelt = "".join(one.text for one in pair) if len(pair) > 1 and pair[1].gap == "." else ""
    return is_credential(tokens[index]) or spelt in _CREDENTIALS


def is_imaging(token: Token) -> bool:
    """Return whether the word stands in many headers, though it is a name too: HAND, WHITE."""
    return token.text.lower() in common_words()


def is_phrase(tokens: list[Token], index: int) -> bool:
    """Return whether a word goes with the next one: white matter, head of pancreas."""
    token = tokens[index]
    if index + 1 >= len(tokens) or tokens[index + 1].gap != " ":
        return False
    following = tokens[index + 1]
    form = following.text.lower()
    if not (token.word.is_clinical or token.word.is_common or token.word.takes_noun):
        return form in _NOUNS and following.text.islower()
    if form in _NOUNS or form == "of":
        return True
    speaks = form in _AFTER_NAMES or form.endswith("ed")
    return following.text.islower() and following.word.is_clinical and not speaks


def goes_on(tokens: list[Token], index: int) -> bool:
    """Return whether the sentence goes on behind a name as it does behind people: Lee called."""
    gap = tokens[index + 1].gap if index + 1 < len(tokens) else ""
    if not gap.isspace() or "\n" in gap:
        return True
    following = tokens[index + 1]
    if is_credential(following) or following.is_initial:
        return True
    form = following.text.lower()
    return form in _AFTER_NAMES or (form.endswith("ed"))


def _is_part(
    tokens: list[Token],
    run: list[int],
    index: int,
    least: int,
    *,
    any_case: bool,
    any_word: bool,
) -> bool:
    token = tokens[index]
    if token.is_particle and not token.is_protected:
        return _after_particles(tokens, index, any_case=any_case)
    after_given = bool(run) and tokens[run[-1]].word.may_be_given
    if token.word.is_clinical and not token.is_mixed:
        return _is_word_part(tokens, run, index, any_case=any_case, any_word=any_word)
    if not fits(token, any_case=any_case):
        return False
    weighs = token.weight or token.is_initial or token.word.takes_noun
    if not least or weighs or ((any_word or after_given) and token.word.may_be_name):
        return True
    is_title = token.is_capital and not token.is_upper
    unknown = bool(run) and tokens[run[-1]].word.is_unknown
    leads = index + 1 < len(tokens) and _is_plain_name(tokens, index + 1)
    if after_given and any_word:  # HEATHER THACKERAY
        return token.is_capital and goes_on(tokens, index)
    return any_word and is_title and (leads or (unknown and goes_on(tokens, index)))


def _is_word_part(
    tokens: list[Token], run: list[int], index: int, *, any_case: bool, any_word: bool
) -> bool:
    """Whether a word of medicine is part of a name here: Dr. Head, John Field, tech: Joy Bowel."""
    token = tokens[index]
    if token.is_protected or is_credential(token):
        return False
    if not token.is_capital:  # pt jose strong
        before = tokens[run[-1]].word if run else token.word
        return any_case and (before.is_given or before.is_unknown) and token.word.may_be_name
    given = bool(run) and tokens[run[-1]].word.may_be_given
    leads = index + 1 < len(tokens) and _is_plain_name(tokens, index + 1)
    if not any_word:
        last = tokens[run[-1]] if run else token
        surely = last.word.is_name or (last.word.is_unknown and goes_on(tokens, index))
        is_exam = token.is_upper and is_imaging(token)
        return bool(run) and surely and token.word.may_be_name and not is_exam
    if token.word.may_be_name:
        named = goes_on(tokens, index) if run else leads
        return named or not (token.is_upper and is_imaging(token))
    long = len(token.text) >= _ACRONYM
    ends = given and token.gap == " " and goes_on(tokens, index)
    return long and ((leads and not run) or ends)


def _is_plain_name(tokens: list[Token], index: int) -> bool:
    token = tokens[index]
    is_long = len(token.text) >= _ACRONYM
    return token.gap == " " and may_name(token) and is_long and not is_imaging(token)


def _after_particles(tokens: list[Token], index: int, *, any_case: bool) -> bool:
    """Whether a name follows van, van der, de la."""
    while index + 1 < len(tokens) and tokens[index].is_particle:
        if not JOIN.fullmatch(tokens[index + 1].gap):
            return False
        index += 1
    return fits(tokens[index], any_case=any_case) and not tokens[index].is_particle


def _is_parted(tokens: list[Token], run: list[int], index: int) -> bool:
    """Whether what stands before this word ends a name."""
    token = tokens[index]
    if not JOIN.fullmatch(token.gap) or "  " in token.gap or "\t" in token.gap:
        return True
    parts = sum(not tokens[i].is_initial for i in run)
    if "," in token.gap and (parts > 1 or is_degree(tokens, index)):
        return True
    return "." in token.gap and not tokens[run[-1]].is_initial


def _ends_before(tokens: list[Token], run: list[int], index: int) -> bool:
    """Whether a name is over before this word, by what stands between or by the word."""
    token, last = tokens[index], tokens[run[-1]]
    named = any(not tokens[i].is_initial for i in run)
    if _is_parted(tokens, run, index):
        return True
    if token.word.is_eponym and named:  # Dr. Quillfeather Parkinson DaTSCAN
        first = tokens[run[0]].word
        given = first.may_be_given or (first.is_unknown and token.word.may_be_name)
        return not (len(run) == 1 and given and goes_on(tokens, index))
    if named and is_phrase(tokens, index):
        return True
    is_title = token.is_capital and not token.is_upper
    short = token.is_upper and len(token.text) <= _ACRONYM and not token.word.is_name
    if named and short and not all(tokens[i].text.isupper() for i in run):
        return True
    plain = token.word.is_common and not token.word.may_be_name and not is_title
    return plain and not (last.word.is_given and goes_on(tokens, index))
