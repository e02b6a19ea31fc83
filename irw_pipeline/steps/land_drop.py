"""Drops are copied into the landing zone under content-addressed names (ADR 0009)."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from irw_pipeline.contracts.arrow import arrow_schema
from irw_pipeline.contracts.model import load_contract
from irw_pipeline.errors import InputError
from irw_pipeline.ids import TableName
from irw_pipeline.lake.objects import ObjectInfo
from irw_pipeline.steps.publish_table import publish_table, require_open
from irw_pipeline.steps.warehouse import LANDING_OBJECT, Warehouse, open_lake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from irw_pipeline.settings import Settings

LANDING_DROP = TableName("raw", "landing_drop")
DICOM_PREFIX = "dicom"
KINDS = ("ehr", "mpi", "biobank", "vocabulary")


@dataclass(frozen=True)
class Drop:
    """A drop of tables that was landed: its kind, its content's id, and where it lies."""

    kind: str
    drop_id: str
    location: str


def land_dicom(
    warehouse: Warehouse, source: Path, report: Callable[[int, int], None] | None = None
) -> list[ObjectInfo]:
    """Copy every file below a folder (or one file) into the landing zone; return the objects.

    A file lands under the digests of its content and of its relative path, so that landing the
    same drop twice copies nothing, no name carries identity, and a file that comes twice is
    received twice.

    Raises:
        InputError: The path does not exist, or holds no file.
    """
    files = _files(source, "the DICOM drop")
    root = source if source.is_dir() else source.parent
    store = warehouse.lake.objects("landing")
    landed = []
    for number, file in enumerate(files, start=1):
        try:
            with file.open("rb") as stream:
                content = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError:
            content = ""
        if not content:
            raise InputError("a file of the DICOM drop cannot be read; check its permissions")
        name = hashlib.sha256(file.relative_to(root).as_posix().encode(errors="surrogateescape"))
        path = f"{DICOM_PREFIX}/{content[:2]}/{content}-{name.hexdigest()[:16]}"
        if not store.exists(path):
            store.put(path, file)
        landed.append(ObjectInfo(path, file.stat().st_size, content))
        if report is not None:
            report(number, len(files))
    return sorted(landed)


def land_tables(warehouse: Warehouse, kind: str, source: Path) -> Drop:
    """Copy a drop of tables into the landing zone and make it the current one of its kind.

    A vocabulary, which is large and holds no patient, is referred to where it lies.

    Raises:
        InputError: The path does not exist, or holds no file.
    """
    files = _files(source, f"the {kind} drop")
    root = source if source.is_dir() else source.parent
    digest = hashlib.sha256(kind.encode())
    for file in files:
        digest.update(file.relative_to(root).as_posix().encode())
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    drop_id = digest.hexdigest()[:16]
    if kind == "vocabulary":
        location = str(source.resolve())
    else:
        location = f"{kind}/{drop_id}"
        store = warehouse.lake.objects("landing")
        for file in files:
            path = f"{location}/{file.relative_to(root).as_posix()}"
            if not store.exists(path):
                store.put(path, file)
    drop = Drop(kind, drop_id, location)
    make_current(warehouse, drop)
    return drop


def landing_store(settings: Settings) -> Callable[[str, bytes], None]:
    """Return what puts a received object into the landing zone; a name that exists is kept."""
    store = open_lake(settings).objects("landing")

    def put(name: str, content: bytes) -> None:
        path = f"{DICOM_PREFIX}/received/{name}"
        if not store.exists(path):
            store.put(path, content)

    return put


def current_drop(warehouse: Warehouse, kind: str) -> Drop | None:
    """The drop of a kind that was landed last; None when there has been none."""
    with warehouse.session([LANDING_DROP]) as session:
        row = session.connection.execute(
            f"SELECT kind, drop_id, location FROM {LANDING_DROP} WHERE kind = $kind "
            "ORDER BY ordinal DESC LIMIT 1",
            {"kind": kind},
        ).fetchone()
    return None if row is None else Drop(*row)


@contextmanager
def local_copy(warehouse: Warehouse, drop: Drop) -> Iterator[Path]:
    """Give a local folder with the drop's files: the drop itself where it is local."""
    if drop.kind == "vocabulary":
        yield Path(drop.location)
        return
    store = warehouse.lake.objects("landing")
    local = store.local(drop.location)
    if local is not None:
        yield local
        return
    folder = Path(tempfile.mkdtemp(prefix="irw-drop-"))
    try:
        for info in store.list(drop.location):
            file = folder / info.path.removeprefix(f"{drop.location}/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(store.get(info.path) or b"")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def register_objects(warehouse: Warehouse, objects: Sequence[ObjectInfo]) -> list[str]:
    """Put objects that no batch holds yet into new batches; return all batches that hold them.

    A batch is content-addressed, so that the same objects always make the same batch.

    Raises:
        GateClosedError: The manifest broke its contract.
    """
    known = _batch_of(warehouse)
    fresh = [info for info in objects if (info.path, info.etag) not in known]
    batches = {known[info.path, info.etag] for info in objects if (info.path, info.etag) in known}
    for batch, members in batches_of(fresh, warehouse.settings.batch_objects):
        rows = [
            {
                "ingest_batch": batch,
                "object_ref": warehouse.broker.token("object", f"{info.path} {info.etag}").lower(),
                "object_path": info.path,
                "size_bytes": info.size_bytes,
                "etag": info.etag,
            }
            for info in members
        ]
        schema = arrow_schema(load_contract(LANDING_OBJECT))
        require_open(
            publish_table(
                warehouse.lake,
                LANDING_OBJECT,
                pa.Table.from_pylist(rows, schema=schema),
                as_of=warehouse.as_of,
                partition=batch,
            )
        )
        batches.add(batch)
    return sorted(batches)


def unregistered(warehouse: Warehouse, objects: Sequence[ObjectInfo]) -> list[ObjectInfo]:
    """The objects that no batch holds yet, in order."""
    known = _batch_of(warehouse)
    return [info for info in objects if (info.path, info.etag) not in known]


def batch_sizes(warehouse: Warehouse) -> dict[str, int]:
    """How many objects each batch holds."""
    with warehouse.session([LANDING_OBJECT]) as session:
        found = session.query(
            f"SELECT ingest_batch, count(*) AS objects FROM {LANDING_OBJECT} GROUP BY ingest_batch"
        ).to_pylist()
    return {row["ingest_batch"]: int(row["objects"]) for row in found}


def batches_of(
    objects: Sequence[ObjectInfo], size: int
) -> Iterator[tuple[str, Sequence[ObjectInfo]]]:
    """Split objects into batches of at most `size`, each named by its content. Pure."""
    ordered = sorted(objects)
    for start in range(0, len(ordered), size):
        members = ordered[start : start + size]
        digest = hashlib.sha256()
        for info in members:
            digest.update(f"{info.path}\0{info.etag}\0".encode(errors="surrogateescape"))
        yield f"b{digest.hexdigest()[:16]}", members


def _batch_of(warehouse: Warehouse) -> dict[tuple[str, str], str]:
    rows = warehouse.read(LANDING_OBJECT).select(["object_path", "etag", "ingest_batch"])
    paths, etags, batches = (rows.column(name).to_pylist() for name in rows.column_names)
    return dict(zip(zip(paths, etags, strict=True), batches, strict=True))


def make_current(warehouse: Warehouse, drop: Drop) -> None:
    """Record a drop as the newest of its kind; the current one again changes nothing."""
    held = warehouse.read(LANDING_DROP).to_pylist()
    of_kind = [row for row in held if row["kind"] == drop.kind]
    newest = max(of_kind, key=lambda row: row["ordinal"], default=None)
    if newest and (newest["drop_id"], newest["location"]) == (drop.drop_id, drop.location):
        return
    rows = [r for r in held if (r["kind"], r["drop_id"]) != (drop.kind, drop.drop_id)]
    ordinal = 1 + (newest["ordinal"] if newest else 0)
    rows.append({**drop.__dict__, "ordinal": ordinal})
    schema = arrow_schema(load_contract(LANDING_DROP))
    table = pa.Table.from_pylist(rows, schema=schema)
    require_open(publish_table(warehouse.lake, LANDING_DROP, table, as_of=warehouse.as_of))


def _files(source: Path, what: str) -> list[Path]:
    if not source.exists():
        raise InputError(f"{what} does not exist: {source}; correct the path")
    files = [source] if source.is_file() else sorted(p for p in source.rglob("*") if p.is_file())
    if not files:
        raise InputError(f"{what} is empty: {source}; give a folder that holds files")
    return files
