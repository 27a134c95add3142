"""Classes of the map: fixed breaks, so that a colour means the same on every day and in every release.

Two things keep a small number from looking grave: an area takes no class above the one that its count supports, and the
colours (in the style sheet) run from pale to deep in one hue, without red.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pumphandle.publication.atlas import Atlas
from pumphandle.publication.edition import Edition, Shown
from pumphandle.publication.held import shows_held
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.places import AreaLevel

OPEN: Final = "o"
"""Code of an area whose seven days lie in an open window."""
RECALLED: Final = "r"
"""Code of an area whose figure stood on a number that was taken back."""
HELD: Final = "h"
"""Code of an area whose figure somebody holds back, in public."""
NOT_YET: Final = "n"
"""Code of an area without anything to show."""

_SUPPORT: Final = ((10, 2), (20, 4))
"""Below so many counted cases, at most this class: 9 cases in 2,000 people stay in the third class of seven."""


def support(shown: Shown) -> tuple[tuple[int, str], ...]:
    """(fewer than so many cases, the label of the deepest class then); none for tests."""
    return () if shown is Shown.TESTS else tuple((enough, SCALES[shown].labels[most]) for enough, most in _SUPPORT)


@dataclass(frozen=True)
class Scale:
    """Upper bounds of all classes but the last, in `unit`; a value on a bound belongs to the class above."""

    title: str
    unit: str
    breaks: tuple[float, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        marks = [f"{bound:,g}" for bound in self.breaks]
        between = [f"{low} to {high}" for low, high in pairwise(marks)]
        return (f"under {marks[0]}", *between, f"{marks[-1]} and over")


SCALES: Final[Mapping[Shown, Scale]] = {
    Shown.CASES: Scale("Cases per 100,000 people", "per 100,000", (10, 25, 50, 100, 200, 400)),
    Shown.TESTS: Scale("Tests per 100,000 people", "per 100,000", (500, 1_000, 2_000, 4_000, 8_000, 16_000)),
    Shown.POSITIVITY: Scale("Cases per 100 tests", "per 100 tests", (0.5, 1, 2, 5, 10, 20)),
}


@dataclass(frozen=True)
class Units:
    """What a map colours: small areas as published, or larger areas as sums. All tuples have one length.

    areas  : codes drawn alike (the members of a combined area, or one code)
    nodes  : rows of the nodes that the figures are made of
    people : residents, 0 where not known
    small  : whether it is a small area
    """

    areas: tuple[tuple[str, ...], ...]
    nodes: tuple[tuple[int, ...], ...]
    people: tuple[int, ...]
    small: tuple[bool, ...]

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """Nodes of all units, one after the other."""
        return np.fromiter(chain.from_iterable(self.nodes), dtype=np.int64)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where the nodes of each unit begin among `rows`."""
        lengths = np.fromiter(map(len, self.nodes), dtype=np.int64, count=len(self.nodes))
        return np.cumsum(lengths) - lengths


def units(atlas: Atlas, codes: Iterable[str]) -> Units:
    """The units of a map of these areas; areas without figures are left out."""
    seen: dict[tuple[int, ...], list[str]] = {}
    people: list[int] = []
    small: list[bool] = []
    for code in codes:
        rows = atlas.nodes_under(code)
        if not rows:
            continue
        if rows not in seen:
            people.append(atlas.population_published(code) or 0)
            small.append(atlas.places[code].level is AreaLevel.SMALL_AREA)
        seen.setdefault(rows, []).append(code)
    return Units(tuple(tuple(codes) for codes in seen.values()), tuple(seen), tuple(people), tuple(small))


Marks = NDArray[np.uint8]
"""Characters by their number."""


def classes(edition: Edition, shown: Shown, days: Sequence[date], units: Units) -> Marks:
    """(units, days) one character each: the class from 0, OPEN, HELD, RECALLED or NOT_YET."""
    columns = np.array([edition.column(day) for day in days], dtype=np.int64)
    people = np.array(units.people, dtype=np.float64)[:, None]
    cases, cases_closed = _summed(edition, Measure.CASES, columns, units)
    tests, tests_closed = _summed(edition, Measure.TESTS, columns, units)
    if shown is Shown.POSITIVITY:
        top, bottom, factor, closed = cases, tests, 100, cases_closed & tests_closed
    elif shown is Shown.CASES:
        top, bottom, factor, closed = cases, np.broadcast_to(people, cases.shape), 100_000, cases_closed
    else:
        top, bottom, factor, closed = tests, np.broadcast_to(people, tests.shape), 100_000, tests_closed
    value = factor * np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
    numbers = np.searchsorted(np.array(SCALES[shown].breaks), value, side="right")
    if shown is not Shown.TESTS:
        for enough, most in _SUPPORT:
            numbers = np.where(cases < enough, np.minimum(numbers, most), numbers)
    drawn = np.where(closed, np.where(bottom > 0, numbers + ord("0"), ord(NOT_YET)), ord(OPEN)).astype(np.uint8)
    drawn[_held(edition, shown, columns, units, closed=closed)] = ord(HELD)
    drawn[_recalled(edition, shown, columns, units)] = ord(RECALLED)
    return drawn


def as_texts(marks: Marks) -> list[str]:
    """A text for each column."""
    return [column.tobytes().decode("ascii") for column in np.ascontiguousarray(marks.T)]


def _summed(
    edition: Edition, measure: Measure, columns: NDArray[np.int64], units: Units
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    seven = edition.seven[measure]
    if not units.nodes:
        return np.zeros((0, len(columns))), np.zeros((0, len(columns)), dtype=np.bool_)
    wanted = np.ix_(units.rows, columns)
    estimate = np.add.reduceat(seven.estimate[wanted].astype(np.float64), units.starts, axis=0)
    return estimate, np.logical_or.reduceat(seven.closed[wanted], units.starts, axis=0)


def _held(
    edition: Edition, shown: Shown, columns: NDArray[np.int64], units: Units, *, closed: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """(units, days) whether a day lies in a window that was held, and the figure says so."""
    found = np.zeros((len(units.nodes), len(columns)), dtype=np.bool_)
    for measure in measures_of(shown):
        held, since = edition.held[measure], edition.seven[measure].open_since - edition.ground.start
        if held.any():
            lies = held[:, None] & (since[:, None] <= columns[None, :])
            found |= np.array([lies[list(nodes)].any(axis=0) for nodes in units.nodes])
    small = np.broadcast_to(np.array(units.small, dtype=np.bool_)[:, None], found.shape)
    return shows_held(found, small=small, nothing_else=~closed)


def measures_of(shown: Shown) -> tuple[Measure, ...]:
    """What a map stands on."""
    return (Measure.CASES, Measure.TESTS) if shown is Shown.POSITIVITY else (Measure(shown.value),)


def _recalled(edition: Edition, shown: Shown, columns: NDArray[np.int64], units: Units) -> NDArray[np.bool_]:
    """(units, days) whether what the map shows would stand on a number that was taken back."""
    gone = np.zeros((len(units.nodes), len(columns)), dtype=np.bool_)
    for measure in measures_of(shown):
        grid = edition.seven[measure].recalled
        if grid.any():
            gone |= np.array([grid[list(nodes)][:, columns].any(axis=0) for nodes in units.nodes])
    return gone


def area_classes(edition: Edition, shown: Shown, day: date, codes: Iterable[str]) -> dict[str, str]:
    """Area -> class code; members of a combined area all bear its class, areas without figures NOT_YET."""
    asked = tuple(codes)
    drawn = units(edition.atlas, asked)
    found = dict.fromkeys(asked, NOT_YET)
    for areas, code in zip(drawn.areas, as_texts(classes(edition, shown, (day,), drawn))[0], strict=True):
        found.update(dict.fromkeys(areas, code))
    return found


def frames(edition: Edition, shown: Shown, days: Sequence[date], codes: Iterable[str]) -> dict[str, object]:
    """What the date slider needs: the units' areas, and for each day one string of class codes in that order."""
    drawn = units(edition.atlas, codes)
    return {
        "measure": shown.value,
        "unit": SCALES[shown].unit,
        "labels": list(SCALES[shown].labels),
        "areas": [list(areas) for areas in drawn.areas],
        "days": [day.isoformat() for day in days],
        "classes": as_texts(classes(edition, shown, days, drawn)),
    }
