"""People and places by spaCy's English model, for what lists and patterns cannot know.

The model was trained on sentences, and takes every capital for a name in header text; so it sees
a text whose words of medicine and of everyday language are in lower case, and what it finds counts
only where the word lists do not speak against it.
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

from irw_pipeline.deid.text.marks import BAR
from irw_pipeline.deid.text.names import joined_spans
from irw_pipeline.deid.text.tokens import is_prose
from irw_pipeline.deid.text.words import MODEL, evidence, evidence_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from spacy.language import Language

    from irw_pipeline.deid.text.names import Span
    from irw_pipeline.deid.text.tokens import Token

_UNUSED = ("tagger", "parser", "senter", "attribute_ruler", "lemmatizer")
_BATCH = 64
_FACILITY = evidence_words("facility_heads") | evidence()["facility_pairs"].keys()


@lru_cache(maxsize=1)
def _model() -> Language:
    """The model, read once per process, with what its name finder needs."""
    import spacy  # noqa: PLC0415 - a second, and many values never need it

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of other minor versions of spaCy
        return spacy.load(MODEL, exclude=list(_UNUSED))


def needs_model(tokens: list[Token]) -> bool:
    """Whether the text has a capital word that no list explains; else the model is not asked."""
    return any(
        token.is_capital
        and not token.stays
        and not token.is_initial
        and not token.is_glued
        and not token.word.is_eponym
        and len(token.text) > 2  # noqa: PLR2004 - shorter ones are abbreviations
        for token in tokens
        if not (token.word.is_common and _begins_sentence(token))
    )


def entity_spans(texts: Iterable[tuple[str, list[Token]]]) -> Iterator[list[Span]]:
    """Yield where people, places and institutions stand in each text, in the order given."""
    pairs = list(texts)
    shown = (_true_case(text, tokens) for text, tokens in pairs)
    for (text, tokens), doc in zip(pairs, _model().pipe(shown, batch_size=_BATCH), strict=True):
        taken: set[int] = set()
        prose = is_prose(tokens)
        at = {token.start: index for index, token in enumerate(tokens)}
        for entity in doc.ents:
            inside = [
                token
                for token in tokens
                if token.start >= entity.start_char and token.end <= entity.end_char
            ]
            taken |= {at[token.start] for token in _accepted(entity.label_, inside, prose=prose)}
        yield joined_spans(text, tokens, taken)


def _accepted(label: str, inside: list[Token], *, prose: bool) -> list[Token]:
    """The words of an entity that are part of a name by the lists too."""
    names = [
        token
        for token in inside
        if token.is_capital and not token.stays and not token.word.is_eponym and not token.is_glued
    ]
    names = [] if all(token.is_initial for token in names) else names
    if not names or (not prose and len(names) == 1 and names[0].word.is_unknown):
        return []  # header text has many abbreviations that no list explains
    if label == "PERSON":
        telling = [token for token in names if token.weight or token.word.may_be_name]
        ok = bool(telling) and (len(names) > 1 or not names[0].word.is_common)
    elif label in ("GPE", "LOC"):
        ok = all(not _is_acronym(token) for token in names)
    elif label in ("FAC", "ORG"):
        facility = any(token.text.lower() in _FACILITY for token in inside)
        words = [token for token in names if not token.is_initial]
        weighed = all(token.weight and not _is_acronym(token) for token in words)
        ok = facility or (bool(words) and weighed)
    else:
        ok = False
    return names if ok else []


def _is_acronym(token: Token) -> bool:
    return token.is_upper and len(token.text) <= 4  # noqa: PLR2004 - letters


def _begins_sentence(token: Token) -> bool:
    return token.gap == "" or any(char in token.gap for char in ".:;\n!?")


def _true_case(text: str, tokens: list[Token]) -> str:
    """The text of the same length, its known words in lower case and other capitals as in names."""
    parts: list[str] = []
    end = 0
    for token in tokens:
        form = token.text
        if token.stays and not token.word.is_eponym:
            form = form.lower()
        elif token.is_upper:
            form = (
                form.lower()
                if token.word.is_common and not token.word.may_be_name
                else form.title()
            )
        if len(form) != len(token.text):
            form = token.text
        parts += (text[end : token.start], form)
        end = token.end
    return "".join((*parts, text[end:])).replace(BAR, "_")
