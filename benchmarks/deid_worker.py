"""One de-identifier over one folder, in a process of its own; `benchmarks/deid.py` starts it.

    python deid_worker.py WAY SOURCE TARGET

Prints what the files took, as JSON: CPU and wall seconds without start-up, and the peak memory.
Of this project only the ways `ours-*` import anything; the others run in the peers' environment.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import resource
import sys
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Way = Callable[[Path, Path], object]

FLYWHEEL = """
version: 1
name: names, numbers and dates
dicom:
  remove-private-tags: true
  recurse-sequence: true
  date-increment: -100
  fields:
%s
"""
FLYWHEEL_REMOVED = (
    "PatientBirthDate",
    "PatientAddress",
    "PatientTelephoneNumbers",
    "PatientMotherBirthName",
    "InstitutionName",
    "ReferringPhysicianName",
    "OperatorsName",
    "RequestingPhysician",
    "PatientComments",
    "ImageComments",
    "StudyDescription",
    "AccessionNumber",
    "ScheduledProcedureStepID",
    "RequestedProcedureDescription",
)
FLYWHEEL_UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID")
FLYWHEEL_DATES = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate")


def pydicom_copy() -> Way:
    """Read and write, with nothing changed."""
    import pydicom

    return lambda source, target: pydicom.dcmread(source).save_as(target)


def dicognito() -> Way:
    """https://github.com/blairconrad/dicognito."""
    import pydicom
    from dicognito.anonymizer import Anonymizer

    anonymizer = Anonymizer(seed="benchmark")

    def run(source: Path, target: Path) -> None:
        dataset = pydicom.dcmread(source)
        anonymizer.anonymize(dataset)
        dataset.save_as(target)

    return run


def dicom_anonymizer() -> Way:
    """https://github.com/KitwareMedical/dicom-anonymizer."""
    from dicomanonymizer import anonymize_dicom_file

    return lambda source, target: anonymize_dicom_file(str(source), str(target))


def deid() -> Way:
    """https://github.com/pydicom/deid with its default recipe."""
    from deid.dicom import replace_identifiers

    def run(source: Path, target: Path) -> None:
        folder = str(target.parent)
        replace_identifiers([str(source)], save=True, overwrite=True, output_folder=folder)

    return run


def dcmanon() -> Way:
    """https://github.com/carecoders/dicom-anonymization (Rust)."""
    from dcmanon import Anonymizer

    anonymizer = Anonymizer()
    return lambda source, target: target.write_bytes(anonymizer.anonymize(str(source)))


def fw_file_rs() -> Way:
    """Flywheel's Rust library with a profile of the attributes that the corpus plants in."""
    from fw_file_rs.dcm import DeidProfile

    fields = [f"    - {{name: {k}, remove: true}}" for k in FLYWHEEL_REMOVED]
    fields += [f"    - {{name: {k}, hashuid: true}}" for k in FLYWHEEL_UIDS]
    fields += [f"    - {{name: {k}, increment-date: true}}" for k in FLYWHEEL_DATES]
    fields += [f"    - {{name: {k}, replace-with: X}}" for k in ("PatientName", "PatientID")]
    profile = DeidProfile.from_yaml(FLYWHEEL % "\n".join(fields))
    return lambda source, target: target.write_bytes(profile.deid_dcm(source.read_bytes()))


def ours(policy: str, *, is_audited: bool, by_bytes: bool = True) -> Way:
    """This project's engine, from file to file, the header facts of the subject included."""
    from irw_pipeline.deid.engine import Engine
    from irw_pipeline.deid.outcome import Released
    from irw_pipeline.deid.policy.policy import load_policy
    from irw_pipeline.dicom.header import header_facts
    from irw_pipeline.dicom.read import quiet_pydicom, read_dataset
    from irw_pipeline.dicom.source import Source, open_source, quick_facts
    from irw_pipeline.identity.broker import Broker, Key, dicom_person_key
    from irw_pipeline.identity.subject import Subject

    broker = Broker(Key(b"the benchmark's key"))
    rules = load_policy(policy)
    # looking for text in pixels is counted apart: it costs a hundred times the rest
    options = tuple(option for option in rules.options if option != "clean_pixel_data")
    engine = Engine(replace(rules, options=options), broker, byte_path=by_bytes)

    def subject(source: Source, path: Path) -> Subject:
        facts = quick_facts(source) or header_facts(read_dataset(path.read_bytes()))
        key = dicom_person_key("", str(facts["patient_id"]))
        return Subject(broker.person_id(key), broker.research_id(key), 100)

    def run(path: Path, target: Path) -> None:
        with quiet_pydicom(), open_source(path) as source:
            person = subject(source, path)
            if is_audited:
                outcome = engine.deidentify_file(source, target, person)
                if not isinstance(outcome, Released):
                    raise RuntimeError(f"{outcome.reason} {outcome.detail}")
                return
            with target.open("wb") as out:
                draft = engine.draft(source, person)
                out.write(draft.start)
                source.copy(*draft.pixels, out)

    return run


WAYS: dict[str, Callable[[], Way]] = {
    "pydicom": pydicom_copy,
    "dicognito": dicognito,
    "dicom-anonymizer": dicom_anonymizer,
    "deid": deid,
    "dcmanon": dcmanon,
    "fw-file-rs": fw_file_rs,
    "ours-engine": lambda: ours("strict", is_audited=False),
    "ours-text": lambda: ours("research", is_audited=False),
    "ours-audit": lambda: ours("research", is_audited=True),
    "ours-reference": lambda: ours("research", is_audited=True, by_bytes=False),
}


def main() -> None:
    """Run one way over every file."""
    sys.path.pop(0)  # this folder has a deid.py, which would hide the package deid
    name, source, target = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    try:
        way = WAYS[name]()
    except ImportError:
        print(json.dumps({"absent": True}))
        return
    pairs = []
    for path in sorted(source.rglob("*.dcm")):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        pairs.append((path, copy))
    failed: dict[str, int] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        with contextlib.suppress(Exception):
            way(*pairs[0])  # what is loaded or compiled at first use is start-up
        wall, cpu = time.perf_counter(), time.process_time()
        for path, copy in pairs:
            try:
                way(path, copy)
            except Exception as error:  # noqa: BLE001 - a tool that fails is counted
                kind = str(error)[:80] if isinstance(error, RuntimeError) else type(error).__name__
                failed[kind] = failed.get(kind, 0) + 1
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"cpu": cpu, "wall": wall, "peak_mb": peak, "failed": failed}))


if __name__ == "__main__":
    main()
