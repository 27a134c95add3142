"""The chart of an area: windows as bars, the seven-day figure as a line in its bounds; tests and positivity below."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pumphandle.publication.edition import Edition
from pumphandle.publication.estimates import SPAN, sums
from pumphandle.publication.pictures import Bar, Frame, band, bars, line, rects, ticks
from pumphandle.publication.wording import ENGLISH, Words
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.places import AreaLevel

WIDTH: Final = 760
HEIGHT: Final = 478
LEFT: Final = 52
RIGHT: Final = 10
LONGEST: Final = 400
"""Days that a chart can show legibly; the files hold all."""
LABEL: Final = 64
"""Room for the name of a month, so that none lies over the next or is cut off at the edge."""
NUMBERED: Final = 15
"""A bar of this width bears its number."""

Values = NDArray[np.float64]


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

    def rects(self, *, marked: bool) -> str:
        """The bars as SVG: numbers and nothing else, so that nothing in it need be escaped."""
        return rects(self.bars, marked=marked)


@dataclass(frozen=True)
class Chart:
    """Three panels over one axis of days."""

    width: int
    height: int
    cases: Panel
    tests: Panel
    positivity: Panel
    months: tuple[Tick, ...]
    first: date
    last: date


def chart(edition: Edition, code: str, words: Words = ENGLISH, *, day: date | None = None) -> Chart | None:
    """Windows are drawn for a small area, totals for a district; larger areas show the line alone. None without nodes.

    day : last day drawn; default the release's own
    """
    rows = edition.atlas.nodes_under(code)
    if not rows:
        return None
    last = (day or edition.release.as_of).toordinal()
    first = max(edition.start.toordinal(), last - LONGEST + 1)
    cases = _panel(edition, code, Measure.CASES, first, last, words, top=26, height=190)
    return Chart(
        width=WIDTH,
        height=HEIGHT,
        cases=cases,
        tests=_panel(edition, code, Measure.TESTS, first, last, words, top=258, height=74),
        positivity=_positivity(edition, rows, first, last, words, top=374, height=74),
        months=_months(cases.frame, words),
        first=date.fromordinal(first),
        last=date.fromordinal(last),
    )


def _panel(
    edition: Edition, code: str, measure: Measure, first: int, last: int, words: Words, *, top: float,
    height: float,
) -> Panel:  # fmt: skip
    rows = edition.atlas.nodes_under(code)
    days, full = _days(edition, first, last)
    full = _told(edition, rows, (measure,), full, first)
    estimate, low, high = (values / SPAN for values in _seven(edition, rows, measure, first, last))
    windows, waiting = _windows(edition, code, measure)
    heights = [value / (end - begin + 1) for begin, end, value in windows if end >= first]
    most = max([*heights, *(high[full].tolist() if len(rows) == 1 else estimate[full].tolist()), 0.5])
    if len(rows) > 1 and full:
        most = max(most, min(float(high[full].max()), max(1.6 * most, edition.ground.k)))
    marks = ticks(most, wanted=4 if height > 100 else 2)
    frame = Frame(LEFT, top, WIDTH - LEFT - RIGHT, height, first, last, marks[-1])
    return Panel(
        title=words.say(f"chart.{measure.value}"),
        frame=frame,
        bars=bars(frame, windows),
        still_open=next(iter(bars(frame, waiting)), None),
        line=line(frame, [days[index] for index in full], estimate[full].tolist()),
        band=band(frame, [days[index] for index in full], low[full].tolist(), high[full].tolist()),
        ticks=tuple(Tick(frame.y(mark), f"{mark:,g}") for mark in marks),
    )


def _positivity(
    edition: Edition, rows: tuple[int, ...], first: int, last: int, words: Words, *, top: float, height: float
) -> Panel:
    """Cases per 100 tests over seven days, on those days on which both have a closed window in them."""
    days, full = _days(edition, first, last)
    full = _told(edition, rows, (Measure.CASES, Measure.TESTS), full, first)
    cases, tests = (_seven(edition, rows, measure, first, last) for measure in (Measure.CASES, Measure.TESTS))
    columns = np.array(days) - edition.ground.start
    closed = [np.any(edition.seven[measure].closed[np.array(rows)][:, columns], axis=0) for measure in edition.seven]
    both = np.all(np.array(closed), axis=0).tolist()
    known = [index for index in full if both[index] and tests[0][index] > 0]
    estimate, low, high = (
        np.minimum(100, 100 * np.divide(over, under, out=np.zeros_like(over), where=under > 0))
        for over, under in ((cases[0], tests[0]), (cases[1], tests[2]), (cases[2], tests[1]))
    )
    top_value = max([*estimate[known].tolist(), 0.5])
    marks = ticks(min(100.0, max(top_value, min(float(high[known].max()) if known else 0.5, 2 * top_value))), wanted=2)
    frame = Frame(LEFT, top, WIDTH - LEFT - RIGHT, height, first, last, marks[-1])
    runs = _runs(known)
    return Panel(
        title=words.say("chart.positivity"),
        frame=frame,
        bars=(),
        still_open=None,
        line=" ".join(line(frame, [days[i] for i in run], estimate[run].tolist()) for run in runs),
        band=" ".join(band(frame, [days[i] for i in run], low[run].tolist(), high[run].tolist()) for run in runs),
        ticks=tuple(Tick(frame.y(mark), f"{mark:,g}") for mark in marks),
    )


def _days(edition: Edition, first: int, last: int) -> tuple[list[int], list[int]]:
    """The days drawn, and places in them of those that have seven days behind them."""
    days = list(range(first, last + 1))
    return days, [index for index, day in enumerate(days) if day - edition.ground.start >= SPAN - 1]


def _told(
    edition: Edition, rows: Sequence[int], measures: Sequence[Measure], places: list[int], first: int
) -> list[int]:
    """Without the days whose figures would stand on a number that was taken back: nothing is drawn there."""
    start = first - edition.ground.start
    gone = np.any([edition.seven[measure].recalled[list(rows)].any(axis=0) for measure in measures], axis=0)
    return [index for index in places if not gone[index + start]]


def _seven(
    edition: Edition, rows: tuple[int, ...], measure: Measure, first: int, last: int
) -> tuple[Values, Values, Values]:
    """(days,) each: estimate, low and high of seven days."""
    seven, columns = edition.seven[measure], np.arange(first, last + 1) - edition.ground.start
    estimate, low, high = (sums(grid, rows)[columns] for grid in (seven.estimate, seven.low, seven.high))
    return estimate, low, high


def _runs(places: Sequence[int]) -> list[list[int]]:
    """Cut where a day is missing, so that no line leads over what is not known."""
    found: list[list[int]] = []
    for place in places:
        if found and found[-1][-1] == place - 1:
            found[-1].append(place)
        else:
            found.append([place])
    return found


def _windows(
    edition: Edition, code: str, measure: Measure
) -> tuple[list[tuple[int, int, int]], list[tuple[int, int, int]]]:
    """Closed ones, and the one that is open; of a district its exact totals, mostly a day each."""
    rows, level = edition.atlas.nodes_under(code), edition.atlas.places[code].level
    if level is AreaLevel.DISTRICT and measure in edition.totals:
        district = edition.atlas.at_level(level).index(edition.atlas.places[code])
        totals = edition.totals[measure].of_node(district)
        return list(zip(totals.first.tolist(), totals.last.tolist(), totals.value.tolist(), strict=True)), []
    if len(rows) != 1:
        return [], []
    mine, ground = edition.windows[measure].of_node(rows[0]), edition.ground
    closed = list(zip(mine.first.tolist(), mine.last.tolist(), mine.value.tolist(), strict=True))
    since = int(edition.seven[measure].open_since[rows[0]])
    return closed, [(since, ground.as_of, ground.k - 1)] if since <= ground.as_of else []


def _months(frame: Frame, words: Words) -> tuple[Tick, ...]:
    """First days of months; of weeks where the chart is shorter than two months. As many as there is room for."""
    days = [date.fromordinal(day) for day in range(frame.first, frame.last + 1)]
    short = frame.last - frame.first < 62
    firsts = [day for day in days if (day.weekday() == 0 if short else day.day == 1)]
    every = -(-len(firsts) * LABEL // int(frame.width))
    named = words.short_day_of_month if short else words.month
    places = [(frame.x(day.toordinal()), day) for day in firsts[:: max(1, every)]]
    return tuple(Tick(x, named(day)) for x, day in places if x <= frame.left + frame.width - LABEL + RIGHT)


@dataclass(frozen=True)
class RateChart:
    """Cases per 100,000 over seven days of one area, on a scale that several share."""

    code: str
    panel: Panel
    months: tuple[Tick, ...]


def rate_charts(edition: Edition, codes: Sequence[str], words: Words = ENGLISH) -> tuple[RateChart, ...]:
    """One small chart an area, all on one scale. Areas without figures or residents are left out."""
    last = edition.release.as_of.toordinal()
    first = max(edition.start.toordinal(), last - LONGEST + 1)
    days, full = _days(edition, first, last)
    found: dict[str, tuple[Values, Values, Values]] = {}
    for code in codes:
        people, rows = edition.atlas.population_published(code), edition.atlas.nodes_under(code)
        if people and rows:
            full = _told(edition, rows, (Measure.CASES,), full, first)
            estimate, low, high = _seven(edition, rows, Measure.CASES, first, last)
            found[code] = (100_000 * estimate / people, 100_000 * low / people, 100_000 * high / people)
    if not found or not full:
        return ()
    most = max(float(estimate[full].max()) for estimate, _, _ in found.values())
    marks = ticks(max(1.0, most * 1.25), wanted=3)
    frame = Frame(40, 12, 300, 120, first, last, marks[-1])
    months = _months(frame, words)
    shown = [days[index] for index in full]
    return tuple(
        RateChart(
            code,
            Panel(
                title="",
                frame=frame,
                bars=(),
                still_open=None,
                line=line(frame, shown, estimate[full].tolist()),
                band=band(frame, shown, low[full].tolist(), high[full].tolist()),
                ticks=tuple(Tick(frame.y(mark), f"{mark:,g}") for mark in marks),
            ),
            months[:: max(1, len(months) // 3)],
        )
        for code, (estimate, low, high) in found.items()
    )
