from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from irw_pipeline.contracts.arrow import arrow_schema
from irw_pipeline.contracts.model import load_contract
from irw_pipeline.errors import VocabularyError
from irw_pipeline.ids import TableName
from irw_pipeline.omop.vocabulary import VOCABULARY_TABLES, read_vocabulary, starter_vocabulary

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    for path in starter_vocabulary().glob("*.csv"):
        shutil.copy(path, tmp_path / path.name)
    return tmp_path


def loaded(folder: Path) -> dict[str, pa.Table]:
    return {table.name: stream.read_all() for table, stream in read_vocabulary(folder)}


def test_every_table_comes_in_its_contracts_columns_and_types() -> None:
    tables = loaded(starter_vocabulary())
    assert set(tables) == {table.name for table in VOCABULARY_TABLES}
    for name, rows in tables.items():
        wanted = arrow_schema(load_contract(TableName("omop", name)))
        assert rows.schema.names == wanted.names
        assert rows.schema.types == wanted.types


def test_the_starter_is_small_and_consistent() -> None:
    assert sum(path.stat().st_size for path in starter_vocabulary().iterdir()) < 300_000
    tables = loaded(starter_vocabulary())
    concepts = tables["concept"].to_pylist()
    ids = {row["concept_id"] for row in concepts}
    assert len(ids) == len(concepts)
    for name, table in tables.items():
        key = load_contract(TableName("omop", name)).primary_key
        assert table.group_by(key).aggregate([]).num_rows == table.num_rows
    for name, ends in {
        "concept_relationship": ("concept_id_1", "concept_id_2"),
        "concept_ancestor": ("ancestor_concept_id", "descendant_concept_id"),
    }.items():
        for end in ends:
            assert set(tables[name][end].to_pylist()) <= ids
    for column, name in {
        "vocabulary_id": "vocabulary",
        "domain_id": "domain",
        "concept_class_id": "concept_class",
    }.items():
        assert {row[column] for row in concepts} == set(tables[name][column].to_pylist())


@pytest.mark.parametrize("code", ["CT", "MR", "CR", "DX", "MG", "US", "PT", "NM", "XA", "SR"])
def test_the_starter_knows_the_modalities(code: str) -> None:
    concepts = loaded(starter_vocabulary())["concept"].to_pylist()
    found = [c for c in concepts if (c["vocabulary_id"], c["concept_code"]) == ("DICOM", code)]
    assert len(found) == 1


def test_quotation_marks_hashes_and_leading_zeros_are_text(bundle: Path) -> None:
    with (bundle / "CONCEPT.csv").open("a") as file:
        file.write('9000\t#5" pipe\tUnit\tUCUM\tUnit\t\t0010\t20010203\t20991231\tD\n')
    row = loaded(bundle)["concept"].to_pylist()[-1]
    assert (row["concept_name"], row["concept_code"]) == ('#5" pipe', "0010")
    assert row["valid_start_date"].isoformat() == "2001-02-03"
    assert row["standard_concept"] is None


def test_a_concept_without_a_class_is_kept(bundle: Path) -> None:
    with (bundle / "CONCEPT.csv").open("a") as file:
        file.write("9001\tabsent\tMeas Value\tLOINC\t\tS\tLA1\t20010203\t20991231\t\n")
    assert loaded(bundle)["concept"].to_pylist()[-1]["concept_class_id"] == "Undefined"


def test_all_missing_files_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "CONCEPT.csv").write_text("concept_id\n")
    with pytest.raises(VocabularyError, match=r"CONCEPT_RELATIONSHIP\.csv, VOCABULARY\.csv"):
        next(read_vocabulary(tmp_path))
    with pytest.raises(VocabularyError):
        next(read_vocabulary(tmp_path / "absent"))


def damage(bundle: Path, name: str, old: str, new: str) -> None:
    path = bundle / name
    path.write_text(path.read_text().replace(old, new))


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("CONCEPT.csv", "\n0\t", "\n1\t", "concept 0"),
        ("CONCEPT.csv", "\tdomain_id", "\tdomain", "lacks the columns domain_id"),
        ("CONCEPT.csv", "\t20991231", "\tnever", "valid_end_date"),
        ("CONCEPT_ANCESTOR.csv", "\t0\t0", "\tnone\t0", "min_levels_of_separation"),
        ("CONCEPT_RELATIONSHIP.csv", "\tMaps to\t", ",Maps to,", "not tab-separated"),
        ("VOCABULARY.csv", "\t", ",", "lacks the columns"),
    ],
)
def test_nothing_leaves_a_bundle_with_damage(
    bundle: Path, name: str, old: str, new: str, said: str
) -> None:
    damage(bundle, name, old, new)
    with pytest.raises(VocabularyError, match=said) as error:
        next(read_vocabulary(bundle))
    assert "\n" not in str(error.value)


def test_a_repeated_synonym_is_one_row(bundle: Path) -> None:
    line = "0\tnothing\t4180186\n"
    (bundle / "CONCEPT_SYNONYM.csv").write_text(
        "concept_id\tconcept_synonym_name\tlanguage_concept_id\n" + line * 2
    )
    assert loaded(bundle)["concept_synonym"].num_rows == 1
