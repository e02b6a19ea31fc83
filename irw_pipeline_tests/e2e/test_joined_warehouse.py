"""What one run of the whole graph makes of a hospital: nothing lost, everything joined."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pydicom

from irw_pipeline.cohort.definition import load_definitions
from irw_pipeline.demo.hospital import RELEASED
from irw_pipeline.identity.broker import ehr_person_key

if TYPE_CHECKING:
    from irw_pipeline_tests.e2e.whole_run import World

LINK_METHODS = {"accession", "imaging_study_uid", "person_modality_date", "study_made"}
_DATES = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate")
_IMAGE_COLUMNS = ("study_date", "series_date", "acquisition_date", "content_date")
_SHIFTED = {
    "visit_occurrence.visit_start_date": (("encounters", "START"),),
    "condition_occurrence.condition_start_date": (("conditions", "START"),),
    "drug_exposure.drug_exposure_start_date": (("medications", "START"), ("immunizations", "DATE")),
    "note.note_date": (("notes", "DATE"),),
}
"""Dates of OMOP, and the columns of the extract that they come from."""
BY_A_ROW_RULE = "awkward/without_modality.dcm"


def test_run_says_that_some_objects_wait_in_quarantine(world: World) -> None:
    assert world.done.returncode == 2, world.done.stderr[-2000:]
    assert "Traceback" not in world.done.stderr


def test_every_received_file_ends_as_the_hospital_says(world: World) -> None:
    assert {p: both for p, both in wrong_outcomes(world).items() if p != BY_A_ROW_RULE} == {}


def test_image_without_modality_lacks_a_required_attribute(world: World) -> None:
    assert BY_A_ROW_RULE not in wrong_outcomes(world)


def wrong_outcomes(world: World) -> dict[str, tuple[dict[str, int], dict[str, int]]]:
    """Return planned and real outcome by file; files of one content only by their number."""
    found: dict[str, Counter[str]] = {}
    for row in world.rows(
        "SELECT o.etag AS content, coalesce(q.reason_code, 'released') AS outcome "
        "FROM raw.landing_object AS o LEFT JOIN quarantine.instance AS q USING (object_ref)"
    ):
        found.setdefault(row["content"], Counter())[row["outcome"]] += 1
    expected: dict[str, Counter[str]] = {}
    names: dict[str, str] = {}
    for item in world.hospital.received:
        content = hashlib.sha256((world.hospital.dicom / item.path).read_bytes()).hexdigest()
        expected.setdefault(content, Counter())[str(item.outcome)] += 1
        names[content] = item.path
    assert found.keys() == expected.keys()
    return {
        names[content]: (dict(outcomes), dict(found[content]))
        for content, outcomes in expected.items()
        if found[content] != outcomes
    }


def test_what_is_not_in_quarantine_is_in_the_catalogue(world: World) -> None:
    (counted,) = world.rows(
        "SELECT (SELECT count(*) FROM raw.landing_object) AS received, "
        "(SELECT count(*) FROM quarantine.instance) AS refused, "
        "(SELECT count(*) FROM imaging.instance) AS released"
    )
    assert counted["received"] == world.hospital.instance_count
    assert counted["received"] == counted["refused"] + counted["released"]
    said = Counter(str(item.outcome) for item in world.hospital.received)
    assert counted["released"] == said[RELEASED]


def test_every_catalogued_object_lies_there_and_no_other(world: World) -> None:
    catalogued = {
        row["object_path"]: row["object_sha256"]
        for row in world.rows("SELECT object_path, object_sha256 FROM imaging.instance")
    }
    research = world.lake / "research"
    lying = {
        path.relative_to(research).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (research / "objects").rglob("*")
        if path.is_file()
    }
    assert lying == catalogued


def test_pixel_data_that_shows_no_text_is_its_sources(world: World) -> None:
    compared = 0
    changed = set()
    for row in world.rows("SELECT sop_instance_uid, object_path FROM imaging.instance"):
        released = pydicom.dcmread(world.lake / "research" / row["object_path"])
        _, source = world.sources[row["sop_instance_uid"]]
        assert ("PixelData" in released) == ("PixelData" in source)
        if "PixelData" in source and released["PixelData"].value == source["PixelData"].value:
            assert released.file_meta.TransferSyntaxUID == source.file_meta.TransferSyntaxUID
            compared += 1
        elif "PixelData" in source:
            assert released.BurnedInAnnotation == "NO"
            changed.add((source.Modality, source.get("BurnedInAnnotation")))
    assert compared > 40
    assert changed == {("US", None), ("OT", "YES"), ("CT", "YES")}


def test_days_between_images_and_ehr_events_stay_as_they_were(world: World) -> None:
    """Every date of a person went back by the same days, hence every interval is the same."""
    broker = world.warehouse.broker
    persons = {
        broker.person_id(ehr_person_key(person.ehr_id)): person for person in world.hospital.people
    }
    offsets: dict[int, set[int]] = {}
    listed = ", ".join(("sop_instance_uid", "person_id", *_IMAGE_COLUMNS))
    for row in world.rows(f"SELECT {listed} FROM imaging.instance"):
        _, source = world.sources[row["sop_instance_uid"]]
        for keyword, column in zip(_DATES, _IMAGE_COLUMNS, strict=True):
            text = str(source.get(keyword, ""))
            assert (row[column] is None) == (not text)
            if text:
                original = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
                offsets.setdefault(row["person_id"], set()).add((original - row[column]).days)
    assert offsets.keys() <= persons.keys()
    assert len(offsets) == len(persons)
    assert all(len(days) == 1 for days in offsets.values()), "images of a person differ"
    for name, origins in _SHIFTED.items():
        table, shifted = name.split(".")
        published = {
            (row["person_id"], row["day"])
            for row in world.rows(f"SELECT person_id, {shifted} AS day FROM omop.{table}")
        }
        moved = {
            (person, day - timedelta(days=next(iter(offsets[person]))))
            for file, column in origins
            for row in world.csv(file)
            if (person := broker.person_id(ehr_person_key(row["PATIENT"]))) in persons
            for day in [date.fromisoformat(row[column][:10])]
        }
        assert published, name
        assert published <= moved, name


def test_offsets_of_two_persons_differ(world: World) -> None:
    rows = world.rows("SELECT date_offset_days FROM vault.person_map")
    assert len({row["date_offset_days"] for row in rows}) > 1
    assert all(1 <= row["date_offset_days"] <= 365 for row in rows)


def test_every_image_belongs_to_a_person_a_procedure_and_a_known_visit(world: World) -> None:
    (counted,) = world.rows(
        "SELECT count(*) AS images, count(p.person_id) AS persons, "
        "count(o.procedure_occurrence_id) AS procedures, "
        "count(i.visit_occurrence_id) AS with_visit, count(v.visit_occurrence_id) AS visits "
        "FROM omop.image_occurrence AS i "
        "LEFT JOIN omop.person AS p USING (person_id) "
        "LEFT JOIN omop.procedure_occurrence AS o "
        "ON o.procedure_occurrence_id = i.procedure_occurrence_id AND o.person_id = i.person_id "
        "LEFT JOIN omop.visit_occurrence AS v "
        "ON v.visit_occurrence_id = i.visit_occurrence_id AND v.person_id = i.person_id"
    )
    assert counted["images"] > 0
    assert counted["persons"] == counted["procedures"] == counted["images"]
    assert counted["visits"] == counted["with_visit"] > 0


def test_every_way_to_link_occurs(world: World) -> None:
    rows = world.rows("SELECT DISTINCT link_method FROM omop.image_occurrence")
    assert {row["link_method"] for row in rows} == LINK_METHODS


def test_link_is_the_one_that_the_hospital_planned(world: World) -> None:
    """The plan's words for a link, and the method by which it must have been found."""
    method = {
        "accession": {"accession"},
        "imaging_study_uid": {"imaging_study_uid"},
        "same_day": {"person_modality_date"},
        "next_day": {"person_modality_date"},
        "none": {"study_made"},
    }
    found: dict[str, set[str]] = {}
    for row in world.rows("SELECT study_instance_uid, link_method FROM imaging.link"):
        found.setdefault(row["study_instance_uid"], set()).add(row["link_method"])
    broker = world.warehouse.broker
    wrong = {
        (str(study.link), tuple(sorted(found[broker.uid(study.uid)])))
        for study in world.hospital.studies
        if broker.uid(study.uid) in found
        and found[broker.uid(study.uid)] != method[str(study.link)]
    }
    assert wrong == set()


def test_references_of_reports_resolve_to_released_objects(world: World) -> None:
    rows = world.rows(
        "SELECT sop_instance_uid, series_instance_uid, study_instance_uid, modality, object_path "
        "FROM imaging.instance"
    )
    instances = {row["sop_instance_uid"]: row for row in rows}
    reports = [row for row in rows if row["modality"] == "SR"]
    assert reports
    for report in reports:
        dataset = pydicom.dcmread(world.lake / "research" / report["object_path"])
        evidence = dataset.CurrentRequestedProcedureEvidenceSequence[0]
        assert evidence.StudyInstanceUID == report["study_instance_uid"]
        series = evidence.ReferencedSeriesSequence[0]
        for reference in series.ReferencedSOPSequence:
            target = instances[reference.ReferencedSOPInstanceUID]
            assert target["series_instance_uid"] == series.SeriesInstanceUID
        shown = [item for item in dataset.ContentSequence if item.ValueType == "IMAGE"]
        assert shown
        for item in shown:
            assert item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID in instances


def test_each_of_the_six_cohorts_has_members_and_their_images(world: World) -> None:
    tables = [definition.table for definition in load_definitions().values()]
    assert len(tables) == 6
    for table in tables:
        (counted,) = world.rows(
            f"SELECT count(*) AS members, count(p.person_id) AS known, "
            f"count(DISTINCT i.image_study_uid) AS studies FROM {table} AS c "
            "LEFT JOIN omop.person AS p USING (person_id) "
            "LEFT JOIN omop.image_occurrence AS i USING (image_occurrence_id, person_id)"
        )
        assert counted["members"] > 0, f"{table} is empty"
        assert counted["known"] == counted["members"]
        assert counted["studies"] > 0


def test_members_of_a_cohort_are_those_whose_story_it_is(world: World) -> None:
    stories = {
        "mammography": "breast",
        "prostate_cancer": "prostate",
        "neurodegenerative_disease": "neuro",
        "bowel_disease": "bowel",
        "spine_injury": "spine",
    }
    broker = world.warehouse.broker
    for cohort, story in stories.items():
        rows = world.rows(f"SELECT DISTINCT person_id FROM cohort.{cohort}")
        planned = {
            broker.person_id(ehr_person_key(person.ehr_id))
            for person in world.hospital.people
            if person.field == story
        }
        assert {row["person_id"] for row in rows} == planned, cohort


def test_nobody_is_older_than_the_cap(world: World) -> None:
    oldest = next(p for p in world.hospital.people if p.age_on(p.diagnosed_on) > 89)
    person_id = world.warehouse.broker.person_id(ehr_person_key(oldest.ehr_id))
    (image,) = world.rows(
        f"SELECT max(patient_age_years) AS age FROM imaging.instance WHERE person_id = {person_id}"
    )
    assert image["age"] == 90
    (person,) = world.rows(f"SELECT year_of_birth FROM omop.person WHERE person_id = {person_id}")
    (last,) = world.rows(
        "SELECT max(date_part('year', visit_start_date)) AS year FROM omop.visit_occurrence "
        f"WHERE person_id = {person_id}"
    )
    assert person["year_of_birth"] is None or last["year"] - person["year_of_birth"] <= 91
