"""DICOM objects for tests: small, whole, and with a canary in every place that holds text."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import data_store
import pydicom
from pydicom._dicom_dict import DicomDictionary
from pydicom.data import get_testdata_file
from pydicom.datadict import dictionary_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from irw_pipeline.dicom.read import quiet_pydicom
from irw_pipeline.identity.broker import Broker, Key
from irw_pipeline.identity.subject import Subject

CANARY = "CANARY"
TEXT_VRS = ("LO", "SH", "ST", "LT", "UT", "UC", "PN", "AE", "UR")


def broker() -> Broker:
    """A broker whose key is nobody's."""
    return Broker(Key(b"a test key of nobody"))


def subject(offset_days: int = 100) -> Subject:
    """A person of whom the EHR knows nothing."""
    return Subject(person_id=1, research_id="IRWABCDEFGHIJKLMNOP", date_offset_days=offset_days)


def ct_image(**attributes: object) -> Dataset:
    """A CT image of 4 x 4 pixels; `attributes` are set by keyword, None leaves one out."""
    dataset = Dataset()
    dataset.SOPClassUID = CTImageStorage
    dataset.SOPInstanceUID = "1.2.3.4.5.6.1"
    dataset.StudyInstanceUID = "1.2.3.4.5.6.2"
    dataset.SeriesInstanceUID = "1.2.3.4.5.6.3"
    dataset.FrameOfReferenceUID = "1.2.3.4.5.6.4"
    dataset.Modality = "CT"
    dataset.PatientID = "MRN-0815"
    dataset.PatientName = "Wuckert^Temika"
    dataset.PatientBirthDate = "19500102"
    dataset.PatientSex = "F"
    dataset.PatientAge = "070Y"
    dataset.StudyDate = "20200301"
    dataset.StudyTime = "101500"
    dataset.AccessionNumber = "ACC-4711"
    dataset.StudyDescription = "CT CHEST w/o contrast"
    dataset.Rows = dataset.Columns = 4
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit = 15
    dataset.PixelRepresentation = 0
    dataset.PixelData = bytes(range(32))
    with quiet_pydicom():
        for keyword, value in attributes.items():
            if value is None:
                delattr(dataset, keyword)
            else:
                setattr(dataset, keyword, value)
    return dataset


def to_bytes(dataset: Dataset, syntax: UID = ExplicitVRLittleEndian) -> bytes:
    """The dataset as a DICOM file."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax
    meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", CTImageStorage)
    meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", "1.2.3")
    meta.SourceApplicationEntityTitle = "CANARY-META"
    dataset.file_meta = meta
    dataset.preamble = b"CANARY-PREAMBLE".ljust(128, b"\0")
    buffer = BytesIO()
    with quiet_pydicom():
        pydicom.dcmwrite(buffer, dataset, enforce_file_format=True)
    return buffer.getvalue()


def from_bytes(content: bytes) -> Dataset:
    """The data set of a DICOM file, every value converted."""
    with quiet_pydicom():
        dataset = pydicom.dcmread(BytesIO(content))
        dataset.decode()
    return dataset


def canary_dataset() -> Dataset:
    """A CT image with `CANARY<keyword>` in every text attribute of the dictionary.

    Also in a sequence, an overlay, a curve, private elements, and a private sequence.
    """
    with quiet_pydicom():
        dataset = ct_image()
        for keyword in text_keywords():
            setattr(dataset, keyword, CANARY + keyword)
        nested = Dataset()
        nested.PatientName = CANARY + "NestedName"
        nested.PatientID = CANARY + "NestedID"
        nested.InstitutionName = CANARY + "NestedInstitution"
        dataset.ReferencedStudySequence = Sequence([nested])
        block = dataset.private_block(0x0099, CANARY + "CREATOR", create=True)
        block.add_new(0x01, "LO", CANARY + "PRIVATE")
        inner = Dataset()
        inner.StudyComments = CANARY + "PRIVATENESTED"
        block.add_new(0x02, "SQ", Sequence([inner]))
        dataset.add(DataElement(0x60000022, "LO", CANARY + "OVERLAY"))
        dataset.add(DataElement(0x50000022, "LO", CANARY + "CURVE"))
    return dataset


def text_keywords() -> list[str]:
    """Keywords of all text attributes of the dictionary that a stored data set may hold."""
    tags = sorted(t for t, entry in DicomDictionary.items() if entry[0] in TEXT_VRS)
    keywords = (dictionary_keyword(tag) for tag in tags if tag >> 16 not in (0, 2, 4))
    return [keyword for keyword in keywords if keyword]


def pydicom_files() -> list[Path]:
    """Every file that pydicom ships for its own tests."""
    folder = Path(str(get_testdata_file("CT_small.dcm"))).parent
    return sorted(path for path in folder.rglob("*") if path.is_file())


def pydicom_data_files() -> list[Path]:
    """Every file of the package pydicom-data."""
    folder = Path(data_store.__file__).parent / "data"
    return sorted(path for path in folder.rglob("*") if path.is_file())


SYNTAXES = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, UID("1.2.840.10008.1.2.2"))
