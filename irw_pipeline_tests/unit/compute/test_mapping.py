from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from typing import TYPE_CHECKING

import pytest

from irw_pipeline.compute.local import LocalPool
from irw_pipeline.compute.mapping import MAX_DEATHS, WorkersDiedError, map_items
from irw_pipeline.errors import InputError, TransientError

if TYPE_CHECKING:
    from pathlib import Path

POISON = [f"__import__('os')._exit({code})" for code in range(MAX_DEATHS + 1)]
"""Workers import functions by name, and pytest's importlib mode hides this file from them; so the
tests map `eval` and `abs`, and a poisonous item is text that ends the process."""


def pool() -> LocalPool:
    return LocalPool(2)


def test_results_come_in_input_order() -> None:
    items = list(range(-100, 0))
    assert list(map_items(abs, items, backend=pool())) == [abs(item) for item in items]


def test_few_items_run_in_the_calling_process() -> None:
    assert (
        list(map_items(eval, ["__import__('os').getpid()"] * 3, backend=pool()))
        == [os.getpid()] * 3
    )


def test_many_items_run_elsewhere() -> None:
    pids = set(map_items(eval, ["__import__('os').getpid()"] * 100, backend=pool()))
    assert os.getpid() not in pids


def test_nothing_to_do_gives_nothing() -> None:
    assert list(map_items(abs, [], backend=pool())) == []


def test_one_poisonous_item_costs_only_its_own_result() -> None:
    items = [str(n) for n in range(100)]
    items[37] = POISON[1]
    expected: list[object] = list(range(100))
    expected[37] = "died"
    got = map_items(eval, items, backend=pool(), on_death=lambda _item: "died")
    assert list(got) == expected


def test_a_death_nobody_answers_for_tells_how_many_were_done() -> None:
    items = [str(n) for n in range(64)]
    items[40] = POISON[1]
    got: list[int] = []
    with pytest.raises(WorkersDiedError, match="after 40 of 64 items") as raised:
        got.extend(map_items(eval, items, backend=pool()))
    assert isinstance(raised.value, TransientError)
    assert POISON[1] not in str(raised.value)


def test_too_many_deaths_blame_the_machine() -> None:
    with pytest.raises(WorkersDiedError):
        list(map_items(eval, POISON * 5, backend=pool(), on_death=lambda _item: None))


def test_an_exception_of_the_function_is_raised_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        list(map_items(eval, ["1"] * 50 + ["1 / 0"], backend=pool()))


def test_a_function_that_cannot_be_imported_is_an_error_and_no_death() -> None:
    with pytest.raises((AttributeError, TypeError)):
        list(map_items(lambda n: n, list(range(50)), backend=pool()))


def test_an_iteration_that_is_left_stops_its_workers() -> None:
    results = map_items(eval, ["__import__('os').getpid()"] * 200, backend=pool())
    worker = next(iter(results))
    results.close()  # type: ignore[attr-defined]
    assert gone(worker)


def test_a_pool_without_workers_is_refused() -> None:
    with pytest.raises(InputError, match="at least one worker"):
        LocalPool(0)


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    """A worker of the standard pool waits for ever for a parent that is gone."""
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent("""
            from irw_pipeline.compute.local import LocalPool
            if __name__ == "__main__":
                work = "(__import__('time').sleep(0.01), __import__('os').getpid())[1]"
                for pid in LocalPool(2).map_items(eval, [work] * 100_000):
                    print(pid, flush=True)
        """)
    )
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
        parent.stdout.close()
    assert gone(worker)


def gone(pid: int) -> bool:
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False
