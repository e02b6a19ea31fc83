"""The kinds of examination that the demo hospital performs, and the series of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from irw_pipeline.demo import codes

if TYPE_CHECKING:
    from irw_pipeline.demo.codes import Code


@dataclass(frozen=True)
class SeriesKind:
    """One series of an examination.

    Args:
        description: SeriesDescription.
        sources: Names of `images.SOURCES`; the instances take them in turn.
        instances: How many.
        views: For projection radiography: laterality and view of each instance, such as "L CC".
    """

    description: str
    sources: tuple[str, ...]
    instances: int
    views: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exam:
    """One kind of examination: what is ordered, where, and what the scanner makes of it."""

    name: str
    modality: str
    body_part: str
    title: str
    procedure: Code
    body_site: Code
    series: tuple[SeriesKind, ...]


_CT_SOFT = SeriesKind("AXIAL SOFT 5.0", ("ct_small",), 2)
_CT_BONE = SeriesKind("AXIAL BONE 2.5", ("ct_small", "ct_jpeg2000"), 2)
_CT_CONTRAST = SeriesKind("PORTAL VENOUS 5.0", ("ct_small",), 2)
_MR_T1 = SeriesKind("T1 SE AXIAL", ("mr_small", "mr_rle"), 2)
_MR_T2 = SeriesKind("T2 TSE AXIAL", ("mr_implicit", "mr_jpeg2000"), 2)
_MR_HIGH = SeriesKind("T2 TSE CORONAL HIRES", ("mr_large",), 1)
_MR_DYNAMIC = SeriesKind("VIBE FS DYNAMIC", ("mr_overlay",), 1)
_PET = SeriesKind("PET AC 3D", ("pet",), 2)
_PET_NAC = SeriesKind("PET NAC 3D", ("pet",), 1)

MG_SCREENING = Exam(
    "mg_screening",
    "MG",
    "BREAST",
    "MAMMOGRAPHY SCREENING BILATERAL",
    codes.MAMMOGRAPHY,
    codes.BREAST,
    (
        SeriesKind("MG CC", ("mammogram",), 2, ("R CC", "L CC")),
        SeriesKind("MG MLO", ("mammogram",), 2, ("R MLO", "L MLO")),
    ),
)
MG_DIAGNOSTIC = Exam(
    "mg_diagnostic",
    "MG",
    "BREAST",
    "MAMMOGRAPHY DIAGNOSTIC LEFT",
    codes.MAMMOGRAM_SYMPTOMATIC,
    codes.BREAST,
    (
        SeriesKind("MG CC", ("mammogram",), 1, ("L CC",)),
        SeriesKind("MG SPOT", ("mammogram",), 1, ("L ML",)),
    ),
)
US_BREAST = Exam(
    "us_breast",
    "US",
    "BREAST",
    "US BREAST BILATERAL",
    codes.US_BREASTS,
    codes.BREAST,
    (SeriesKind("BREAST SWEEP", ("us_rgb", "us_rle"), 2),),
)
US_ABDOMEN = Exam(
    "us_abdomen",
    "US",
    "ABDOMEN",
    "US ABDOMEN COMPLETE",
    codes.US_ABDOMEN,
    codes.ABDOMEN,
    (SeriesKind("LIVER", ("us_jpeg2000", "us_rle"), 2),),
)
MR_BREAST = Exam(
    "mr_breast",
    "MR",
    "BREAST",
    "MRI BREAST DYNAMIC",
    codes.MR_BREAST,
    codes.BREAST,
    (_MR_T1, _MR_T2),
)
MR_PROSTATE = Exam(
    "mr_prostate",
    "MR",
    "PROSTATE",
    "MRI PROSTATE MULTIPARAMETRIC",
    codes.MR_PROSTATE,
    codes.PROSTATE,
    (_MR_T2, _MR_HIGH, SeriesKind("DWI B1400", ("mr_small", "mr_implicit"), 2)),
)
MR_BRAIN = Exam(
    "mr_brain",
    "MR",
    "BRAIN",
    "MRI BRAIN WITHOUT CONTRAST",
    codes.MR_BRAIN,
    codes.BRAIN,
    (_MR_T1, _MR_T2, SeriesKind("FLAIR SAGITTAL", ("mr_small",), 1)),
)
MR_BRAIN_VOLUME = Exam(
    "mr_brain_volume",
    "MR",
    "BRAIN",
    "MRI BRAIN VOLUMETRY",
    codes.MR_BRAIN_VOLUME,
    codes.BRAIN,
    (SeriesKind("MPRAGE 3D", ("mr_small", "mr_jpeg2000", "mr_rle"), 3), _MR_T2),
)
MR_ABDOMEN = Exam(
    "mr_abdomen",
    "MR",
    "ABDOMEN",
    "MR ENTEROGRAPHY",
    codes.MR_ABDOMEN,
    codes.ABDOMEN,
    (_MR_DYNAMIC, _MR_T2),
)
MR_SPINE = Exam(
    "mr_spine",
    "MR",
    "SPINE",
    "MRI WHOLE SPINE",
    codes.MR_SPINE,
    codes.SPINE,
    (_MR_HIGH, SeriesKind("STIR SAGITTAL", ("mr_rle", "mr_small"), 2)),
)
CT_ABDOMEN = Exam(
    "ct_abdomen",
    "CT",
    "ABDOMEN",
    "CT ABDOMEN WITH CONTRAST",
    codes.CT_ABDOMEN,
    codes.ABDOMEN,
    (_CT_SOFT, _CT_CONTRAST),
)
CT_CHEST = Exam(
    "ct_chest",
    "CT",
    "CHEST",
    "CT CHEST",
    codes.CT_CHEST,
    codes.THORAX,
    (_CT_SOFT, SeriesKind("LUNG 1.25", ("ct_small", "ct_explicit_un"), 2)),
)
CT_STAGING = Exam(
    "ct_staging",
    "CT",
    "CHEST",
    "CT CHEST AND ABDOMEN STAGING",
    codes.CT_CHEST_ABDOMEN,
    codes.THORAX,
    (_CT_SOFT, _CT_CONTRAST),
)
CT_HEAD = Exam(
    "ct_head",
    "CT",
    "HEAD",
    "CT HEAD WITHOUT CONTRAST",
    codes.CT_HEAD,
    codes.HEAD,
    (SeriesKind("PLAIN 5.0", ("ct_jpeg2000",), 1), _CT_BONE),
)
CT_SPINE = Exam(
    "ct_spine",
    "CT",
    "CSPINE",
    "CT CERVICAL SPINE",
    codes.CT_SPINE,
    codes.SPINE,
    (_CT_BONE, _CT_SOFT),
)
PET_BRAIN = Exam(
    "pet_brain", "PT", "BRAIN", "PET BRAIN FDG", codes.PET, codes.BRAIN, (_PET, _PET_NAC)
)
PET_STAGING = Exam(
    "pet_staging", "PT", "CHEST", "PET WHOLE BODY FDG", codes.PET, codes.THORAX, (_PET,)
)
DX_CHEST = Exam(
    "dx_chest",
    "DX",
    "CHEST",
    "XR CHEST 2 VIEWS",
    codes.XRAY_CHEST,
    codes.THORAX,
    (SeriesKind("CHEST PA", ("radiograph_dx",), 1, ("U PA",)),),
)
CR_CHEST = Exam(
    "cr_chest",
    "CR",
    "CHEST",
    "XR CHEST PORTABLE",
    codes.XRAY_CHEST,
    codes.THORAX,
    (SeriesKind("CHEST AP", ("radiograph_cr",), 1, ("U AP",)),),
)
CR_CERVICAL = Exam(
    "cr_cervical",
    "CR",
    "CSPINE",
    "XR CERVICAL SPINE",
    codes.XRAY_CERVICAL,
    codes.SPINE,
    (SeriesKind("CSPINE AP", ("radiograph_jpeg2000",), 1, ("U AP",)),),
)
DX_LUMBAR = Exam(
    "dx_lumbar",
    "DX",
    "LSPINE",
    "XR LUMBAR SPINE",
    codes.XRAY_LUMBAR,
    codes.SPINE,
    (SeriesKind("LSPINE", ("radiograph_dx",), 2, ("U AP", "U LL")),),
)
