"""Both ways through the engine, held against each other."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from irw_pipeline.deid.engine import Engine
from irw_pipeline.deid.outcome import Released
from irw_pipeline.deid.pixels.rules import is_looked_at
from irw_pipeline.deid.policy.policy import known_policies, load_policy
from irw_pipeline.dicom.read import ObjectReadError, quiet_pydicom, read_dataset
from irw_pipeline.dicom.scan import UnusualError
from irw_pipeline.dicom.source import Source
from irw_pipeline.identity.subject import IdentifierKind, KnownIdentifier, Subject
from irw_pipeline_tests.factories.dicom import broker

if TYPE_CHECKING:
    import random

CASES = int(os.environ.get("DIFFERENTIAL_CASES", "400"))
"""Mutated objects to compare; a release is made with 10,000."""

ENGINES = {name: Engine(load_policy(name), broker()) for name in known_policies()}
REFERENCES = {
    name: Engine(load_policy(name), broker(), byte_path=False) for name in known_policies()
}


def compare(content: bytes, person: Subject, policy: str = "research") -> str:
    """Hold one object's two outcomes against each other; how it was released, or not."""
    engine, reference = ENGINES[policy], REFERENCES[policy]
    if policy != "strict" and is_decoded(content):  # seconds each, and the same code on both sides
        assert not took_bytes(engine, content, person)
        return "decoded"
    expected = reference.deidentify(content, person)
    assert engine.deidentify(content, person) == expected
    # once more, now that the answers are remembered
    assert engine.deidentify(content, person) == expected
    if not isinstance(expected, Released):
        return "rejected"
    return "by bytes" if took_bytes(engine, content, person) else "by reference"


def is_decoded(content: bytes) -> bool:
    with quiet_pydicom():
        try:
            return is_looked_at(read_dataset(content))
        except ObjectReadError:
            return False


def took_bytes(engine: Engine, content: bytes, person: Subject) -> bool:
    with quiet_pydicom():
        try:
            engine._bytes.draft(Source(content, len(content)), person)
        except UnusualError:
            return False
    return True


def known_subject(research_id: str = "IRWABCDEFGHIJKLMNOP", days: int = 100) -> Subject:
    """A person whom the EHR knows, and whose name stands in text."""
    names = frozenset(
        {
            KnownIdentifier(IdentifierKind.NAME, "CANARY^Wuckert"),
            KnownIdentifier(IdentifierKind.PATIENT_ID, "MRN-0815"),
        }
    )
    return Subject(1, research_id, days, names)


def mutated(content: bytes, chance: random.Random) -> bytes:
    """One to three changes in the first 4 KB after the preamble, or a cut, or a tail."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(132, min(len(data), 4096))
        kind = chance.randrange(8)
        if kind < 3:
            data[at] = chance.randrange(256)
        elif kind == 3:
            data[at : at + 2] = chance.choice([b"SQ", b"UN", b"OB", b"LO", b"UT", b"PN", b"ZZ"])
        elif kind == 4:
            data[at : at + 8] = chance.choice([b"Wuckert ", b"MRN-0815", b"20200301"])
        elif kind == 5:
            data[at : at + 4] = chance.choice([bytes(4), b"\xff\xff\xff\xff", b"\xfe\xff\0\xe0"])
        elif kind == 6:
            del data[at : at + 2 * chance.randint(1, 8)]
        else:
            if chance.random() < 0.3:
                del data[chance.randrange(256, len(data)) :]
            data += chance.choice([b"", bytes(4), b"\xfc\xff\xfc\xff", b"Wuckert."])
    return bytes(data)
