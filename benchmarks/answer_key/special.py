"""Where identity hides in the objects of one kind: reports, plans, states, segments, waveforms."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from benchmarks.answer_key import phrases

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.answer_key.key import Step
    from benchmarks.answer_key.plant import Planter

_NAMES = phrases.STRUCTURES
_CONTENT = "0040A730"


def plant_special(planter: Planter) -> None:
    """Plant what the object's SOP class has room for."""
    sop_class = str(planter.dataset.SOPClassUID)
    for prefix, plant in _BY_CLASS.items():
        if sop_class.startswith(prefix):
            plant(planter)
    if "PerFrameFunctionalGroupsSequence" in planter.dataset:
        _frames(planter)


def _report(planter: Planter) -> None:
    p, site, draw = planter.person, planter.site, planter.draw
    given, family = draw.pick(site.staff)
    first = len(planter.dataset.get("ContentSequence") or ())
    stranger = draw.pick(site.strangers)
    items = (
        ("PNAME", ("121008", "Person Observer Name"), "PersonName", f"{family}^{given}",
         (family, given)),
        ("PNAME", ("121029", "Subject Name"), "PersonName", f"{p.family}^{p.given}",
         (p.family, p.given)),
        ("TEXT", ("121030", "Subject ID"), "TextValue", p.mrn, (p.mrn,)),
        ("DATE", ("121031", "Subject Birth Date"), "Date", p.birth, (p.birth,)),
        ("TEXT", ("121009", "Person Observer's Organization Name"), "TextValue", site.name,
         (site.place,)),
        ("TEXT", ("121097", "Recording Observer"), "TextValue", " ".join(stranger), stranger),
    )  # fmt: skip
    for number, (value_type, concept, keyword, value, tokens) in enumerate(items, start=first):
        _item(planter, f"ContentSequence.{number}", value_type, concept)
        planter.removed(f"ContentSequence.{number}.{keyword}", value, "report content", *tokens,
                        everywhere=keyword != "PersonName" or not p.is_word)  # fmt: skip
    number = first + len(items)
    for concept in (("121071", "Finding"), ("121106", "Comment"), ("121077", "Conclusion")):
        _item(planter, f"ContentSequence.{number}", "TEXT", concept)
        planter.cleaned(f"ContentSequence.{number}.TextValue", f"report text {concept[1]}")
        number += 1
    _item(planter, f"ContentSequence.{number}", "CONTAINER", ("121070", "Findings"))
    inner = f"ContentSequence.{number}.ContentSequence.0"
    _item(planter, inner, "TEXT", ("121069", "Previous Finding"))
    planter.cleaned(f"{inner}.TextValue", "report text nested")
    _item(planter, f"ContentSequence.{number + 1}", "CODE", ("121071", "Finding"))
    planter.cleaned(
        f"ContentSequence.{number + 1}.ConceptCodeSequence.0.CodeMeaning", "report code"
    )
    _item(planter, f"ContentSequence.{number + 2}", "UIDREF", ("121012", "Device Observer UID"))
    _uid(planter, f"ContentSequence.{number + 2}.UID", planter.uid())
    _item(planter, f"ContentSequence.{number + 3}", "NUM", ("410668003", "Length"))
    planter.kept(f"ContentSequence.{number + 3}.MeasuredValueSequence.0.NumericValue", "12.5")
    _item(planter, f"ContentSequence.{number + 4}", "DATETIME", ("111526", "DateTime Started"))
    day = planter.a_day() + "113000"
    path = planter.put(f"ContentSequence.{number + 4}.DateTime", day)
    planter.check("date_shifted", "date", "report datetime", path, (day,))
    planter.planted.checks = [
        replace(one, path=_by_concept(planter, one.path)) for one in planter.planted.checks
    ]


def _by_concept(planter: Planter, path: tuple[Step, ...]) -> tuple[Step, ...]:
    """The path with content items named by value type and concept, as items before may go."""
    items, named = planter.dataset, list(path)
    for position in range(0, len(path) - 1, 2):
        if path[position] != _CONTENT:
            break
        item = items.ContentSequence[int(path[position + 1])]
        concept = item.ConceptNameCodeSequence[0].CodeValue
        named[position + 1], items = f"@{item.ValueType} {concept}", item
    return tuple(named)


def _item(planter: Planter, place: str, value_type: str, concept: tuple[str, str]) -> None:
    planter.put(f"{place}.ValueType", value_type)
    planter.put(f"{place}.RelationshipType", "CONTAINS")
    name = Dataset()
    name.CodeValue, name.CodeMeaning = concept
    name.CodingSchemeDesignator = "SCT" if len(concept[0]) > 6 else "DCM"  # noqa: PLR2004 - SCT ids are long
    planter.put(f"{place}.ConceptNameCodeSequence", Sequence([name]))


def _state(planter: Planter) -> None:
    planter.put("ContentLabel", "ANNOTATION")
    planter.cleaned("GraphicAnnotationSequence.0.TextObjectSequence.0.UnformattedTextValue")
    planter.cleaned("GraphicAnnotationSequence.0.TextObjectSequence.1.UnformattedTextValue")
    planter.put("GraphicAnnotationSequence.0.GraphicLayer", "LAYER1")
    planter.put("GraphicLayerSequence.0.GraphicLayer", "LAYER1")
    planter.cleaned("GraphicLayerSequence.0.GraphicLayerDescription")
    planter.cleaned("SoftcopyVOILUTSequence.0.WindowCenterWidthExplanation")
    day = planter.a_day()
    path = planter.put("PresentationCreationDate", day)
    planter.check("date_shifted", "date", "PresentationCreationDate", path, (day,))


def _structures(planter: Planter) -> None:
    for place in (
        "StructureSetLabel", "StructureSetName", "StructureSetDescription",
        "StructureSetROISequence.0.ROIName", "StructureSetROISequence.0.ROIDescription",
        "RTROIObservationsSequence.0.ROIObservationLabel",
        "RTROIObservationsSequence.0.ROIObservationDescription",
    ):  # fmt: skip
        planter.cleaned(place)
    planter.kept("StructureSetROISequence.1.ROIName", planter.draw.pick(_NAMES), "clinical text")
    planter.staff("RTROIObservationsSequence.0.ROIInterpreter")
    _day(planter, "StructureSetDate")


def _plan(planter: Planter) -> None:
    for place in (
        "RTPlanLabel", "RTPlanName", "RTPlanDescription", "PrescriptionDescription",
        "BeamSequence.0.BeamName", "BeamSequence.0.BeamDescription", "TreatmentSites",
        "DoseReferenceSequence.0.DoseReferenceDescription",
        "FractionGroupSequence.0.FractionGroupDescription",
        "PatientSetupSequence.0.SetupTechniqueDescription", "TreatmentProtocols",
    ):  # fmt: skip
        planter.cleaned(place)
    planter.removed("BeamSequence.0.TreatmentMachineName", planter.site.station, "device")
    planter.removed("BeamSequence.0.DeviceSerialNumber", planter.person.serial, "device")
    planter.kept("ApprovalStatus", "APPROVED")
    planter.kept("BeamSequence.1.BeamName", "G180 RPO", "clinical text")
    planter.kept("DoseReferenceSequence.1.DoseReferenceDescription", planter.draw.pick(_NAMES),
                 "clinical text")  # fmt: skip
    planter.staff("ReviewerName")
    _day(planter, "ReviewDate")
    _day(planter, "RTPlanDate")


def _dose(planter: Planter) -> None:
    planter.cleaned("DoseComment")
    planter.kept("DoseUnits", "GY")


def _segments(planter: Planter) -> None:
    for keyword in ("SegmentLabel", "SegmentDescription", "TrackingID"):
        planter.cleaned(f"SegmentSequence.0.{keyword}")
    planter.kept("SegmentSequence.0.SegmentAlgorithmName", "Slicer EditorEffect")
    planter.kept("SegmentSequence.1.SegmentLabel", planter.draw.pick(_NAMES), "clinical text")
    planter.cleaned("ContentDescription")
    planter.staff("ContentCreatorName")


def _waveform(planter: Planter) -> None:
    planter.cleaned("WaveformSequence.0.MultiplexGroupLabel")
    planter.cleaned("WaveformSequence.0.ChannelDefinitionSequence.0.ChannelLabel")
    source = "WaveformSequence.0.ChannelDefinitionSequence.0.ChannelSourceSequence.0.CodeMeaning"
    planter.cleaned(source)
    planter.cleaned("WaveformAnnotationSequence.0.UnformattedTextValue")
    planter.kept("WaveformSequence.0.ChannelDefinitionSequence.0.FilterHighFrequency", "150")


def _frames(planter: Planter) -> None:
    content = "PerFrameFunctionalGroupsSequence.0.FrameContentSequence.0"
    planter.cleaned(f"{content}.FrameComments")
    planter.cleaned(f"{content}.FrameLabel")
    day = planter.a_day() + "101500.25"
    path = planter.put(f"{content}.FrameAcquisitionDateTime", day)
    planter.check("date_shifted", "date", "FrameAcquisitionDateTime", path, (day,))
    shared = "SharedFunctionalGroupsSequence.0"
    planter.cleaned(f"{shared}.FrameAnatomySequence.0.AnatomicRegionSequence.0.CodeMeaning")
    planter.cleaned(f"{shared}.FrameVOILUTSequence.0.WindowCenterWidthExplanation")
    _uid(planter, f"{shared}.IrradiationEventIdentificationSequence.0.IrradiationEventUID",
         planter.uid())  # fmt: skip
    planter.staff(f"{shared}.RequestAttributesSequence.0.RequestingPhysician")


def _document(planter: Planter) -> None:
    p = planter.person
    planter.cleaned("DocumentTitle")
    page = f"BT /F1 12 Tf 72 720 Td ({p.given} {p.family} {p.mrn}) Tj ET".encode()
    pdf = b"%PDF-1.4\n4 0 obj<</Length " + str(len(page)).encode() + b">>stream\n" + page
    path = planter.put("EncapsulatedDocument", pdf + b"\nendstream endobj\n%%EOF\n")
    planter.check("text_removed", "name", "EncapsulatedDocument", path, (p.family, p.given, p.mrn),
                  everywhere=not p.is_word)  # fmt: skip
    planter.planted.is_expected = False


def _day(planter: Planter, place: str) -> None:
    day = planter.a_day()
    path = planter.put(place, day)
    planter.check("date_shifted", "date", place, path, (day,))


def _uid(planter: Planter, place: str, value: str) -> None:
    path = planter.put(place, value)
    planter.check("uid_consistent", "uid", place, path, (value,))


_BY_CLASS: dict[str, Callable[[Planter], None]] = {
    "1.2.840.10008.5.1.4.1.1.88.": _report,
    uid.GrayscaleSoftcopyPresentationStateStorage: _state,
    uid.RTStructureSetStorage: _structures,
    uid.RTPlanStorage: _plan,
    uid.RTDoseStorage: _dose,
    uid.SegmentationStorage: _segments,
    "1.2.840.10008.5.1.4.1.1.9.1.": _waveform,
    uid.EncapsulatedPDFStorage: _document,
}
