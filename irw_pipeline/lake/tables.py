"""Delta tables: exists, version, replace (whole or one partition). Reads go through `session`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import deltalake
from deltalake import CommitProperties, DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from irw_pipeline.errors import LakeConflictError, LakeUnavailableError, PermanentError
from irw_pipeline.lake.objects import ObjectStore
from irw_pipeline.lake.zones import Zones, local_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    import pyarrow as pa

    from irw_pipeline.ids import TableName

_PARTITION_ALPHABET = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")


@dataclass(frozen=True)
class Commit:
    """What a write did: the table's version now, and whether anything changed."""

    version: int
    is_changed: bool


class Lake:
    """The tables and objects of one warehouse."""

    def __init__(self, zones: Zones) -> None:
        """Hold the zones; nothing is opened yet."""
        self.zones = zones

    def uri(self, table: TableName) -> str:
        """Where the table lies."""
        return self.zones.table_uri(table)

    def objects(self, zone: str) -> ObjectStore:
        """The objects of a zone."""
        uri = self.zones.uris[zone]
        return ObjectStore(uri, self.zones.options(uri))

    def local_zone_is_missing(self, zone: str) -> bool:
        """Whether a local zone's folder does not exist; never true of one on S3."""
        folder = local_path(self.zones.uris[zone])
        return folder is not None and not folder.is_dir()

    def version(self, table: TableName) -> int | None:
        """The published version of a table; None when it has never been published.

        Raises:
            LakeUnavailableError: The zone did not answer.
        """
        opened = self._open(table)
        return None if opened is None else int(opened.version())

    def replace(
        self,
        table: TableName,
        rows: pa.Table,
        *,
        partition: Mapping[str, str] | None = None,
        partition_by: Sequence[str] = (),
        lineage: Mapping[str, str] | None = None,
    ) -> Commit:
        """Replace the table, or the one partition given, in one atomic commit.

        Args:
            table: The table's name.
            rows: The new content, already in the contract's schema.
            partition: Column and value of the partition to replace; other rows stay.
            partition_by: The partition columns, for a table that does not exist yet.
            lineage: Goes into the commit's metadata; no value of a row may be in it.

        Raises:
            LakeConflictError: Another writer committed first, too often.
            LakeUnavailableError: The zone did not answer.
        """
        uri = self.uri(table)
        exists = self._open(table) is not None
        predicate = partition_predicate(partition) if partition and exists else None
        try:
            write_deltalake(
                uri,
                rows,
                mode="overwrite",
                predicate=predicate,
                schema_mode="merge" if predicate else "overwrite",
                partition_by=list(partition_by) or None,
                storage_options=self.zones.options(uri),
                commit_properties=CommitProperties(
                    custom_metadata=dict(lineage or {}), max_commit_retries=50
                ),
            )
        except CommitFailedError:
            kind = "conflict"
        except (DeltaError, OSError, ValueError) as error:
            kind = type(error).__name__
        else:
            version = self.version(table)
            return Commit(-1 if version is None else version, is_changed=True)
        # outside the except blocks: delta-rs quotes rows in its messages, so none is chained
        if kind == "conflict":
            raise LakeConflictError(str(table))
        raise LakeUnavailableError(str(table), kind)

    def maintain(self, table: TableName, *, retention: timedelta) -> dict[str, int]:
        """Compact a table's small files and remove those older than the retention.

        Returns:
            Counts: files added and removed by compaction, files vacuumed.
        """
        opened = self._open(table)
        if opened is None:
            return {"files_added": 0, "files_removed": 0, "files_vacuumed": 0}
        compacted = opened.optimize.compact()
        vacuumed = opened.vacuum(
            retention_hours=int(retention.total_seconds() // 3600),
            enforce_retention_duration=True,
            dry_run=False,
        )
        opened.create_checkpoint()
        return {
            "files_added": int(compacted.get("numFilesAdded", 0)),
            "files_removed": int(compacted.get("numFilesRemoved", 0)),
            "files_vacuumed": len(vacuumed),
        }

    def _open(self, table: TableName) -> DeltaTable | None:
        uri = self.uri(table)
        try:
            return DeltaTable(uri, storage_options=self.zones.options(uri), without_files=False)
        except TableNotFoundError:
            return None
        except (DeltaError, OSError) as error:
            kind = type(error).__name__
        raise LakeUnavailableError(str(table), kind)


def partition_predicate(partition: Mapping[str, str]) -> str:
    """The SQL predicate of a partition; keys and values are words, or it is refused.

    Raises:
        PermanentError: A value holds a character that has no place in a partition key.
    """
    for column, value in partition.items():
        if not set(value) <= _PARTITION_ALPHABET:
            raise PermanentError(f"a partition key of {column} is no plain word; nothing written")
    return " AND ".join(f"{column} = '{value}'" for column, value in partition.items())


DELTA_RS_VERSION = deltalake.__version__
