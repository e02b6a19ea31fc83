"""Files appear in a target folder whole or not at all, whatever ends the run."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from irw_pipeline.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_STAGING = ".irw-staging"


@contextmanager
def staging_folder(target: Path) -> Iterator[Path]:
    """Give a folder within `target` for files under way; what a killed run left there is removed.

    Raises:
        InputError: The target cannot be written, or another run is writing to it.
    """
    staging = target / _STAGING
    try:
        target.mkdir(parents=True, exist_ok=True)
        staging.mkdir(exist_ok=True)
        descriptor = os.open(staging, os.O_RDONLY)
    except OSError as error:
        raise unwritable(target, error) from error
    try:
        _lock(descriptor, target)
        for left in staging.iterdir():
            left.unlink()
        yield staging
    finally:
        os.close(descriptor)
        shutil.rmtree(staging, ignore_errors=True)


def _lock(descriptor: int, target: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise InputError(f"another run is writing to {target}; wait for it to end") from error
    except OSError:
        return  # a file system without locks


@contextmanager
def writing_to(staging: Path) -> Iterator[None]:
    """Say of a file under way that cannot be written which target it was for.

    Raises:
        InputError: The disk is full, or the folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise unwritable(staging.parent, error) from error


def publish_staged(staged: Path, target: Path, relative: str) -> None:
    """Move a whole file to its final name, over what an earlier run put there.

    Raises:
        InputError: The target cannot be written.
    """
    try:
        (target / relative).parent.mkdir(parents=True, exist_ok=True)
        staged.replace(target / relative)
    except OSError as error:
        raise unwritable(target, error) from error


def unwritable(target: Path, error: OSError) -> InputError:
    """The error of a place that cannot be written, by the kind of the cause."""
    return InputError(
        f"cannot write to {target} ({kind_of(error)}); make room, mend the permissions or choose "
        "another target, then run again"
    )


def kind_of(error: OSError) -> str:
    """The name of an operating system's error, such as ENOSPC."""
    return errno.errorcode.get(error.errno or 0, type(error).__name__)
