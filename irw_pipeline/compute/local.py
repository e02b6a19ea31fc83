"""A pool of processes on this machine: the default backend.

Workers come from a forkserver, never from fork: a forked polars hangs and a forked deltalake
panics.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from irw_pipeline.compute.mapping import WorkerDied, map_over_workers
from irw_pipeline.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from irw_pipeline.compute.mapping import Submit, Wait

T = TypeVar("T")
R = TypeVar("R")

INLINE_BELOW = 32
"""Fewer items than this run in the calling process: starting workers costs more than they save."""


class LocalPool:
    """Maps over so many processes of this machine; with one worker, in the calling process.

    In the calling process nothing guards against a poisonous item: it takes the caller with it.
    """

    def __init__(self, workers: int, *, inline_below: int = INLINE_BELOW) -> None:
        """Start nothing yet.

        Raises:
            InputError: Fewer than one worker.
        """
        if workers < 1:
            raise InputError("a local pool needs at least one worker; correct the number")
        self.workers = workers
        self.inline_below = inline_below

    def map_items(
        self,
        function: Callable[[T], R],
        items: Sequence[T],
        on_death: Callable[[T], R] | None = None,
    ) -> Iterator[R]:
        """Yield results as `compute.mapping.map_items` promises."""
        if self.workers == 1 or len(items) < self.inline_below:
            yield from map(function, items)
            return
        # Pickled here and unpickled at first use: both failures are then ordinary exceptions,
        # where one in a worker's initializer would look like a worker that died.
        payload = pickle.dumps(function)

        @contextmanager
        def open_workers(workers: int) -> Iterator[Submit[T, R]]:
            pool = ProcessPoolExecutor(
                workers,
                mp_context=multiprocessing.get_context("forkserver"),
                initializer=_begin,
                initargs=(payload,),
            )
            try:
                yield lambda chunk: _submit(pool, chunk)
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

        yield from map_over_workers(open_workers, items, workers=self.workers, on_death=on_death)


def _submit(pool: ProcessPoolExecutor, chunk: Sequence[T]) -> Wait[Any]:
    try:
        future = pool.submit(_run_chunk, chunk)
    except BrokenProcessPool:
        return _dead

    def wait() -> list[Any]:
        try:
            return future.result()
        except BrokenProcessPool:
            raise WorkerDied from None

    return wait


def _dead() -> list[Any]:
    raise WorkerDied


_payload = b""
"""In a worker: the pickled function of the map it works for."""


def _begin(payload: bytes) -> None:
    """Prepare a worker: hold the function, and end when the parent does."""
    global _payload  # noqa: PLW0603 - a worker serves one map, and an initializer returns nothing
    _payload = payload
    # Ctrl-C reaches the whole process group; the parent decides what becomes of the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Leave no orphan: a pool's worker would wait for ever for a parent that was killed."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)


@cache
def _function() -> Callable[[Any], Any]:
    function: Callable[[Any], Any] = pickle.loads(_payload)  # noqa: S301 - our own parent's bytes
    return function


def _run_chunk(chunk: Sequence[Any]) -> list[Any]:
    function = _function()
    return [function(item) for item in chunk]
