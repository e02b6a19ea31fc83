"""The current drops become raw tables, and a vocabulary becomes OMOP vocabulary tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from irw_pipeline.contracts.arrow import arrow_schema
from irw_pipeline.contracts.model import contract_names, load_contract
from irw_pipeline.errors import InputError
from irw_pipeline.omop import sources
from irw_pipeline.omop.sources.biobank import BIOBANK_SAMPLE, read_biobank
from irw_pipeline.omop.sources.mpi import MPI_ENTRY, read_mpi
from irw_pipeline.omop.vocabulary import read_vocabulary, starter_vocabulary
from irw_pipeline.steps.land_drop import KINDS, current_drop, local_copy
from irw_pipeline.steps.publish_table import Publication, publish_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from irw_pipeline.ids import TableName
    from irw_pipeline.steps.warehouse import Warehouse

EHR_PREFIX = "ehr_"
_KIND_OF = {MPI_ENTRY: "mpi", BIOBANK_SAMPLE: "biobank"}


def drop_tables() -> list[TableName]:
    """The raw tables that come from drops of tables: EHR, MPI and biobank."""
    return [
        name
        for name in contract_names()
        if name.layer == "raw" and (name.name.startswith(EHR_PREFIX) or name in _KIND_OF)
    ]


def landed_tables(warehouse: Warehouse) -> list[TableName]:
    """Those of the `drop_tables` whose kind of drop has been landed."""
    kinds = {kind for kind in KINDS if current_drop(warehouse, kind) is not None}
    return [table for table in drop_tables() if _KIND_OF.get(table, "ehr") in kinds]


def load_drop_table(warehouse: Warehouse, table: TableName) -> Publication:
    """Publish one raw table from the current drop of its kind.

    Raises:
        InputError: No such drop has been landed, or it lacks a required file or column.
    """
    kind = _KIND_OF.get(table, "ehr")
    drop = current_drop(warehouse, kind)
    if drop is None:
        raise InputError(f"no {kind} drop has been landed; give one to `irw run --{kind}`")
    with local_copy(warehouse, drop) as folder:
        rows = _read(table, folder)
    return publish_table(
        warehouse.lake,
        table,
        rows,
        as_of=warehouse.as_of,
        lineage={"drop": drop.drop_id},
    )


def check_drop(kind: str, source: Path) -> None:
    """Make sure, before anything is landed, that a drop can be read and has what is required.

    Raises:
        InputError: It cannot, or lacks a required file or column; all are named at once.
        VocabularyError: A vocabulary bundle is incomplete.
    """
    if not source.exists():
        raise InputError(f"the {kind} drop does not exist: {source}; correct the path")
    if kind == "ehr":
        opened = sources.detect(source)
        for table in opened.tables:
            opened.read(table, load_contract(table).columns)
    elif kind == "mpi":
        read_mpi(source, load_contract(MPI_ENTRY).columns)
    elif kind == "biobank":
        read_biobank(source, load_contract(BIOBANK_SAMPLE).columns)
    elif kind == "vocabulary":
        next(read_vocabulary(source))  # examines every file before the first table


def load_vocabulary(warehouse: Warehouse) -> Iterator[Publication]:
    """Publish the vocabulary tables from the current download, else from the starter bundle.

    Raises:
        VocabularyError: The bundle is incomplete.
    """
    drop = current_drop(warehouse, "vocabulary")
    folder = Path(drop.location) if drop else starter_vocabulary()
    for table, reader in read_vocabulary(folder):
        yield publish_table(
            warehouse.lake,
            table,
            reader.read_all(),
            as_of=warehouse.as_of,
            lineage={"vocabulary": drop.drop_id if drop else "starter"},
        )


def _read(table: TableName, folder: Path) -> pa.Table:
    contract = load_contract(table)
    if table == MPI_ENTRY:
        found = read_mpi(_only_file(folder), contract.columns)
    elif table == BIOBANK_SAMPLE:
        found = read_biobank(_only_file(folder), contract.columns)
    else:
        found = sources.detect(folder).read(table, contract.columns)
    frame = found.frame
    return (frame if isinstance(frame, pa.Table) else frame.to_arrow()).select(
        arrow_schema(contract).names
    )


def _only_file(folder: Path) -> Path:
    files = sorted(path for path in folder.iterdir() if path.is_file())
    if not files:
        raise InputError("the mpi drop holds no file; land it again")
    return files[0]
