"""Small pictures as numbers for a template to draw; the table beside each says the same in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from pumphandle.store.identified.reading import SpecimenDay

WIDTH: Final = 560
HEIGHT: Final = 120
_INCOMPLETE_DAYS: Final = 3
"""The newest specimen days are still filling up as results arrive: drawn paler, so that a dip is not read as a fall."""


@dataclass(frozen=True)
class Bar:
    """One day, in the picture's units; `x`, `y` is the upper left corner."""

    day: date
    positives: int
    tests: int
    x: float
    y: float
    width: float
    height: float
    incomplete: bool


@dataclass(frozen=True)
class Bars:
    """A bar chart of positives by specimen day. `top` is the number at the upper edge."""

    bars: list[Bar]
    top: int
    width: int = WIDTH
    height: int = HEIGHT


def bars(days: Sequence[SpecimenDay]) -> Bars:
    """Heights as shares of a round number at or above the highest day."""
    top = round_up(max((day.positives for day in days), default=0))
    step = WIDTH / max(len(days), 1)
    drawn = [
        Bar(
            day=day.specimen_date,
            positives=day.positives,
            tests=day.tests,
            x=round(place * step + step * 0.12, 1),
            y=round(HEIGHT - HEIGHT * day.positives / top, 1),
            width=round(step * 0.76, 1),
            height=round(HEIGHT * day.positives / top, 1),
            incomplete=place >= len(days) - _INCOMPLETE_DAYS,
        )
        for place, day in enumerate(days)
    ]
    return Bars(bars=drawn, top=top)


def round_up(highest: float) -> int:
    """1, 2 or 5 times a power of ten."""
    power = 1
    while True:
        for step in (1, 2, 5):
            if highest <= step * power:
                return step * power
        power *= 10
