"""What lies in a folder of DICOM files, and whether a run may use the paths it was given."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from irw_pipeline.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator


def check_paths(source: Path, target: Path, mapping: Path) -> None:
    """Make sure that a run over these paths can begin; nothing is left behind.

    Raises:
        InputError: The source is no folder, source and target lie within each other, or the
            mapping file cannot be one.
    """
    if not source.is_dir():
        raise InputError(f"there is no folder {source}; give the folder that holds the DICOM files")
    here, there = source.resolve(), target.resolve()
    if here == there or here in there.parents or there in here.parents:
        raise InputError("source and target lie within each other; give two separate folders")
    folder = mapping.resolve().parent
    if not folder.is_dir():
        raise InputError(f"there is no folder {mapping.parent} for the mapping file; make it first")
    if mapping.is_dir():
        raise InputError(f"the mapping file {mapping} is a folder; give the name of a file")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(
            f"cannot write into {folder}; choose another place for --mapping"
        ) from error


def list_inputs(source: Path, mapping: Path) -> list[str]:
    """Return every path under `source` that a run must account for, relative to it, in order.

    That is all but folders: files, links to files, links to nothing, pipes. A link to a folder is
    followed, each folder once, so that a loop of links ends. A folder that cannot be listed stands
    for what it holds. The mapping file is left out.

    Raises:
        InputError: There is nothing.
    """
    own = mapping.resolve()
    found = sorted(
        relative
        for relative in _walk(source)
        if Path(relative).name != own.name or (source / relative).resolve() != own
    )
    if not found:
        raise InputError(f"there are no files in {source}; nothing was done")
    return found


def _walk(source: Path) -> Iterator[str]:
    waiting, seen = [str(source)], set()
    unlisted: list[OSError] = []
    while waiting:  # real folders first: their files keep the names they have there
        for folder, folders, names in os.walk(waiting.pop(0), onerror=unlisted.append):
            status = os.stat(folder)  # noqa: PTH116 - os.walk gives text, and there may be millions
            if (key := (status.st_dev, status.st_ino)) in seen:
                folders.clear()
                continue
            seen.add(key)
            links = [name for name in folders if os.path.islink(f"{folder}/{name}")]  # noqa: PTH114 - as above
            waiting += [f"{folder}/{name}" for name in sorted(links)]
            yield from (os.path.relpath(f"{folder}/{name}", source) for name in names)
    yield from (os.path.relpath(str(error.filename), source) for error in unlisted)
