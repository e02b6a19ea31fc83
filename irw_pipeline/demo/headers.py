"""Re-heading: an image of the plan gets the header a hospital would give it, identity and all.

The identity stands wherever real archives have it: in names and ids, in descriptions and comments,
in nested sequences and private elements.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

from irw_pipeline.demo import images
from irw_pipeline.demo.draw import Draw, made_uid
from irw_pipeline.demo.people import OPERATORS

if TYPE_CHECKING:
    from irw_pipeline.demo.story import Instance, Series, Study

IMPLEMENTATION_UID = made_uid("5", "implementation")
_LATIN_LAST = 0xFF
HOSPITAL = "Saint Orsolina Infirmary"
HOSPITAL_ADDRESS = "17 Bellfounder Yard, Dunvallow"


@dataclass(frozen=True)
class HeaderIdentity:
    """Who the header says it is; an awkward file says something else than the EHR."""

    name: str
    patient_id: str
    issuer: str
    born_on: date

    @classmethod
    def of(cls, study: Study) -> HeaderIdentity:
        """Return what the EHR would agree with."""
        person = study.person
        return cls(person.header_name, study.patient_id, study.issuer, person.born_on)


def _da(day: date) -> str:
    return day.strftime("%Y%m%d")


def _tm(moment: datetime) -> str:
    return moment.strftime("%H%M%S")


def _set_identity(dataset: Dataset, study: Study, identity: HeaderIdentity) -> None:
    person = study.person
    dataset.PatientName = identity.name
    dataset.PatientID = identity.patient_id
    if identity.issuer:
        dataset.IssuerOfPatientID = identity.issuer
    dataset.PatientBirthDate = _da(identity.born_on)
    dataset.PatientSex = person.sex
    dataset.PatientAge = f"{person.age_on(study.started_at.date()):03d}Y"
    dataset.PatientSize = f"{person.height_cm / 100:.2f}"
    dataset.PatientWeight = str(person.weight_kg)
    dataset.PatientAddress = f"{person.street}, {person.city} {person.postcode}"
    dataset.PatientTelephoneNumbers = person.phone
    dataset.EthnicGroup = person.race
    other = Dataset()
    other.PatientID = person.ssn
    other.TypeOfPatientID = "TEXT"
    dataset.OtherPatientIDsSequence = Sequence([other])
    dataset.OtherPatientIDs = person.licence


def _set_times(dataset: Dataset, study: Study, series: Series, instance: Instance) -> None:
    series_at = study.started_at + timedelta(minutes=2 * series.number)
    image_at = series_at + timedelta(seconds=3 * instance.number)
    for name, moment in (
        ("Study", study.started_at),
        ("Series", series_at),
        ("Acquisition", image_at),
        ("Content", image_at),
        ("InstanceCreation", image_at),
    ):
        setattr(dataset, f"{name}Date", _da(moment))
        setattr(dataset, f"{name}Time", _tm(moment))
    dataset.AcquisitionDateTime = f"{_da(image_at)}{_tm(image_at)}"
    dataset.PerformedProcedureStepStartDate = _da(study.started_at)
    dataset.PerformedProcedureStepStartTime = _tm(study.started_at)


def _set_uids(dataset: Dataset, study: Study, series: Series, instance: Instance) -> None:
    dataset.StudyInstanceUID = study.uid
    dataset.SeriesInstanceUID = series.uid
    dataset.SOPInstanceUID = instance.uid
    dataset.FrameOfReferenceUID = made_uid("5", study.uid, "frame")
    dataset.SeriesNumber = series.number
    dataset.InstanceNumber = instance.number
    if instance.number > 1:
        first = Dataset()
        first.ReferencedSOPClassUID = dataset.SOPClassUID
        first.ReferencedSOPInstanceUID = series.instances[0].uid
        dataset.ReferencedImageSequence = Sequence([first])


def _set_order(dataset: Dataset, study: Study, draw: Draw) -> None:
    exam, person = study.exam, study.person
    dataset.AccessionNumber = study.accession
    dataset.StudyID = study.accession[-6:]
    dataset.ReferringPhysicianName = study.referrer.header_name
    dataset.NameOfPhysiciansReadingStudy = study.reporter.header_name
    dataset.OperatorsName = draw.pick(OPERATORS)
    dataset.InstitutionName = HOSPITAL
    dataset.InstitutionAddress = HOSPITAL_ADDRESS
    dataset.InstitutionalDepartmentName = "Radiology"
    dataset.StationName = f"{exam.modality}-ORSO-{draw.integer(1, 3)}"
    dataset.DeviceSerialNumber = f"SN{draw.digits(6)}"
    dataset.StudyDescription = exam.title
    dataset.RequestedProcedureDescription = exam.title
    dataset.PerformedProcedureStepID = f"PPS{draw.digits(6)}"
    if study.is_text_naming_patient:
        dataset.StudyDescription = f"{exam.title} for {person.last} {person.first}"
        dataset.ImageComments = (
            f"Seen with {person.last}'s films of {study.started_at:%d.%m.%Y}; "
            f"call {study.referrer.last} on {person.phone}."
        )
        dataset.AdditionalPatientHistory = f"{person.first} is {dataset.PatientAge}, lives alone."
    order = Dataset()
    order.AccessionNumber = study.accession
    order.RequestedProcedureID = f"RP{draw.digits(6)}"
    order.RequestedProcedureDescription = exam.title
    order.ScheduledProcedureStepDescription = exam.title
    order.RequestingPhysician = study.referrer.header_name
    order.ReasonForTheRequestedProcedure = f"Follow-up, asked by Dr {study.referrer.last}"
    dataset.RequestAttributesSequence = Sequence([order])


def _set_technique(dataset: Dataset, study: Study, series: Series, instance: Instance) -> None:
    exam = study.exam
    dataset.BodyPartExamined = exam.body_part
    dataset.SeriesDescription = series.description
    dataset.ProtocolName = series.description
    if exam.modality in ("CT", "MR", "PT"):
        slope = 5.0 * (instance.number - 1)
        dataset.ImagePositionPatient = ["-120.0", "-120.0", str(slope)]
        dataset.SliceLocation = str(slope)
    if exam.modality == "MR" and "MagneticFieldStrength" not in dataset:
        dataset.MagneticFieldStrength = "1.5"
    if exam.modality == "PT":
        dose = dataset.RadiopharmaceuticalInformationSequence[0]
        injected_at = study.started_at - timedelta(minutes=60)
        dose.RadiopharmaceuticalStartTime = _tm(injected_at)
        dose.RadiopharmaceuticalStartDateTime = f"{_da(injected_at)}{_tm(injected_at)}"
        dataset.ImageIndex = instance.number
    if instance.view:
        side, view = instance.view.split()
        dataset.ViewPosition = view
        dataset.PatientOrientation = ["L", "F"]
        if side != "U":
            dataset.ImageLaterality = side
        elif exam.modality == "DX":
            dataset.ImageLaterality = "U"


def _set_private(dataset: Dataset, study: Study) -> None:
    """Private elements with a name and an id, one of them two levels down."""
    block = dataset.private_block(0x0033, "ORSOLINA RIS 1.0", create=True)
    block.add_new(0x01, "LO", f"{study.person.first} {study.person.last}")
    block.add_new(0x02, "LO", study.patient_id)
    item = Dataset()
    item.RequestingPhysician = study.referrer.header_name
    item.private_block(0x0033, "ORSOLINA RIS 1.0", create=True).add_new(
        0x01, "PN", study.person.header_name
    )
    block.add_new(0x10, "SQ", Sequence([item]))


def stamp_file_meta(dataset: Dataset) -> None:
    """Give the dataset a file meta group of ours, the transfer syntax kept."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = dataset.file_meta.TransferSyntaxUID
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.ImplementationClassUID = UID(IMPLEMENTATION_UID)
    meta.ImplementationVersionName = "ORSOLINA_1"
    meta.SourceApplicationEntityTitle = "ORSO_PACS"
    dataset.file_meta = meta


def make_image(
    study: Study, series: Series, instance: Instance, identity: HeaderIdentity | None = None
) -> Dataset:
    """Return one image of the plan, ready to be written.

    Args:
        study: The examination; its person's data fill the header.
        series: One series of it.
        instance: One instance of that series.
        identity: What the header says of the patient where that is not the truth.
    """
    dataset = images.template(instance.source)
    draw = Draw("header", study.uid)  # of the study: a scanner does not change between images
    identity = identity or HeaderIdentity.of(study)
    text = f"{identity.name}{study.person.street}"
    is_latin = all(ord(letter) <= _LATIN_LAST for letter in text)
    dataset.SpecificCharacterSet = "ISO_IR 100" if is_latin else "ISO_IR 192"
    dataset.Modality = study.exam.modality
    _set_identity(dataset, study, identity)
    _set_times(dataset, study, series, instance)
    _set_uids(dataset, study, series, instance)
    _set_order(dataset, study, draw)
    _set_technique(dataset, study, series, instance)
    _set_private(dataset, study)
    stamp_file_meta(dataset)
    return dataset
