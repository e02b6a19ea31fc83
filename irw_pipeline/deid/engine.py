"""The engine: one object in, one released object or a reason out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from irw_pipeline.deid import audit, known, pixels
from irw_pipeline.deid.actions import Context
from irw_pipeline.deid.elements import UnwalkableError
from irw_pipeline.deid.outcome import Rejected, Released
from irw_pipeline.deid.rule_table import RuleTables
from irw_pipeline.deid.rules import Kind
from irw_pipeline.deid.walk import Walk
from irw_pipeline.dicom.header import catalogue_row, text_of
from irw_pipeline.dicom.read import ObjectReadError, quiet_pydicom, read_dataset
from irw_pipeline.dicom.write import write_dataset
from irw_pipeline.identity.subject import IdentifierKind
from irw_pipeline.ids import ReasonCode

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

    from irw_pipeline.deid.policy import Policy
    from irw_pipeline.identity.broker import Broker
    from irw_pipeline.identity.subject import KnownIdentifier, Subject

ENGINE_VERSION = "2"
"""Raised whenever the same policy may give other bytes; stored with every row."""

_REQUIRED = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
_DATES_STAMP = {"shift": "MODIFIED", "keep": "UNMODIFIED", "remove": "REMOVED"}


class Engine:
    """Applies one policy with the pseudonyms of one broker. Holds no state between objects."""

    def __init__(self, policy: Policy, broker: Broker) -> None:
        """Compile the policy's tables as objects ask for them."""
        self.policy = policy
        self._broker = broker
        self._tables = RuleTables(policy)

    def deidentify(self, content: bytes, subject: Subject) -> Released | Rejected:
        """Return the object without its identity, or the reason why it must wait.

        A released object was audited: no identifier that `subject` or the source's header knows
        stands in its bytes. Its PixelData is the source's, byte for byte (padded where its length
        was odd, PS3.5 7.1.1). The result depends on content, subject, policy and key only.
        """
        with quiet_pydicom():
            try:
                return self._release(read_dataset(content), subject)
            except ObjectReadError as error:
                return Rejected(error.reason, error.kind)
            except UnwalkableError as error:
                return Rejected(ReasonCode.UNREADABLE, f"sequence {error}")

    def _release(self, dataset: FileDataset, subject: Subject) -> Released | Rejected:
        refused = pixels.refusal(dataset) or _without_required(dataset)
        if refused:
            return refused
        source_uid = str(text_of(dataset, "SOPInstanceUID"))
        identifiers = subject.known | known.patient_identifiers(dataset)
        table = self._tables.of(kind_of(dataset))
        walk = Walk(table, self._context(dataset, subject, identifiers))
        walk.visit(dataset)
        self._stamp(dataset, subject)
        released = write_dataset(dataset)
        findings = audit.residual_identifiers(released, identifiers)
        if findings:
            where = f"{findings[0].kind} in {findings[0].where}"
            return Rejected(ReasonCode.RESIDUAL_IDENTIFIER, where)
        counts = dict(sorted(walk.counts.items()))
        return Released(released, catalogue_row(dataset), counts, source_uid)

    def _context(
        self,
        dataset: FileDataset,
        subject: Subject,
        identifiers: frozenset[KnownIdentifier],
    ) -> Context:
        offsets = {"shift": subject.date_offset_days, "keep": 0, "remove": None}
        others = known.people_and_places(dataset)
        if self.policy.keeps_places:
            others = frozenset(one for one in others if one.kind is IdentifierKind.NAME)
        return Context(
            subject=subject,
            broker=self._broker,
            known=identifiers | others,
            date_offset_days=offsets[self.policy.dates],
            keeps_uids=self.policy.keeps_uids,
        )

    def _stamp(self, dataset: FileDataset, subject: Subject) -> None:
        """Say in the header what was done (PS3.15 E.1.1 steps 5 to 7)."""
        dataset.PatientID = subject.research_id
        dataset.PatientIdentityRemoved = "YES"
        dataset.DeidentificationMethod = (
            f"irw-pipeline {ENGINE_VERSION}; {self.policy.name} {self.policy.version}"
        )
        items = []
        for value, meaning in self.policy.codes:
            item = Dataset()
            item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
            items.append(item)
        dataset.DeidentificationMethodCodeSequence = Sequence(items)
        dataset.LongitudinalTemporalInformationModified = _DATES_STAMP[self.policy.dates]


def kind_of(dataset: FileDataset) -> Kind:
    """What of an object decides which rules it meets."""
    keywords = ("SOPClassUID", "Modality", "Manufacturer")
    return Kind(*(text_of(dataset, keyword) or "" for keyword in keywords))


def _without_required(dataset: FileDataset) -> Rejected | None:
    for keyword in _REQUIRED:
        if text_of(dataset, keyword) is None:
            return Rejected(ReasonCode.MISSING_REQUIRED_ATTRIBUTE, keyword)
    return None
