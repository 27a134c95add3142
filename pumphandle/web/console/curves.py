"""Small line charts as numbers for a template to draw; the table beside them says the same in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

WIDTH: Final = 300
HEIGHT: Final = 110
_ONE_POINT: Final = 2


@dataclass(frozen=True)
class Curve:
    """One line. `parts` are runs without a gap, "x,y x,y"; `last` is its newest figure, as it is written."""

    name: str
    style: str
    parts: list[str]
    last: str


@dataclass(frozen=True)
class Chart:
    """Curves over days. `top` is what the upper edge means, as it is written; `told` says the newest figures."""

    title: str
    told: str
    top: str
    first: date
    last: date
    curves: list[Curve]
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True)
class Figures:
    """A curve's figures, one a day; None: nothing was measured."""

    name: str
    style: str
    values: Sequence[float | None]


def chart(
    title: str, days: Sequence[date], figures: Sequence[Figures], *, top: float | None, said: Callable[[float], str]
) -> Chart | None:
    """`top` None: a round number above the highest. None where there is nothing to draw."""
    known = [value for one in figures for value in one.values if value is not None]
    if not known or not days:
        return None
    high = top if top is not None else _round_up(max(known))
    drawn = [_curve(one, days, high, said) for one in figures]
    told = ", ".join(f"{one.name} {one.last}" for one in drawn if one.last)
    return Chart(title, told, said(high), days[0], days[-1], [one for one in drawn if one.parts])


def _curve(figures: Figures, days: Sequence[date], high: float, said: Callable[[float], str]) -> Curve:
    span = max((days[-1] - days[0]).days, 1)
    parts: list[list[str]] = [[]]
    last: float | None = None
    for day, value in zip(days, figures.values, strict=True):
        if value is None:
            parts.append([])
            continue
        last = value
        x = WIDTH * (day - days[0]).days / span if len(days) > 1 else WIDTH
        parts[-1].append(f"{x:.1f},{HEIGHT - HEIGHT * min(value / high, 1):.1f}")
    # a run of one point is drawn as a short stroke, so that it can be seen
    whole = [[*run, run[0]] if len(run) < _ONE_POINT else run for run in parts if run]
    return Curve(figures.name, figures.style, [" ".join(run) for run in whole], "" if last is None else said(last))


def _round_up(highest: float) -> float:
    """1, 2 or 5 times a power of ten, 0.1 at least."""
    power = 0.1
    while True:
        for step in (1, 2, 5):
            if highest <= step * power:
                return step * power
        power *= 10
