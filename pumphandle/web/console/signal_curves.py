"""The curve of a signal, observed against expected, and the last days as they will be, as numbers to draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from pumphandle.store.decisions.outlook import NowcastDay
from pumphandle.store.decisions.signals import SignalRow
from pumphandle.web.console.pictures import HEIGHT, WIDTH, round_up

SHOWN_DAYS: Final = 42
INCOMPLETE: Final = 0.9
"""Below this completeness a day is drawn paler."""


@dataclass(frozen=True)
class CurveDay:
    """One specimen day. x, width : of its bar; inside_y, around_y : upper edges, from the top of the picture."""

    day: date
    inside: int
    around: int
    expected: float
    x: float
    width: float
    inside_y: float
    around_y: float


@dataclass(frozen=True)
class Curve:
    """line : the expected counts, as an SVG path; window_x : where the signal's days begin; top : the upper edge."""

    days: list[CurveDay]
    line: str
    window_x: float
    top: int
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True)
class NowcastBar:
    """One specimen day: known so far, and the range in which the final count lies with 95 %."""

    day: date
    reported: int
    mean: float
    lower: float
    upper: float
    completeness: float
    x: float
    width: float
    y: float
    mean_y: float
    lower_y: float
    upper_y: float
    incomplete: bool


@dataclass(frozen=True)
class NowcastBars:
    """top : the number at the upper edge."""

    bars: list[NowcastBar]
    top: int
    width: int = WIDTH
    height: int = HEIGHT


def curve(signal: SignalRow) -> Curve:
    """The last SHOWN_DAYS of the study."""
    first = date.fromisoformat(str(signal.curve["first"]))
    inside, around, expected = (list(signal.curve[name])[-SHOWN_DAYS:] for name in ("inside", "around", "expected"))
    first += timedelta(days=len(signal.curve["inside"]) - len(inside))
    top = round_up(max([*around, *expected, 1]))
    step = WIDTH / max(len(inside), 1)

    def y(value: float) -> float:
        return round(HEIGHT - HEIGHT * value / top, 1)

    days = [
        CurveDay(
            day=first + timedelta(days=at),
            inside=int(inside[at]),
            around=int(around[at]),
            expected=float(expected[at]),
            x=round(at * step + step * 0.12, 1),
            width=round(step * 0.76, 1),
            inside_y=y(inside[at]),
            around_y=y(around[at]),
        )
        for at in range(len(inside))
    ]
    line = "M" + "L".join(f"{(at + 0.5) * step:.1f} {y(value)}" for at, value in enumerate(expected))
    start = max((signal.first_day - first).days, 0)
    return Curve(days, line, round(start * step, 1), top)


def nowcast_bars(days: Sequence[NowcastDay]) -> NowcastBars | None:
    """None without a nowcast."""
    if not days:
        return None
    top = round_up(max(max(day.upper, float(day.reported)) for day in days))
    step = WIDTH / len(days)

    def y(value: float) -> float:
        return round(HEIGHT - HEIGHT * value / top, 1)

    return NowcastBars(
        [
            NowcastBar(
                day=day.specimen_date,
                reported=day.reported,
                mean=day.mean,
                lower=day.lower,
                upper=day.upper,
                completeness=day.completeness,
                x=round(at * step + step * 0.2, 1),
                width=round(step * 0.6, 1),
                y=y(day.reported),
                mean_y=y(day.mean),
                lower_y=y(day.lower),
                upper_y=y(day.upper),
                incomplete=day.completeness < INCOMPLETE,
            )
            for at, day in enumerate(days)
        ],
        top,
    )
