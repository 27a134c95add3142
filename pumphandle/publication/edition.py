"""One release as the site shows it: every figure of a page, a file or an answer is asked of an edition."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pumphandle.publication.atlas import Atlas
from pumphandle.publication.codes import State as State
from pumphandle.publication.estimates import Ground, Pooled, SevenDays, Windows, per_100_000, seven_days, untold
from pumphandle.publication.exact import Running, running
from pumphandle.publication.held import HeldDays, held_nodes, shows_held
from pumphandle.publication.pools import TOTALS, column, placed, pooled_windows
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.errors import BadParameter, LedgerBroken
from pumphandle.vocabulary.places import AreaLevel

MEASURES: Final = (Measure.CASES, Measure.TESTS)
"""What the ledger publishes for small areas."""
ALL: Final = "all"
"""The group of a row about everybody."""
DAYS_KEPT: Final = 8
"""Columns of sums that an edition keeps."""


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
    totals: Mapping[Measure, Windows] = field(default_factory=dict[Measure, Windows])
    """Of districts, in the order of `atlas.at_level(DISTRICT)`; empty where the ledger has none."""
    pooled: Mapping[Measure, Pooled] = field(default_factory=dict[Measure, Pooled])
    recalled: Mapping[Measure, Windows] = field(default_factory=dict[Measure, Windows])
    """Windows of nodes whose number is no longer told; their value is 0 and means nothing."""
    holds: tuple[HeldDays, ...] = ()

    @cached_property
    def ground(self) -> Ground:
        return Ground(len(self.atlas.nodes), self.start.toordinal(), self.release.as_of.toordinal(), self.release.k)

    def column(self, day: date) -> int:
        """A day's column in the grids. Raises BadParameter outside the release's days."""
        if not self.start <= day <= self.release.as_of:
            raise BadParameter("day", f"from {self.start} to {self.release.as_of} in this release")
        return (day - self.start).days

    def figure(self, code: str, shown: Shown, day: date) -> Figure:
        """Seven days to `day` in an area, as published; a combined area's figures are its node's."""
        if not self.atlas.nodes_under(code):
            return Figure(State.NOT_YET)
        if shown is Shown.POSITIVITY:
            return self._share(self.count(code, Measure.CASES, day), self.count(code, Measure.TESTS, day))
        return self.count(code, Measure(shown.value), day)

    def three(self, code: str, day: date) -> tuple[Figure, Figure, Figure]:
        """Cases, tests and positivity: together they are one piece of work. Those of the newest day are kept."""
        found = self._three.get(code) if day == self.release.as_of else None
        if found is None:
            found = self._three_of(code, day)
            if day == self.release.as_of:
                self._three[code] = found
        return found

    def _three_of(self, code: str, day: date) -> tuple[Figure, Figure, Figure]:
        if not self.atlas.nodes_under(code):
            nothing = Figure(State.NOT_YET)
            return nothing, nothing, nothing
        cases, tests = self.count(code, Measure.CASES, day), self.count(code, Measure.TESTS, day)
        return cases, tests, self._share(cases, tests)

    def count(self, code: str, measure: Measure, day: date) -> Figure:
        """Cases or tests of an area that has nodes, with rates."""
        place = self.atlas.with_figures.position[code]
        estimate, low, high, closed, opened, recalled = self.sums(measure, day).listed[place]
        if recalled:
            return Figure(State.RECALLED)
        state, since = State.PUBLISHED, None
        if self._is_held(code, measure, day, closed=closed):
            return Figure(State.HELD)
        if not closed:
            state, since = State.OPEN_WINDOW, date.fromordinal(opened)
        people = self.atlas.population_published(code)
        rates = (per_100_000(number, people) for number in (estimate, low, high))
        return Figure(state, estimate, low, high, *rates, since=since)

    def _is_held(self, code: str, measure: Measure, day: date, *, closed: bool) -> bool:
        """Whether a day of an area lies in a window that was held, and its figure says so."""
        held, since = self.held[measure], self.seven[measure].open_since
        nodes = self.atlas.nodes_under(code)
        small = self.atlas.places[code].level is AreaLevel.SMALL_AREA
        lies = any(bool(held[node]) and int(since[node]) <= day.toordinal() for node in nodes)
        return shows_held(lies, small=small, nothing_else=not closed)

    def sums(self, measure: Measure, day: date) -> "Sums":
        """Every area's seven days to `day`; the few days asked for last are kept. Raises NotUnderstood."""
        key = measure, self.column(day)
        found = self._sums.get(key)
        if found is None:
            found = self._sums[key] = _summed(self.seven[measure], self.atlas, key[1])
            while len(self._sums) > DAYS_KEPT:
                self._sums.pop(next(iter(self._sums)), None)
        return found

    @cached_property
    def held(self) -> Mapping[Measure, NDArray[np.bool_]]:
        """(nodes,) whether the window that is open was held."""
        since = {measure: of.open_since for measure, of in self.seven.items()}
        return held_nodes(self.atlas, self.holds, since, as_of=self.release.as_of)

    @cached_property
    def rows(self) -> dict[str, Mapping[str, Any]]:
        """Area -> its row of the newest day, as files and answers say it (publication.tables)."""
        return {}

    @cached_property
    def _three(self) -> dict[str, tuple[Figure, Figure, Figure]]:
        return {}

    @cached_property
    def _sums(self) -> dict[tuple[Measure, int], "Sums"]:
        return {}

    def running(self, level: AreaLevel, measure: Measure) -> Running:
        """Exact running sums: of nodes in the order of `atlas.nodes` for small areas, else of the level's areas.

        Districts have totals of their own; above them stand the sums of districts.
        """
        found = self._running.get((level, measure))
        if found is None:
            found = self._running[level, measure] = self._running_of(level, measure)
        return found

    @cached_property
    def _running(self) -> dict[tuple[AreaLevel, Measure], Running]:
        return {}

    def _running_of(self, level: AreaLevel, measure: Measure) -> Running:
        places = self.atlas.at_level(level)
        if level is AreaLevel.SMALL_AREA:
            return running(self.windows[measure], self.ground)
        districts = self.atlas.at_level(AreaLevel.DISTRICT)
        ground = Ground(len(districts), self.ground.start, self.ground.as_of, self.ground.k)
        row = {place.code: number for number, place in enumerate(districts)}
        inside = [[row[code] for code in self.atlas.districts_of(place.code)] for place in places]
        return running(self.totals[measure], ground).summed(inside)

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
        for code in (State.RECALLED, State.HELD):
            if code in (cases.state, tests.state):
                return Figure(code)
        if {cases.state, tests.state} != {State.PUBLISHED} or not tests.estimate:
            since = max((day for day in (cases.since, tests.since) if day is not None), default=None)
            return Figure(State.OPEN_WINDOW, since=since)
        low = (cases.low or 0) / tests.high if tests.high else 0.0
        high = min(1.0, (cases.high or 0) / tests.low) if tests.low else 1.0
        return Figure(State.PUBLISHED, min(1.0, (cases.estimate or 0) / tests.estimate), low, high)


@dataclass(frozen=True)
class Sums:
    """One day's column of every area, in the order of `atlas.with_figures`; `open_since` as an ordinal."""

    estimate: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    closed: NDArray[np.bool_]
    open_since: NDArray[np.int64]
    recalled: NDArray[np.bool_]

    @cached_property
    def listed(self) -> list[tuple[float, float, float, bool, int, bool]]:
        """The same area by area: one number is taken faster from a list than from an array."""
        columns = self.estimate, self.low, self.high, self.closed, self.open_since, self.recalled
        return list(zip(*(column.tolist() for column in columns), strict=True))


def _summed(seven: SevenDays, atlas: Atlas, column: int) -> Sums:
    members = atlas.with_figures
    rows, starts = members.rows, members.starts
    if not len(rows):
        none = np.zeros(0)
        return Sums(none, none, none, none.astype(np.bool_), none.astype(np.int64), none.astype(np.bool_))
    estimate, low, high = (
        np.add.reduceat(grid[:, column][rows].astype(np.float64), starts)
        for grid in (seven.estimate, seven.low, seven.high)
    )
    closed = np.logical_or.reduceat(seven.closed[:, column][rows], starts)
    recalled = np.logical_or.reduceat(seven.recalled[:, column][rows], starts)
    return Sums(estimate, low, high, closed, np.maximum.reduceat(seven.open_since[rows], starts), recalled)


def edition_of(
    atlas: Atlas,
    release: Release,
    releases: Sequence[Release],
    ledger: pl.DataFrame,
    *,
    holds: Iterable[HeldDays] = (),
) -> Edition:
    """All figures of a release. holds : of the register

    releases : all, oldest first; ledger : their rows with `sequence`, in order of publication; later ones are left out
    Raises LedgerBroken where the first release does not say its first day, or a block names an unknown node.
    """
    start = ledger_start(releases)
    ground = Ground(len(atlas.nodes), start.toordinal(), release.as_of.toordinal(), release.k)
    gone = _recalled(atlas, ledger, release)
    if ledger["value"].null_count():
        ledger = ledger.filter(pl.col("value").is_not_null())
    small, districts = atlas.nodes, [place.code for place in atlas.at_level(AreaLevel.DISTRICT)]
    windows = {measure: _windows(ledger, release, measure, AreaLevel.SMALL_AREA, small) for measure in MEASURES}
    totals = {measure: _windows(ledger, release, measure, AreaLevel.DISTRICT, districts) for measure in MEASURES}
    pooled = {measure: _pooled(atlas, ledger, release, measure) for measure in MEASURES}
    return Edition(
        release=release,
        atlas=atlas,
        start=start,
        windows=windows,
        seven={
            measure: seven_days(windows[measure], ground, pooled[measure], untold(gone[measure]))
            for measure in MEASURES
        },
        release_ids={one.sequence: one.release_id for one in releases[: release.sequence]},
        totals=totals,
        pooled=pooled,
        recalled=gone,
        holds=tuple(holds),
    )


def ledger_start(releases: Sequence[Release]) -> date:
    """First day of the ledger. Raises LedgerBroken where the first release does not say."""
    given = releases[0].manifest.get("ledger_start")
    if not isinstance(given, str):
        raise LedgerBroken(f"The manifest of release {releases[0].release_id} does not say its ledger_start.")
    return date.fromisoformat(given)


def _windows(
    ledger: pl.DataFrame, release: Release, measure: Measure, level: AreaLevel, codes: Sequence[str]
) -> Windows:
    """Of everybody in the areas of one level, whose rows follow the order of `codes`."""
    wanted = (pl.col("measure") == measure.value) & (pl.col("level") == level.value) & (pl.col("group_code") == ALL)
    named = ["node", "first_day", "last_day", "value", "sequence", "waited"]
    mine = ledger.lazy().filter(wanted & (pl.col("sequence") <= release.sequence)).select(named).collect()
    rows = placed(codes, mine)
    columns = (column(rows, name) for name in ("row", "first_day", "last_day", "value", "sequence"))
    return Windows(*columns, waited=rows["waited"].to_numpy().astype(np.bool_))


def _recalled(atlas: Atlas, ledger: pl.DataFrame, release: Release) -> dict[Measure, Windows]:
    """Windows of nodes that were published until this release and whose number was taken back since, pools' too."""
    told = ledger if ledger["value"].null_count() else ledger.clear()
    gone = told.filter(pl.col("value").is_null() & (pl.col("sequence") <= release.sequence))
    own = gone.filter(pl.col("level") == AreaLevel.SMALL_AREA.value)
    pools = gone.filter(pl.col("level") == "pool").with_columns(pl.col("members").str.split(" ")).explode("members")
    member = pl.col("members").str.splitn(":", 2)
    parts = pools.with_columns(
        node=member.struct.field("field_0"), first_day=member.struct.field("field_1").str.to_date("%Y-%m-%d")
    )
    names = ["node", "measure", "first_day", "last_day", "sequence"]
    rows = pl.concat([own.select(names), parts.filter(pl.col("node").is_in(atlas.nodes)).select(names)])
    found: dict[Measure, Windows] = {}
    for measure in MEASURES:
        mine = placed(atlas.nodes, rows.filter(pl.col("measure") == measure.value).with_columns(value=pl.lit(0)))
        found[measure] = Windows(
            *(column(mine, name) for name in ("row", "first_day", "last_day", "value", "sequence"))
        )
    return found


def _pooled(atlas: Atlas, ledger: pl.DataFrame, release: Release, measure: Measure) -> Pooled:
    told = ledger.lazy().filter((pl.col("measure") == measure.value) & (pl.col("sequence") <= release.sequence))
    totals = told.filter((pl.col("level") == AreaLevel.DISTRICT.value) & (pl.col("group_code") == ALL))
    return pooled_windows(
        told.filter(pl.col("level") == "pool").collect(),
        atlas.nodes,
        atlas.node_population,
        totals=totals.select(list(TOTALS)).collect(),
        district=atlas.node_district,
        k=release.k,
    )


def _positive(rule: Mapping[str, Any], name: str, release_id: str) -> int:
    value = rule.get(name)
    if not isinstance(value, int) or value < 1:
        raise LedgerBroken(f"The rule of release {release_id} does not say its {name}.")
    return value
