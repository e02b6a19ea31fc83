"""The review queue of a run without a lake: a CSV file and thumbnails beside the sources."""

from __future__ import annotations

import csv
from datetime import date
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from irw_pipeline.cli import main
from irw_pipeline.errors import InputError
from irw_pipeline.steps.deidentify_folder import FolderSummary, deidentify_folder
from irw_pipeline.steps.review_folder import REVIEW_FILE, open_review
from irw_pipeline_tests.factories.burned_in import anatomy, image_of
from irw_pipeline_tests.factories.dicom import from_bytes, to_bytes
from irw_pipeline_tests.steps.hospital import write_image

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom.dataset import Dataset

    from irw_pipeline.identity.broker import Broker


def uncertain() -> Dataset:
    """An object of which the device says that it carries text, where none is found."""
    return image_of(anatomy(120, 160)[None], BurnedInAnnotation="YES")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    write_image(folder, "plain")
    (folder / "Wuckert.dcm").write_bytes(to_bytes(uncertain()))
    return folder


def run(
    source: Path, broker: Broker, review: str = "review", day: date = date(2026, 1, 31)
) -> FolderSummary:
    target = source.parent / "target"
    asked = open_review(
        source.parent / review, source=source, target=target, broker=broker, as_of=day
    )
    mapping = source.parent / "mapping.csv"
    return deidentify_folder(
        source, target, policy="research", mapping=mapping, broker=broker, review=asked
    )


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / REVIEW_FILE).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def edit(folder: Path, **columns: str) -> None:
    """Write into the one row of the review, as a person with a spreadsheet does."""
    held = [row | columns for row in rows(folder)]
    with (folder / REVIEW_FILE).open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, held[0].keys())
        writer.writeheader()
        writer.writerows(held)


def the_object(source: Path, sop_class: str = "1.2.840.10008.5.1.4.1.1.7") -> Dataset:
    found = [from_bytes(path.read_bytes()) for path in (source.parent / "target").rglob("*.dcm")]
    [one] = [dataset for dataset in found if dataset.SOPClassUID == sop_class]
    return one


def test_what_is_uncertain_is_asked_once_and_released_as_decided(
    source: Path, broker: Broker, tmp_path: Path
) -> None:
    folder = tmp_path / "review"
    assert run(source, broker) == FolderSummary(released=1, quarantined=1)
    [row] = rows(folder)
    assert (row["state"], row["reason_code"]) == ("waiting", "PIXELS_UNCERTAIN")
    assert row["source"] == str(source / "Wuckert.dcm")
    [thumbnail] = folder.glob("*.png")
    assert thumbnail.stem == row["object_ref"]
    assert {path.stat().st_mode & 0o077 for path in folder.iterdir()} == {0}
    run(source, broker, day=date(2026, 2, 5))
    assert rows(folder) == [row]
    done = CliRunner().invoke(
        main, ["review", "accept", row["object_ref"], "--folder", str(folder)]
    )
    assert (done.exit_code, done.stderr) == (0, "")
    assert run(source, broker) == FolderSummary(released=2, quarantined=0)
    assert the_object(source)["PixelData"].value == uncertain()["PixelData"].value
    assert [one["is_applied"] for one in rows(folder)] == ["True"]
    assert list(folder.glob("*.png")) == []
    before = (folder / REVIEW_FILE).read_bytes()
    assert run(source, broker) == FolderSummary(released=2, quarantined=0)
    assert (folder / REVIEW_FILE).read_bytes() == before


def test_a_decision_may_be_written_into_the_file(
    source: Path, broker: Broker, tmp_path: Path
) -> None:
    run(source, broker)
    edit(tmp_path / "review", state="blanked", decided_boxes="10,20,30,40")
    assert run(source, broker).released == 2
    expected = uncertain().pixel_array.copy()
    expected[20:60, 10:40] = expected.min()
    assert (the_object(source).pixel_array == expected).all()
    edit(tmp_path / "review", state="rejected")
    assert run(source, broker).quarantined == 1
    mapping = (tmp_path / "mapping.csv").read_text(encoding="utf-8")
    assert "quarantined,REJECTED_IN_REVIEW" in mapping


def test_a_changed_object_asks_again(source: Path, broker: Broker, tmp_path: Path) -> None:
    run(source, broker)
    edit(tmp_path / "review", state="accepted")
    changed = uncertain()
    changed.PixelData = changed.PixelData[:-1] + b"\7"
    (source / "Wuckert.dcm").write_bytes(to_bytes(changed))
    assert run(source, broker).quarantined == 1
    assert sorted(row["state"] for row in rows(tmp_path / "review")) == ["accepted", "waiting"]


@pytest.mark.parametrize(
    "columns",
    [
        {"state": "fine"},
        {"state": "blanked", "decided_boxes": "1,2,3"},
        {"state": "blanked", "decided_boxes": "0,0,999,999"},
        {"state": "blanked", "decided_boxes": ""},
        {"queued_on": "yesterday"},
        {"object_bytes": "many"},
    ],
    ids=str,
)
def test_a_file_that_cannot_be_read_is_refused_before_anything_is_done(
    source: Path, broker: Broker, tmp_path: Path, columns: dict[str, str]
) -> None:
    run(source, broker)
    edit(tmp_path / "review", **columns)
    with pytest.raises(InputError):
        run(source, broker)


@pytest.mark.parametrize("place", ["source/review", "target/review", "source", "target", "."])
def test_thumbnails_never_lie_with_what_is_read_or_released(
    source: Path, broker: Broker, place: str
) -> None:
    with pytest.raises(InputError, match="apart from source and target"):
        run(source, broker, review=place)
