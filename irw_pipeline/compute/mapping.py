"""What every backend promises, and the one loop that keeps it.

Order, bounded memory and the telling of a poisonous item are decided here; a backend only starts
workers and hands chunks to them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Generic, Protocol, TypeAlias, TypeVar

from irw_pipeline.errors import TransientError

T = TypeVar("T")
R = TypeVar("R")

CHUNK_ITEMS = 16
"""Items handed over at once: enough that the hand-over costs nothing beside the work."""

CHUNKS_PER_WORKER = 3
"""Chunks under way for each worker: one at work, the rest so that no worker waits for us."""

MAX_DEATHS = 8
"""Items that may kill a worker before the machine, not the items, is held to be the cause."""

Wait: TypeAlias = Callable[[], list[R]]
"""Gives the results of a chunk that was handed over, or raises `WorkerDied`."""

Submit: TypeAlias = Callable[[Sequence[T]], Wait[R]]
"""Hands a chunk to the workers and returns at once."""

OpenWorkers: TypeAlias = Callable[[int], AbstractContextManager[Submit[T, R]]]
"""Starts so many workers, all fresh; leaving the context stops them."""


class WorkerDied(Exception):  # noqa: N818 - a signal between backend and loop, never seen outside
    """A worker ended without an answer: killed, out of memory, or crashed in native code."""


class WorkersDiedError(TransientError):
    """Workers died more often than single items can explain."""

    def __init__(self, done: int, total: int) -> None:
        """Keep how many items were done, and of how many."""
        self.done = done
        self.total = total
        super().__init__(
            f"worker processes died after {done} of {total} items; "
            "free memory or give fewer workers, then run again"
        )


class Backend(Protocol):
    """Where the work runs; `LocalPool` and `RayBackend` are the two."""

    def map_items(
        self,
        function: Callable[[T], R],
        items: Sequence[T],
        on_death: Callable[[T], R] | None,
    ) -> Iterator[R]:
        """Give what `map_items` of this module promises."""
        ...


def map_items(
    function: Callable[[T], R],
    items: Sequence[T],
    *,
    backend: Backend,
    on_death: Callable[[T], R] | None = None,
) -> Iterator[R]:
    """Yield `function(item)` for every item, in input order, with a bounded number under way.

    An exception of the function ends the iteration and is raised as it is. Items that were under
    way when a worker died are run again, each alone in a fresh worker, so the function must give
    the same answer twice; an item that kills a worker alone is poisonous.

    Args:
        function: Pure, picklable and importable from an installed package; large shared arguments
            come by `functools.partial` and reach each worker once.
        items: Small and picklable: references, not contents.
        backend: Where the work runs.
        on_death: Gives the result of a poisonous item, in this process; without it such an item
            raises `WorkersDiedError`.

    Raises:
        WorkersDiedError: A poisonous item and no `on_death`, or more than `MAX_DEATHS` of them.
    """
    return backend.map_items(function, items, on_death)


def map_over_workers(
    open_workers: OpenWorkers[T, R],
    items: Sequence[T],
    *,
    workers: int,
    on_death: Callable[[T], R] | None,
) -> Iterator[R]:
    """Yield the results in order: the loop that all backends with workers share.

    Raises:
        WorkersDiedError: As `map_items`.
    """
    size = max(1, min(CHUNK_ITEMS, len(items) // (workers * CHUNKS_PER_WORKER)))  # few: share them
    chunks = (items[at : at + size] for at in range(0, len(items), size))
    alone = _Alone(open_workers, len(items), on_death)
    done = 0
    while done < len(items):
        with open_workers(workers) as submit:
            for chunk, results in _until_death(submit, chunks, workers * CHUNKS_PER_WORKER):
                for result in alone.run(chunk, done) if results is None else results:
                    yield result
                    done += 1


def _until_death(
    submit: Submit[T, R], chunks: Iterator[Sequence[T]], limit: int
) -> Iterator[tuple[Sequence[T], list[R] | None]]:
    """Yield chunks with their results, None where a worker died; takes no new chunk after that."""
    under_way: deque[tuple[Sequence[T], Wait[R]]] = deque()
    died = False
    while True:
        while not died and len(under_way) < limit and (chunk := next(chunks, None)) is not None:
            under_way.append((chunk, submit(chunk)))
        if not under_way:
            return
        chunk, wait = under_way.popleft()
        try:
            results: list[R] | None = wait()
        except WorkerDied:
            died, results = True, None
        yield chunk, results


class _Alone(Generic[T, R]):
    """Runs the items of a chunk one by one, and counts those that kill a worker alone."""

    def __init__(
        self,
        open_workers: OpenWorkers[T, R],
        total: int,
        on_death: Callable[[T], R] | None,
    ) -> None:
        self._open_workers = open_workers
        self._total = total
        self._on_death = on_death
        self._deaths = 0

    def run(self, chunk: Sequence[T], done: int) -> Iterator[R]:
        """Yield the chunk's results in order; a fresh worker follows each that died."""
        at = 0
        while at < len(chunk):
            with self._open_workers(1) as submit:
                died = False
                while at < len(chunk) and not died:
                    wait = submit(chunk[at : at + 1])
                    try:
                        (result,) = wait()
                    except WorkerDied:
                        died = True
                        result = self._poisoned(chunk[at], done + at)
                    yield result
                    at += 1

    def _poisoned(self, item: T, done: int) -> R:
        self._deaths += 1
        if self._on_death is None or self._deaths > MAX_DEATHS:
            raise WorkersDiedError(done, self._total)
        return self._on_death(item)
