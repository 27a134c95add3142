"""Figures in the names of the former dashboard of the United Kingdom, for programs that were written for it.

A name is used only where the number means what it meant there: counts by the day on which they were first published,
exactly. What is not known exactly has no value under such a name; the name with Code behind it says why. Estimates
have names of our own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pumphandle.publication.atlas import Place
from pumphandle.publication.edition import MEASURES, Edition, State
from pumphandle.publication.estimates import SPAN, per_100_000
from pumphandle.publication.exact import Running
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.places import AreaLevel

LEVELS: Final[Mapping[str, AreaLevel]] = {
    "nation": AreaLevel.NATION,
    "region": AreaLevel.REGION,
    "ltla": AreaLevel.DISTRICT,
    "msoa": AreaLevel.SMALL_AREA,
}
"""The former area types that we have: local authority districts, and middle-layer areas of statistics."""

ABOUT: Final = ("areaType", "areaCode", "areaName", "date")
"""What a row is about; everything else is a figure."""
EXACT: Final = "EXACT"
NOT_EXACT: Final = "NOT_KNOWN_EXACTLY"
NOT_YET: Final = "NOT_YET_PUBLISHED"

Column = list[Any]


@dataclass(frozen=True)
class Series:
    """One area's days, oldest first. `row` : its row in the running sums of its level, None where it has none."""

    edition: Edition
    place: Place
    days: Sequence[date]
    row: int | None

    def spans(self, measure: Measure, first: NDArray[np.int64], last: NDArray[np.int64]) -> Column:
        """Counts of the days first..last (columns), None where they are not known exactly."""
        sums = self._running(measure)
        if self.row is None or not sums.total.shape[0]:
            return [None] * len(first)
        mine = slice(self.row, self.row + 1)
        own = Running(sums.total[mine], sums.known[mine], sums.stretch[mine])
        counts, known = own.span(first, last)
        return [int(count) if told else None for count, told in zip(counts[0], known[0], strict=True)]

    def seven(self, measure: Measure, grid: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """(days,) a grid of seven-day figures, summed, and whether any closed window touches the seven days."""
        if not len(self.nodes) or self.combined:
            none = np.zeros(len(self.days))
            return none, none.astype(np.bool_)
        seven, columns = self.edition.seven[measure], self.columns()
        values: NDArray[np.float32] = getattr(seven, grid)
        closed = np.logical_or.reduce(seven.closed[self.nodes][:, columns], axis=0) & ~self.recalled(measure)
        return values[self.nodes][:, columns].sum(axis=0, dtype=np.float64), closed

    def recalled(self, measure: Measure) -> NDArray[np.bool_]:
        """(days,) whether the seven days stand on a number that was taken back."""
        return np.logical_or.reduce(self.edition.seven[measure].recalled[self.nodes][:, self.columns()], axis=0)

    def columns(self) -> NDArray[np.int64]:
        return np.array([(day - self.edition.start).days for day in self.days], dtype=np.int64)

    def _running(self, measure: Measure) -> Running:
        return self.edition.running(self.place.level, measure)

    @property
    def combined(self) -> bool:
        """Whether the estimates stand under another area's name."""
        return self.place.node not in (None, self.place.code)

    @cached_property
    def nodes(self) -> NDArray[np.int64]:
        return np.array(self.edition.atlas.nodes_under(self.place.code), dtype=np.int64)

    @property
    def people(self) -> int | None:
        return self.edition.atlas.population_published(self.place.code)


def series(edition: Edition, place: Place, days: Sequence[date]) -> Series:
    """An area's days; combined areas bear the figures of what they are published with."""
    if place.level is AreaLevel.SMALL_AREA:
        return Series(edition, place, days, None if place.node is None else edition.atlas.index[place.node])
    codes = [one.code for one in edition.atlas.at_level(place.level)]
    return Series(edition, place, days, codes.index(place.code))


Maker = Callable[[Series], Column]


def _new(measure: Measure) -> Maker:
    return lambda one: one.spans(measure, one.columns(), one.columns())


def _cumulative(measure: Measure) -> Maker:
    return lambda one: one.spans(measure, np.zeros(len(one.days), dtype=np.int64), one.columns())


def _rolling(measure: Measure, back: int = 0) -> Maker:
    return lambda one: one.spans(measure, one.columns() - back - SPAN + 1, one.columns() - back)


def _rate(of: Maker) -> Maker:
    return lambda one: [None if count is None else _tenth(per_100_000(count, one.people)) for count in of(one)]


def _change(measure: Measure) -> Maker:
    """The last seven days less the seven before."""
    return lambda one: [
        None if None in (now, before) else now - before
        for now, before in zip(_rolling(measure)(one), _rolling(measure, SPAN)(one), strict=True)
    ]


def _change_percentage(measure: Measure) -> Maker:
    return lambda one: [
        None if change is None or not before else _tenth(100 * change / before)
        for change, before in zip(_change(measure)(one), _rolling(measure, SPAN)(one), strict=True)
    ]


def _direction(measure: Measure) -> Maker:
    words = {-1: "DOWN", 0: "SAME", 1: "UP"}
    return lambda one: [None if change is None else words[int(np.sign(change))] for change in _change(measure)(one)]


def _code(of: Maker) -> Maker:
    return lambda one: [EXACT if value is not None else NOT_YET if one.row is None else NOT_EXACT for value in of(one)]


def _estimate(measure: Measure, grid: str) -> Maker:
    """The seven-day estimate or a bound of it, as the pages show it; None while the window is open."""
    return lambda one: [
        round(float(value), 1) if shown else None for value, shown in zip(*one.seven(measure, grid), strict=True)
    ]


def _state(one: Series) -> Column:
    shown = one.seven(Measure.CASES, "estimate")[1]
    if one.combined:
        return [State.COMBINED.value] * len(shown)
    absent = State.OPEN_WINDOW if len(one.nodes) else State.NOT_YET
    told = [State.PUBLISHED.value if closed else absent.value for closed in shown]
    gone = one.recalled(Measure.CASES) if len(one.nodes) else np.zeros(len(told), dtype=np.bool_)
    return [State.RECALLED.value if taken else state for taken, state in zip(gone, told, strict=True)]


def _tenth(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _family(thing: str, measure: Measure) -> dict[str, Maker]:
    """The names of one count by publication day, as they were formed."""
    new, total = f"new{thing}ByPublishDate", f"cum{thing}ByPublishDate"
    made = {
        new: _new(measure),
        total: _cumulative(measure),
        f"{total}Rate": _rate(_cumulative(measure)),
        f"{new}RollingSum": _rolling(measure),
        f"{new}RollingRate": _rate(_rolling(measure)),
        f"{new}Change": _change(measure),
        f"{new}ChangePercentage": _change_percentage(measure),
        f"{new}Direction": _direction(measure),
    }
    return made | {f"{name}Code": _code(maker) for name, maker in made.items()}


METRICS: Final[Mapping[str, Maker]] = {
    **_family("Cases", Measure.CASES),
    **_family("VirusTests", Measure.TESTS),
    **{
        f"{measure.value}SevenDays{grid.capitalize()}": _estimate(measure, grid)
        for measure in MEASURES
        for grid in ("estimate", "low", "high")
    },
    "casesSevenDaysRate": _rate(_estimate(Measure.CASES, "estimate")),
    "testsSevenDaysRate": _rate(_estimate(Measure.TESTS, "estimate")),
    "sevenDaysState": _state,
}
"""Every figure by its name; those of the former dashboard first, then estimates under names of our own."""


def rows(edition: Edition, places: Sequence[Place], days: Sequence[date], names: Sequence[str]) -> list[dict[str, Any]]:
    """One row an area and day, areas in order of name, days newest first, with the columns of `names`.

    Rows in which none of the figures asked for has a value are left out, as they were there.
    """
    area_type = {level: word for word, level in LEVELS.items()}
    figures = [name for name in names if name not in ABOUT]
    found: list[dict[str, Any]] = []
    for place in sorted(places, key=lambda one: one.name.lower()):
        one = series(edition, place, days)
        made = {name: METRICS[name](one) for name in figures}
        about = {"areaType": area_type[place.level], "areaCode": place.code, "areaName": place.name}
        for at in reversed(range(len(days))):
            values = {name: column[at] for name, column in made.items()}
            if not figures or any(value is not None for value in values.values()):
                row = about | {"date": days[at]} | values
                found.append({name: row[name] for name in names})
    return found


def days_of(edition: Edition) -> list[date]:
    """All days of an edition, oldest first."""
    return [edition.start + timedelta(days=step) for step in range(edition.ground.days)]
