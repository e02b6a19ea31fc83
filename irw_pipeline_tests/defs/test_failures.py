"""What a step raises reaches Dagster as our message or as a class name, never as foreign text."""

from __future__ import annotations

from collections.abc import Iterator  # noqa: TC003 - Dagster resolves an asset's annotations
from typing import Any

import dagster as dg
import pytest

from irw_pipeline.defs.failures import RETRIES, guarded
from irw_pipeline.errors import InputError, LakeConflictError, PhiLeakError, TransientError

CANARY = "CANARY-Quillfeather"


def failure_of(error: Exception) -> dg.Failure:
    @guarded
    def step() -> Iterator[int]:
        yield 1
        raise error

    with pytest.raises(dg.Failure) as caught:
        list(step())
    return caught.value


def everything_said(error: BaseException | None) -> str:
    """Return the texts of an error and of all that it is chained to."""
    if error is None:
        return ""
    own = f"{error!r} {error} {vars(error)}"
    return own + everything_said(error.__cause__) + everything_said(error.__context__)


@pytest.mark.parametrize(
    "error",
    [ValueError(CANARY), KeyError(CANARY), UnicodeError(CANARY), OSError(2, CANARY, CANARY)],
    ids=lambda error: type(error).__name__,
)
def test_text_of_a_foreign_exception_is_withheld(error: Exception) -> None:
    failure = failure_of(error)
    assert CANARY not in everything_said(failure)
    assert type(error).__name__ in str(failure.description)
    assert failure.allow_retries is False


@pytest.mark.parametrize(
    "error", [InputError("the drop is empty"), PhiLeakError("an audit found one")], ids=str
)
def test_permanent_error_is_said_and_not_retried(error: Exception) -> None:
    failure = failure_of(error)
    assert failure.description == f"{type(error).__name__}: {error}"
    assert failure.allow_retries is False


@pytest.mark.parametrize("error", [LakeConflictError("omop.person"), TransientError("busy")])
def test_transient_error_may_be_retried(error: Exception) -> None:
    failure = failure_of(error)
    assert failure.description == f"{type(error).__name__}: {error}"
    assert failure.allow_retries is True


def test_what_was_yielded_before_a_failure_arrives() -> None:
    @guarded
    def step() -> Iterator[int]:
        yield 1
        raise InputError("no")

    run = step()
    assert next(run) == 1
    with pytest.raises(dg.Failure):
        next(run)


def test_step_that_ends_well_is_left_alone() -> None:
    @guarded
    def step() -> Iterator[int]:
        yield from (1, 2, 3)

    assert list(step()) == [1, 2, 3]


@pytest.mark.parametrize(
    ("error", "attempts"),
    [
        (ValueError(CANARY), 1),
        (InputError("the drop is empty"), 1),
        (LakeConflictError("omop.person"), 3),
    ],
    ids=lambda value: type(value).__name__,
)
def test_run_retries_what_may_succeed_and_records_no_foreign_text(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    error: Exception,
    attempts: int,
) -> None:
    monkeypatch.setenv("DAGSTER_REDACT_USER_CODE_ERRORS", "1")
    assert RETRIES.max_retries == 2
    at_once = dg.RetryPolicy(max_retries=RETRIES.max_retries)
    calls: list[int] = []

    def body() -> Iterator[Any]:
        calls.append(1)
        raise error
        yield

    @dg.asset(retry_policy=at_once)
    def thing() -> Iterator[Any]:
        yield from guarded(body)()

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([thing], instance=instance, raise_on_error=False)
        records = instance.get_records_for_run(result.run_id).records
    assert not result.success
    assert len(calls) == attempts
    recorded = "\n".join(dg.serialize_value(record.event_log_entry) for record in records)
    assert CANARY not in recorded
    said = capfd.readouterr()
    assert CANARY not in said.out + said.err
