"""One adapter between our errors and Dagster: no text of a foreign exception ever reaches it."""

import functools
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec

import dagster as dg

from irw_pipeline.errors import IrwError, TransientError

P = ParamSpec("P")
RETRIES = dg.RetryPolicy(max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL)


def guarded(function: Callable[P, Iterator[Any]]) -> Callable[P, Iterator[Any]]:
    """Turn what a generator raises into a `Failure`: our message, else the class name alone.

    Only a `TransientError` may be retried.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> Iterator[Any]:
        try:
            yield from function(*args, **kwargs)
        except IrwError as error:
            text, kind = str(error), type(error).__name__
            may_retry = isinstance(error, TransientError)
        except Exception as error:  # noqa: BLE001 - the boundary: its text may hold a value
            text, kind = "an unexpected error; its text is withheld", type(error).__name__
            may_retry = False
        else:
            return
        # outside the except blocks, so that no cause with a text is chained
        raise dg.Failure(
            description=f"{kind}: {text}",
            metadata={"error_class": kind},
            allow_retries=may_retry,
        )

    return run
