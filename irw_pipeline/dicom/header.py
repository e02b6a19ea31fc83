"""Header to row: the facts of an object as received, the catalogue columns of a released one."""

from __future__ import annotations

import math
import re
from collections.abc import MutableSequence
from datetime import date
from typing import TYPE_CHECKING, Any

from pydicom.dataelem import RawDataElement, convert_raw_data_element
from pydicom.tag import Tag

from irw_pipeline.dicom.read import quiet_pydicom
from irw_pipeline.dicom.write import transfer_syntax_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydicom.dataset import Dataset, FileDataset

_FACTS = {
    "sop_instance_uid": "SOPInstanceUID",
    "sop_class_uid": "SOPClassUID",
    "study_instance_uid": "StudyInstanceUID",
    "series_instance_uid": "SeriesInstanceUID",
    "patient_id": "PatientID",
    "issuer_of_patient_id": "IssuerOfPatientID",
    "patient_name": "PatientName",
    "patient_birth_date": "PatientBirthDate",
    "patient_sex": "PatientSex",
    "accession_number": "AccessionNumber",
    "study_date": "StudyDate",
    "modality": "Modality",
}
FACT_TAGS = frozenset(int(Tag(keyword)) for keyword in _FACTS.values())
_FUNCTIONAL_GROUPS = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
_MAX_INT32 = 2**31 - 1
_AGE = re.compile(r"(\d{3})([DWMY])")
_PER_YEAR = {"D": 365.25, "W": 52.1775, "M": 12.0, "Y": 1.0}


def header_facts(dataset: FileDataset) -> dict[str, object]:
    """Return the header columns of `raw.dicom_instance`: strings as received, stripped, or None.

    Identified. `patient_birth_date` and `study_date` are DA strings, possibly malformed.
    """
    with quiet_pydicom():
        facts = facts_of(dataset, str(transfer_syntax_of(dataset)))
        facts["sop_class_uid"] = facts["sop_class_uid"] or text_of(
            dataset.file_meta, "MediaStorageSOPClassUID"
        )
    return facts


def facts_of(dataset: Dataset, transfer_syntax: str) -> dict[str, object]:
    """The facts of a data set alone; it need not hold more than `FACT_TAGS`."""
    facts: dict[str, object] = {
        column: text_of(dataset, keyword) for column, keyword in _FACTS.items()
    }
    facts["transfer_syntax_uid"] = transfer_syntax
    return facts


def catalogue_row(dataset: FileDataset) -> dict[str, object]:
    """Return the header-derived columns of `imaging.instance` of a de-identified data set.

    Malformed values become None. Of a multi-valued attribute the first value counts, but
    `image_type` joins all with a backslash. Geometry of multi-frame objects comes from the shared
    functional groups, else from the first frame.
    """
    with quiet_pydicom():
        return completed(columns_of(dataset), str(transfer_syntax_of(dataset)))


def columns_of(dataset: Dataset) -> dict[str, object]:
    """The columns of `catalogue_row` that do not follow from others."""
    scopes = [dataset, *_functional_groups(dataset)]
    return {column: _first_of(scopes, *_CATALOGUE[column]) for column in _CATALOGUE}


def column_of(dataset: Dataset, column: str) -> object:
    """One of `columns_of`, without functional groups; it depends on its `CATALOGUE_TAGS` only."""
    return _first_of([dataset], *_CATALOGUE[column])


def completed(row: dict[str, object], transfer_syntax: str) -> dict[str, object]:
    """The columns of `columns_of`, and those that follow from others. `row` is changed."""
    row["transfer_syntax_uid"] = transfer_syntax
    if row["number_of_frames"] is None and row["rows"] is not None:
        row["number_of_frames"] = 1
    return row


def _first_of(
    scopes: list[Dataset], read: Callable[[Dataset, str], object], keywords: tuple[str, ...]
) -> object:
    """The first of the attributes that has a value, in the data set or its functional groups."""
    for scope in scopes:
        for keyword in keywords:
            value = read(scope, keyword)
            if value is not None:
                return value
    return None


def _functional_groups(dataset: Dataset) -> list[Dataset]:
    """The macros of the shared functional groups, then of the first frame (PS3.3 C.7.6.16)."""
    found: list[Dataset] = []
    for keyword in _FUNCTIONAL_GROUPS:
        groups = _whole_value(dataset, keyword)
        if groups:
            macros = (element for element in groups[0] if element.VR == "SQ" and element.value)
            found.extend(element.value[0] for element in macros)
    return found


def _whole_value(dataset: Dataset, keyword: str) -> Any:
    """The value of an attribute; None if absent or malformed. The element stays raw if it was."""
    element = dataset.get_item(keyword, keep_deferred=True)
    if isinstance(element, RawDataElement):
        encoding = dataset._character_set  # noqa: SLF001 - as Dataset does, which would keep the result
        try:
            element = convert_raw_data_element(element, encoding=encoding, ds=dataset)
        except Exception:  # noqa: BLE001 - pydicom raises many kinds for a malformed value; it is None here
            return None
    return None if element is None else element.value


def _value(dataset: Dataset, keyword: str) -> object:
    value = _whole_value(dataset, keyword)
    if value is None or isinstance(value, str) or not hasattr(value, "__getitem__"):
        return value
    return value[0] if len(value) else None


def _stripped(value: object) -> str | None:
    return None if value is None else str(value).strip(" \0") or None


def text_of(dataset: Dataset, keyword: str) -> str | None:
    """The first value of an attribute, stripped; None if absent, empty or malformed."""
    return _stripped(_value(dataset, keyword))


def _date(dataset: Dataset, keyword: str) -> date | None:
    text = text_of(dataset, keyword) or ""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def _integer(dataset: Dataset, keyword: str) -> int | None:
    try:
        number = int(str(_value(dataset, keyword)))
    except ValueError:
        return None
    return number if abs(number) <= _MAX_INT32 else None


def number_of(dataset: Dataset, keyword: str) -> float | None:
    """The first value of a numeric attribute; None if absent, empty or malformed."""
    try:
        number = float(str(_value(dataset, keyword)))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def texts_of(dataset: Dataset, keyword: str) -> list[str]:
    """All values of an attribute, stripped; none if it is absent or malformed."""
    value = _whole_value(dataset, keyword)
    values = list(value) if isinstance(value, MutableSequence) else [value]
    return [text for text in map(_stripped, values) if text]


def _joined(dataset: Dataset, keyword: str) -> str | None:
    return "\\".join(texts_of(dataset, keyword)) or None


def _age_years(dataset: Dataset, keyword: str) -> int | None:
    match = _AGE.fullmatch(text_of(dataset, keyword) or "")
    return int(int(match[1]) / _PER_YEAR[match[2]]) if match else None


_CATALOGUE: dict[str, tuple[Callable[[Dataset, str], object], tuple[str, ...]]] = {
    "sop_instance_uid": (text_of, ("SOPInstanceUID",)),
    "series_instance_uid": (text_of, ("SeriesInstanceUID",)),
    "study_instance_uid": (text_of, ("StudyInstanceUID",)),
    "sop_class_uid": (text_of, ("SOPClassUID",)),
    "accession_pseudonym": (text_of, ("AccessionNumber",)),
    "modality": (text_of, ("Modality",)),
    "body_part_examined": (text_of, ("BodyPartExamined",)),
    "laterality": (text_of, ("ImageLaterality", "Laterality", "FrameLaterality")),
    "study_date": (_date, ("StudyDate",)),
    "study_time": (text_of, ("StudyTime",)),
    "series_date": (_date, ("SeriesDate",)),
    "acquisition_date": (_date, ("AcquisitionDate", "AcquisitionDateTime")),
    "content_date": (_date, ("ContentDate",)),
    "series_number": (_integer, ("SeriesNumber",)),
    "instance_number": (_integer, ("InstanceNumber",)),
    "study_description": (text_of, ("StudyDescription",)),
    "series_description": (text_of, ("SeriesDescription",)),
    "protocol_name": (text_of, ("ProtocolName",)),
    "manufacturer": (text_of, ("Manufacturer",)),
    "manufacturer_model_name": (text_of, ("ManufacturerModelName",)),
    "rows": (_integer, ("Rows",)),
    "columns": (_integer, ("Columns",)),
    "number_of_frames": (_integer, ("NumberOfFrames",)),
    "bits_stored": (_integer, ("BitsStored",)),
    "photometric_interpretation": (text_of, ("PhotometricInterpretation",)),
    "pixel_spacing_mm": (number_of, ("PixelSpacing", "ImagerPixelSpacing")),
    "slice_thickness_mm": (number_of, ("SliceThickness",)),
    "kvp_kv": (number_of, ("KVP",)),
    "magnetic_field_strength_t": (number_of, ("MagneticFieldStrength",)),
    "echo_time_ms": (number_of, ("EchoTime", "EffectiveEchoTime")),
    "repetition_time_ms": (number_of, ("RepetitionTime",)),
    "patient_sex": (text_of, ("PatientSex",)),
    "image_type": (_joined, ("ImageType",)),
    "patient_age_years": (_age_years, ("PatientAge",)),
}
CATALOGUE_TAGS = {
    column: tuple(int(Tag(keyword)) for keyword in keywords)
    for column, (_, keywords) in _CATALOGUE.items()
}
"""The attributes that each column is read from."""

FUNCTIONAL_GROUP_TAGS = tuple(int(Tag(keyword)) for keyword in _FUNCTIONAL_GROUPS)
