"""The broker: every pseudonym of the warehouse, derived from one secret key.

HMAC-SHA-256 over a domain label and the natural key, so that any worker anywhere gives the same
answer without a counter or a look-up. The same function exists as DuckDB macros in
`lake/macros.py`; a test holds the two equal.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from dataclasses import dataclass, field
from functools import lru_cache

from irw_pipeline.errors import SettingsError

SEPARATOR = "\x1f"
"""Stands between label and value, and between the parts of a natural key."""

MIN_SECRET_BYTES = 16
MAX_OFFSET_DAYS = 365


@dataclass(frozen=True)
class Key:
    """A secret and the public id that is stored with every row made under it."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a secret that could be guessed."""
        if len(self.secret) < MIN_SECRET_BYTES:
            raise SettingsError(
                f"the identity key is shorter than {MIN_SECRET_BYTES} bytes; "
                "make one with `irw keys new`"
            )

    @property
    def key_id(self) -> str:
        """A public name of the key: 12 hex digits that do not help to find the secret."""
        return hmac.digest(self.secret, b"key-id", hashlib.sha256).hex()[:12]


class Broker:
    """Gives pseudonyms, date offsets and OMOP keys for one `Key`; pure and safe to copy.

    A *person key* is the natural key of a person: `ehr_person_key(id)` for whoever the EHR knows,
    `dicom_person_key(issuer, id)` where there is no EHR at all.
    """

    def __init__(self, key: Key) -> None:
        """Hold the key; nothing is computed yet."""
        self._key = key
        self.key_id = key.key_id
        self._digest = lru_cache(maxsize=100_000)(self._compute)

    def __reduce__(self) -> tuple[type[Broker], tuple[Key]]:
        """Let a worker process have a copy with an empty cache."""
        return (Broker, (self._key,))

    def _compute(self, label: str, value: str) -> bytes:
        message = f"{label}{SEPARATOR}{value}".encode()
        return hmac.digest(self._key.secret, message, hashlib.sha256)

    def hmac_pads(self) -> tuple[bytes, bytes]:
        """The inner and outer 64-byte key blocks of RFC 2104, for engines with SHA-256 only."""
        block = self._key.secret
        if len(block) > 64:  # noqa: PLR2004 - the block size of SHA-256
            block = hashlib.sha256(block).digest()
        block = block.ljust(64, b"\0")
        return bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block)

    def omop_key(self, label: str, natural: str) -> int:
        """A 63-bit surrogate key for the natural key of a row of kind `label` (e.g. `visit`)."""
        return int.from_bytes(self._digest(label, natural)[:8], "big") & 0x7FFF_FFFF_FFFF_FFFF

    def person_id(self, person_key: str) -> int:
        """The OMOP `person_id`: `omop_key("person", person_key)`."""
        return self.omop_key("person", person_key)

    def research_id(self, person_key: str) -> str:
        """The pseudonym that replaces PatientID: `IRW` and 16 base-32 characters."""
        digest = self._digest("research-id", person_key)
        return "IRW" + base64.b32encode(digest[:10]).decode()

    def date_offset_days(self, person_key: str) -> int:
        """Days to go *back* for every date of this person: 1 to 365."""
        number = int.from_bytes(self._digest("date-offset", person_key)[:8], "big")
        return 1 + number % MAX_OFFSET_DAYS

    def uid(self, original: str) -> str:
        """A `2.25.` UID (PS3.5 B.2) over a version 8 UUID (RFC 9562) for an original UID."""
        value = bytearray(self._digest("uid", original)[:16])
        value[6] = (value[6] & 0x0F) | 0x80
        value[8] = (value[8] & 0x3F) | 0x80
        return f"2.25.{uuid.UUID(bytes=bytes(value)).int}"

    def accession(self, original: str) -> str:
        """A pseudonym for an AccessionNumber: `A` and 15 hex digits, 16 characters as SH allows."""
        return "A" + self._digest("accession", original).hex()[:15].upper()

    def token(self, label: str, original: str) -> str:
        """A keyed pseudonym of 16 hex digits for any other identifier (device, sample, ...)."""
        return self._digest(label, original).hex()[:16].upper()


def ehr_person_key(ehr_patient_id: str) -> str:
    """The person key of a patient that the EHR knows."""
    return f"ehr{SEPARATOR}{ehr_patient_id.strip()}"


def dicom_person_key(issuer: str, patient_id: str) -> str:
    """The person key of a patient that only images know (a warehouse without an EHR)."""
    return f"dicom{SEPARATOR}{issuer.strip()}{SEPARATOR}{patient_id.strip()}"
