"""The engine: one object in, one released object or a reason out."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from irw_pipeline.deid.actions import Context
from irw_pipeline.deid.audit import search as audit
from irw_pipeline.deid.bytepath.path import BytePath
from irw_pipeline.deid.elements import UnwalkableError, put, vr_of
from irw_pipeline.deid.known import header as known
from irw_pipeline.deid.known.told import Teller, told_by
from irw_pipeline.deid.outcome import Draft, Rejected, Released
from irw_pipeline.deid.pixels.asides import cut_out
from irw_pipeline.deid.pixels.clean import UNTOUCHED, clean, stamp
from irw_pipeline.deid.pixels.decision import REVIEWABLE
from irw_pipeline.deid.pixels.overlays import clean_planes, clear_embedded
from irw_pipeline.deid.pixels.rules import refusal
from irw_pipeline.deid.policy.rule_table import RuleTables, keeps_planes, kind_of
from irw_pipeline.deid.recognizable import OPTION as WITHOUT_FACES
from irw_pipeline.deid.recognizable import face_refusal
from irw_pipeline.deid.walk import Walk
from irw_pipeline.dicom.header import catalogue_row, text_of
from irw_pipeline.dicom.read import ObjectReadError, quiet_pydicom, read_dataset
from irw_pipeline.dicom.scan import UnusualError
from irw_pipeline.dicom.source import Source
from irw_pipeline.dicom.write import write_dataset
from irw_pipeline.ids import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pydicom.dataset import FileDataset

    from irw_pipeline.deid.known.told import Told
    from irw_pipeline.deid.pixels.decision import Decision
    from irw_pipeline.deid.policy.policy import Policy
    from irw_pipeline.deid.policy.rule_table import RuleTable
    from irw_pipeline.identity.broker import Broker
    from irw_pipeline.identity.subject import KnownIdentifier, Subject

ENGINE_VERSION = "7"
"""Raised whenever the same policy may give other bytes; stored with every row."""

_REQUIRED = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
_DATES_STAMP = {"shift": "MODIFIED", "keep": "UNMODIFIED", "remove": "REMOVED"}


class Engine:
    """Applies one policy with the pseudonyms of one broker.

    Objects of the usual encodings take the byte path, all others the reference on pydicom data
    sets: the outcome is the same. Between objects it remembers answers only, which change nothing.
    """

    def __init__(self, policy: Policy, broker: Broker, *, byte_path: bool = True) -> None:
        """Compile the policy's tables as objects ask for them.

        Args:
            policy: What to do.
            broker: Gives the pseudonyms.
            byte_path: Whether objects may take the byte path; without it all take the reference.
        """
        self.policy = policy
        self._broker = broker
        self.tables = RuleTables(policy)
        self.teller = Teller(self.tables)
        self._bytes = BytePath(self)
        self._withholds_faces = WITHOUT_FACES in policy.options
        # whether a face may show is asked of the whole header
        self._takes_bytes = byte_path and not self._withholds_faces

    def deidentify(
        self, content: bytes, subject: Subject, decision: Decision | None = None
    ) -> Released | Rejected:
        """Return the object without its identity, or the reason why it must wait.

        A released object was audited: no identifier that `subject` or the source's header knows,
        of whomever, stands in its bytes. Where no text was found in its pixels, or none was looked
        for, its PixelData is the source's, byte for byte (padded where its length was odd, PS3.5
        7.1.1). The result depends on content, subject, policy, key and `decision` only: what a
        person decided of its pixels.
        """
        with quiet_pydicom():
            draft = self.draft(Source(content, len(content)), subject, decision)
            if isinstance(draft, Rejected):
                return draft
            released = draft.start + content[slice(*draft.pixels)]
            findings = audit.residual_identifiers(released, draft.identifiers)
            return _judged(findings, draft, released)

    def deidentify_file(
        self, source: Source, target: Path, subject: Subject, decision: Decision | None = None
    ) -> Released | Rejected:
        """Write what `deidentify` gives to `target`; the `content` of the outcome is empty.

        Memory does not grow with the pixels of an object of a usual encoding. A target that is
        not released is removed.

        Raises:
            ObjectReadError: The source became shorter while it was copied.
            OSError: The target cannot be written.
        """
        with quiet_pydicom():
            draft = self.draft(source, subject, decision)
            if isinstance(draft, Rejected):
                return draft
            try:
                with target.open("wb") as out:
                    out.write(draft.start)
                    source.copy(*draft.pixels, out)
                findings = audit.residual_identifiers_of_file(target, draft.identifiers)
                outcome = _judged(findings, draft, b"")
            except BaseException:
                target.unlink(missing_ok=True)
                raise
            if isinstance(outcome, Rejected):
                target.unlink()
            return outcome

    def draft(
        self, source: Source, subject: Subject, decision: Decision | None = None
    ) -> Draft | Rejected:
        """What the object becomes, not audited yet; call it inside `quiet_pydicom`."""
        if self._takes_bytes and decision is None:
            with suppress(UnusualError, RecursionError):
                return self._bytes.draft(source, subject)
        try:
            return self._drafted(read_dataset(source.read(0, source.size)), subject, decision)
        except ObjectReadError as error:
            return Rejected(error.reason, error.kind)
        except UnwalkableError as error:
            return Rejected(ReasonCode.UNREADABLE, f"sequence {error}")

    def _drafted(
        self, dataset: FileDataset, subject: Subject, decision: Decision | None
    ) -> Draft | Rejected:
        cleans_pixels = "clean_pixel_data" in self.policy.options
        refused = refusal(dataset, is_cleaned=cleans_pixels)
        if refused is None and self._withholds_faces:
            refused = face_refusal(dataset)
        if refused and decision and refused.reason in REVIEWABLE:
            refused = None
        refused = refused or _without_required(dataset)
        if refused:
            return refused
        table = self.tables.of(kind_of(dataset))
        cut_out(dataset)
        clear_embedded(dataset)
        if keeps_planes(table):
            clean_planes(dataset)
        cleaned = clean(dataset, decision) if cleans_pixels or decision else UNTOUCHED
        if isinstance(cleaned, Rejected):
            return cleaned
        source_uid = str(text_of(dataset, "SOPInstanceUID"))
        context = self.context(subject, told_by(dataset, table.keeps))
        unique = self.unique_ids(_uids_of(dataset), table)
        walk = Walk(table, context)
        walk.visit(dataset)
        self.stamp(dataset, subject)
        stamp(dataset, cleaned)
        released = write_dataset(dataset)
        counts = dict(sorted(walk.counts.items()))
        secret = context.known | unique
        return Draft(released, (0, 0), catalogue_row(dataset), counts, source_uid, secret)

    def context(self, subject: Subject, told: Told) -> Context:
        """What the cleaners need: whose the object is, and what its header tells."""
        offsets = {"shift": subject.date_offset_days, "keep": 0, "remove": None}
        return Context(
            subject=subject,
            broker=self._broker,
            known=subject.known | told.secrets(keeps_places=self.policy.keeps_places),
            date_offset_days=offsets[self.policy.dates],
            keeps_uids=self.policy.keeps_uids,
        )

    def unique_ids(
        self, attributes: Iterable[tuple[int, bytes]], table: RuleTable
    ) -> frozenset[KnownIdentifier]:
        """The UIDs that must not stand in the released object."""
        if self.policy.keeps_uids:
            return frozenset()
        return known.unique_ids(attributes, table.keeps)

    def stamp(self, dataset: Dataset, subject: Subject) -> None:
        """Say in the header what was done (PS3.15 E.1.1 steps 5 to 7)."""
        self.stamp_person(dataset, subject)
        self.stamp_method(dataset)

    def stamp_person(self, dataset: Dataset, subject: Subject) -> None:
        """Say whose the object is."""
        put(dataset, "PatientID", subject.research_id)

    def stamp_method(self, dataset: Dataset) -> None:
        """Say what was done: the same for every object."""
        put(dataset, "PatientIdentityRemoved", "YES")
        method = f"irw-pipeline {ENGINE_VERSION}; {self.policy.name} {self.policy.version}"
        put(dataset, "DeidentificationMethod", method)
        items = []
        for value, meaning in self.policy.codes:
            item = Dataset()
            item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
            items.append(item)
        put(dataset, "DeidentificationMethodCodeSequence", Sequence(items))
        if self._withholds_faces:
            put(dataset, "RecognizableVisualFeatures", "NO")
        dates = _DATES_STAMP[self.policy.dates]
        put(dataset, "LongitudinalTemporalInformationModified", dates)


def _judged(findings: list[audit.Finding], draft: Draft, content: bytes) -> Released | Rejected:
    if findings:
        where = f"{findings[0].kind} in {findings[0].where}"
        return Rejected(ReasonCode.RESIDUAL_IDENTIFIER, where)
    return Released(content, draft.row, draft.actions, draft.source_sop_instance_uid)


def _uids_of(dataset: FileDataset) -> list[tuple[int, bytes]]:
    return [
        (element.tag, bytes(element.value or b""))
        for element in (dataset.get_item(tag) for tag in dataset.keys())  # noqa: SIM118 - as raw
        if isinstance(element, RawDataElement) and vr_of(dataset, element.tag) == "UI"
    ]


def _without_required(dataset: FileDataset) -> Rejected | None:
    for keyword in _REQUIRED:
        if text_of(dataset, keyword) is None:
            return Rejected(ReasonCode.MISSING_REQUIRED_ATTRIBUTE, keyword)
    return None
