from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom._dicom_dict import DicomDictionary
from pydicom.dataelem import DataElement

from irw_pipeline.deid.actions import map_uid
from irw_pipeline.deid.engine import Engine
from irw_pipeline.deid.outcome import Rejected, Released
from irw_pipeline.deid.policy.policy import load_policy
from irw_pipeline.deid.text.dates import shift_da, shift_dt
from irw_pipeline.dicom.read import quiet_pydicom
from irw_pipeline_tests.factories.dicom import broker, ct_image, subject, to_bytes

BROKER = broker()
ENGINE = Engine(load_policy("research"), BROKER)
DAYS = st.dates(date(1901, 1, 1), date(2100, 1, 1))
OFFSETS = st.integers(1, 365)
UIDS = st.lists(st.integers(1, 10**9), min_size=2, max_size=6).map(
    lambda parts: "1." + ".".join(map(str, parts))
)
CHARACTER_TAGS = sorted(
    tag
    for tag, entry in DicomDictionary.items()
    if tag >> 16 > 8
    and entry[0] in ("LO", "SH", "ST", "LT", "UT", "PN", "CS", "DA", "DT", "TM", "UI")
)


@given(DAYS, DAYS, OFFSETS)
def test_a_shift_keeps_every_interval(first: date, second: date, offset: int) -> None:
    moved = [shift_da(f"{day:%Y%m%d}", offset) for day in (first, second)]
    days = [date(int(t[:4]), int(t[4:6]), int(t[6:])) for t in moved]
    assert days[1] - days[0] == second - first
    assert days[0] == first - timedelta(days=offset)
    assert shift_dt(f"{first:%Y%m%d}1015", offset) == moved[0] + "1015"


@given(st.text(max_size=20), OFFSETS)
def test_what_is_no_date_becomes_empty_or_a_date(text: str, offset: int) -> None:
    assert len(shift_da(text, offset)) in (0, 8)
    shift_dt(text, offset)


@given(UIDS, UIDS)
def test_uids_map_one_to_one_and_always_alike(first: str, second: str) -> None:
    assert (map_uid(first, BROKER) == map_uid(second, BROKER)) == (first == second)
    assert len(map_uid(first, BROKER)) <= 64
    standard = "1.2.840.10008." + first
    assert map_uid(standard, BROKER) == standard


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(CHARACTER_TAGS), st.text(max_size=30), max_size=8))
def test_the_engine_never_raises_and_is_deterministic(values: dict[int, str]) -> None:
    dataset = ct_image()
    with quiet_pydicom():
        for tag, value in values.items():
            dataset.add(DataElement(tag, DicomDictionary[tag][0], value, already_converted=True))
        try:
            content = to_bytes(dataset)
        except (ValueError, TypeError, AttributeError):
            return  # pydicom cannot write it
    outcome = ENGINE.deidentify(content, subject())
    assert isinstance(outcome, (Released, Rejected))
    assert outcome == ENGINE.deidentify(content, subject())


@settings(max_examples=300, deadline=None)
@given(st.integers(0), st.integers(0, 255), st.integers(0))
def test_damaged_objects_are_outcomes(position: int, byte: int, cut: int) -> None:
    content = bytearray(to_bytes(ct_image()))
    content[position % len(content)] = byte
    damaged = bytes(content[: len(content) - cut % 40])
    outcome = ENGINE.deidentify(damaged, subject())
    assert isinstance(outcome, (Released, Rejected))
