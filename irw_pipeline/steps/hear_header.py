"""What the header of one object tells, and whose it says that the object is."""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from irw_pipeline.deid.elements import UnwalkableError
from irw_pipeline.deid.known.told import Told
from irw_pipeline.dicom.header import header_facts
from irw_pipeline.dicom.read import ObjectReadError, examine_file, read_header
from irw_pipeline.dicom.source import open_source, quick_facts
from irw_pipeline.ids import ReasonCode

if TYPE_CHECKING:
    from pathlib import Path

    from irw_pipeline.deid.known.told import Teller


class Whose(NamedTuple):
    """What says whose an object is; empty where the header is silent."""

    patient_id: str
    issuer: str
    study: str


@dataclass(frozen=True)
class Heard:
    """What the header of one file tells."""

    whose: Whose = field(repr=False)
    told: Told


def hear_file(teller: Teller, path: Path) -> Heard:
    """What one file tells; its pixels are not read.

    Raises:
        ObjectReadError: It is no object that can be read.
        OSError: The file cannot be read.
    """
    refuse_hostile(path)
    with open_source(path) as source:
        facts, told = quick_facts(source), teller.of_source(source)
    if facts is None or told is None:
        dataset = read_header(path)
        facts = header_facts(dataset)
        try:
            told = teller.of_dataset(dataset)
        except UnwalkableError:  # it will not be released
            told = Told()
    said = (facts[name] for name in ("patient_id", "issuer_of_patient_id", "study_instance_uid"))
    return Heard(Whose(*(str(one or "") for one in said)), told)


def refuse_hostile(path: Path) -> None:
    """Raise for what may not be read; a pipe or a device is never opened: it may give no byte ever.

    Raises:
        ObjectReadError: `UNREADABLE` or `NOT_DICOM`.
        OSError: The file cannot be read.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise ObjectReadError(ReasonCode.UNREADABLE, "not a regular file")
    examine_file(path)
