"""The chart of an area: windows as bars, the seven-day figure as a line in its bounds, tests on the same days below."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from pumphandle.publication.edition import Edition
from pumphandle.publication.estimates import SPAN, sums
from pumphandle.publication.pictures import Bar, Frame, band, bars, line, ticks
from pumphandle.vocabulary.counts import Measure

WIDTH: Final = 760
LEFT: Final = 60
RIGHT: Final = 10
LONGEST: Final = 400
"""Days that a chart can show legibly; the files hold all."""


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: where, and what it says."""

    at: float
    text: str


@dataclass(frozen=True)
class Panel:
    """One measure. `still_open` is the bar of the open window, drawn as high as it can be."""

    title: str
    frame: Frame
    bars: tuple[Bar, ...]
    still_open: Bar | None
    line: str
    band: str
    ticks: tuple[Tick, ...]


@dataclass(frozen=True)
class Chart:
    """Two panels over one axis of days."""

    width: int
    height: int
    cases: Panel
    tests: Panel
    months: tuple[Tick, ...]
    first: date
    last: date


def chart(edition: Edition, code: str, *, day: date | None = None) -> Chart | None:
    """Windows are drawn for an area with one node; an area of several shows the line alone. None without nodes.

    day : last day drawn; default the release's own
    """
    rows = edition.atlas.nodes_under(code)
    if not rows:
        return None
    last = (day or edition.release.as_of).toordinal()
    first = max(edition.start.toordinal(), last - LONGEST + 1)
    cases = _panel(edition, rows, Measure.CASES, first, last, top=26, height=190)
    tests = _panel(edition, rows, Measure.TESTS, first, last, top=266, height=88)
    return Chart(
        width=WIDTH,
        height=388,
        cases=cases,
        tests=tests,
        months=_months(cases.frame),
        first=date.fromordinal(first),
        last=date.fromordinal(last),
    )


def _panel(
    edition: Edition, rows: tuple[int, ...], measure: Measure, first: int, last: int, *, top: float, height: float
) -> Panel:
    seven, ground = edition.seven[measure], edition.ground
    days = list(range(first, last + 1))
    columns = np.array(days) - ground.start
    # a figure for seven days needs seven days
    full = [index for index, column in enumerate(columns) if column >= SPAN - 1]
    figures = [sums(grid, rows)[columns] / SPAN for grid in (seven.estimate, seven.low, seven.high)]
    windows, waiting = _windows(edition, rows, measure)
    heights = [value / (end - begin + 1) for begin, end, value in windows if end >= first]
    most = max([*heights, *(figures[2][full].tolist() if len(rows) == 1 else figures[0][full].tolist()), 0.5])
    if len(rows) > 1 and full:
        most = max(most, min(float(figures[2][full].max()), max(1.6 * most, ground.k)))
    marks = ticks(most, wanted=4 if height > 100 else 2)
    frame = Frame(LEFT, top, WIDTH - LEFT - RIGHT, height, first, last, marks[-1])
    shown = [days[index] for index in full]
    estimate, low, high = (values[full].tolist() for values in figures)
    return Panel(
        title="Cases a day" if measure is Measure.CASES else "Tests a day",
        frame=frame,
        bars=bars(frame, windows),
        still_open=next(iter(bars(frame, waiting)), None),
        line=line(frame, shown, estimate),
        band=band(frame, shown, low, high),
        ticks=tuple(Tick(frame.y(mark), f"{mark:,g}") for mark in marks),
    )


def _windows(
    edition: Edition, rows: tuple[int, ...], measure: Measure
) -> tuple[list[tuple[int, int, int]], list[tuple[int, int, int]]]:
    if len(rows) != 1:
        return [], []
    mine, ground = edition.windows[measure].of_node(rows[0]), edition.ground
    closed = list(zip(mine.first.tolist(), mine.last.tolist(), mine.value.tolist(), strict=True))
    since = int(edition.seven[measure].open_since[rows[0]])
    return closed, [(since, ground.as_of, ground.k - 1)] if since <= ground.as_of else []


def _months(frame: Frame) -> tuple[Tick, ...]:
    """First days of months; of weeks where the chart is shorter than two months."""
    if frame.last - frame.first < 60:
        firsts = [day for day in range(frame.first, frame.last + 1) if date.fromordinal(day).weekday() == 0]
        return tuple(Tick(frame.x(day), f"{date.fromordinal(day):%-d %b}") for day in firsts)
    firsts = [day for day in range(frame.first, frame.last + 1) if date.fromordinal(day).day == 1]
    every = max(1, len(firsts) // 8)
    return tuple(Tick(frame.x(day), f"{date.fromordinal(day):%b %Y}") for day in firsts[::every])
