"""Free text without identifiers, every other word in its order and form.

The pipeline: what is known of the person, the site's own terms, dates, numbers and addresses by
pattern, then names and places by word lists and a language model. Text that names nobody comes
back as it is. Results are kept in memory, since headers repeat from slice to slice.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from irw_pipeline.deid.text.addresses import mark_addresses
from irw_pipeline.deid.text.dates import replace_dates, shift_day
from irw_pipeline.deid.text.known import mark_known
from irw_pipeline.deid.text.marks import BAR, GONE, Holder, close_gaps, without_reserved
from irw_pipeline.deid.text.names import name_spans
from irw_pipeline.deid.text.ner import entity_spans, needs_model
from irw_pipeline.deid.text.patterns import mark_contacts, mark_labelled, mark_patterns
from irw_pipeline.deid.text.places import institution_spans
from irw_pipeline.deid.text.site import mark_site_terms
from irw_pipeline.deid.text.tokens import Token, tokens_of
from irw_pipeline.identity.subject import IdentifierKind, KnownIdentifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from irw_pipeline.deid.text.names import Span

KEPT_VALUES = 16_384
"""Results kept in memory per process."""
_LONGEST_KEPT = 4_096

_UID = re.compile(r"(?<![\w.])[0-2](?:\.\d+){5,}(?![\w.])")
_BIRTH = re.compile(
    r"\b(?:DOB|D\.O\.B\.?|(?:date of )?birth(?:[ -]?date)?|birthday|born(?: on)?)\b[\s:=(]{0,3}"
    r"([\w ,./-]{6,22})",
    re.IGNORECASE,
)
_BIRTH_LABEL = re.compile(rf"\b(?:DOB|D\.O\.B\.?)[\s:=]{{0,3}}{GONE}", re.IGNORECASE)
"""It goes with its date, or the next date in the text would look like one of birth."""

_NO_NAME = re.compile(r"[\W\d_]*(?:[^\W\d_]{1,2}[\W\d_]+)*[^\W\d_]{0,2}")
"""Nothing in it is long enough for a name."""


def clean_text(
    text: str,
    known: Iterable[KnownIdentifier],
    *,
    date_offset_days: int | None,
    map_uid: Callable[[str], str] | None = None,
) -> str:
    """Return `text` without identifiers, all other words in their order and form.

    Args:
        text: One value; of any language, names are found in any case and order.
        known: What is known of the person, and the people and places of the header.
        date_offset_days: Days to move dates back by; 0 keeps them, None removes them. The birth
            date is always removed.
        map_uid: Gives the pseudonym of a UID that stands in the text; None leaves UIDs.
    """
    held = known if isinstance(known, frozenset) else frozenset(known)
    if map_uid is not None:
        text = _UID.sub(lambda match: _mapped(match[0], map_uid), text)
    if len(text) <= _LONGEST_KEPT:
        return _kept(text, held, date_offset_days)
    (cleaned,) = clean_texts([(text, held, date_offset_days)])
    return cleaned


def clean_texts(
    values: Sequence[tuple[str, frozenset[KnownIdentifier], int | None]],
) -> list[str]:
    """Return many cleaned texts at once, in their order: the language model reads them in batches.

    Args:
        values: Text, what is known, and the days to move dates back by, as in `clean_text`.
    """
    drafts = [_Draft(*value) for value in values]
    asked = [draft for draft in drafts if draft.asks_model]
    spans = entity_spans((draft.text, draft.tokens) for draft in asked)
    for draft, found in zip(asked, spans, strict=True):
        draft.take(found)
    return [draft.finished() for draft in drafts]


def clean_known(text: str, known: Iterable[KnownIdentifier]) -> str:
    """Return `text` without the known identifiers only; for codes, versions and product names."""
    held = known if isinstance(known, frozenset) else frozenset(known)
    return close_gaps(mark_known(without_reserved(text), held))


@lru_cache(maxsize=KEPT_VALUES)
def _kept(text: str, known: frozenset[KnownIdentifier], days: int | None) -> str:
    (cleaned,) = clean_texts([(text, known, days)])
    return cleaned


class _Draft:
    """One text on its way: `text` has marks where something went or is held."""

    def __init__(self, text: str, known: frozenset[KnownIdentifier], days: int | None) -> None:
        self._holder = Holder()
        self._source = text
        self.text = mark_patterns(
            mark_addresses(self._without_known(without_reserved(text), known, days))
        )
        self.tokens: list[Token] = []
        self._spans: list[Span] = []
        self.asks_model = False
        if not _NO_NAME.fullmatch(self.text):
            self.tokens = tokens_of(self.text)
            self.take(name_spans(self.text, self.tokens))
            self.take(institution_spans(self.tokens))
            self.asks_model = needs_model(self.tokens)

    def take(self, spans: list[Span]) -> None:
        """Have more of the text taken out."""
        self._spans += spans

    def finished(self) -> str:
        """The text without what was found, the source itself if nothing was."""
        parts: list[str] = []
        end = 0
        for start, stop in sorted(self._spans):
            if stop > end:
                parts += (self.text[end : max(start, end)], GONE)
                end = stop
        cleaned = "".join((*parts, self.text[end:]))
        return self._holder.restore(close_gaps(cleaned.replace(BAR, "_")))

    def _without_known(self, text: str, known: frozenset[KnownIdentifier], days: int | None) -> str:
        text = self._holder.hold_all(_UID, text)
        text = mark_site_terms(mark_known(mark_contacts(text), known))
        text = mark_labelled(text.replace("_", BAR))
        births = _birth_dates(known) | _told_births(text)

        def replace(day: date) -> date | None:
            return None if days is None or day in births else shift_day(day, days)

        text = replace_dates(text, replace, gone=GONE, hold=self._holder.hold)
        return _BIRTH_LABEL.sub(GONE, text)


def _told_births(text: str) -> set[date]:
    """The dates that the text itself calls a birth date."""
    found: set[date] = set()

    def note(day: date) -> date:
        found.add(day)
        return day

    for match in _BIRTH.finditer(text):
        replace_dates(match[1], note)
    return found


def _birth_dates(known: frozenset[KnownIdentifier]) -> set[date]:
    found: set[date] = set()

    def note(day: date) -> date:
        found.add(day)
        return day

    for one in known:
        if one.kind is IdentifierKind.BIRTH_DATE:
            replace_dates(one.value, note)
    return found


def _mapped(uid: str, map_uid: Callable[[str], str]) -> str:
    return uid if uid.startswith("1.2.840.10008.") else map_uid(uid)
