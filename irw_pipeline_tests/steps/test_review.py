"""The review queue of a lake: what is uncertain waits for a person; the next run does as told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from irw_pipeline.cli import main
from irw_pipeline.deid.pixels.decision import Decision, Mark, State, marks_of
from irw_pipeline.errors import InputError
from irw_pipeline.steps.deidentify_batch import deidentify_batch
from irw_pipeline.steps.land_drop import land_dicom, register_objects
from irw_pipeline.steps.map_persons import map_persons
from irw_pipeline.steps.read_batch import read_batch
from irw_pipeline.steps.review_queue import LakeQueue, decisions, publish_review
from irw_pipeline.steps.review_row import Row, chosen, decided
from irw_pipeline.steps.watch_landing import waiting_batches
from irw_pipeline_tests.factories.burned_in import anatomy, image_of, write_on
from irw_pipeline_tests.factories.dicom import from_bytes, to_bytes
from irw_pipeline_tests.steps.hospital import PATIENT, patient, publish, read, versions

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom.dataset import Dataset

    from irw_pipeline.steps.warehouse import Warehouse

NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)
OUTPUTS = ("quarantine.review", "quarantine.instance", "imaging.instance", "imaging.action_log")
ACCEPTED, REJECTED = Decision(State.ACCEPTED), Decision(State.REJECTED)
BOXES = Decision(State.BLANKED, (Mark.parse("5,10,90,20"), Mark.parse("0,50,30,30@2")))


def uncertain() -> Dataset:
    """An object of which the device says that it carries text, where none is found."""
    frame = anatomy(120, 160)
    return image_of(frame[None].repeat(3, axis=0), BurnedInAnnotation="YES", Modality="US")


@pytest.fixture
def batch(warehouse: Warehouse, tmp_path: Path) -> str:
    """One batch with an uncertain object, run once."""
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "one").write_bytes(to_bytes(uncertain()))
    publish(warehouse, PATIENT, patient())
    [batch] = register_objects(warehouse, land_dicom(warehouse, drop))
    read_batch(warehouse, batch)
    map_persons(warehouse)
    deidentify_batch(warehouse, batch)
    return batch


def queue(warehouse: Warehouse) -> LakeQueue:
    return LakeQueue(warehouse.lake, warehouse.as_of)


def only_row(warehouse: Warehouse) -> Row:
    [row] = queue(warehouse).rows()
    return row


def decide(warehouse: Warehouse, decision: Decision, **said: Any) -> None:
    row = decided(only_row(warehouse), decision, by="reader", at=NOON, **said)
    queue(warehouse).save(row)


def released_pixels(warehouse: Warehouse) -> Dataset:
    [row] = read(warehouse, "imaging.instance")
    content = warehouse.lake.objects("research").get(row["object_path"])
    assert content is not None
    return from_bytes(content)


def test_what_is_uncertain_waits_with_a_picture_in_the_quarantine_zone(
    warehouse: Warehouse, batch: str
) -> None:
    row = only_row(warehouse)
    assert (row["state"], row["reason_code"]) == ("waiting", "PIXELS_UNCERTAIN")
    assert (row["pixel_columns"], row["pixel_rows"], row["frame_count"]) == (160, 120, 3)
    assert row["queued_on"] == warehouse.as_of
    [held] = read(warehouse, "quarantine.instance")
    assert held["object_ref"] == row["object_ref"]
    shown = queue(warehouse).thumbnail(row)
    assert shown is not None
    assert shown.endswith(f"/quarantine/thumbnails/{batch}/{row['object_ref']}.png")
    paths = [info.path for info in warehouse.lake.objects("research").list("")]
    assert not [path for path in paths if "_delta_log" not in path]


def test_accepted_pixels_are_released_byte_for_byte(warehouse: Warehouse, batch: str) -> None:
    decide(warehouse, ACCEPTED, note="phantom")
    assert batch in waiting_batches(warehouse)
    deidentify_batch(warehouse, batch)
    assert released_pixels(warehouse)["PixelData"].value == uncertain()["PixelData"].value
    assert read(warehouse, "quarantine.instance") == []
    row = only_row(warehouse)
    assert (row["state"], row["decided_by"], row["decided_at"]) == ("accepted", "reader", NOON)
    assert row["is_applied"]
    assert queue(warehouse).thumbnail(row) is None
    logged = {one["action"]: one["element_count"] for one in read(warehouse, "imaging.action_log")}
    assert logged["accepted"] == 1


def test_marked_boxes_are_blanked_in_the_release(warehouse: Warehouse, batch: str) -> None:
    decide(warehouse, BOXES)
    deidentify_batch(warehouse, batch)
    expected = uncertain().pixel_array.copy()
    for number, frame in enumerate(expected):
        frame[10:30, 5:95] = frame.min()
        if number == 1:
            frame[50:80, 0:30] = frame.min()
    assert (released_pixels(warehouse).pixel_array == expected).all()
    logged = {one["action"]: one["element_count"] for one in read(warehouse, "imaging.action_log")}
    assert logged["blanked"] == 2


def test_a_rejected_object_stays_out_also_after_it_was_released(
    warehouse: Warehouse, batch: str
) -> None:
    decide(warehouse, ACCEPTED)
    deidentify_batch(warehouse, batch)
    decide(warehouse, REJECTED)
    assert batch in waiting_batches(warehouse)
    deidentify_batch(warehouse, batch)
    assert read(warehouse, "imaging.instance") == []
    assert list(warehouse.lake.objects("research").list("objects")) == []
    [held] = read(warehouse, "quarantine.instance")
    assert held["reason_code"] == "REJECTED_IN_REVIEW"


@pytest.mark.parametrize("decision", [None, ACCEPTED, BOXES, REJECTED])
def test_running_and_deciding_again_changes_nothing(
    warehouse: Warehouse, batch: str, decision: Decision | None
) -> None:
    if decision:
        decide(warehouse, decision)
    deidentify_batch(warehouse, batch)
    before = versions(warehouse, *OUTPUTS)
    if decision:
        row = only_row(warehouse)
        later = datetime(2027, 1, 1, tzinfo=UTC)
        assert decided(row, decision, by="somebody else", at=later) == row
    deidentify_batch(warehouse, batch)
    assert versions(warehouse, *OUTPUTS) == before
    assert waiting_batches(warehouse) == []


def test_a_decision_made_while_a_run_is_under_way_is_not_lost(
    warehouse: Warehouse, batch: str
) -> None:
    """The run began when the object still waited, and ends after the person decided."""
    asked = only_row(warehouse)
    decide(warehouse, ACCEPTED)
    publish_review(warehouse.lake, batch, [asked], {}, as_of=warehouse.as_of)
    row = only_row(warehouse)
    assert (row["state"], row["is_applied"]) == ("accepted", False)
    assert batch in waiting_batches(warehouse)


def test_a_decision_holds_for_its_content_wherever_it_comes_again_and_for_no_other(
    warehouse: Warehouse, batch: str, tmp_path: Path
) -> None:
    decide(warehouse, ACCEPTED)
    drop = tmp_path / "again"
    drop.mkdir()
    (drop / "same").write_bytes(to_bytes(uncertain()))
    changed = uncertain()
    changed.PixelData = changed.PixelData[:-1] + b"\7"
    (drop / "changed").write_bytes(to_bytes(changed))
    [other] = register_objects(warehouse, land_dicom(warehouse, drop))
    assert other != batch
    read_batch(warehouse, other)
    assert list(decisions(warehouse.lake, other).values()) == [ACCEPTED]
    deidentify_batch(warehouse, other)
    states = {row["ingest_batch"]: row["state"] for row in queue(warehouse).rows()}
    assert states == {batch: "accepted", other: "waiting"}
    [instance] = read(warehouse, "imaging.instance")
    assert instance["ingest_batch"] == other


def test_boxes_must_lie_in_the_image(warehouse: Warehouse, batch: str) -> None:
    assert batch
    row = only_row(warehouse)
    for boxes, said in {
        "0,0,161,10": "beyond the image",
        "0,111,10,10": "beyond the image",
        "0,0,10,10@4": "no frame 4",
        "": "no box to blank",
    }.items():
        with pytest.raises(InputError, match=said):
            decided(row, Decision(State.BLANKED, marks_of(boxes)), by="reader", at=NOON)


def test_a_reference_may_be_cut_but_must_be_one(warehouse: Warehouse, batch: str) -> None:
    assert batch
    row = only_row(warehouse)
    assert chosen([row], row["object_ref"][:6]) == row
    for wrong in ("nothing", row["object_ref"][:3], ""):
        with pytest.raises(InputError, match="no object"):
            chosen([row], wrong)
    with pytest.raises(InputError, match="more than one"):
        chosen([row, row], row["object_ref"][:6])


def review(warehouse: Warehouse, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["review", *arguments, "--lake", warehouse.settings.lake])
    assert "Traceback" not in done.output
    return done.exit_code, done.output


def test_a_person_lists_looks_and_decides_on_the_command_line(
    warehouse: Warehouse, batch: str, tmp_path: Path
) -> None:
    ref = only_row(warehouse)["object_ref"]
    code, shown = review(warehouse, "list")
    assert code == 0
    assert ref in shown
    assert "PIXELS_UNCERTAIN" in shown
    code, shown = review(warehouse, "show", ref, "--save", str(tmp_path / "f.png"), "--frame", "2")
    assert code == 0
    assert f"thumbnails/{batch}/{ref}.png" in shown
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")
    code, _ = review(warehouse, "blank", ref, "--box", "5,10,90,20", "--box", "0,50,30,30@2")
    assert code == 0
    assert only_row(warehouse)["decided_boxes"] == "0,50,30,30@2 5,10,90,20"
    assert review(warehouse, "list")[1].endswith("(0 rows)\n")
    code, _ = review(warehouse, "accept", ref, "--by", "Dr. B", "--note", "a phantom")
    assert code == 0
    row = only_row(warehouse)
    assert (row["state"], row["decided_by"], row["note"]) == ("accepted", "Dr. B", "a phantom")
    assert review(warehouse, "reject", ref)[0] == 0
    assert only_row(warehouse)["state"] == "rejected"


WRONG = (
    ("show", "nothing"),
    ("accept", "nothing"),
    ("blank", "REF"),
    ("blank", "REF", "--box", "1,2,3"),
    ("blank", "REF", "--box", "0,0,10,999"),
    ("blank", "REF", "--box", "0,0,10,10", "--frame", "9"),
    ("blank", "REF", "--frame", "0"),
    ("show", "REF", "--save", "/nowhere/at/all.png"),
    ("show", "REF", "--save", "here.png", "--frame", "9"),
    ("list", "--folder", "nowhere"),
    ("fly",),
    ("accept",),
)


def test_wrong_arguments_are_one_line(warehouse: Warehouse, batch: str) -> None:
    assert batch
    ref = only_row(warehouse)["object_ref"]
    for arguments in WRONG:
        given = [ref if part == "REF" else part for part in arguments]
        done = CliRunner().invoke(main, ["review", *given, "--lake", warehouse.settings.lake])
        assert done.exit_code == 1, arguments
        assert done.stderr.startswith("irw: "), arguments
        assert done.stderr.count("\n") == 1, arguments
        assert only_row(warehouse)["state"] == "waiting"


def test_writing_that_a_person_sees_is_proposed(warehouse: Warehouse, tmp_path: Path) -> None:
    """A photograph waits whatever is on it; what the detector finds is proposed as boxes."""
    frame = anatomy(200, 320)
    write_on(frame, "KOWALCZYK, TEMIKA", 20, 30, 18, 255)
    photograph = image_of(frame[None], SOPClassUID="1.2.840.10008.5.1.4.1.1.77.1.4", Modality="XC")
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "one").write_bytes(to_bytes(photograph))
    publish(warehouse, PATIENT, patient())
    [batch] = register_objects(warehouse, land_dicom(warehouse, drop))
    read_batch(warehouse, batch)
    map_persons(warehouse)
    deidentify_batch(warehouse, batch)
    ref = only_row(warehouse)["object_ref"]
    assert review(warehouse, "blank", ref, "--proposed")[0] == 0
    deidentify_batch(warehouse, batch)
    pixels = released_pixels(warehouse).pixel_array
    assert (pixels[20:38, 32:180] == frame.min()).all()
    assert (pixels[60:] == frame[60:]).all()
