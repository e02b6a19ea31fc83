"""Clinical phrases that must stay, and identifiers written as people write them, to mix in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.answer_key.identities import Person, Site
    from irw_pipeline.demo.draw import Draw

SHORT = ("AX T1 SE", "COR STIR", "AP LAT", "SAG T2 FS", "CTA HEAD", "PET AC", "L5-S1", "FLAIR")
"""Fit beside an identifier in 64 characters, or alone in 16."""
MEDIUM = (
    "MRI BRAIN w/o contrast", "CT CHEST W CONTRAST", "Circle of Willis TOF", "Hodgkin staging",
    "Baker cyst left knee", "s/p Whipple procedure", "Chiari I malformation", "LOCALIZER 3 plane",
    "Paget disease pelvis", "US abdomen limited", "MAMMO diag bilateral", "Parkinson DaTSCAN",
    "Thorax PA stehend", "IRM du genou droit", "T2* GRE 4 mm", "Charcot foot, follow-up",
    "CT ABD/PEL 5.0 mm B30f", "XR HAND 3 views", "Lung screening low dose", "DWI b1000 ADC",
)  # fmt: skip
LONG = (
    "No acute intracranial hemorrhage. Mild periventricular white matter change.",
    "Status post cholecystectomy; common bile duct measures 7 mm.",
    "Ejection fraction 55 percent, mild mitral regurgitation, PA pressure 35 mmHg.",
    "Degenerative disc disease at L4-L5 with Schmorl nodes and Modic type 2 change.",
    "Rule out pulmonary embolism, D-dimer elevated, Wells score 4.5.",
    "Gadolinium 0.1 mmol/kg given, creatinine 0.9, eGFR above 60, metoprolol 25 mg.",
    "BI-RADS 4 mass in the upper outer quadrant, 12 x 9 mm, at 2 o'clock.",
    "Gleason 4+3 adenocarcinoma, PI-RADS 5 lesion of the left apex.",
    "Crohn disease with terminal ileitis; Douglas pouch is free of fluid.",
    "Hounsfield units of the nodule are 35 before and 80 after contrast.",
)
UNTOUCHED = (
    "t1_mprage_sag_p2_iso", "ep2d_diff_mddw_20_p2_ADC", "Thorax 1.0 B70f",
    "Neck^HeadRoutine (Adult)", "Chest^THORAX_ROUTINE (Adult)", "AX T2 FLAIR FS 5MM", "L CC",
    "R MLO TOMO", "RAO 30 CAUD 20", "3D MIP Range[1]", "AAA RUNOFF ART 1.25MM",
    "CERVICAL SPINE LAT", "WB AC 4i/21s MIP", "SCOUT", "Abdomen DE 1.5 D30f A_100kV",
    "ep2d_bold_moco_p2", "MPR cor 3 mm", "SAG STIR L-SPINE", "POST GAD AX T1", "Ax DWI b=0,800",
    "4CH cine SSFP", "Knee LT w/o", "HRCT insp/exp", "DYNAMIC_eTHRIVE BH", "Becken a.p.",
    "Schädel nativ", "Angio polygonale TSA", "Mama bilateral", "CT BRAIN PERFUSION 4D",
    "IAC 0.625 bone", "Upper GI w/ barium", "VIBE-Dixon_in", "Lumbar AP/LAT",
    "Abdomen^LiverMultiPhase", "PELVIS (2 VIEWS)", "Bone scan whole body", "MUGA rest",
    "V/Q perfusion",
)  # fmt: skip
"""Names of series and protocols as scanners write them: nobody stands in them."""
STRUCTURES = (
    "PTV_70", "GTV-T", "Parotid_L", "SpinalCord PRV", "Left kidney", "Liver lesion 1",
    "Optic chiasm", "CTV 50.4 Gy", "Brainstem", "Bowel bag", "Femoral head R",
)  # fmt: skip
"""Names of structures, segments and beams."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MIN_TOKEN = 3
_NOT_TELLING = {"https", "portal", "org", "com"}


@dataclass(frozen=True)
class Slot:
    """An identifier in one written form; `tokens` are the parts that must go."""

    kind: str
    written: str
    tokens: tuple[str, ...]
    everywhere: bool = True


def tokens_of(*values: str) -> tuple[str, ...]:
    """The values, and their telling parts: words of four letters, numbers of three digits."""
    parts = [p for value in values for p in re.findall(r"[^\W\d_]{4,}|\w*\d\w*", value)]
    telling = (p for p in parts if len(p) >= _MIN_TOKEN and p not in _NOT_TELLING)
    return tuple(dict.fromkeys((*values, *telling)))


def patient_name(draw: Draw, person: Person) -> Slot:
    """The patient's own name."""
    given, family = person.given, person.family
    title = "Mr." if person.sex == "M" else "Mrs."
    form = draw.pick(
        (
            "{g} {f}",
            "{F}, {g}",
            "{F}^{G}",
            "{t} {f}",
            "{G} {F}",
            "{F}_{G}",
            "{i}. {f}",
            "Pt {f}",
            "{l}",
            "{f}'s",
            "{G}_{F}_20190101",
            "{F}{G}",
            "{g} {m}. {f}",
            "{f},{g}",
        )
    )
    written = form.format(
        g=given, f=family, G=given.upper(), F=family.upper(), i=given[0], t=title,
        l=f"{given} {family}".lower(), m=person.middle[0],
    )  # fmt: skip
    has_given = any(part in form for part in ("{g}", "{G}", "{l}"))
    tokens = tokens_of(family, given) if has_given else tokens_of(family)
    if form == "{F}{G}":
        tokens = (written,)
    return Slot("name", written, tokens, not person.is_word)


def stranger(draw: Draw, site: Site) -> Slot:
    """A person of whom only this text speaks."""
    given, family = draw.pick(site.strangers)
    form = draw.pick(
        ("Dr. {f}", "Dr {g} {f}", "{g} {f}, MD", "reported by {g} {f}", "tech: {g} {f}",
         "d/w Dr. {g} {f}", "Prof. {f}", "read by {g} {f} RT(R)", "wife {g} {f}")
    )  # fmt: skip
    tokens = tokens_of(family, given) if "{g}" in form else tokens_of(family)
    return Slot("name of another", form.format(g=given, f=family), tokens)


def staff_name(draw: Draw, named: Sequence[tuple[str, str]]) -> Slot:
    """A person whom this object's header names, in any form."""
    given, family = draw.pick(named)
    form = draw.pick(("{f}", "Dr. {f}", "{F} {G}", "{f}, {g}", "{g} {f}", "RADIOLOGIST: {F}"))
    written = form.format(g=given, f=family, G=given.upper(), F=family.upper())
    has_given = "{g}" in form or "{G}" in form
    return Slot(
        "name of staff", written, tokens_of(family, given) if has_given else tokens_of(family)
    )


def day_slot(draw: Draw, day: str, kind: str = "date", cue: str = "") -> Slot:
    """A date in one of the usual forms; only this text is searched for it."""
    moment = date(int(day[:4]), int(day[4:6]), int(day[6:8]))
    month = _MONTHS[moment.month - 1]
    written = draw.pick(
        (f"{moment:%Y-%m-%d}", f"{moment:%m/%d/%Y}", f"{moment:%d.%m.%Y}", f"{moment:%Y%m%d}",
         f"{moment.day} {month} {moment.year}", f"{month} {moment.day}, {moment.year}",
         f"{moment:%d}-{month.upper()}-{moment.year}", f"{moment.month}/{moment.day}/{moment:%y}",
         f"{moment:%Y/%m/%d}", f"{moment:%Y-%m-%d}T10:15:00", f"{moment:%d}{month}{moment.year}",
         f"{moment:%B} {moment.day}, {moment.year}", f"{moment:%Y%m%d}_101500")
    )  # fmt: skip
    return Slot(kind, cue + written, (written,), everywhere=False)


def identifier(draw: Draw, person: Person, site: Site) -> Slot:
    """Any identifier of 45 CFR 164.514(b)(2) in a written form."""
    codes = {
        "mrn": (("MRN {}", "MRN: {}", "{}", "ID {}", "Pat.-Nr. {}"), person.mrn),
        "accession": (("Acc {}", "ACC# {}", "{}", "accession {}"), person.accession),
        "health plan": (("policy {}", "insurance no. {}", "Member ID: {}"), person.plan),
        "account": (("acct {}", "account no. {}", "Acct#{}"), person.account),
        "licence": (("license {}", "lic. no. {}", "DL {}"), person.licence),
        "vehicle": (("plate {}", "license plate {}"), person.plate),
        "device": (("S/N {}", "serial {}", "implant SN: {}"), person.serial),
        "biometric": (("fingerprint id {}", "iris scan {}"), person.biometric),
        "other id": (("subject {}", "study no. {}", "enrolled as {}"), person.enrolment),
        "ssn": (("SSN {}", "{}", "SSN: {}"), person.ssn),
        "phone": (("tel {}", "{}", "call {}", "phone: {}"), person.phone),
        "fax": (("fax {}", "FAX: {}"), person.fax),
        "email": (("{}", "mailto:{}", "email {}"), person.email),
        "url": (("{}", "see {}"), person.url),
        "ip": (("from {}", "IP {}", "{}"), person.ip),
    }
    if person.mrn.startswith("0") and draw.chance(50):
        codes["mrn"] = (("MRN {}", "MRN#{}", "ID: {}"), person.mrn.lstrip("0"))
    kind = draw.pick((*codes, "address", "city", "institution", "age", "birth date"))
    if kind in codes:
        forms, value = codes[kind]
        return Slot(kind, draw.pick(forms).format(value), tokens_of(value))
    if kind == "address":
        written = (
            f"{person.house} {person.street} {person.street_kind}, {person.city}, "
            f"{person.state} {person.postcode}"
        )
        parts = (person.house, person.street, person.city, person.postcode)
        return Slot(kind, written, tokens_of(*parts))
    if kind == "city":
        form = draw.pick(("lives in {}", "from {}", "resident of {}"))
        return Slot("city", form.format(person.city), tokens_of(person.city))
    if kind == "institution":
        form = draw.pick(("transferred from {}", "outside study {}", "{}"))
        return Slot(kind, form.format(site.name), tokens_of(site.place))
    if kind == "age":
        years = str(draw.integer(91, 103))
        form = draw.pick(
            ("{} yo", "{}-year-old", "{} y/o", "age {}", "{}F", "{} years old", "aged {}")
        )
        token = form.format(years) if form == "{}F" else years
        return Slot("age over 89", form.format(years), (token,), everywhere=False)
    return day_slot(draw, person.birth, kind, draw.pick(("DOB ", "DOB: ", "born ", "geb. ")))
