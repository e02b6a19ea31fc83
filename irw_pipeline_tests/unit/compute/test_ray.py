from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import pytest

from irw_pipeline.compute.mapping import map_items
from irw_pipeline.compute.ray import RayBackend
from irw_pipeline.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

HAS_RAY = importlib.util.find_spec("ray") is not None
needs_ray = pytest.mark.skipif(not HAS_RAY, reason="Ray is an extra and not installed")


@pytest.fixture(scope="module")
def backend() -> Iterator[RayBackend]:
    backend = RayBackend("local", workers=2)
    yield backend
    backend.disconnect()


@pytest.mark.skipif(HAS_RAY, reason="Ray is installed")
def test_a_missing_ray_is_named_with_its_remedy() -> None:
    with pytest.raises(SettingsError, match=r"pip install irw-pipeline\[ray\]"):
        RayBackend("auto")


@needs_ray
def test_results_come_in_input_order(backend: RayBackend) -> None:
    items = list(range(-100, 0))
    assert list(map_items(abs, items, backend=backend)) == [abs(item) for item in items]


@needs_ray
def test_one_poisonous_item_costs_only_its_own_result(backend: RayBackend) -> None:
    items = [str(n) for n in range(40)]
    items[20] = "__import__('os')._exit(1)"
    expected: list[object] = list(range(40))
    expected[20] = "died"
    got = map_items(eval, items, backend=backend, on_death=lambda _item: "died")
    assert list(got) == expected


@needs_ray
def test_an_exception_of_the_function_is_raised_as_it_is(backend: RayBackend) -> None:
    with pytest.raises(ZeroDivisionError):
        list(map_items(eval, ["1"] * 20 + ["1 / 0"], backend=backend))
