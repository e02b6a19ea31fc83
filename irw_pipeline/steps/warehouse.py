"""What every step is given: the lake, the broker, the settings and the day of the run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from irw_pipeline.compute.local import LocalPool
from irw_pipeline.contracts.arrow import arrow_schema
from irw_pipeline.contracts.model import load_contract
from irw_pipeline.errors import SettingsError
from irw_pipeline.identity.broker import Broker, Key
from irw_pipeline.ids import TableName
from irw_pipeline.lake.session import Session
from irw_pipeline.lake.tables import Lake
from irw_pipeline.lake.zones import Zones
from irw_pipeline.settings import Settings, read_secret, write_new_secret

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    import pyarrow as pa

    from irw_pipeline.compute.mapping import Backend

PERSON_MAP = TableName("vault", "person_map")
LANDING_OBJECT = TableName("raw", "landing_object")


@dataclass(frozen=True)
class Warehouse:
    """The plain objects behind one run."""

    settings: Settings
    lake: Lake
    broker: Broker
    as_of: date

    def session(self, tables: Iterable[TableName] = ()) -> Session:
        """Open a DuckDB session with the broker's macros and the given tables mounted."""
        session = Session(
            self.lake, pads=self.broker.hmac_pads(), time_zone=self.settings.site_time_zone
        )
        for table in tables:
            session.mount(table, arrow_schema(load_contract(table)))
        return session

    def read(self, table: TableName, where: str = "true") -> pa.Table:
        """Return the rows of a published table, empty when it does not exist yet."""
        with self.session([table]) as session:
            return session.query(f"SELECT * FROM {table} WHERE {where}")

    def pool(self) -> Backend:
        """Where per-instance work runs: Ray when its address is set, else local processes."""
        if self.settings.ray_address:
            from irw_pipeline.compute.ray import RayBackend  # noqa: PLC0415 - an optional extra

            return RayBackend(self.settings.ray_address)
        return LocalPool(self.settings.workers or os.cpu_count() or 1)


def open_lake(settings: Settings) -> Lake:
    """Return the lake of the settings; nothing is read yet."""
    return Lake(Zones.under(settings.lake, settings.zone_overrides, settings.storage_options))


def open_warehouse(settings: Settings, *, as_of: date, may_make_key: bool = False) -> Warehouse:
    """Return the warehouse of the settings.

    Args:
        settings: Where the lake and the key are.
        as_of: The day of the run.
        may_make_key: Make a key for a local lake that has never held anything (ADR 0010).

    Raises:
        SettingsError: There is no key and none may be made.
    """
    lake = open_lake(settings)
    secret = read_secret(settings.key_path)
    if secret is None:
        is_local = not lake.zones.uris["vault"].startswith("s3://")
        is_new = is_local and lake.version(LANDING_OBJECT) is None
        if not (may_make_key and is_new and lake.version(PERSON_MAP) is None):
            raise SettingsError(
                f"the lake has no identity key at {settings.key_path}; restore the key it was "
                "made with (IRW_KEY_FILE), or run `irw keys new` for a new lake"
            )
        secret = write_new_secret(settings.key_path)
    return Warehouse(settings, lake, Broker(Key(secret)), as_of)


def require_same_key(warehouse: Warehouse) -> None:
    """Make sure that the lake was not made under another key.

    Raises:
        SettingsError: It was: every pseudonym would change.
    """
    with warehouse.session([PERSON_MAP]) as session:
        others = session.scalar(
            f"SELECT count(*) FROM {PERSON_MAP} WHERE key_id <> '{warehouse.broker.key_id}'"
        )
    if others:
        raise SettingsError(
            "the lake was made under another identity key; restore that key (IRW_KEY_FILE)"
        )


def folder_broker(key_file: Path | None, *, beside: Path) -> Broker:
    """Return the broker of a run without a lake.

    Its key is the file given, else `IRW_KEY_FILE`, else `<mapping>.key` beside the mapping file,
    which is made when it is missing: the mapping and the key belong together.

    Raises:
        SettingsError: The key file that was named does not exist or cannot be used.
    """
    named = key_file or (Path(os.environ["IRW_KEY_FILE"]) if "IRW_KEY_FILE" in os.environ else None)
    secret = read_secret(named or beside.with_name(f"{beside.name}.key"))
    if secret is None and named is not None:
        raise SettingsError(f"the identity key file {named} does not exist; correct the path")
    if not beside.resolve().parent.is_dir():
        raise SettingsError(f"there is no folder for the mapping file {beside}; make it first")
    if secret is None:
        secret = write_new_secret(beside.with_name(f"{beside.name}.key"))
    return Broker(Key(secret))
