from __future__ import annotations

import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irw_pipeline.errors import SettingsError
from irw_pipeline.identity.broker import Broker, Key, dicom_person_key, ehr_person_key

SECRET = b"CANARY-of-the-secret-key"
OURS, THEIRS = Broker(Key(b"test" * 8)), Broker(Key(b"tesu" * 8))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


def pseudonyms(broker: Broker, natural: str) -> tuple[object, ...]:
    return (
        broker.person_id(natural),
        broker.research_id(natural),
        broker.uid(natural),
        broker.accession(natural),
        broker.token("device", natural),
    )


@given(TEXTS)
def test_a_person_keeps_every_pseudonym_and_another_key_gives_others(natural: str) -> None:
    """Studies of one person join; without the key nobody can make or match a pseudonym."""
    again = Broker(Key(b"test" * 8))
    assert pseudonyms(OURS, natural) == pseudonyms(again, natural)
    assert OURS.date_offset_days(natural) == again.date_offset_days(natural)
    assert not set(pseudonyms(OURS, natural)) & set(pseudonyms(THEIRS, natural))


@given(st.lists(TEXTS, unique=True, min_size=2, max_size=20))
def test_different_originals_have_different_pseudonyms(originals: list[str]) -> None:
    """Two people, or two images, that met in one pseudonym could never be told apart again."""
    for one in zip(*(pseudonyms(OURS, original) for original in originals), strict=True):
        assert len(set(one)) == len(originals)


@given(TEXTS)
def test_a_uid_is_a_valid_version_8_uuid_uid(original: str) -> None:
    """PS3.5 B.2 and 9.1: `2.25.` and a decimal UUID without leading zero, at most 64 characters."""
    uid = OURS.uid(original)
    assert re.fullmatch(r"2\.25\.[1-9][0-9]*", uid)
    assert len(uid) <= 64
    number = int(uid.removeprefix("2.25."))
    assert number >> 76 & 0xF == 8
    assert number >> 62 & 0b11 == 0b10


@given(TEXTS)
def test_the_forms_fit_where_they_are_written(natural: str) -> None:
    assert 1 <= OURS.date_offset_days(natural) <= 365
    assert 0 <= OURS.person_id(natural) < 2**63
    assert re.fullmatch(r"IRW[A-Z2-7]{16}", OURS.research_id(natural))
    assert re.fullmatch(r"A[0-9A-F]{15}", OURS.accession(natural))
    assert re.fullmatch(r"[0-9A-F]{16}", OURS.token("device", natural))


def test_offsets_use_the_whole_year() -> None:
    """An offset drawn from a few days would be found by comparing public dates."""
    offsets = {OURS.date_offset_days(str(number)) for number in range(5000)}
    assert offsets == set(range(1, 366))


def test_labels_keep_kinds_apart() -> None:
    """A visit and a person of the same natural key must not share a number."""
    assert OURS.omop_key("visit", "7") != OURS.omop_key("person", "7")
    assert OURS.token("device", "7") != OURS.token("sample", "7")


def test_the_same_patient_id_of_two_issuers_is_two_persons() -> None:
    keys = {
        dicom_person_key("A", "7"),
        dicom_person_key("B", "7"),
        dicom_person_key("", "7"),
        ehr_person_key("7"),
    }
    assert len(keys) == 4
    assert ehr_person_key(" 7 ") == ehr_person_key("7")
    assert dicom_person_key("A ", " 7") == dicom_person_key("A", "7")


def test_the_secret_shows_nowhere() -> None:
    key = Key(SECRET)
    shown = f"{key!r} {key} {Broker(key)!r} {key.key_id}"
    assert "CANARY" not in shown
    assert SECRET.hex() not in shown
    assert re.fullmatch(r"[0-9a-f]{12}", key.key_id)


def test_a_short_secret_is_refused_without_being_shown() -> None:
    with pytest.raises(SettingsError) as raised:
        Key(b"CANARY")
    assert "CANARY" not in str(raised.value)


def test_a_copy_in_a_worker_gives_the_same_answers() -> None:
    copy = pickle.loads(pickle.dumps(OURS))  # noqa: S301 - our own bytes
    assert pseudonyms(copy, "7") == pseudonyms(OURS, "7")
    assert copy.key_id == OURS.key_id
