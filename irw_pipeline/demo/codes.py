"""The codes of the demo's EHR, as Synthea's CSV export writes them (code and description).

Imaging procedures that Synthea has no code for use the SNOMED CT code of the same procedure.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """One code of one vocabulary, named as in OMOP's VOCABULARY table."""

    vocabulary_id: str
    code: str
    description: str


def _snomed(code: str, description: str) -> Code:
    return Code("SNOMED", code, description)


def _rxnorm(code: str, description: str) -> Code:
    return Code("RxNorm", code, description)


def _loinc(code: str, description: str) -> Code:
    return Code("LOINC", code, description)


def _cvx(code: str, description: str) -> Code:
    return Code("CVX", code, description)


BREAST_CANCER = _snomed("254837009", "Malignant neoplasm of breast (disorder)")
PROSTATE_CANCER = _snomed("399068003", "Malignant tumor of prostate (disorder)")
PROSTATE_NEOPLASM = _snomed("126906006", "Neoplasm of prostate (disorder)")
ALZHEIMER = _snomed("26929004", "Alzheimer's disease (disorder)")
PARKINSON = _snomed("49049000", "Parkinson's disease (disorder)")
MULTIPLE_SCLEROSIS = _snomed("24700007", "Multiple sclerosis (disorder)")
CROHN = _snomed("34000006", "Crohn's disease (disorder)")
ULCERATIVE_COLITIS = _snomed("64766004", "Ulcerative colitis (disorder)")
SPINE_INJURY = _snomed(
    "262521009", "Traumatic injury of spinal cord and/or vertebral column (disorder)"
)
SPINE_FRACTURE = _snomed(
    "15724005", "Fracture of vertebral column without spinal cord injury (disorder)"
)
LUNG_CANCER = _snomed("254637007", "Non-small cell lung cancer (disorder)")
HYPERTENSION = _snomed("59621000", "Essential hypertension (disorder)")
DIABETES = _snomed("44054006", "Diabetes mellitus type 2 (disorder)")
PREDIABETES = _snomed("714628002", "Prediabetes (finding)")
OBESITY = _snomed("162864005", "Body mass index 30+ - obesity (finding)")
SINUSITIS = _snomed("444814009", "Viral sinusitis (disorder)")
ANEMIA = _snomed("271737000", "Anemia (disorder)")
COMORBIDITIES = (HYPERTENSION, DIABETES, PREDIABETES, OBESITY, ANEMIA)

MAMMOGRAPHY = _snomed("71651007", "Mammography (procedure)")
MAMMOGRAM_SYMPTOMATIC = _snomed("241055006", "Mammogram - symptomatic (procedure)")
US_BREASTS = _snomed("1571000087109", "Ultrasonography of bilateral breasts (procedure)")
US_ABDOMEN = _snomed("45036003", "Ultrasonography of abdomen (procedure)")
MR_BREAST = _snomed("241615005", "Magnetic resonance imaging of breast (procedure)")
MR_PROSTATE = _snomed(
    "719178004", "Multiparametric magnetic resonance imaging of prostate (procedure)"
)
MR_BRAIN = _snomed("816077007", "Magnetic resonance imaging of brain (procedure)")
MR_BRAIN_VOLUME = _snomed(
    "698354004", "Magnetic resonance imaging for measurement of brain volume (procedure)"
)
MR_ABDOMEN = _snomed("432369004", "Magnetic resonance imaging of abdomen with contrast (procedure)")
MR_SPINE = _snomed("241645008", "Magnetic resonance imaging of spine (procedure)")
CT_ABDOMEN = _snomed("169070004", "Computed tomography of abdomen (procedure)")
CT_CHEST = _snomed("169069000", "Computed tomography of chest (procedure)")
CT_CHEST_ABDOMEN = _snomed("418891003", "Computed tomography of chest and abdomen (procedure)")
CT_HEAD = _snomed("303653007", "Computed tomography of head (procedure)")
CT_SPINE = _snomed("241577003", "Computed tomography of spine (procedure)")
PET = _snomed("82918005", "Positron emission tomography (procedure)")
XRAY_CHEST = _snomed("399208008", "Plain X-ray of chest (procedure)")
XRAY_CERVICAL = _snomed("712970008", "Plain X-ray of cervical vertebral column region (procedure)")
XRAY_LUMBAR = _snomed("840361000", "Plain X-ray of lumbar vertebral column region (procedure)")

BIOPSY_BREAST = _snomed("122548005", "Biopsy of breast (procedure)")
LUMPECTOMY = _snomed("392021009", "Lumpectomy of breast (procedure)")
BIOPSY_PROSTATE = _snomed("65575008", "Biopsy of prostate (procedure)")
PROSTATECTOMY = _snomed("90470006", "Prostatectomy (procedure)")
COLONOSCOPY = _snomed("73761001", "Colonoscopy (procedure)")
BIOPSY_COLON = _snomed("76164006", "Biopsy of colon (procedure)")
CHEMOTHERAPY = _snomed("367336001", "Chemotherapy (procedure)")
SOCIAL_ASSESSMENT = _snomed("710824005", "Assessment of health and social care needs (procedure)")

WELLNESS = _snomed("162673000", "General examination of patient (procedure)")
PROBLEM = _snomed("185347001", "Encounter for problem (procedure)")
CHECK_UP = _snomed("185349003", "Encounter for check up (procedure)")
EMERGENCY = _snomed("50849002", "Emergency room admission (procedure)")
OUTPATIENT = _snomed("308335008", "Patient encounter procedure (procedure)")
DEATH_CERTIFICATION = _snomed("308646001", "Death Certification")

LISINOPRIL = _rxnorm("314076", "lisinopril 10 MG Oral Tablet")
METFORMIN = _rxnorm("860975", "24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet")
ACETAMINOPHEN = _rxnorm("313782", "Acetaminophen 325 MG Oral Tablet")
TAMOXIFEN = _rxnorm("198240", "Tamoxifen 10 MG Oral Tablet")
ANASTROZOLE = _rxnorm("199224", "anastrozole 1 MG Oral Tablet")
PACLITAXEL = _rxnorm("583214", "PACLitaxel 100 MG Injection")
LEUPROLIDE = _rxnorm("752899", "0.25 ML Leuprolide Acetate 30 MG/ML Prefilled Syringe")
BICALUTAMIDE = _rxnorm("199123", "bicalutamide 50 MG Oral Tablet")
DONEPEZIL = _rxnorm("997223", "Donepezil hydrochloride 10 MG Oral Tablet")
GALANTAMINE = _rxnorm("310436", "Galantamine 4 MG Oral Tablet")
LEVODOPA = _rxnorm("197444", "carbidopa 25 MG / levodopa 100 MG Oral Tablet")
GLATIRAMER = _rxnorm("1111641", "1 ML glatiramer acetate 20 MG/ML Prefilled Syringe")
MESALAMINE = _rxnorm("833234", "mesalamine 800 MG Delayed Release Oral Tablet")
PREDNISONE = _rxnorm("312615", "predniSONE 20 MG Oral Tablet")
ADALIMUMAB = _rxnorm("1726844", "0.4 ML adalimumab 100 MG/ML Prefilled Syringe")

INFLUENZA = _cvx("140", "Influenza  seasonal  injectable  preservative free")
TETANUS = _cvx("113", "Td (adult)  5 Lf tetanus toxoid  preservative free  adsorbed")
PNEUMOCOCCAL = _cvx("133", "Pneumococcal conjugate PCV 13")

ADDRESS = _loinc("56799-0", "Address")
HEIGHT = _loinc("8302-2", "Body Height")
WEIGHT = _loinc("29463-7", "Body Weight")
BODY_MASS_INDEX = _loinc("39156-5", "Body mass index (BMI) [Ratio]")
SYSTOLIC = _loinc("8480-6", "Systolic Blood Pressure")
DIASTOLIC = _loinc("8462-4", "Diastolic Blood Pressure")
HEART_RATE = _loinc("8867-4", "Heart rate")
SMOKING = _loinc("72166-2", "Tobacco smoking status")
CREATININE = _loinc("38483-4", "Creatinine [Mass/volume] in Blood")
GLUCOSE = _loinc("2339-0", "Glucose [Mass/volume] in Blood")
HEMOGLOBIN = _loinc("718-7", "Hemoglobin [Mass/volume] in Blood")
LEUKOCYTES = _loinc("6690-2", "Leukocytes [#/volume] in Blood by Automated count")
PSA = _loinc("2857-1", "Prostate specific Ag [Mass/volume] in Serum or Plasma")
MMSE = _loinc("72106-8", "Total score [MMSE]")
CRP = _loinc("1988-5", "C reactive protein [Mass/volume] in Serum or Plasma")
HER2 = _loinc("85319-2", "HER2 [Presence] in Breast cancer specimen by Immune stain")

WHEELCHAIR = _snomed("228869008", "Manual wheelchair (physical object)")
GLUCOSE_METER = _snomed("337414009", "Blood glucose meter (physical object)")
TEST_STRIPS = _snomed("337388004", "Blood glucose testing strips (physical object)")
ALLERGY_MOLD = _snomed("84489001", "Mold (organism)")
ALLERGY_ASPIRIN = _rxnorm("1191", "Aspirin")
CANCER_PLAN = _snomed("736252007", "Cancer care plan (record artifact)")
DEMENTIA_PLAN = _snomed("386257007", "Dementia management (regime/therapy)")
SPINE_PLAN = _snomed("75162002", "Spinal cord injury rehabilitation (regime/therapy)")
PHYSIOTHERAPY_PLAN = _snomed("773513001", "Physiotherapy care plan (record artifact)")

THORAX = _snomed("51185008", "Thoracic structure (body structure)")
HEAD = _snomed("69536005", "Head structure (body structure)")
BRAIN = _snomed("12738006", "Brain structure (body structure)")
ABDOMEN = _snomed("818983003", "Abdominal structure (body structure)")
PROSTATE = _snomed("41216001", "Prostatic structure (body structure)")
BREAST = _snomed("76752008", "Breast structure (body structure)")
SPINE = _snomed("421060004", "Structure of vertebral column (body structure)")


def all_codes() -> tuple[Code, ...]:
    """Return every code of this module once, by vocabulary and code."""
    found = {value for value in globals().values() if isinstance(value, Code)}
    return tuple(sorted(found, key=lambda code: (code.vocabulary_id, code.code)))
