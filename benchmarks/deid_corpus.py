"""The files that `benchmarks/deid.py` measures on: whole objects of the usual kinds and sizes.

Every series is of another patient. What identifies the patient is planted in name, number, date
and free-text attributes, in a sequence and in private elements; the JSON beside the files lists
it. Pixels are noise, so no copy is cheaper than it would be in a hospital; "compressed" pixels
are noise in one fragment, since no tool here decodes them.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

from pydicom._dicom_dict import DicomDictionary
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    CTImageStorage,
    DigitalMammographyXRayImageStorageForPresentation,
    DigitalXRayImageStorageForPresentation,
    EnhancedMRImageStorage,
    EnhancedSRStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    MRImageStorage,
)

_MAMMOGRAM = DigitalMammographyXRayImageStorageForPresentation
# kind: SOP class, transfer syntax, series, objects a series, rows, columns, frames
KINDS = {
    "CT": (CTImageStorage, ExplicitVRLittleEndian, 4, 25, 512, 512, 1),
    "MR": (MRImageStorage, ImplicitVRLittleEndian, 4, 25, 256, 256, 1),
    "DX": (DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, 2, 2, 2048, 2048, 1),
    "MF": (EnhancedMRImageStorage, ExplicitVRLittleEndian, 1, 1, 512, 512, 100),
    "MG": (_MAMMOGRAM, JPEG2000Lossless, 1, 4, 2560, 2048, 1),
    "SR": (EnhancedSRStorage, ExplicitVRLittleEndian, 1, 10, 0, 0, 0),
}  # fmt: skip
_FILL = {
    "DS": "1.25",
    "IS": "12",
    "US": 3,
    "FD": 2.5,
    "CS": "STANDARD",
    "LO": "Standard",
    "SH": "A",
}
_FILLED = 130
_PRIVATE = 24


def make_corpus(folder: Path, kinds: str, seed: int) -> int:
    """Write the objects of `kinds` (comma-separated) and `planted.json`; the bytes written."""
    chance = random.Random(seed)  # noqa: S311 - names and noise, no secret
    planted: dict[str, list[str]] = {}
    size = 0
    for kind in kinds.split(","):
        for series in range(KINDS[kind][2]):
            person = _person(chance)
            planted[f"{kind}{series}"] = sorted(set(person.values()))
            target = folder / "files" / f"{kind}{series}"
            target.mkdir(parents=True)
            for number in range(1, KINDS[kind][3] + 1):
                path = target / f"{number:03d}.dcm"
                dataset = _object(kind, series, number, person, chance)
                dataset.save_as(path, enforce_file_format=True)
                size += path.stat().st_size
    (folder / "planted.json").write_text(json.dumps(planted), "utf-8")
    return size


def _word(chance: random.Random) -> str:
    return "".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(4))


def _person(chance: random.Random) -> dict[str, str]:
    words = {
        part: _word(chance).title()
        for part in ("last", "first", "mother", "physician", "operator", "hospital", "street")
    }
    return words | {
        "id": f"MRN{chance.randrange(10**7, 10**8)}",
        "accession": f"AC{chance.randrange(10**7, 10**8)}",
        "phone": f"555-{chance.randrange(100, 1000)}-{chance.randrange(1000, 10**4)}",
        "birth": f"19{chance.randrange(30, 99)}{chance.randrange(1, 13):02d}"
        f"{chance.randrange(1, 29):02d}",
    }


def _object(
    kind: str, series: int, number: int, person: dict[str, str], chance: random.Random
) -> Dataset:
    sop_class, syntax, _, _, rows, columns, frames = KINDS[kind]
    root = f"1.2.826.0.1.3680043.9.{ord(kind[0])}{ord(kind[1])}.{person['id'][3:]}"
    dataset = Dataset()
    _fill(dataset)
    _describe(dataset, kind[:2].replace("MF", "MR"), person)
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = f"{root}.{series}.{number}"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = f"{root}.1", f"{root}.1.{series}"
    dataset.FrameOfReferenceUID = f"{root}.2"
    dataset.InstanceNumber, dataset.SeriesNumber = number, series + 1
    dataset.SliceLocation = f"{-120 + 2.5 * number:.2f}"
    dataset.ImagePositionPatient = ["-125.0", "-130.5", f"{-120 + 2.5 * number:.2f}"]
    dataset.AcquisitionTime = dataset.ContentTime = f"1015{number:02d}.250000"
    dataset.XRayTubeCurrent, dataset.Exposure = 200 + number, 100 + number
    _reference(dataset, root, number, person)
    _private(dataset, person, number)
    if rows:
        _pixels(dataset, (rows, columns, frames), chance, is_encapsulated=syntax.is_encapsulated)
    else:
        _report(dataset, person)
    if frames > 1:
        _functional_groups(dataset, frames)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    return dataset


def _fill(dataset: Dataset) -> None:
    """Attributes of the acquisition groups until the header is as long as a scanner's."""
    for tag, (vr, _, _, is_retired, keyword) in sorted(DicomDictionary.items()):
        if tag >> 16 == 0x0018 and vr in _FILL and keyword and not is_retired:  # noqa: PLR2004
            setattr(dataset, keyword, _FILL[vr])
        if len(dataset) >= _FILLED:
            return


def _describe(dataset: Dataset, modality: str, person: dict[str, str]) -> None:
    name = f"{person['last']}^{person['first']}"
    for keyword, value in {
        "SpecificCharacterSet": "ISO_IR 100",
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "Modality": modality,
        "Manufacturer": "SIEMENS",
        "ManufacturerModelName": "Model 64",
        "PatientName": name,
        "PatientID": person["id"],
        "PatientBirthDate": person["birth"],
        "PatientSex": "F",
        "PatientAge": "061Y",
        "PatientAddress": f"12 {person['street']} Street",
        "PatientTelephoneNumbers": person["phone"],
        "PatientMotherBirthName": person["mother"],
        "AccessionNumber": person["accession"],
        "InstitutionName": f"{person['hospital']} Hospital",
        "ReferringPhysicianName": person["physician"],
        "OperatorsName": person["operator"],
        "StudyDate": "20200301",
        "SeriesDate": "20200301",
        "AcquisitionDate": "20200301",
        "ContentDate": "20200301",
        "StudyTime": "101500",
        "SeriesTime": "101510",
        "BodyPartExamined": "CHEST",
        "StudyDescription": f"CHEST w/o contrast {person['last']}",
        "SeriesDescription": "Thorax 1.25 mm B70f",
        "ProtocolName": "Thorax routine",
        "PatientComments": f"{person['first']} {person['last']}, call {person['phone']}",
        "ImageComments": f"for Dr. {person['physician']}, born {person['birth']}",
        "RequestingPhysician": person["physician"],
        "PatientPosition": "HFS",
        "BurnedInAnnotation": "NO",
        "PositionReferenceIndicator": "SN",
        "ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"],
    }.items():
        setattr(dataset, keyword, value)


def _reference(dataset: Dataset, root: str, number: int, person: dict[str, str]) -> None:
    source = Dataset()
    source.ReferencedSOPClassUID = CTImageStorage
    source.ReferencedSOPInstanceUID = f"{root}.7.{number}"
    request = Dataset()
    request.RequestedProcedureDescription = f"CT chest, {person['last']}"
    request.ScheduledProcedureStepID = person["accession"]
    request.RequestingPhysician = person["physician"]
    dataset.SourceImageSequence = Sequence([source])
    dataset.RequestAttributesSequence = Sequence([request])


def _private(dataset: Dataset, person: dict[str, str], number: int) -> None:
    block = dataset.private_block(0x0029, "SCANNER HEADER", create=True)
    for element in range(_PRIVATE):
        block.add_new(element, "LO", f"{person['last']} {element}")
    block.add_new(0xF0, "OB", bytes([number % 256]) * 8192)


def _pixels(
    dataset: Dataset, shape: tuple[int, int, int], chance: random.Random, *, is_encapsulated: bool
) -> None:
    dataset.Rows, dataset.Columns, frames = shape
    if frames > 1:
        dataset.NumberOfFrames = frames
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PixelRepresentation = 0
    dataset.RescaleIntercept, dataset.RescaleSlope = "-1024", "1"
    dataset.WindowCenter, dataset.WindowWidth = "40", "400"
    noise = chance.randbytes(shape[0] * shape[1] * frames * 2)
    dataset.PixelData = encapsulate([noise]) if is_encapsulated else noise
    dataset["PixelData"].VR = "OB" if is_encapsulated else "OW"


def _functional_groups(dataset: Dataset, frames: int) -> None:
    def group(number: int) -> Dataset:
        position, content, item = Dataset(), Dataset(), Dataset()
        position.ImagePositionPatient = ["-125.0", "-130.5", f"{2.5 * number:.2f}"]
        content.FrameAcquisitionNumber = number + 1
        content.DimensionIndexValues = [1, number + 1]
        content.FrameAcquisitionDateTime = f"20200301101500.{number:06d}"
        item.PlanePositionSequence = Sequence([position])
        item.FrameContentSequence = Sequence([content])
        return item

    measures, shared = Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = ["0.5", "0.5"], "2.5"
    shared.PixelMeasuresSequence = Sequence([measures])
    dataset.SharedFunctionalGroupsSequence = Sequence([shared])
    dataset.PerFrameFunctionalGroupsSequence = Sequence(map(group, range(frames)))


def _report(dataset: Dataset, person: dict[str, str]) -> None:
    def node(relation: str, kind: str, **values: object) -> Dataset:
        item = Dataset()
        item.RelationshipType, item.ValueType = relation, kind
        for keyword, value in values.items():
            setattr(item, keyword, value)
        return item

    finding = f"No nodule. {person['first']} {person['last']} seen by Dr. {person['physician']}."
    dataset.ValueType, dataset.ContinuityOfContent = "CONTAINER", "SEPARATE"
    dataset.CompletionFlag, dataset.VerificationFlag = "COMPLETE", "UNVERIFIED"
    dataset.ContentSequence = Sequence(
        [node("CONTAINS", "TEXT", TextValue=f"{number}: {finding}") for number in range(30)]
    )


if __name__ == "__main__":
    print(make_corpus(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
