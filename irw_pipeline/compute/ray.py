"""A Ray cluster: the backend of a health system. Ray is an extra, imported when it is asked for.

Every node of the cluster needs the same version of this package installed, and reaches the zones
by the same URIs.
"""

from __future__ import annotations

import importlib
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from irw_pipeline.compute.mapping import WorkerDied, map_over_workers
from irw_pipeline.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from irw_pipeline.compute.mapping import Submit, Wait

T = TypeVar("T")
R = TypeVar("R")


class RayBackend:
    """Maps over the workers of one Ray cluster.

    A worker that dies is not retried by Ray: the shared loop runs its items alone instead, so that
    a poisonous item is told from a node that was lost.
    """

    def __init__(self, address: str, *, workers: int | None = None) -> None:
        """Connect, unless this process is connected already.

        Args:
            address: As `ray.init` takes it: `host:port`, `ray://host:port`, `auto` or `local`.
            workers: Chunks that run at once; by default the cluster's number of CPUs.

        Raises:
            SettingsError: Ray is not installed, or the cluster does not answer.
        """
        try:
            self._ray: Any = importlib.import_module("ray")
        except ImportError as error:
            raise SettingsError(
                "IRW_RAY_ADDRESS is set but Ray is not installed; "
                "run `pip install irw-pipeline[ray]` or unset it"
            ) from error
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # for a cluster that we start
        try:
            # Workers' output stays with the workers: it may quote what they read.
            self._ray.init(address=address, ignore_reinit_error=True, log_to_driver=False)
        except (ConnectionError, OSError, RuntimeError, ValueError) as error:
            raise SettingsError(
                f"the Ray cluster of IRW_RAY_ADDRESS does not answer ({type(error).__name__}); "
                "start it or correct the address"
            ) from error
        self.workers = workers or max(1, int(self._ray.cluster_resources().get("CPU", 1)))
        self._run_chunk = self._ray.remote(max_retries=0)(_run_chunk)

    def map_items(
        self,
        function: Callable[[T], R],
        items: Sequence[T],
        on_death: Callable[[T], R] | None = None,
    ) -> Iterator[R]:
        """Yield results as `compute.mapping.map_items` promises."""
        shared = self._ray.put(function)

        @contextmanager
        def open_workers(_workers: int) -> Iterator[Submit[T, R]]:
            under_way: set[Any] = set()

            def submit(chunk: Sequence[T]) -> Wait[R]:
                ticket = self._run_chunk.remote(shared, list(chunk))
                under_way.add(ticket)

                def wait() -> list[R]:
                    under_way.discard(ticket)  # Ray keeps a result as long as its ticket lives
                    return self._results(ticket)

                return wait

            try:
                yield submit
            finally:
                for ticket in under_way:
                    self._ray.cancel(ticket)

        yield from map_over_workers(open_workers, items, workers=self.workers, on_death=on_death)

    def disconnect(self) -> None:
        """Leave the cluster; one that this process started ends."""
        self._ray.shutdown()

    def _results(self, ticket: Any) -> list[Any]:
        errors = self._ray.exceptions
        try:
            results: list[Any] = self._ray.get(ticket)
        except errors.RayTaskError as error:
            raise error.cause from None
        except errors.RayError:
            raise WorkerDied from None
        return results


def _run_chunk(function: Callable[[Any], Any], chunk: Sequence[Any]) -> list[Any]:
    return [function(item) for item in chunk]
