"""What a rule is given: seven-day figures of every area, each day as it was known on that day and not as it is now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from pumphandle.publication.atlas import Atlas
from pumphandle.publication.estimates import NO_POOLS, SPAN, Ground, Pooled, Windows, daily, open_since
from pumphandle.vocabulary.counts import Measure

Grid = NDArray[np.float64]
Marks = NDArray[np.bool_]


@dataclass(frozen=True)
class Exclusion:
    """Days on which an area's rise was mostly one institution, as somebody decided in public."""

    area_code: str
    first: date
    last: date


@dataclass(frozen=True)
class Inputs:
    """codes: areas, the rows of every grid; first: the day of the first column.

    population  : (areas,) residents behind the figures, nan where not known
    cases, tests: (areas, days) in the seven days to each day; nan where nothing can be said
    quiet       : (areas, days) no closed window of cases touches the seven days: fewer people than the rule's k
    institution : (areas, days) marked as mostly one institution
    """

    codes: tuple[str, ...]
    first: date
    population: Grid
    cases: Grid
    tests: Grid
    quiet: Marks
    institution: Marks

    @property
    def days(self) -> int:
        return int(self.cases.shape[1])

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.days - 1)

    def day(self, column: int) -> date:
        return self.first + timedelta(days=column)

    def column(self, day: date) -> int:
        return (day - self.first).days

    def of(self, code: str) -> "Inputs":
        """One area alone."""
        row = [self.codes.index(code)]
        return Inputs(
            (code,), self.first, self.population[row], self.cases[row], self.tests[row], self.quiet[row],
            self.institution[row],
        )  # fmt: skip

    def until(self, day: date) -> "Inputs":
        """As it was known on a day."""
        end = self.column(day) + 1
        return replace(
            self, cases=self.cases[:, :end], tests=self.tests[:, :end], quiet=self.quiet[:, :end],
            institution=self.institution[:, :end],
        )  # fmt: skip

    def marked(self, exclusions: Sequence[Exclusion]) -> "Inputs":
        """With the days of single institutions marked."""
        marks = self.institution.copy()
        rows = {code: row for row, code in enumerate(self.codes)}
        for one in exclusions:
            if one.area_code in rows:
                begin, end = max(0, self.column(one.first)), max(0, self.column(one.last) + 1)
                marks[rows[one.area_code], begin:end] = True
        return replace(self, institution=marks)


def known_on_the_day(windows: Windows, ground: Ground, pooled: Pooled = NO_POOLS) -> tuple[Grid, Marks]:
    """(nodes, days) seven-day estimate of each day from the windows closed by that day, and whether none touched it.

    The same figure that a release shows for its own day (estimates.seven_days), for all releases at once.
    """
    closed_daily = daily(windows, ground, pooled)
    days = np.arange(ground.days)
    since = (open_since(windows, ground, pooled) - ground.start)[:, None]
    closed_daily[days[None, :] >= since] = 0.0
    known = np.full((ground.nodes, ground.days), -1, dtype=np.int64)
    known[windows.node, windows.last - ground.start] = windows.last - ground.start
    known[pooled.node, pooled.last - ground.start] = pooled.last - ground.start
    np.maximum.accumulate(known, axis=1, out=known)
    begin = np.maximum(days - (SPAN - 1), 0)[None, :]
    running = np.concatenate([np.zeros((ground.nodes, 1)), np.cumsum(closed_daily, axis=1)], axis=1)
    closed = np.take_along_axis(running, np.maximum(known + 1, begin), axis=1) - np.take_along_axis(
        running, np.broadcast_to(begin, known.shape), axis=1
    )
    waiting = days[None, :] - known
    overlap = np.minimum(waiting, days[None, :] - begin + 1)
    still_open = np.divide((ground.k - 1) / 2 * overlap, waiting, out=np.zeros(known.shape), where=waiting > 0)
    return closed + still_open, known < begin


def gather(
    atlas: Atlas,
    windows: Mapping[Measure, Windows],
    ground: Ground,
    codes: Sequence[str],
    pooled: Mapping[Measure, Pooled] | None = None,
) -> Inputs:
    """Inputs of these areas: an area's figure is the sum of its nodes'; the first six days cannot be judged."""
    pools = pooled or {}
    grids = {
        measure: known_on_the_day(windows[measure], ground, pools.get(measure, NO_POOLS))
        for measure in (Measure.CASES, Measure.TESTS)
    }
    cases, quiet = grids[Measure.CASES]
    tests, untested = grids[Measure.TESTS]
    shape = (len(codes), ground.days)
    made = Inputs(
        codes=tuple(codes),
        first=date.fromordinal(ground.start),
        population=np.array([atlas.population_published(code) or np.nan for code in codes], dtype=np.float64),
        cases=np.full(shape, np.nan),
        tests=np.full(shape, np.nan),
        quiet=np.ones(shape, dtype=np.bool_),
        institution=np.zeros(shape, dtype=np.bool_),
    )
    for row, code in enumerate(codes):
        nodes = list(atlas.nodes_under(code))
        if not nodes:
            made.quiet[row] = False
            continue
        made.cases[row], made.quiet[row] = cases[nodes].sum(axis=0), quiet[nodes].all(axis=0)
        made.tests[row] = np.where(untested[nodes].all(axis=0), np.nan, tests[nodes].sum(axis=0))
    for grid in (made.cases, made.tests):
        grid[:, : SPAN - 1] = np.nan
    made.quiet[:, : SPAN - 1] = False
    return made
