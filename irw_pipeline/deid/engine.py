"""The engine: one policy applied to every element of one object, wherever it is nested."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from pydicom.dataelem import DataElement, RawDataElement, convert_raw_data_element
from pydicom.datadict import dictionary_has_tag, dictionary_keyword, dictionary_VR
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from irw_pipeline.deid import actions, audit, known, pixels, text
from irw_pipeline.deid.outcome import Rejected, Released
from irw_pipeline.deid.shapes import keeps_its_shape
from irw_pipeline.dicom.header import catalogue_row
from irw_pipeline.dicom.read import ObjectReadError, quiet_pydicom, read_dataset
from irw_pipeline.dicom.write import is_dataset_element, write_dataset
from irw_pipeline.ids import ReasonCode

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

    from irw_pipeline.deid.policy import Policy, Rule
    from irw_pipeline.identity.broker import Broker
    from irw_pipeline.identity.subject import Subject

ENGINE_VERSION = "1"
"""Raised whenever the same policy may give other bytes; stored with every row."""

_REQUIRED = ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
_REGISTERED_UID = re.compile(
    r"SOPClass|TransferSyntax|CodingScheme|ContextUID|MappingResource|ContextGroupExtension"
)
_UID_FORM = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
_DATES_STAMP = {"shift": "MODIFIED", "keep": "UNMODIFIED", "remove": "REMOVED"}
_MIN_CODED_NAME = 4


class UnwalkableError(Exception):
    """A sequence could not be parsed; holds its tag only."""


class Engine:
    """Applies one policy with the pseudonyms of one broker. Holds no state between objects."""

    def __init__(self, policy: Policy, broker: Broker) -> None:
        """Compile the policy's table."""
        self.policy = policy
        self._broker = broker
        self._exact: dict[int, Rule] = {}
        self._wild: list[tuple[re.Pattern[str], Rule]] = []
        for rule in policy.rules:
            digits = rule.tag[1:5] + rule.tag[6:10]
            if "x" in digits:
                self._wild.append((re.compile(digits.replace("x", "[0-9A-F]")), rule))
            else:
                self._exact[int(digits, 16)] = rule
        self._text_offset = 0 if policy.dates == "keep" else None

    def deidentify(self, content: bytes, subject: Subject) -> Released | Rejected:
        """Return the object without its identity, or the reason why it must wait.

        A released object was audited: no identifier that `subject` or the source's header knows
        stands in its bytes. Its PixelData element is the source's, byte for byte. The result
        depends on content, subject, policy and key only.
        """
        with quiet_pydicom():
            try:
                dataset = read_dataset(content)
                return self._release(dataset, subject)
            except ObjectReadError as error:
                return Rejected(error.reason, error.kind)
            except UnwalkableError as error:
                return Rejected(ReasonCode.UNREADABLE, f"sequence {error}")

    def _release(self, dataset: FileDataset, subject: Subject) -> Released | Rejected:
        refused = pixels.refusal(dataset)
        if refused:
            return refused
        for keyword in _REQUIRED:
            if not str(dataset.get(keyword) or "").strip(" \0"):
                return Rejected(ReasonCode.MISSING_REQUIRED_ATTRIBUTE, keyword)
        source_uid = str(dataset.SOPInstanceUID).strip(" \0")
        identifiers = subject.known | _in_header(known.patient_identifiers, dataset)
        context = actions.Context(
            subject=subject,
            broker=self._broker,
            known=identifiers | _in_header(known.people_and_places, dataset),
            date_offset_days=(
                subject.date_offset_days if self.policy.dates == "shift" else self._text_offset
            ),
        )
        counts: Counter[str] = Counter()
        self._walk(dataset, context, counts, is_dummy=False)
        self._stamp(dataset, subject)
        released = write_dataset(dataset)
        findings = audit.residual_identifiers(released, identifiers)
        if findings:
            first = findings[0]
            return Rejected(ReasonCode.RESIDUAL_IDENTIFIER, f"{first.kind} in {first.where}")
        return Released(released, catalogue_row(dataset), dict(sorted(counts.items())), source_uid)

    def _walk(
        self, dataset: Dataset, context: actions.Context, counts: Counter[str], *, is_dummy: bool
    ) -> None:
        for tag in list(dataset.keys()):
            if not is_dataset_element(tag):
                del dataset[tag]
            elif tag.is_private:
                if not tag.is_private_creator:
                    self._walk_private(dataset, tag, context, counts)
            else:
                self._walk_standard(dataset, tag, context, counts, is_dummy=is_dummy)
        _drop_unused_creators(dataset)

    def _walk_standard(
        self,
        dataset: Dataset,
        tag: int,
        context: actions.Context,
        counts: Counter[str],
        *,
        is_dummy: bool,
    ) -> None:
        vr = _vr_of(dataset, tag)
        action, using = self._action(dataset, tag, vr, is_dummy=is_dummy)
        counts[action] += 1
        if action == "X":
            del dataset[tag]
        elif vr == "SQ":
            self._walk_sequence(dataset, tag, action, context, counts, is_dummy=is_dummy)
        elif action == "K":
            if not keeps_its_shape(dataset.get_item(tag), vr):
                dataset[tag] = DataElement(tag, vr, None)
            elif vr == "CS":
                _clean_coded(dataset, tag, context)
        else:
            _apply(dataset, tag, action, using, context)

    def _walk_sequence(
        self,
        dataset: Dataset,
        tag: int,
        action: str,
        context: actions.Context,
        counts: Counter[str],
        *,
        is_dummy: bool,
    ) -> None:
        if action == "Z":
            dataset[tag] = DataElement(tag, "SQ", Sequence())
            return
        for item in _items(dataset, tag):
            self._walk(item, context, counts, is_dummy=is_dummy or action == "D")

    def _walk_private(
        self, dataset: Dataset, tag: int, context: actions.Context, counts: Counter[str]
    ) -> None:
        vr = self._safe_vr(dataset, tag)
        if not vr:
            counts["X"] += 1
            del dataset[tag]
            return
        counts["C"] += 1
        _set_vr(dataset, tag, vr)
        if vr == "SQ":
            for item in _items(dataset, tag):
                self._walk(item, context, counts, is_dummy=False)
        elif vr in actions.TEXT_VRS or vr in {"UI", "CS", "DA", "DT"}:
            _apply(dataset, tag, "C", "", context)
        elif not keeps_its_shape(dataset.get_item(tag), vr):
            del dataset[tag]

    def _safe_vr(self, dataset: Dataset, tag: int) -> str:
        """The VR of a safe private attribute, empty for all others (PS3.15 E.3.10)."""
        group, element = tag >> 16, tag & 0xFFFF
        creator = dataset.get((group, element >> 8))
        if creator is None:
            return ""
        key = (str(creator.value).strip(" \0"), group, element & 0xFF)
        vr = self.policy.safe_private.get(key, "")
        return "OB" if vr == "OW/OB" else vr

    def _action(self, dataset: Dataset, tag: int, vr: str, *, is_dummy: bool) -> tuple[str, str]:
        rule = self._rule(tag)
        if rule is not None:
            return rule.action, rule.using
        unlisted = self.policy.unlisted
        if vr in actions.TEXT_VRS or vr == "UR":
            if unlisted["text"] == "remove":
                return "X", ""
            if vr in {"PN", "UR"}:  # a name or an address has no part worth keeping
                return "Z", ""
            return ("D" if is_dummy else "C"), ""
        if vr in actions.DATE_VRS:
            return {"shift": "C", "keep": "K", "remove": "X"}[unlisted["date"]], ""
        if unlisted["other"] == "remove" or not _has_expected_vr(tag, vr):
            return "X", ""
        return ("K" if _is_registered_uid(dataset, tag) else "U") if vr == "UI" else "K", ""

    def _rule(self, tag: int) -> Rule | None:
        rule = self._exact.get(tag)
        if rule is None:
            digits = f"{tag:08X}"
            rule = next((r for pattern, r in self._wild if pattern.fullmatch(digits)), None)
        return rule

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


def _in_header(find: object, dataset: FileDataset) -> frozenset[known.KnownIdentifier]:
    try:
        return find(dataset)  # type: ignore[operator,no-any-return]
    except Exception as error:
        raise UnwalkableError("that cannot be parsed") from error


def _vr_of(dataset: Dataset, tag: int) -> str:
    """The VR as written, or the dictionary's where the file leaves it open (implicit, UN)."""
    item = dataset.get_item(tag)
    vr = item.VR if item is not None else None
    if vr is None or vr == "UN":
        return str(dictionary_VR(tag)) if dictionary_has_tag(tag) else "UN"
    return str(vr)


def _has_expected_vr(tag: int, vr: str) -> bool:
    """Whether binary bytes stand only where the dictionary expects them."""
    if vr not in actions.BINARY_VRS:
        return True
    return dictionary_has_tag(tag) and dictionary_VR(tag) in actions.BINARY_VRS


def _is_registered_uid(dataset: Dataset, tag: int) -> bool:
    """Whether a UID names a class, a syntax or a coding scheme, not a thing of this hospital."""
    if not dictionary_has_tag(tag) or not _REGISTERED_UID.search(dictionary_keyword(tag)):
        return False
    value = dataset[tag].value
    values = [value] if isinstance(value, str) else list(value or ())
    return all(_UID_FORM.fullmatch(str(one).strip(" \0")) for one in values)


def _clean_coded(dataset: Dataset, tag: int, context: actions.Context) -> None:
    """Empty a coded string that holds a known identifier; words of up to three letters stay."""
    item = dataset.get_item(tag)
    raw = (item.value if item is not None else None) or ""
    shown = raw.decode("latin-1") if isinstance(raw, bytes) else str(raw)
    if len(shown) >= _MIN_CODED_NAME and text.clean_known(shown, context.known) != shown:
        _apply(dataset, tag, "C", "clean_known", context)


def _apply(dataset: Dataset, tag: int, action: str, using: str, context: actions.Context) -> None:
    try:
        element = dataset[tag]
    except Exception:  # noqa: BLE001 - whatever pydicom cannot convert, nobody can clean
        del dataset[tag]
        return
    changed = actions.ACTIONS[action](element, using, context)
    if changed is None:
        del dataset[tag]
    elif changed is not element:
        dataset[tag] = changed


def _items(dataset: Dataset, tag: int) -> list[Dataset]:
    try:
        value = dataset[tag].value
    except Exception as error:
        raise UnwalkableError(f"({tag >> 16:04X},{tag & 0xFFFF:04X})") from error
    if value and not isinstance(value, Sequence):
        raise UnwalkableError(f"({tag >> 16:04X},{tag & 0xFFFF:04X})")
    return list(value or ())


def _set_vr(dataset: Dataset, tag: int, vr: str) -> None:
    """Give a safe private attribute the VR of the standard's table where the file says UN or nothing."""
    item = dataset.get_item(tag)
    if isinstance(item, RawDataElement) and (item.VR is None or item.VR == "UN"):
        # the value of a UN element is implicit little endian (PS3.5 6.2.2)
        was_unknown = item.VR == "UN"
        typed = item._replace(VR=vr, is_implicit_VR=was_unknown or item.is_implicit_VR)
        if vr == "SQ" or vr in actions.TEXT_VRS or vr in {"UI", "CS", "DA", "DT"}:
            try:
                dataset[tag] = convert_raw_data_element(typed, encoding=dataset._character_set)  # noqa: SLF001
            except Exception as error:
                raise UnwalkableError(f"({tag >> 16:04X},{tag & 0xFFFF:04X})") from error


def _drop_unused_creators(dataset: Dataset) -> None:
    """Remove private creators whose block is empty now, or that reserve no block at all."""
    used = {(tag >> 16, (tag & 0xFFFF) >> 8) for tag in dataset.keys() if tag.is_private}  # noqa: SIM118
    for tag in list(dataset.keys()):
        if tag.is_private_creator and (tag >> 16, tag & 0xFFFF) not in used:
            del dataset[tag]
