"""Every error this project raises on purpose.

A message says what was attempted, on which thing (by reference, never by value), and what to do
next. `PermanentError` means a re-run on the same inputs cannot succeed; `TransientError` means it
may. Outcomes of single objects are values (`ReasonCode`), not exceptions.
"""

from __future__ import annotations


class IrwError(Exception):
    """Base of all our errors; `str(error)` is one line and free of PHI."""


class PermanentError(IrwError):
    """A re-run on the same inputs cannot succeed."""


class TransientError(IrwError):
    """A re-run may succeed."""


class SettingsError(PermanentError):
    """Configuration is missing or contradictory."""


class InputError(PermanentError):
    """A drop, file or argument that the caller gave cannot be used."""


class ContractError(PermanentError):
    """A data contract is malformed or holds a key that we cannot check."""

    def __init__(self, path: str, problem: str) -> None:
        """Keep the contract's path and what is wrong with it."""
        self.path = path
        self.problem = problem
        super().__init__(f"data contract {path}: {problem}; correct the contract and run again")


class PolicyError(PermanentError):
    """A de-identification policy is unknown or malformed."""

    def __init__(self, policy: str, problem: str) -> None:
        """Keep the policy's name and what is wrong with it."""
        self.policy = policy
        self.problem = problem
        super().__init__(f"de-identification policy {policy}: {problem}")


class VocabularyError(PermanentError):
    """A vocabulary bundle is incomplete or inconsistent."""


class PhiLeakError(PermanentError):
    """An audit found an identifier; nothing was published."""


class StaleInputError(PermanentError):
    """An input table's last gate refused it, so what is published there is stale."""

    def __init__(self, table: str, refused: str) -> None:
        """Keep the table that was to be made and the input that was refused."""
        self.table = table
        self.refused = refused
        super().__init__(
            f"{table} was not made: the gate of its input {refused} refused the last attempt; "
            f"mend {refused} and run it again"
        )


class GateClosedError(PermanentError):
    """A table's gate refused the rows; nothing of them was published."""

    def __init__(self, table: str, rules: tuple[str, ...]) -> None:
        """Keep the table and the names of the broken rules."""
        self.table = table
        self.rules = rules
        super().__init__(
            f"{table} was not published: {', '.join(rules)} broken; "
            f"see its check contract_holds for the counts"
        )


class DicomReadError(PermanentError):
    """A file could not be read as DICOM; the step turns it into an outcome."""


class LakeConflictError(TransientError):
    """Another writer committed first."""

    def __init__(self, table: str) -> None:
        """Keep the table's name."""
        self.table = table
        super().__init__(f"{table}: another writer committed first; run again")


class LakeUnavailableError(TransientError):
    """The lake did not answer."""

    def __init__(self, table: str, kind: str) -> None:
        """Keep what was asked for and the class name of the cause, never its text."""
        self.table = table
        self.kind = kind
        super().__init__(f"{table}: the lake did not answer ({kind}); check the zone and run again")


class InboxUnavailableError(TransientError):
    """The landing zone could not be listed."""
