"""Makes the objects of one seed and their answer key."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pydicom
from pydicom import config
from pydicom.uid import UID

from benchmarks.answer_key import headers, lettering, sources, special, unusual
from benchmarks.answer_key.identities import draw_person, draw_site
from benchmarks.answer_key.key import AnswerKey, PlantedFile
from benchmarks.answer_key.plant import Planter, tag_of
from irw_pipeline.demo.draw import Draw
from irw_pipeline.dicom.read import quiet_pydicom

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pydicom.dataset import Dataset

PATIENTS = 8
KEY_NAME = "answer_key.json"
_TECHNICAL = (
    "Rows", "Columns", "BitsAllocated", "BitsStored", "PixelRepresentation", "PixelSpacing",
    "ImagePositionPatient", "ImageOrientationPatient", "SOPClassUID", "Modality",
    "NumberOfFrames", "SamplesPerPixel", "WindowCenter", "WindowWidth", "DoseGridScaling",
)  # fmt: skip
_REFERENCES = (
    "ReferencedStudySequence.0.ReferencedSOPInstanceUID",
    "SourceImageSequence.0.ReferencedSOPInstanceUID",
    "ReferencedImageSequence.0.ReferencedSOPInstanceUID",
    "ReferencedSeriesSequence.0.SeriesInstanceUID",
    "ReferencedSeriesSequence.0.ReferencedSOPSequence.0.ReferencedSOPInstanceUID",
    "CurrentRequestedProcedureEvidenceSequence.0.StudyInstanceUID",
    "PredecessorDocumentsSequence.0.StudyInstanceUID",
)


def generate(seed: int, folder: Path, only: Sequence[str] = ()) -> AnswerKey:
    """Write the planted objects of a seed into a folder and return their key.

    Args:
        seed: Draws every name, number, place and choice; the same seed gives the same files.
        folder: Where the objects go, under names that tell the patient, as archives have them.
        only: Names of source objects; all of them if empty.
    """
    draw = Draw("answer key", seed)
    people = [draw_person(draw.sub("person", number)) for number in range(PATIENTS)]
    places = [draw_site(draw.sub("site", number)) for number in range(3)]
    key = AnswerKey(seed)
    with quiet_pydicom():
        for number, name in enumerate(only or sources.names()):
            patient = number % PATIENTS
            person = people[patient]
            source = f"{person.family}_{person.given}/{person.mrn}_{number:03d}.dcm".replace(
                "'", ""
            )
            planted = PlantedFile(source, patient)
            site = places[patient % len(places)]
            own_draw = draw.sub("object", number)
            planter = Planter(sources.load(name), planted, person, site, own_draw)
            content = _planted(planter, name, number)
            path = folder / source
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            key.files.append(planted)
    return key


def _planted(planter: Planter, name: str, number: int) -> bytes:
    dataset, person = planter.dataset, planter.person
    if name in unusual.STREAMS:
        unusual.plant_in_stream(planter, name)
    if name == "MR-SIEMENS-DICOM-WithOverlays.dcm":
        lettering.letter_overlay(planter)
    if "PixelData" in dataset and name in lettering.LETTERED:
        lettering.letter(planter, name)
    elif "PixelData" in dataset and name not in unusual.STREAMS:
        planter.check("pixels_retained", "pixels", "pixel data", ())
    headers.plant_identity(planter)
    headers.plant_site(planter)
    headers.plant_texts(planter)
    headers.plant_dates(planter)
    special.plant_special(planter)
    unusual.plant_private(planter)
    unusual.plant_graphics(planter)
    unusual.plant_native_name(planter)
    unusual.plant_ill_typed(planter)
    headers.plant_kept(planter)
    unusual.plant_around(planter)
    _plant_uids(planter, number)
    _plant_technical(planter)
    dataset.PatientID = person.mrn
    planter.check("patid_consistent", "mrn", "PatientID", ("00100020",), (person.mrn,))
    planter.check("text_removed", "mrn", "PatientID", (), (person.mrn,), everywhere=True)
    return _written(dataset)


def _plant_uids(planter: Planter, number: int) -> None:
    patient = planter.planted.patient
    root = f"1.2.840.113619.2.{55 + patient}.{planter.person.birth}"
    own = {
        "StudyInstanceUID": f"{root}.1",
        "SeriesInstanceUID": f"{root}.2.{number}",
        "SOPInstanceUID": f"{root}.3.{number}",
        "FrameOfReferenceUID": f"{root}.4",
    }
    for keyword, value in own.items():
        path = planter.put(keyword, value)
        planter.check("uid_consistent", "uid", keyword, path, (value,))
        planter.check("uid_changed", "uid", keyword, path, (value,))
    planter.dataset.file_meta.MediaStorageSOPInstanceUID = UID(own["SOPInstanceUID"])
    for action in ("uid_consistent", "uid_changed"):
        path = ("meta", tag_of("MediaStorageSOPInstanceUID"))
        planter.check(action, "uid", "file meta", path, (own["SOPInstanceUID"],))
    # what it refers to: the first object of the same patient, and the study
    first = {
        **own,
        "SOPInstanceUID": f"{root}.3.{patient}",
        "SeriesInstanceUID": f"{root}.2.{patient}",
    }
    for place in _REFERENCES:
        if planter.draw.chance(40) and place.split(".")[0] not in planter.dataset:
            keyword = place.rsplit(".", maxsplit=1)[-1].removeprefix("Referenced")
            value = first[keyword if "Study" not in place else "StudyInstanceUID"]
            path = planter.put(place, value)
            planter.check("uid_consistent", "reference", place, path, (value,))


def _plant_technical(planter: Planter) -> None:
    """Ask for what the object had of its own."""
    planted = {check.path for check in planter.planted.checks}
    for keyword in _TECHNICAL:
        value = planter.dataset.get(keyword)
        if value is not None and value != "":
            path = (tag_of(keyword),)
            if path not in planted:
                planter.check("tag_retained", "technical", keyword, path, (str(value),))
    unusual.ask_for_own_private(planter)


def _written(dataset: Dataset) -> bytes:
    buffer = BytesIO()
    previous = config.settings.writing_validation_mode
    config.settings.writing_validation_mode = config.IGNORE
    try:
        pydicom.dcmwrite(buffer, dataset, enforce_file_format=True)
    finally:
        config.settings.writing_validation_mode = previous
    return buffer.getvalue()
