"""Text where nobody expects it: elements that are not what their tag or their VR says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from irw_pipeline.deid.engine import Engine
from irw_pipeline.deid.outcome import Released
from irw_pipeline.deid.policy.policy import load_policy
from irw_pipeline.dicom.read import quiet_pydicom
from irw_pipeline_tests.factories.dicom import broker, ct_image, from_bytes, subject, to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "Quastenflosser"


def item(*elements: DataElement) -> Sequence:
    dataset = Dataset()
    for element in elements:
        dataset.add(element)
    return Sequence([dataset])


ODD: dict[str, Callable[[], list[DataElement]]] = {
    "a time that is none": lambda: [DataElement(0x0008_0033, "TM", NAME)],
    "a name where text is due": lambda: [DataElement(0x0010_4000, "PN", f"{NAME}^A")],
    "text where a number is due": lambda: [DataElement(0x0018_9073, "LO", NAME)],
    "a sequence where text is due": lambda: [
        DataElement(0x0010_4000, "SQ", item(DataElement(0x0020_4000, "LT", NAME)))
    ],
    "an attribute that no dictionary has": lambda: [DataElement(0x0018_9F91, "LO", NAME)],
    "a group that no dictionary has": lambda: [DataElement(0x00AA_0010, "SH", NAME)],
    "pixel data in an item": lambda: [
        DataElement(
            0x0008_1140, "SQ", item(DataElement(0x7FE0_0010, "OB", NAME.encode().ljust(64)))
        )
    ],
    "a safe private sequence that is none": lambda: [
        DataElement(0x2001_0010, "LO", "Philips Imaging DD 001"),
        DataElement(0x2001_105F, "UN", b"\xfe\xff\x00\xe0\x30\0\0\0" + NAME.encode().ljust(48)),
    ],
}


@pytest.mark.parametrize("is_fast", [True, False])
@pytest.mark.parametrize("case", ODD)
def test_text_that_nobody_expects_is_not_released(case: str, *, is_fast: bool) -> None:
    dataset = ct_image()
    with quiet_pydicom():
        for element in ODD[case]():
            dataset.add(element)
    engine = Engine(load_policy("research"), broker(), byte_path=is_fast)
    outcome = engine.deidentify(to_bytes(dataset), subject())
    assert isinstance(outcome, Released)
    assert NAME.encode() not in outcome.content
    assert from_bytes(outcome.content).Rows == 4


@pytest.mark.parametrize("vr", ["FD", "AT", "SQ"])
@pytest.mark.parametrize("is_fast", [True, False])
def test_what_says_that_identity_is_removed_has_its_own_vr(vr: str, *, is_fast: bool) -> None:
    dataset = ct_image()
    dataset.add(DataElement(0x0012_0062, vr, None))
    engine = Engine(load_policy("research"), broker(), byte_path=is_fast)
    outcome = engine.deidentify(to_bytes(dataset), subject())
    assert isinstance(outcome, Released)
    assert from_bytes(outcome.content).PatientIdentityRemoved == "YES"
