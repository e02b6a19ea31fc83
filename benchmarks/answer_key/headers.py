"""Where identity hides in the header of any object, and what must stay beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.answer_key import phrases

if TYPE_CHECKING:
    from benchmarks.answer_key.plant import Planter

_RELATIVES = ("PatientMotherBirthName", "ResponsiblePerson")
_STAFF = (
    "ReferringPhysicianName", "ConsultingPhysicianName", "PhysiciansOfRecord",
    "PerformingPhysicianName", "NameOfPhysiciansReadingStudy", "OperatorsName",
    "RequestingPhysician", "ScheduledPerformingPhysicianName", "OrderEnteredBy",
    "NamesOfIntendedRecipientsOfResults", "ReviewerName", "PersonName",
    "HumanPerformerName", "VerifyingObserverName", "ContentCreatorName", "EvaluatorName",
    "DistributionName", "InterpretationRecorder",
    "ScheduledHumanPerformersSequence.0.HumanPerformerName",
    "ContributingEquipmentSequence.0.OperatorsName", "AuthorObserverSequence.0.PersonName",
    "PerformedProtocolCodeSequence.0.ContentCreatorName", "ProcedureCodeSequence.0.PersonName",
)  # fmt: skip
"""Attributes that hold the name of a person, also where the object's definition has none."""
_ORDERS = (
    "FillerOrderNumberImagingServiceRequest", "PlacerOrderNumberImagingServiceRequest",
    "RequestedProcedureID", "ScheduledProcedureStepID", "PerformedProcedureStepID", "StudyID",
    "ServiceEpisodeID", "RequestAttributesSequence.0.RequestedProcedureID",
    "RequestAttributesSequence.0.AccessionNumber", "ReferencedRequestSequence.0.AccessionNumber",
    "RequestAttributesSequence.0.ScheduledProcedureStepID",
)  # fmt: skip
_TEXTS = (
    "StudyDescription", "SeriesDescription", "ProtocolName", "ImageComments", "PatientComments",
    "AdditionalPatientHistory", "AdmittingDiagnosesDescription", "DerivationDescription",
    "RequestedProcedureDescription", "PerformedProcedureStepDescription", "StudyComments",
    "ReasonForStudy", "ReasonForTheRequestedProcedure", "AcquisitionComments", "VisitComments",
    "AcquisitionProtocolDescription", "CommentsOnThePerformedProcedureStep", "MedicalAlerts",
    "Allergies", "SpecialNeeds", "PatientState", "ImagingServiceRequestComments", "Occupation",
    "RequestedProcedureComments", "ServiceEpisodeDescription", "RequestedContrastAgent",
    "FrameComments", "CountsSource", "AcquisitionDeviceProcessingDescription", "ContrastBolusAgent",
    "RequestAttributesSequence.0.RequestedProcedureDescription",
    "RequestAttributesSequence.0.ScheduledProcedureStepDescription",
    "RequestAttributesSequence.0.ReasonForTheRequestedProcedure",
    "ContributingEquipmentSequence.0.ContributionDescription",
    "ProcedureCodeSequence.0.CodeMeaning", "PerformedProtocolCodeSequence.0.CodeMeaning",
    "AnatomicRegionSequence.0.CodeMeaning", "ViewCodeSequence.0.CodeMeaning",
    "ReferencedImageSequence.0.PurposeOfReferenceCodeSequence.0.CodeMeaning",
    "OriginalAttributesSequence.0.ModifiedAttributesSequence.0.StudyDescription",
    "ModalityLUTSequence.0.LUTExplanation", "ContentDescription", "PositionReferenceIndicator",
    "TransducerData", "IconImageSequence.0.ImageComments",
)  # fmt: skip
_KEPT = (
    ("PatientSize", "1.73"), ("PatientWeight", "71.5"), ("BodyPartExamined", "ABDOMEN"),
    ("SoftwareVersions", "syngo MR E11"), ("ManufacturerModelName", "Discovery 750"),
    ("Manufacturer", "GE MEDICAL SYSTEMS"), ("SequenceName", "*tfl3d1_16"), ("KVP", "120"),
    ("SliceThickness", "1.25"), ("ConvolutionKernel", "B30f"), ("StudyTime", "091542"),
    ("AcquisitionTime", "093011.250000"), ("ContentTime", "093412"), ("SeriesTime", "092000"),
    ("ContrastBolusRoute", "IV"), ("ScanningSequence", "GR"), ("Laterality", "L"),
    ("PatientPosition", "HFS"), ("RescaleSlope", "1"), ("RescaleIntercept", "-1024"),
    ("RescaleType", "HU"), ("TransducerType", "LINEAR"), ("EthnicGroup", "Unknown"),
    ("SmokingStatus", "NO"), ("PregnancyStatus", 4), ("EchoTime", "4.6"),
    ("RepetitionTime", "2000"),
    ("ImageType", "DERIVED\\SECONDARY"), ("ScanOptions", "FS"), ("FilterType", "BODY FILTER"),
    ("ProcedureCodeSequence.0.CodeValue", "24627-2"), ("PulseSequenceName", "T1TFE"),
    ("ProcedureCodeSequence.0.CodingSchemeDesignator", "LN"), ("MagneticFieldStrength", "3"),
    ("AnatomicRegionSequence.0.CodeValue", "69536005"), ("InstanceNumber", "17"),
    ("ViewCodeSequence.0.CodeValue", "399348003"), ("SeriesNumber", "1001"),
    ("ContrastBolusVolume", "80"), ("LossyImageCompression", "00"),
    ("WindowCenterWidthExplanation", "BRAIN"),
    ("RadiopharmaceuticalInformationSequence.0.Radiopharmaceutical", "Fluorodeoxyglucose"),
    ("RadiopharmaceuticalInformationSequence.0.RadionuclideTotalDose", "364000000"),
    ("RadiopharmaceuticalInformationSequence.0.RadiopharmaceuticalStartTime", "083000"),
    ("Units", "BQML"), ("DecayCorrection", "START"), ("TimezoneOffsetFromUTC", "+0100"),
)  # fmt: skip
_DATES = (
    "StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate", "InstanceCreationDate",
    "PerformedProcedureStepStartDate", "PerformedProcedureStepEndDate", "AcquisitionDateTime",
    "ContributingEquipmentSequence.0.ContributionDateTime", "DateOfSecondaryCapture",
    "RequestAttributesSequence.0.ScheduledProcedureStepStartDate",
    "ScheduledProcedureStepStartDate",
    "RadiopharmaceuticalInformationSequence.0.RadiopharmaceuticalStartDateTime",
    "DateOfLastCalibration",
)  # fmt: skip
_UNTOUCHED = (
    "StudyDescription", "SeriesDescription", "ProtocolName", "PerformedProcedureStepDescription",
    "RequestedProcedureDescription", "AcquisitionProtocolDescription",
)  # fmt: skip
"""Attributes that get a phrase without any identifier in it, where they have none with one."""
_KEPT_CODES = {"ProcedureCodeSequence", "AnatomicRegionSequence", "ViewCodeSequence"}


def plant_identity(planter: Planter) -> None:
    """Plant the patient's identifiers: name, ids and birth date always, others by chance."""
    p, draw = planter.person, planter.draw
    name = "^".join(part for part in (p.family, p.given, p.middle) if part)
    planter.removed("PatientName", name, "name", p.given, p.family, everywhere=not p.is_word)
    planter.removed("PatientBirthDate", p.birth, "birth date")
    planter.removed("AccessionNumber", p.accession, "accession")
    if planter.planted.patient % 2:  # all objects of a patient have the same issuer, or none has
        planter.removed("IssuerOfPatientID", planter.site.place, "institution")
    city = f"{p.house} {p.street} {p.street_kind}^{p.city}^{p.state}^{p.postcode}"
    places = [
        ("OtherPatientNames", [f"{p.maiden}^{p.given}", f"{p.family}^{p.middle}"], "name",
         p.maiden),
        ("PatientBirthName", f"{p.maiden}^{p.given}", "name", p.maiden),
        ("OtherPatientIDs", p.other_id, "other id"),
        ("OtherPatientIDsSequence.0.PatientID", p.other_id, "other id"),
        ("PatientAddress", city[:64], "address", p.house, p.street, p.city),
        ("PatientTelephoneNumbers", p.phone[:16], "phone"),
        ("PatientTelecomInformation", p.email, "email"),
        ("CountryOfResidence", p.city, "address"),
        ("RegionOfResidence", p.city, "address"),
        ("InsurancePlanIdentification", p.plan, "health plan"),
        ("MedicalRecordLocator", p.account, "account"),
        ("AdmissionID", p.admission, "other id"),
        ("MilitaryRank", f"Major {p.family}", "name", p.family),
        ("PatientReligiousPreference", f"c/o {p.city}", "address", p.city),
        ("ClinicalTrialSubjectID", p.enrolment, "other id"),
        ("ClinicalTrialSubjectReadingID", p.enrolment, "other id"),
        ("ReferencedPatientSequence.0.PatientID", p.mrn, "mrn"),
        ("OriginalAttributesSequence.0.ModifiedAttributesSequence.0.PatientID", p.mrn, "mrn"),
        ("OriginalAttributesSequence.0.ModifiedAttributesSequence.0.PatientName", name, "name",
         p.given, p.family),
        ("OriginalAttributesSequence.0.SourceOfPreviousValues", planter.site.name[:60],
         "institution", planter.site.place),
        ("PatientInsurancePlanCodeSequence.0.CodeMeaning", p.plan, "health plan"),
        ("SpecimenDescriptionSequence.0.SpecimenIdentifier", p.other_id, "other id"),
        ("ReferencedPerformedProcedureStepSequence.0.PatientName", name, "name", p.given, p.family),
        ("ScheduledProcedureStepLocation", f"Room of {p.family}"[:16], "name", p.family[:8]),
        ("CurrentPatientLocation", f"Ward {p.city}", "address", p.city),
        ("PatientInstitutionResidence", f"{p.city} care home", "address", p.city),
        ("RetrieveURI", p.url, "url"),
        ("UniqueDeviceIdentifier", f"(01){p.serial}", "device", p.serial),
        ("RetrieveURL", p.url, "url"),
        ("PixelDataProviderURL", f"{p.url}/frames", "url", p.url.rsplit("/", maxsplit=1)[-1]),
        ("GPSAreaInformation", f"near {p.city}".encode() + b" " * (len(p.city) % 2 + 1), "city",
         p.city),
        ("CameraOwnerName", f"{p.given} {p.family}", "name", p.given, p.family),
        ("PatientBirthDateInAlternativeCalendar", p.birth, "birth date"),
        ("LabelText", f"{p.family} {p.mrn}", "name", p.family, p.mrn),
        ("BarcodeValue", p.mrn, "mrn"),
        ("TopicTitle", f"Case of {p.family}", "name", p.family),
        ("SpecimenAccessionNumber", p.accession, "accession"),
        ("DeidentificationMethod", f"blinded at {p.city}", "city", p.city),
        ("StorageMediaFileSetID", p.family[:16].upper(), "name"),
        ("InstanceOriginStatus", p.family[:12].upper(), "name"),
        ("TextString", f"{p.given} {p.family}", "name", p.given, p.family),
    ]  # fmt: skip
    for place, value, kind, *tokens in places:
        if draw.chance(30):
            words = [str(token) for token in tokens] or [str(value)]
            planter.removed(str(place), value, str(kind), *words, everywhere=not p.is_word)
    for place in _RELATIVES:
        if draw.chance(20):
            planter.removed(place, f"{p.maiden}^{p.middle}", "name", p.maiden, p.middle)


def plant_site(planter: Planter) -> None:
    """Plant staff, institution, orders and machines."""
    site, draw, p = planter.site, planter.draw, planter.person
    given, family = site.staff[0]
    planter.removed("ReferringPhysicianName", f"{family}^{given}", "name of staff", given, family)
    for place in _STAFF[1:]:
        if draw.chance(25):
            planter.staff(place, "{f}^{g}^^Dr" if draw.chance(80) else "Dr. {g} {f}")
    short = p.family[:10].upper()
    for place in _ORDERS:
        if draw.chance(30):
            number = f"{draw.pick('RPQ')}{draw.digits(9)}"
            planter.removed(place, number, "other id")
    places = (
        ("InstitutionName", site.name, "institution", site.place),
        ("InstitutionAddress", f"12 {site.street} Street, {site.city}", "address",
         site.street, site.city),
        ("InstitutionalDepartmentName", f"Radiology {site.place}", "institution", site.place),
        ("StationName", site.station, "device"),
        ("DeviceSerialNumber", p.serial, "device"),
        ("DetectorID", f"DET{p.serial}", "device"),
        ("GantryID", f"G{p.serial}", "device"),
        ("PlateID", f"P{p.serial}", "device"),
        ("CassetteID", f"C{p.serial}", "device"),
        ("PerformedStationName", site.station, "device"),
        ("PerformedStationAETitle", site.station, "device"),
        ("ScheduledStationAETitle", site.station, "device"),
        ("StationAETitle", site.station, "device"),
        ("RetrieveAETitle", site.station, "device"),
        ("ReferringPhysicianAddress", f"{site.street} 4, {site.city}", "address",
         site.street, site.city),
        ("ReferringPhysicianTelephoneNumbers", site.phone[:16], "phone"),
        ("ClinicalTrialSiteName", site.name, "institution", site.place),
        ("RequestingService", f"Clinic {site.place}", "institution", site.place),
        ("OrderCallbackPhoneNumber", site.phone[:16], "phone"),
        ("ContributingEquipmentSequence.0.InstitutionName", site.name, "institution", site.place),
        ("ContributingEquipmentSequence.0.StationName", site.station, "device"),
        ("ContributingEquipmentSequence.0.DeviceSerialNumber", p.serial, "device"),
        ("InstitutionCodeSequence.0.CodeMeaning", site.name, "institution", site.place),
        ("OperatorIdentificationSequence.0.PersonIdentificationCodeSequence.0.CodeMeaning",
         f"{given} {family}", "name of staff", given, family),
        ("ReferringPhysicianIdentificationSequence.0.PersonTelephoneNumbers", site.phone, "phone"),
        ("ReferringPhysicianIdentificationSequence.0.InstitutionName", site.name, "institution",
         site.place),
        ("IssuerOfAccessionNumberSequence.0.LocalNamespaceEntityID", site.place, "institution"),
        ("IssuerOfAccessionNumberSequence.0.UniversalEntityID", f"ris.{site.place}.org",
         "institution", site.place),
        ("CodingSchemeIdentificationSequence.0.CodingSchemeResponsibleOrganization", site.name,
         "institution", site.place),
        ("ClinicalTrialSponsorName", f"{site.place} Foundation", "institution", site.place),
        ("ClinicalTrialCoordinatingCenterName", site.name, "institution", site.place),
        ("ClinicalTrialProtocolEthicsCommitteeName", f"IRB {site.place}", "institution",
         site.place),
        ("VerifyingOrganization", site.name, "institution", site.place),
        ("ResponsibleOrganization", site.name, "institution", site.place),
        ("InstitutionCodeSequence.0.CodeValue", site.place[:16].upper(), "institution"),
        ("RequestedProcedureLocation", site.place, "institution"),
        ("ImageType", ["DERIVED", "SECONDARY", short], "name", short),
    )  # fmt: skip
    for place, value, kind, *tokens in places:
        if draw.chance(30) and not (place == "ImageType" and p.is_word):
            words = [str(token) for token in tokens] or [str(value)]
            planter.removed(place, value, kind, *words)


def plant_texts(planter: Planter) -> None:
    """Plant clinical phrases with identifiers in them, a third of all places an object."""
    draw = planter.draw
    for place in _TEXTS:
        if draw.chance(65 if place in _UNTOUCHED else 30):
            planter.cleaned(place)
    if draw.chance(30):
        uid = planter.uid()
        planter.removed("AcquisitionComments", f"see study {uid} of last year", "uid in text", uid)
    if draw.chance(20):
        years = str(draw.integer(91, 103))
        path = planter.put("PatientAge", f"{int(years):03d}Y")
        planter.check("text_removed", "age over 89", "PatientAge", path, (f"{int(years):03d}Y",))
    else:
        planter.kept("PatientAge", planter.person.age)


def plant_kept(planter: Planter) -> None:
    """Plant what tells nothing of anybody and must not be lost."""
    planter.kept("PatientSex", planter.person.sex)
    taken = {check.place.split(".")[0] for check in planter.planted.checks}
    for place, value in _KEPT:
        keyword = place.split(".")[0]
        is_free = keyword not in taken or (keyword in _KEPT_CODES and "CodeMeaning" not in place)
        if is_free and planter.draw.chance(45):
            planter.kept(place, value)
    is_latin = str(planter.dataset.get("SpecificCharacterSet")) in {"ISO_IR 100", "ISO_IR 192"}
    for keyword in _UNTOUCHED:
        phrase = planter.draw.pick(phrases.UNTOUCHED)
        if keyword not in taken and (phrase.isascii() or is_latin):
            planter.kept(keyword, phrase, "clinical text")


def plant_dates(planter: Planter) -> None:
    """Plant dates: all of one patient move by the same whole days, backwards."""
    for place in _DATES:
        if place == "StudyDate" or planter.draw.chance(40):
            day = planter.a_day()
            if place.endswith("DateTime"):
                day += f"{planter.draw.integer(10, 23)}3015.500000"
            path = planter.put(place, day)
            planter.check("date_shifted", "date", place, path, (day,))
