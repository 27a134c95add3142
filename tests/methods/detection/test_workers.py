"""Replicates spread over two worker processes are the same to the last bit, for every kind of chance."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest

from pumphandle.detection.layout import Windows
from pumphandle.detection.models import (
    Model,
    bernoulli,
    cases_at,
    poisson,
    space_time_permutation,
    spatially_stratified,
)
from pumphandle.detection.scan import Chance, scan
from pumphandle.detection.zones import circles

PLACES, DAYS = 40, 30


class Processes:
    """A pool behind the small interface."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def map(self, task: Any, given: Any, /) -> list[Any]:
        return list(self._pool.map(task, given))


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield Processes(pool)


def models() -> dict[str, Model]:
    rng = np.random.default_rng(7)
    cases = cases_at(rng.integers(0, PLACES, 300), rng.integers(0, DAYS, 300), places=PLACES, days=DAYS)
    tests = np.full((PLACES, DAYS), 4.0)
    np.add.at(tests, (cases.place, cases.day), 1.0)
    return {
        "population": poisson(cases, np.full(PLACES, 500.0)),
        "tests": poisson(cases, tests),
        "places kept": spatially_stratified(cases),
        "permutation": space_time_permutation(cases),
        "bernoulli": bernoulli(cases, tests),
    }


@pytest.mark.parametrize("name", list(models()))
@pytest.mark.parametrize("stop_after", [None, 5])
def test_two_processes_and_one_say_the_same(processes: Processes, name: str, stop_after: int | None) -> None:
    points = np.random.default_rng(8).random((PLACES, 2)) * 1000.0
    zones = circles(points, np.full(PLACES, 500.0), max_share=0.3)

    def run(chance: Chance) -> Any:
        return scan(models()[name], zones, Windows("prospective", 7), rng=np.random.default_rng(1), chance=chance)

    alone = run(Chance(replicates=39, stop_after=stop_after))
    together = run(Chance(replicates=39, stop_after=stop_after, workers=processes, parts=3))
    assert np.array_equal(alone.maxima, together.maxima)
    assert [one.p_value for one in alone.clusters] == [one.p_value for one in together.clusters]
