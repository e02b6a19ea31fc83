"""The five zone roots and which layer of tables lives in which."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from irw_pipeline.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from irw_pipeline.ids import TableName

ZONE_OF_LAYER = {
    "raw": "restricted",
    "ops": "restricted",
    "vault": "vault",
    "quarantine": "quarantine",
    "imaging": "research",
    "omop": "research",
    "cohort": "research",
    "genomics": "research",
}
ZONES = ("landing", "restricted", "vault", "quarantine", "research")


@dataclass(frozen=True)
class Zones:
    """A URI for each zone (`file://` or `s3://`), and the options that open the S3 ones."""

    uris: Mapping[str, str]
    storage_options: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def under(
        cls,
        root: str | Path,
        overrides: Mapping[str, str] | None = None,
        storage_options: Mapping[str, str] | None = None,
    ) -> Zones:
        """Return the zones below one root, except those given one by one.

        Raises:
            SettingsError: A URI has a scheme we do not serve.
        """
        base = as_uri(root)
        uris = {zone: f"{base}/{zone}" for zone in ZONES}
        uris |= {zone: as_uri(uri) for zone, uri in (overrides or {}).items()}
        return cls(uris, dict(storage_options or {}))

    def table_uri(self, table: TableName) -> str:
        """Where the Delta table lies: `<zone>/<layer>/<table>`."""
        return f"{self.uris[ZONE_OF_LAYER[table.layer]]}/{table.layer}/{table.name}"

    def options(self, uri: str) -> dict[str, str] | None:
        """The storage options for a URI; None for a local one."""
        return dict(self.storage_options) if uri.startswith("s3://") else None


def as_uri(root: str | Path) -> str:
    """Return a root as a URI without a trailing slash; a bare path becomes a `file://` URI.

    Raises:
        SettingsError: The scheme is neither `file` nor `s3`.
    """
    text = str(root)
    if set("[]") & set(text):
        raise SettingsError("the lake's path holds [ or ], which Delta cannot open; choose another")
    if "://" not in text:
        return Path(text).expanduser().resolve().as_uri()
    if not text.startswith(("file://", "s3://")):
        raise SettingsError("a zone is a path, a file:// or an s3:// URI; correct the lake's URI")
    return text.rstrip("/")


def local_path(uri: str) -> Path | None:
    """The folder behind a `file://` URI; None for any other."""
    if not uri.startswith("file://"):
        return None
    return Path(unquote(urlsplit(uri).path))
