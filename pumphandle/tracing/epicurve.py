"""The curve of an outbreak with its control measures, as numbers to draw and as a picture that stands alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

WIDTH: Final = 720
HEIGHT: Final = 170
LANE: Final = 14
"""Height of a measure's own lane below the days."""
_ROOM: Final = 10
"""Labels along the days, at most."""


@dataclass(frozen=True)
class Bar:
    """One day's cases, in the picture's units."""

    day: date
    cases: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Lane:
    """A control measure: from x to x + width, in a lane of its own; `number` stands in the list below the picture."""

    number: int
    what: str
    first_day: date
    last_day: date | None
    x: float
    width: float
    y: float


@dataclass(frozen=True)
class Epicurve:
    """top : the number at the upper edge; labels : (x, day)"""

    bars: list[Bar]
    lanes: list[Lane]
    labels: list[tuple[float, date]]
    top: int
    width: int
    height: int
    whole_height: int


def epicurve(days: Sequence[tuple[date, int]], measures: Sequence[tuple[str, date, date | None]]) -> Epicurve | None:
    """None without a case. A measure that began before the first day is drawn from there on.

    days : every day, without a gap; measures : (what, first day, last day or None while it goes on)
    """
    if not days:
        return None
    step = WIDTH / len(days)
    first, last = days[0][0], days[-1][0]
    top = _round_up(max(count for _, count in days))
    bars = [
        Bar(
            day,
            count,
            round(at * step + step * 0.1, 1),
            round(HEIGHT - HEIGHT * count / top, 1),
            round(step * 0.8, 1),
            round(HEIGHT * count / top, 1),
        )
        for at, (day, count) in enumerate(days)
    ]
    lanes: list[Lane] = []
    for number, (what, begun, ended) in enumerate(measures, start=1):
        start = min(max((begun - first).days, 0), len(days) - 1)
        end = min(max(((ended or last) - first).days, start), len(days) - 1)
        y = HEIGHT + 26 + (number - 1) * LANE
        lanes.append(
            Lane(number, what, begun, ended, round(start * step, 1), round((end - start + 1) * step, 1), float(y))
        )
    every = max(1, -(-len(days) // _ROOM))
    labels = [(round((at + 0.5) * step, 1), day) for at, (day, _) in enumerate(days) if at % every == 0]
    return Epicurve(bars, lanes, labels, top, WIDTH, HEIGHT, HEIGHT + 30 + LANE * len(lanes))


def as_svg(curve: Epicurve) -> str:
    """A picture of its own, for paper: dark on white, no style from elsewhere."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-34 -12 {curve.width + 50} {curve.whole_height + 14}" '
        'font-family="sans-serif" font-size="11">',
        f'<line x1="0" y1="{curve.height}" x2="{curve.width}" y2="{curve.height}" stroke="#555"/>',
        f'<text x="-6" y="4" text-anchor="end">{curve.top}</text>',
        f'<text x="-6" y="{curve.height + 4}" text-anchor="end">0</text>',
    ]
    parts += [
        f'<rect x="{bar.x}" y="{bar.y}" width="{bar.width}" height="{bar.height}" fill="#2f6f82"/>'
        for bar in curve.bars
        if bar.cases
    ]
    parts += [
        f'<text x="{x}" y="{curve.height + 14}" text-anchor="middle">{day.day} {day:%b}</text>'
        for x, day in curve.labels
    ]
    for lane in curve.lanes:
        parts.append(
            f'<line x1="{lane.x}" y1="0" x2="{lane.x}" y2="{lane.y + 9}" stroke="#a4211a" stroke-dasharray="3 3"/>'
            f'<rect x="{lane.x}" y="{lane.y}" width="{lane.width}" height="9" fill="#e8b4b0"/>'
            f'<text x="{lane.x + 3}" y="{lane.y + 8.5}" font-size="9">{lane.number}</text>'
        )
    return "".join([*parts, "</svg>"])


def _round_up(highest: int) -> int:
    power = 1
    while True:
        for step in (1, 2, 5):
            if highest <= step * power:
                return step * power
        power *= 10
