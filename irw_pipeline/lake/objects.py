"""Objects of a zone: put whole, list, get, delete. The same calls on a folder and on S3."""

from __future__ import annotations

import hashlib
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import from_url

from irw_pipeline.errors import InboxUnavailableError, LakeUnavailableError
from irw_pipeline.lake.zones import local_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

_PIECE_BYTES = 1 << 22


@dataclass(frozen=True, order=True)
class ObjectInfo:
    """One object: its path in the zone, its size, and what identifies its content."""

    path: str
    size_bytes: int
    etag: str
    modified_at: datetime | None = field(default=None, compare=False)


class ObjectStore:
    """One zone's objects. A put is whole or not at all."""

    def __init__(self, uri: str, options: Mapping[str, str] | None = None) -> None:
        """Open the zone's root; a local one is made when it is missing."""
        self.uri = uri
        self._folder = local_path(uri)
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
        config = dict(options or {})
        # delta-rs takes this among the store's options, obstore among the client's
        client = {"allow_http": config.pop("aws_allow_http", "false") == "true"}
        remote = {"config": config, "client_options": client} if self._folder is None else {}
        self._store = from_url(uri, **remote)  # type: ignore[call-overload]

    def put(self, path: str, content: bytes | Path) -> None:
        """Store an object under a path.

        Raises:
            LakeUnavailableError: The zone did not take it.
        """
        try:
            obstore.put(self._store, path, content, use_multipart=False)
        except (BaseError, OSError) as error:
            kind = type(error).__name__
        else:
            return
        raise LakeUnavailableError("an object", kind)

    def take(self, path: str, file: Path) -> None:
        """Move a local file into the zone under a path: a rename where that can be done.

        Raises:
            LakeUnavailableError: The zone did not take it.
        """
        target = self.local(path)
        if target is None:
            self.put(path, file)
            file.unlink()
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        if file.stat().st_dev == target.parent.stat().st_dev:
            file.replace(target)
            return
        self.put(path, file)
        file.unlink()

    def get(self, path: str) -> bytes | None:
        """The object's bytes; None when there is no such object.

        Raises:
            LakeUnavailableError: The zone did not answer.
        """
        try:
            return bytes(obstore.get(self._store, path).bytes())
        except (NotFoundError, FileNotFoundError):
            return None
        except (BaseError, OSError) as error:
            kind = type(error).__name__
        raise LakeUnavailableError("an object", kind)

    @contextmanager
    def as_file(self, path: str) -> Iterator[Path | None]:
        """Give an object as a local file, None when there is no such object.

        It is the object itself in a local zone, never to be written to; else a copy, made in pieces
        and removed at the end.

        Raises:
            LakeUnavailableError: The zone did not answer.
        """
        if (local := self.local(path)) is not None:
            yield local if local.is_file() else None
            return
        with tempfile.TemporaryDirectory(prefix="irw-object-") as folder:
            copy = Path(folder) / "object"
            yield copy if self._copy(path, copy) else None

    def _copy(self, path: str, target: Path) -> bool:
        try:
            with target.open("wb") as out:
                for piece in obstore.get(self._store, path).stream(min_chunk_size=_PIECE_BYTES):
                    out.write(piece)
        except (NotFoundError, FileNotFoundError):
            return False
        except (BaseError, OSError) as error:
            kind = type(error).__name__
        else:
            return True
        raise LakeUnavailableError("an object", kind)

    def exists(self, path: str) -> bool:
        """Whether there is an object under the path."""
        try:
            obstore.head(self._store, path)
        except (NotFoundError, FileNotFoundError):
            return False
        return True

    def delete(self, paths: list[str]) -> None:
        """Remove objects; one that is not there is no error."""
        for path in paths:
            try:
                obstore.delete(self._store, path)
            except (NotFoundError, FileNotFoundError):
                continue

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Yield the objects below a prefix, ordered by path.

        Raises:
            InboxUnavailableError: The zone could not be listed.
        """
        try:
            found = [entry for page in obstore.list(self._store, prefix=prefix) for entry in page]
        except (BaseError, OSError) as error:
            kind = type(error).__name__
        else:
            kind = ""
        if kind:
            raise InboxUnavailableError(f"the zone could not be listed ({kind}); run again")
        infos = [
            ObjectInfo(
                path=entry["path"],
                size_bytes=entry["size"],
                etag=str(entry["e_tag"] or entry["last_modified"].isoformat()).strip('"'),
                modified_at=entry["last_modified"],
            )
            for entry in found
        ]
        yield from sorted(infos)

    def local(self, path: str) -> Path | None:
        """The file behind an object of a local zone; None on S3."""
        return None if self._folder is None else self._folder / path


def sha256_of(file: Path) -> str:
    """The SHA-256 of a local file, the hexadecimal form; it is read in pieces."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
