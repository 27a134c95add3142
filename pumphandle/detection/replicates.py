"""Replicates of a study in which nothing is going on, and the highest ratio found in each."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pumphandle.detection.kernels import chance, exact
from pumphandle.detection.layout import Indices, Layout, Longs, Values
from pumphandle.detection.models import Model, Null
from pumphandle.detection.packing import Draws, packed_for
from pumphandle.detection.rows import rows_for

BLOCK: Final = 64  # replicates a thread takes at once, at most; does not touch the result
PILOT: Final = 8  # replicates that tell where maxima lie

Key = npt.NDArray[np.uint64]

FREE_TABLES = (np.ones(1), np.zeros(1, dtype=np.int32))


@dataclass(frozen=True)
class Recipe:
    """How one replicate is drawn: see draw."""

    null: int
    place: tuple[Values, Indices]
    age: tuple[Values, Indices]
    kept: Indices
    low: Indices
    most: int
    cells: int


@dataclass(frozen=True)
class Block:
    """Replicates first, first + 1, … of one study: a task that any process can do."""

    layout: Layout
    key: Key
    first: int
    count: int
    threads: int = 1


def maxima_of(block: Block) -> Values:
    """(count,) highest ratios of a block."""
    return Replicates(block.layout, block.key, threads=block.threads).maxima(block.first, block.count)


class Replicates:
    """A supply of highest ratios. Replicate r depends on the key and r, on nothing else: any worker may draw it."""

    def __init__(self, layout: Layout, key: Key, *, threads: int = 1) -> None:
        self._layout = layout
        self._key = key
        self._threads = max(1, threads)
        self._recipe = _recipe(layout)
        self._inside = _inside(layout)
        self._rows = rows_for(layout, self._recipe.most, self._pilot)
        self._packed = packed_for(layout, self._recipe.most, threads=self._threads)
        if self._packed:
            pilot = self._in_blocks(self._by_parts, np.arange(PILOT), 1)
            self._packed = [part.from_pilot(pilot) for part in self._packed]

    def maxima(self, first: int, count: int) -> Values:
        """Highest ratios of replicates first, first + 1, … as (count,) float64."""

        def found(which: Longs) -> Values:
            out = np.zeros(len(which))
            self._fill(which, out)
            return out

        size = BLOCK if self._threads == 1 else max(8, min(BLOCK, count // (8 * self._threads)))
        return self._in_blocks(found, np.arange(first, first + count), size)

    def _in_blocks(self, found: Callable[[Longs], Values], which: Longs, size: int) -> Values:
        blocks = [which[at : at + size] for at in range(0, len(which), size)]
        with ThreadPoolExecutor(self._threads) as pool:
            return np.concatenate([np.zeros(0), *pool.map(found, blocks)])

    def _pilot(self, near: Layout) -> Values:
        return Replicates(near, self._key).maxima(0, PILOT)

    def _fill(self, which: Longs, out: Values) -> None:
        if self._packed:
            out[:] = self._by_parts(which)
        elif self._rows is not None:
            self._rows.maxima(self._draws(which), out)
            for at in np.flatnonzero(out <= self._rows.floor):
                self._exactly(which[at : at + 1], out[at : at + 1])
        else:
            self._exactly(which, out)

    def _by_parts(self, which: Longs) -> Values:
        """Over all parts of the windows; where nothing lies above the level begun with, again from the lowest."""
        best = self._highest(which, 1)
        low = best <= self._packed[0].levels[1]
        if low.any():
            best[low] = self._highest(which[low], 0)
        return np.where(best > self._packed[0].levels[0], best, 0.0)

    def _highest(self, which: Longs, begin: int) -> Values:
        best = np.zeros(len(which))
        for part in self._packed:
            found = np.zeros(len(which))
            part.maxima(self._draws(which), found, begin=begin)
            best = np.maximum(best, found)
        return best

    def _exactly(self, which: Longs, out: Values) -> None:
        layout, zones = self._layout, self._layout.zones
        exact.exact_maxima(
            *self._draws(which), zones.centre, zones.start, zones.member, zones.closes, zones.size, np.array([np.inf]),
            layout.by_case, layout.model.share, layout.by_age, layout.window_from, layout.window_to, layout.weight,
            layout.kind, layout.window_cases, layout.window_base, layout.fewest, zones.places, out,
        )  # fmt: skip

    def _draws(self, which: Longs) -> Draws:
        states, wanted = self._chances(which)
        recipe = self._recipe
        return (
            states, wanted, recipe.null, *recipe.place, *recipe.age, recipe.kept, recipe.low, self._layout.ages,
            self._layout.model.stratum_days, recipe.most, recipe.cells,
        )  # fmt: skip

    def _chances(self, which: Longs) -> tuple[npt.NDArray[np.uint64], Longs]:
        """One block of the Philox counter a replicate: its seed, and how many cases fall inside the windows."""
        states = np.empty(len(which), dtype=np.uint64)
        wanted = np.zeros(len(which), dtype=np.int64)
        for at, replicate in enumerate(which):
            bits = np.random.Philox(key=self._key, counter=[0, int(replicate) + 1, 0, 0])
            states[at] = bits.random_raw()
            wanted[at] = _wanted(self._layout.model, self._inside, np.random.Generator(bits))
        return states, wanted


def _inside(layout: Layout) -> float:
    """Baseline inside the windows' ages."""
    if layout.model.cells is not None:
        return float(layout.by_age.sum())
    return float(layout.model.day_weight[::-1][: layout.ages].sum())


def _wanted(model: Model, inside: float, rng: np.random.Generator) -> int:
    if model.null == Null.FREE:
        return int(rng.binomial(model.cases.total, min(1.0, inside / model.base)))
    if model.null == Null.TESTS_KEPT:
        return int(rng.hypergeometric(int(inside), int(model.base - inside), model.cases.total))
    if model.null == Null.EXPECTED:
        return int(rng.poisson(inside))
    return 0


def _recipe(layout: Layout) -> Recipe:
    model, ages = layout.model, layout.ages
    cases = model.cases
    age = (cases.days - 1 - cases.day).astype(np.int32)
    nothing = np.zeros(0, dtype=np.int32)
    weights = model.day_weight[::-1]
    if model.cells is not None:
        cells = np.ascontiguousarray(layout.by_age.ravel())
        null = chance.TESTS_KEPT if model.null == Null.TESTS_KEPT else chance.CELLS
        kept = cells.astype(np.int32) if null == chance.TESTS_KEPT else nothing
        inside = cells.sum()
        most = cases.total if model.null != Null.EXPECTED else int(inside + 20.0 * np.sqrt(inside) + 200.0)
        scratch = len(cells) if null == chance.TESTS_KEPT else 0
        place = chance.alias_table(cells) if inside > 0 else FREE_TABLES
        return Recipe(null, place, FREE_TABLES, kept, nothing, most, scratch)
    if model.null == Null.FREE:
        place, days = chance.alias_table(model.share), chance.alias_table(weights[:ages].copy())
        return Recipe(chance.FREE, place, days, nothing, nothing, cases.total, 0)
    if model.null == Null.DAYS_KEPT:
        first = (age // model.stratum_days) * model.stratum_days
        low = np.sort(first[first < ages])
        return Recipe(chance.DAYS_KEPT, chance.alias_table(model.share), FREE_TABLES, nothing, low, max(len(low), 1), 0)
    if model.null == Null.PLACES_KEPT:
        days = chance.alias_table(weights.copy())
        return Recipe(chance.PLACES_KEPT, FREE_TABLES, days, cases.place, nothing, cases.total, 0)
    low = np.sort(age[age < ages])
    return Recipe(chance.SHUFFLED, FREE_TABLES, FREE_TABLES, cases.place, low, max(len(low), 1), 0)
