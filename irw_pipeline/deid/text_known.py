"""What is known of one person, as patterns: names in any order and case, ids in any spacing."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from irw_pipeline.deid.text_marks import GONE
from irw_pipeline.deid.words import common_words, evidence_words, folded, word
from irw_pipeline.identity.subject import IdentifierKind, KnownIdentifier

MIN_NAME_LETTERS = 2
MIN_BARE_LETTERS = 3
MIN_ID_CHARACTERS = 4
_MIN_LOOSE_DIGITS = 7
_MIN_PLACE_LETTERS = 5
_PHRASE_KINDS = frozenset({IdentifierKind.ADDRESS, IdentifierKind.OTHER})
_MIN_CUT_LETTERS = 5
_SPELT_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae"}
)
_NO_NAMES = evidence_words("titles") | {one.lower() for one in evidence_words("credentials")}
"""Prefixes and suffixes of a DICOM name; `Dr` stands before other names as well."""
_SEPARATORS = r"[\s,.^_=;-]"


def mark_known(text: str, known: frozenset[KnownIdentifier]) -> str:
    """Return the text with the known identifiers taken out and marked."""
    for pattern in _known_patterns(known):
        text = pattern.sub(GONE, text)
    return text


def name_tokens(name: str) -> set[str]:
    """The parts of a name, DICOM PN or plain; without the digits of synthetic names too."""
    tokens: set[str] = set()
    for part in re.split(r"[\^=\s,.;/\\]+", name):
        for form in {part, *part.split("-"), unicodedata.normalize("NFKC", part)}:
            bare = re.sub(r"\d+$", "", form)
            tokens |= {form, folded(form), folded(form.translate(_SPELT_OUT))}
            tokens |= {bare} if len(bare) >= MIN_BARE_LETTERS else set()
    return {
        token
        for token in tokens
        if len(token) >= MIN_NAME_LETTERS and not token.isdigit() and token.lower() not in _NO_NAMES
    }


@lru_cache(maxsize=256)
def _known_patterns(known: frozenset[KnownIdentifier]) -> tuple[re.Pattern[str], ...]:
    """The patterns of one person: phrases and ids, name parts in a row, single parts."""
    phrases: set[str] = set()
    tokens: set[str] = set()
    for one in known:
        value = one.value.strip(" \0")
        if one.kind is IdentifierKind.NAME:
            tokens |= name_tokens(value)
        elif one.kind is not IdentifierKind.BIRTH_DATE:
            phrases |= _phrase_forms(one.kind, value)
    patterns = []
    if phrases:
        ordered = sorted(phrases, key=lambda form: (-len(form), form))
        joined = "|".join(ordered)
        patterns.append(re.compile(rf"(?<![^\W_])(?:{joined})(?![^\W_])", re.IGNORECASE))
    if tokens:
        patterns.extend(_name_patterns(tokens))
    return tuple(patterns)


def _name_patterns(tokens: set[str]) -> list[re.Pattern[str]]:
    part = f"(?:{_alternatives(tokens)})"
    letters = "".join(sorted({re.escape(token[0].upper()) for token in tokens}))
    initial = rf"(?-i:[{letters}])"
    single = {token for token in tokens if token.lower() not in common_words()}
    spaced = {token for token in single if token.isascii() or token.lower() != token.upper()}
    patterns = [
        # digits and underscores do not hide a name: smith01, john_smith
        re.compile(
            rf"(?<![^\W\d_]){part}(?:{_SEPARATORS}*{part}"
            rf"|[\s,.^_]+[A-Z]\.?(?=[\s,.^_]+{part}))+(?:[''\u2019]s)?(?![^\W\d_])",
            re.IGNORECASE,
        ),
        re.compile(
            rf"(?<![^\W\d_])(?:{initial}\.[ ]?)+{part}(?:['\u2019]s)?(?![^\W\d_])"
            rf"|(?<![^\W\d_]){part},[ ]?(?:{initial}\b\.?[ ]?)+(?!['\u2019\w])",
            re.IGNORECASE,
        ),
    ]
    if spaced:
        names = f"(?:{_alternatives(spaced)})"
        patterns.append(
            re.compile(
                rf"(?<![^\W\d_])(?:(?<![\w])(?:{initial}[ .]+)+)?{names}(?:['\u2019]s)?"
                rf"(?:[ ,^]+{initial}\.?(?![\w'\u2019-]))?(?![^\W\d_])",
                re.IGNORECASE,
            )
        )
    cut = {
        token[:length]
        for token in spaced
        for length in range(_MIN_CUT_LETTERS, len(token))
        if token.isalpha() and not _is_word(token[:length])
    }
    if cut:  # values of 16 letters end within a name
        patterns.append(re.compile(rf"(?<![^\W\d_])(?:{_alternatives(cut)})\Z", re.IGNORECASE))
    common = {token for token in tokens - single if token.isascii()}
    if common:  # a name that is a word too: written as a name within a sentence, or as an owner
        capital = _alternatives({token.title() for token in common})
        patterns.append(
            re.compile(
                rf"(?<=[a-z,] )(?:{capital})(?:['\u2019]s)?(?![^\W\d_])"
                rf"|(?<![^\W\d_])(?i:{_alternatives(common)})['\u2019]s(?![^\W\d_])"
            )
        )
    if single - spaced:  # scripts without letter case are written without spaces
        patterns.append(re.compile(_alternatives(single - spaced)))
    return patterns


def _is_word(text: str) -> bool:
    one = word(text)
    return one.is_clinical or one.is_common or one.takes_noun


def _alternatives(tokens: set[str]) -> str:
    return "|".join(re.escape(t) for t in sorted(tokens, key=lambda t: (-len(t), t)))


def _phrase_forms(kind: IdentifierKind, value: str) -> set[str]:
    """Patterns of an id, address or phrase."""
    if kind in _PHRASE_KINDS:
        values = {value, *_address_parts(value)} if kind is IdentifierKind.ADDRESS else {value}
        return {_loose(one) for one in values if _is_telling(one)}
    if not _is_telling(value):
        return set()
    bare = re.sub(r"[\W_]", "", value)
    if bare.isdigit() and len(bare) >= _MIN_LOOSE_DIGITS:
        return {r"[-. ()/]{0,2}".join(bare), _loose(value)}
    parts = [re.escape(one) for one in re.findall(r"[^\W\d_]+|\d+", value)]
    forms = {_loose(value)}
    if len(bare) >= MIN_ID_CHARACTERS and any(char.isdigit() for char in bare):
        forms.add(r"[-._/ ]?".join(parts))
    return forms


def _address_parts(value: str) -> list[str]:
    """The parts of an address that tell where somebody lives: street with number, town, code."""
    parts = [part.strip() for part in re.split(r"[,;\n\r^]+", value)]
    return [
        part
        for part in parts
        if (any(char.isdigit() for char in part) and len(part) > MIN_ID_CHARACTERS)
        or (part.isalpha() and len(part) >= _MIN_PLACE_LETTERS)
    ]


def _is_telling(value: str) -> bool:
    return len(value) >= MIN_ID_CHARACTERS and value.lower() not in common_words()


def _loose(value: str) -> str:
    """A pattern of the value in which spaces may be of any kind."""
    return re.sub(r"(?:\\ |\s)+", r"\\s+", re.escape(value))
