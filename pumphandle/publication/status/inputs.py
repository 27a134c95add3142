"""What a rule is given: seven-day figures of every area, each day as it was known on that day and not as it is now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pumphandle.publication.edition import Edition
from pumphandle.publication.estimates import NO_POOLS, SPAN, Ground, Pooled, Windows, daily, open_since, untold
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.places import AreaLevel

Grid = NDArray[np.float64]
Marks = NDArray[np.bool_]


GRIDS: Final = ("cases", "tests", "quiet", "institution", "recalled", "untested")
"""What an Inputs holds for every area and day."""


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
    recalled    : (areas, days) a number of cases that the seven days stood on was taken back since: cases are nan
    untested    : (areas, days) the same of tests
    """

    codes: tuple[str, ...]
    first: date
    population: Grid
    cases: Grid
    tests: Grid
    quiet: Marks
    institution: Marks
    recalled: Marks
    untested: Marks

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

    def of(self, codes: Sequence[str]) -> "Inputs":
        """Some areas alone, in the order that is asked for."""
        place = {code: row for row, code in enumerate(self.codes)}
        rows = [place[code] for code in codes]
        grids = {name: getattr(self, name)[rows] for name in GRIDS}
        return replace(self, codes=tuple(codes), population=self.population[rows], **grids)

    def row(self, row: int) -> "Inputs":
        """One area alone; its grids are views."""
        grids = {name: getattr(self, name)[row : row + 1] for name in GRIDS}
        return replace(self, codes=(self.codes[row],), population=self.population[row : row + 1], **grids)

    def until(self, day: date) -> "Inputs":
        """As it was known on a day."""
        end = self.column(day) + 1
        return replace(self, **{name: getattr(self, name)[:, :end] for name in GRIDS})

    def marked(self, exclusions: Sequence[Exclusion]) -> "Inputs":
        """With the days of single institutions marked."""
        marks = self.institution.copy()
        rows = {code: row for row, code in enumerate(self.codes)}
        for one in exclusions:
            if one.area_code in rows:
                begin, end = max(0, self.column(one.first)), max(0, self.column(one.last) + 1)
                marks[rows[one.area_code], begin:end] = True
        return replace(self, institution=marks)


@dataclass(frozen=True)
class Known:
    """Seven days to each day, (rows, days), from what had been published by that day.

    estimate : cases or tests; means nothing where it was recalled
    untouched: no closed window touches them, recalled ones included
    recalled : a window that had closed by the day touches them, and its number was taken back since
    """

    estimate: Grid
    untouched: Marks
    recalled: Marks


def known_on_the_day(
    windows: Windows, ground: Ground, pooled: Pooled = NO_POOLS, recalled: Windows | None = None
) -> Known:
    """Of every node, from the windows closed by each day.

    The same figure that a release shows for its own day (estimates.seven_days), for all releases at once.
    """
    gone = NO_POOLS if recalled is None else untold(recalled)
    pooled = pooled.beside(gone)
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
    return Known(closed + still_open, known < begin, _touched(gone, ground))


def _touched(gone: Pooled, ground: Ground) -> Marks:
    """(nodes, days) the seven days to the day reach back to the end of such a window."""
    marks = np.zeros((ground.nodes, ground.days), dtype=np.bool_)
    columns = (gone.last - ground.start)[:, None] + np.arange(SPAN)
    rows = np.broadcast_to(gone.node[:, None], columns.shape)
    inside = columns < ground.days
    marks[rows[inside], columns[inside]] = True
    return marks


def gather(edition: Edition, codes: Sequence[str]) -> Inputs:
    """Inputs of these areas; the first six days cannot be judged.

    A figure is exact where the totals of districts add up to just the seven days, otherwise the sum of the area's
    nodes. What a recalled number was part of cannot be said.
    """
    cases, tests = (_of_areas(edition, measure, codes) for measure in (Measure.CASES, Measure.TESTS))
    shape = (len(codes), edition.ground.days)
    young = np.broadcast_to(np.arange(shape[1]) < SPAN - 1, shape)
    unsaid = young | ~np.array([bool(edition.atlas.nodes_under(code)) for code in codes], dtype=np.bool_)[:, None]
    return Inputs(
        codes=tuple(codes),
        first=edition.start,
        population=np.array([edition.atlas.population_published(code) or np.nan for code in codes], dtype=np.float64),
        cases=np.where(unsaid | cases.recalled, np.nan, cases.estimate),
        tests=np.where(unsaid | tests.recalled | tests.untouched, np.nan, tests.estimate),
        quiet=cases.untouched & ~unsaid,
        institution=np.zeros(shape, dtype=np.bool_),
        recalled=cases.recalled & ~unsaid,
        untested=tests.recalled & ~unsaid,
    )


def _of_areas(edition: Edition, measure: Measure, codes: Sequence[str]) -> Known:
    nodes = known_on_the_day(
        edition.windows[measure],
        edition.ground,
        edition.pooled.get(measure, NO_POOLS),
        edition.recalled.get(measure),
    )
    shape = (len(codes), edition.ground.days)
    found = Known(np.zeros(shape), np.ones(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_))
    for row, code in enumerate(codes):
        rows = list(edition.atlas.nodes_under(code))
        if rows:
            found.estimate[row] = nodes.estimate[rows].sum(axis=0)
            found.untouched[row] = nodes.untouched[rows].all(axis=0)
            found.recalled[row] = nodes.recalled[rows].any(axis=0)
    _exactly(edition, measure, codes, found)
    return found


def _exactly(edition: Edition, measure: Measure, codes: Sequence[str], found: Known) -> None:
    """Puts the exact number where there is one: a total ends on the day that it is published."""
    if measure not in edition.totals:
        return
    last = np.arange(edition.ground.days)
    for level in {edition.atlas.places[code].level for code in codes} - {AreaLevel.SMALL_AREA}:
        at_level = {place.code: row for row, place in enumerate(edition.atlas.at_level(level))}
        value, known = edition.running(level, measure).span(last - (SPAN - 1), last)
        for row, code in enumerate(codes):
            if code in at_level:
                exact = known[at_level[code]]
                found.estimate[row] = np.where(exact, value[at_level[code]], found.estimate[row])
                found.untouched[row] &= ~exact
                found.recalled[row] &= ~exact
