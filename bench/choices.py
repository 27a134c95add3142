"""What was tried to get more out, sooner: who is held where two windows cannot both close, and when windows pool.

Each way decides the same made-up districts of 23 and of 8 areas (Poisson with gamma rates by area, seeds fixed) under
the same gate, so that all of them are equally safe; only usefulness differs.
"""

from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.disclosure import made_up, rested
from bench.figures import Figure
from pumphandle.disclosure import gate, residual
from pumphandle.disclosure.gate import Arrivals, Gate, decide_together, watch
from pumphandle.disclosure.residual import Closing, District

TITLE = "What was tried to publish more, sooner"
K, DAYS = 5, 60
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]
Choose = Callable[..., Closing]


@dataclass(frozen=True)
class Way:
    """choose : who closes; at : persons with which a window closes; pool_after : days, None: never"""

    name: str
    choose: Choose = residual.choose
    at: int = K
    pool_after: int | None = 28


def holding(
    district: District,
    *,
    may_close: Flags,
    district_may_close: bool = True,
    pool_after: int | None = None,
    beside: Mapping[int, Flags] | None = None,
    order: Callable[[District, Integers], int],
) -> Closing:
    """As residual.choose, with another window held first: one more is held until nothing is in the way."""
    ready = may_close.copy()
    while True:
        made = residual.choose(
            district, may_close=ready, district_may_close=district_may_close, pool_after=pool_after, beside=beside
        )
        held = np.flatnonzero(ready & ~made.areas)
        if not len(held):
            return replace(made, held=may_close & ~made.areas)
        ready[order(district, np.flatnonzero(ready))] = False


def largest(district: District, ready: Integers) -> int:
    return int(ready[np.argmax(district.pending[0, ready])])


def newest(district: District, ready: Integers) -> int:
    return int(ready[np.argmax(district.start[ready])])


def oldest(district: District, ready: Integers) -> int:
    return int(ready[np.argmin(district.start[ready])])


def totals_first(
    district: District,
    *,
    may_close: Flags,
    district_may_close: bool = True,
    pool_after: int | None = None,
    beside: Mapping[int, Flags] | None = None,
) -> Closing:
    """The smallest area windows wait until the district's total can close: exact totals every day, areas later."""
    ready = may_close.copy()
    choose = partial(residual.choose, pool_after=pool_after, beside=beside, district_may_close=district_may_close)
    first = made = choose(district, may_close=ready)
    while made.district is None and district_may_close and ready.any():
        ready[np.flatnonzero(ready)[np.argmin(district.pending[0, ready])]] = False
        made = choose(district, may_close=ready)
    return replace(made if made.district is not None else first, held=may_close & ~made.areas)


WAYS: Final = (
    Way("as built: the smallest window across an edge waits, then the total; pools after 28 days"),
    Way("the largest window waits", partial(holding, order=largest)),
    Way("the newest window waits", partial(holding, order=newest)),
    Way("the oldest window waits", partial(holding, order=oldest)),
    Way("the total comes first, area windows wait for it", totals_first),
    Way("windows close with 7 persons instead of 5", at=7),
    Way("no pools", pool_after=None),
    Way("pools after 14 days", pool_after=14),
    Way("pools after 7 days", pool_after=7),
)


@dataclass(frozen=True)
class Kept:
    """records, and of them those out within seven days; errors of 7 days; days of totals"""

    out: int
    records: int
    errors: Integers
    totals: Integers


@contextmanager
def _choosing(way: Way) -> Generator[None]:
    """The gate asks this way's planner. Only here, in a process of its own."""
    whole = gate.choose
    gate.choose = way.choose
    try:
        yield
    finally:
        gate.choose = whole


def decided(way: Way, mean: float, areas: int, seed: int) -> Kept:
    """One district's history."""
    counts = made_up(mean, areas=areas, days=DAYS, seed=seed)
    spread = np.full(counts.shape, np.nan)
    out, totals = 0, list[int]()
    watched = watch(areas, k=K)
    with _choosing(way):
        for day, arrivals in enumerate(counts):
            ready = watched.district.pending[0] + arrivals >= way.at
            today = Arrivals(arrivals, may_close=ready, total_may_close=not rested(counts, day))
            done = decide_together([watched], [today], day=day, gate=Gate(pool_after=way.pool_after))
            closing, watched = done.sides[0].closing, done.sides[0].watched
            if closing.district is not None:
                totals.append(day - closing.district[0] + 1)
            shut = closing.areas | closing.pool
            for area in np.flatnonzero(shut):
                first = int(closing.first[area])
                out += int(counts[max(first, day - 7) : min(day + 1, DAYS - 7), area].sum())
            for area in np.flatnonzero(closing.areas):
                first = int(closing.first[area])
                spread[first : day + 1, area] = closing.value[area] / (day - first + 1)
    sums = np.lib.stride_tricks.sliding_window_view
    gap = sums(spread, 7, axis=0).sum(axis=-1) - sums(counts, 7, axis=0).sum(axis=-1)
    return Kept(out, int(counts[: DAYS - 7].sum()), np.abs(gap[~np.isnan(gap)]), np.array(totals, dtype=np.int64))


def figures(*, quick: bool) -> list[Figure]:
    seeds = range(1 if quick else 4)
    found: list[Figure] = []
    with ProcessPoolExecutor(2) as pool:
        for areas, mean in product((23, 8), (0.5, 1.0, 3.0)):
            for way in WAYS:
                kept = list(pool.map(partial(decided, way, mean, areas), seeds))
                share = 100 * sum(one.out for one in kept) / sum(one.records for one in kept)
                error = float(np.concatenate([one.errors for one in kept]).mean())
                days = float(np.concatenate([one.totals for one in kept]).mean())
                found.append(
                    Figure(
                        f"{areas} areas, {mean:g} a day: {way.name}",
                        f"{share:.1f} % out within 7 days; mean error of 7 days {error:.2f}; "
                        f"mean days of a total {days:.2f}",
                        "–",
                    )
                )
    return found
