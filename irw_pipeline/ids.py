"""Names that every layer shares: tables and reason codes. Imports nothing of ours but errors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from irw_pipeline.errors import InputError

_WORD = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, order=True)
class TableName:
    """A table's one name: asset key, Delta path, contract file and DuckDB table follow it."""

    layer: str
    name: str

    def __post_init__(self) -> None:
        """Refuse anything but lower-case words, so that a name is safe in SQL and in a path."""
        if not (_WORD.fullmatch(self.layer) and _WORD.fullmatch(self.name)):
            raise InputError(
                "a table name is layer.table in lower-case words; correct the name that was given"
            )

    @classmethod
    def parse(cls, text: str) -> TableName:
        """Return the name written as `layer.table`.

        Raises:
            InputError: The text has another form.
        """
        layer, _, name = text.partition(".")
        return cls(layer, name)

    @property
    def key(self) -> list[str]:
        """The Dagster asset key."""
        return [self.layer, self.name]

    def __str__(self) -> str:
        return f"{self.layer}.{self.name}"


class ReasonCode(StrEnum):
    """Why an object or a row waits in quarantine. Stored in tables: never renamed, never reused."""

    # objects
    NOT_DICOM = "NOT_DICOM"
    UNREADABLE = "UNREADABLE"
    OBJECT_MISSING = "OBJECT_MISSING"
    EMPTY_OBJECT = "EMPTY_OBJECT"
    UNSUPPORTED_SOP_CLASS = "UNSUPPORTED_SOP_CLASS"
    MISSING_REQUIRED_ATTRIBUTE = "MISSING_REQUIRED_ATTRIBUTE"
    PATIENT_ID_MISSING = "PATIENT_ID_MISSING"
    PATIENT_UNKNOWN = "PATIENT_UNKNOWN"
    IDENTITY_MISMATCH = "IDENTITY_MISMATCH"
    DUPLICATE_INSTANCE = "DUPLICATE_INSTANCE"
    BURNED_IN_TEXT = "BURNED_IN_TEXT"
    PIXELS_UNDECODABLE = "PIXELS_UNDECODABLE"
    PIXELS_UNCERTAIN = "PIXELS_UNCERTAIN"
    FACE_MAY_SHOW = "FACE_MAY_SHOW"
    REJECTED_IN_REVIEW = "REJECTED_IN_REVIEW"
    UNCLEANABLE_ATTRIBUTE = "UNCLEANABLE_ATTRIBUTE"
    RESIDUAL_IDENTIFIER = "RESIDUAL_IDENTIFIER"
    UNEXPECTED = "UNEXPECTED"
    # rows
    REQUIRED_MISSING = "REQUIRED_MISSING"
    PATTERN_MISMATCH = "PATTERN_MISMATCH"
    LENGTH_OUT_OF_BOUNDS = "LENGTH_OUT_OF_BOUNDS"
    VALUE_OUT_OF_RANGE = "VALUE_OUT_OF_RANGE"
    VALUE_NOT_ALLOWED = "VALUE_NOT_ALLOWED"
    FUTURE_DATE = "FUTURE_DATE"
    ORPHAN_REFERENCE = "ORPHAN_REFERENCE"
