"""One release as the site shows it: every figure of a page, a file or an answer is asked of an edition."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

import numpy as np

from pumphandle.publication.atlas import Atlas
from pumphandle.publication.estimates import Ground, SevenDays, Windows, per_100_000
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.errors import LedgerBroken, NotUnderstood
from pumphandle.vocabulary.places import AreaLevel

MEASURES: Final = (Measure.CASES, Measure.TESTS)
"""What the ledger publishes for small areas."""


class State(StrEnum):
    """Said instead of leaving a blank."""

    PUBLISHED = "published"
    OPEN_WINDOW = "open_window"
    COMBINED = "combined"
    NOT_YET = "not_yet"


class Shown(StrEnum):
    """What a map or a column shows for seven days."""

    CASES = "cases"
    TESTS = "tests"
    POSITIVITY = "positivity"


@dataclass(frozen=True)
class Release:
    """What a release says about itself. `rule`, `certificate`, `manifest`: JSON objects as they were sealed."""

    release_id: str
    sequence: int
    as_of: date
    made_at: datetime
    block_count: int
    rule: Mapping[str, Any]
    certificate: Mapping[str, Any]
    manifest: Mapping[str, Any]
    previous_hash: str
    hash: str

    @property
    def k(self) -> int:
        """People that a window holds at least. Raises LedgerBroken where the rule does not say."""
        return _positive(self.rule, "k_persons", self.release_id)

    @property
    def households(self) -> int:
        """Households that a window holds at least."""
        return _positive(self.rule, "h_households", self.release_id)


@dataclass(frozen=True)
class Figure:
    """Seven days in one area. Counts, and for people per 100,000; positivity has a share and no rate.

    `since` is the first day of the open window where the state is open_window.
    """

    state: State
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    rate: float | None = None
    rate_low: float | None = None
    rate_high: float | None = None
    since: date | None = None


@dataclass(frozen=True)
class Edition:
    """An immutable release laid over the atlas; `start` is the ledger's first day."""

    release: Release
    atlas: Atlas
    start: date
    windows: Mapping[Measure, Windows]
    seven: Mapping[Measure, SevenDays]
    release_ids: Mapping[int, str]  # by sequence

    @property
    def ground(self) -> Ground:
        return Ground(len(self.atlas.nodes), self.start.toordinal(), self.release.as_of.toordinal(), self.release.k)

    def column(self, day: date) -> int:
        """A day's column in the grids. Raises NotUnderstood outside the release's days."""
        if not self.start <= day <= self.release.as_of:
            raise NotUnderstood(f"The day must lie between {self.start} and {self.release.as_of}.")
        return (day - self.start).days

    def figure(self, code: str, shown: Shown, day: date) -> Figure:
        """Seven days to `day` in an area, as published; a combined area's figures are its node's."""
        if not self.atlas.nodes_under(code):
            return Figure(State.NOT_YET)
        if shown is Shown.POSITIVITY:
            return self._share(self.count(code, Measure.CASES, day), self.count(code, Measure.TESTS, day))
        return self.count(code, Measure(shown.value), day)

    def count(self, code: str, measure: Measure, day: date) -> Figure:
        """Cases or tests of an area that has nodes, with rates."""
        rows, column, seven = np.array(self.atlas.nodes_under(code)), self.column(day), self.seven[measure]
        estimate = float(seven.estimate[rows, column].sum(dtype=np.float64))
        low, high = (float(grid[rows, column].sum(dtype=np.float64)) for grid in (seven.low, seven.high))
        state, since = State.PUBLISHED, None
        if not seven.closed[rows, column].any():
            state = State.OPEN_WINDOW
            since = date.fromordinal(int(seven.open_since[rows].max()))
        people = self.atlas.population_published(code)
        rates = (per_100_000(number, people) for number in (estimate, low, high))
        return Figure(state, estimate, low, high, *rates, since=since)

    def stands_for(self, code: str) -> tuple[str, ...]:
        """Small areas published together with this one, itself included; empty where it stands alone."""
        place = self.atlas.places[code]
        if place.level is not AreaLevel.SMALL_AREA or place.node is None:
            return ()
        members = self.atlas.members[place.node]
        return members if len(members) > 1 else ()

    @staticmethod
    def _share(cases: Figure, tests: Figure) -> Figure:
        """Cases per test, where both have a closed window in the seven days; a share cannot pass 1."""
        if {cases.state, tests.state} != {State.PUBLISHED} or not tests.estimate:
            since = max((day for day in (cases.since, tests.since) if day is not None), default=None)
            return Figure(State.OPEN_WINDOW, since=since)
        low = (cases.low or 0) / tests.high if tests.high else 0.0
        high = min(1.0, (cases.high or 0) / tests.low) if tests.low else 1.0
        return Figure(State.PUBLISHED, min(1.0, (cases.estimate or 0) / tests.estimate), low, high)


def _positive(rule: Mapping[str, Any], name: str, release_id: str) -> int:
    value = rule.get(name)
    if not isinstance(value, int) or value < 1:
        raise LedgerBroken(f"The rule of release {release_id} does not say its {name}.")
    return value
