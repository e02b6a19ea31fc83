from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from irw_pipeline.contracts.model import Column, load_contract
from irw_pipeline.errors import InputError
from irw_pipeline.ids import TableName
from irw_pipeline.omop.sources import detect
from irw_pipeline.omop.sources.biobank import BIOBANK_SAMPLE, read_biobank
from irw_pipeline.omop.sources.csv_file import read_csv
from irw_pipeline.omop.sources.mpi import MPI_ENTRY, read_mpi

if TYPE_CHECKING:
    from pathlib import Path

TABLE = TableName("raw", "thing")
PATIENTS = "Id,BIRTHDATE,GENDER\np1,1950-01-02,F\n"
ENCOUNTERS = "Id,START,PATIENT,ENCOUNTERCLASS,CODE\ne1,2020-01-02T03:04:05Z,p1,ambulatory,1\n"


def columns(*names: str, required: tuple[str, ...] = ()) -> list[Column]:
    return [
        Column(name, "string", "identifier", name, name in required, partitioned=False)
        for name in names
    ]


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def drop(folder: Path, **files: str) -> Path:
    for name, content in {"patients": PATIENTS, "encounters": ENCOUNTERS, **files}.items():
        written(folder, f"{name}.csv", content)
    return folder


def test_text_comes_as_received_but_for_surrounding_space(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "things.csv",
        b"\xef\xbb\xbfId, TEXT ,Extra\r\n"
        b' 1 ,"two\r\nlines, ""quoted""",x\r\n'
        b'#2,"",x\r\n'
        b"007, ,x\r\n",
    )
    table = read_csv(path, TABLE, columns("id", "text", "later"))
    assert table.frame.rows() == [
        ("1", 'two\r\nlines, "quoted"', None),
        ("#2", None, None),
        ("007", None, None),
    ]
    assert table.ignored_columns == ("extra",)


@pytest.mark.parametrize("ending", [".csv", ".CSV.gz", ".csv.zst"])
def test_each_compression_reads_the_same(tmp_path: Path, ending: str) -> None:
    content = PATIENTS.encode()
    if ending.endswith("gz"):
        content = gzip.compress(content)
    if ending.endswith("zst"):
        content = pa.compress(content, codec="zstd", asbytes=True)
    path = written(tmp_path, f"patients{ending}", content)
    assert read_csv(path, TABLE, columns("id", "gender")).frame.rows() == [("p1", "F")]


def test_a_folder_name_is_never_a_pattern(tmp_path: Path) -> None:
    folder = tmp_path / "drop [1]*"
    folder.mkdir()
    assert read_csv(written(folder, "a.csv", PATIENTS), TABLE, columns("id")).frame.height == 1


def test_row_keys_are_unique_and_do_not_depend_on_the_order(tmp_path: Path) -> None:
    rows = ["a,1", "b,2", "a,1", "a,1", ",ab"]
    one = written(tmp_path, "one.csv", "\n".join(["x,y", *rows]))
    two = written(tmp_path, "two.csv", "\n".join(["x,y", *reversed(rows)]))
    wanted = columns("row_key", "x", "y", required=("row_key",))
    keys = [set(read_csv(path, TABLE, wanted).frame["row_key"]) for path in (one, two)]
    assert keys[0] == keys[1]
    assert len(keys[0]) == 5
    assert all(len(key) == 32 for key in keys[0])


def test_all_missing_columns_are_named_at_once_and_the_folder_is_not(tmp_path: Path) -> None:
    path = written(tmp_path, "things.csv", "Id\nSECRET\n")
    with pytest.raises(InputError) as error:
        read_csv(path, TABLE, columns("id", "start", "code", required=("id", "start", "code")))
    assert str(error.value) == (
        "things.csv lacks the required columns start, code; export it again with them"
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"id,text\nSECRET,2,3\n",
        b"id,text\nSECRET\n",
        b'id,text\n1,"SECRET\n',
        b"id,text\n1,SECRET\xe9\n",
        b"\xff\xfe\x00SECRET",
        b"id,id\nSECRET,2\n",
    ],
)
def test_a_damaged_file_is_one_line_without_values(tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path, "things.csv", content)
    with pytest.raises(InputError) as error:
        read_csv(path, TABLE, columns("id", "text"))
    assert "things.csv" in str(error.value)
    assert "\n" not in str(error.value)
    assert "SECRET" not in str(error.value)
    assert error.value.__cause__ is None
    assert error.value.__context__ is None


def test_a_damaged_gzip_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_csv(written(tmp_path, "a.csv.gz", b"not gzip"), TABLE, columns("id"))


def test_a_drop_gives_every_table_in_its_contract_and_absent_files_are_empty(
    tmp_path: Path,
) -> None:
    source = detect(drop(tmp_path))
    rows = {}
    for table in source.tables:
        contract = load_contract(table)
        frame = source.read(table, contract.columns).frame
        assert frame.columns == [column.name for column in contract.columns]
        rows[table.name] = frame.height
    assert {name for name, height in rows.items() if height} == {"ehr_patient", "ehr_encounter"}


def test_older_exports_call_columns_otherwise(tmp_path: Path) -> None:
    source = detect(drop(tmp_path, procedures="DATE,PATIENT,CODE,COST\n2001-02-03,p1,7,9.5\n"))
    table = TableName("raw", "ehr_procedure")
    read = source.read(table, load_contract(table).columns)
    assert read.frame.select("start", "base_cost").rows() == [("2001-02-03", "9.5")]
    assert read.ignored_columns == ()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([], "no file of a known form"),
        (["readme.txt", "claims.csv"], "no file of a known form"),
        (["conditions.csv"], "patients.csv and encounters.csv"),
        (["patients.csv.gz"], "encounters.csv"),
        (["patients.csv", "patients.csv.gz"], "hold the same table"),
    ],
)
def test_an_unusable_drop_says_what_to_do(tmp_path: Path, files: list[str], said: str) -> None:
    for name in files:
        written(tmp_path, name, "x\n")
    with pytest.raises(InputError, match=said):
        detect(tmp_path)


def test_a_missing_drop_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        detect(tmp_path / "absent")


def test_the_mpi_needs_its_columns(tmp_path: Path) -> None:
    wanted = load_contract(MPI_ENTRY).columns
    good = written(tmp_path, "mpi.csv", "patient_id,issuer,ehr_patient_id\nM1,,p1\n")
    assert read_mpi(good, wanted).frame.drop("row_key").rows() == [("M1", None, "p1")]
    # an empty PatientID stands for objects without one; a file without the column is wrong
    anonymous = written(tmp_path, "some.csv", "patient_id,ehr_patient_id\n,p1\n")
    assert read_mpi(anonymous, wanted).frame.drop("row_key").rows() == [(None, None, "p1")]
    with pytest.raises(InputError, match="patient_id, ehr_patient_id"):
        read_mpi(written(tmp_path, "bad.csv", "mrn,issuer\nM1,\n"), wanted)
    with pytest.raises(InputError):
        read_mpi(tmp_path / "absent.csv", wanted)


def test_the_biobank_is_a_file_or_a_folder(tmp_path: Path) -> None:
    wanted = load_contract(BIOBANK_SAMPLE).columns
    with pytest.raises(InputError):
        read_biobank(tmp_path, wanted)
    manifest = written(
        tmp_path,
        "samples.csv",
        "SAMPLE_ID,PATIENT,COLLECTED_ON,CONSENT_SCOPE\ns1,p1,2020-01-02,research\n",
    )
    read = [read_biobank(path, wanted).frame for path in (manifest, tmp_path)]
    assert read[0].equals(read[1])
    assert read[0]["sample_id"].to_list() == ["s1"]
