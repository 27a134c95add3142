"""Geometry of the site's pictures, in the units of an SVG; templates only write it down."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

_RING: Final = re.compile(r"M([^MLlhvz]*)(?:l([^Mz]*))?")
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")

INSET_SHARE: Final = 0.5
"""The inset holds this share of the people."""
INSET_WORTH: Final = 0.3
"""An inset is drawn where those people live within this part of the picture's longer side."""


@dataclass(frozen=True)
class Box:
    """A rectangle of the national picture."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def of(cls, view_box: str) -> "Box":
        """What a viewBox of SVG says."""
        left, top, width, height = (float(number) for number in view_box.split())
        return cls(left, top, left + width, top + height)

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def view_box(self) -> str:
        return f"{self.left:.0f} {self.top:.0f} {max(self.width, 1):.0f} {max(self.height, 1):.0f}"

    def meets(self, other: "Box") -> bool:
        """Whether they share a place."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def padded(self, share: float, *, ratio: float | None = None) -> "Box":
        """With room around it and, where `ratio` (width / height) is given, of that form."""
        x, y = self.middle
        width, height = self.width * (1 + share), self.height * (1 + share)
        if ratio is not None:
            width, height = max(width, height * ratio), max(height, width / ratio)
        return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def path_box(path: str) -> Box | None:
    """What a path of `geography.picture` covers: rings as M x y l dx dy …z. None for a path without points."""
    corners: list[tuple[float, float, float, float]] = []
    for start, steps in _RING.findall(path):
        origin = np.array(_NUMBER.findall(start)[:2], dtype=np.float64)
        if len(origin) < 2:
            continue
        moves = np.array(_NUMBER.findall(steps), dtype=np.float64)
        points = np.vstack([origin, origin + np.cumsum(moves[: len(moves) // 2 * 2].reshape(-1, 2), axis=0)])
        corners.append((*points.min(axis=0), *points.max(axis=0)))
    if not corners:
        return None
    all_corners = np.array(corners)
    left, top = all_corners[:, :2].min(axis=0)
    right, bottom = all_corners[:, 2:].max(axis=0)
    return Box(float(left), float(top), float(right), float(bottom))


def around(boxes: Iterable[Box]) -> Box | None:
    """The rectangle that holds all."""
    found = list(boxes)
    if not found:
        return None
    return Box(
        min(box.left for box in found),
        min(box.top for box in found),
        max(box.right for box in found),
        max(box.bottom for box in found),
    )


def inset(boxes: Mapping[str, Box], people: Mapping[str, int], whole: Box, *, ratio: float) -> Box | None:
    """The square in which half the people live, around the median person; None where they live spread out."""
    codes = [code for code in boxes if people.get(code)]
    if len(codes) < 3:
        return None
    middles = np.array([boxes[code].middle for code in codes])
    weight = np.array([people[code] for code in codes], dtype=np.float64)
    centre = np.array([_weighted_middle(middles[:, axis], weight) for axis in (0, 1)])
    away = np.abs(middles - centre) / (ratio, 1)
    reach = away.max(axis=1)
    order = np.argsort(reach, kind="stable")
    running = np.cumsum(weight[order]).tolist()
    enough = bisect_left(running, INSET_SHARE * running[-1])
    half = float(reach[order].tolist()[min(enough, len(running) - 1)])
    if half <= 0 or 2 * half * ratio > INSET_WORTH * max(whole.width, whole.height):
        return None
    x, y = float(centre[0]), float(centre[1])
    return Box(x - half * ratio, y - half, x + half * ratio, y + half).padded(0.1)


def _weighted_middle(values: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    order = np.argsort(values, kind="stable")
    running = np.cumsum(weight[order]).tolist()
    return float(values[order].tolist()[bisect_left(running, running[-1] / 2)])


@dataclass(frozen=True)
class Frame:
    """Where a chart is drawn, and what its edges mean: days from first to last (included), values from 0 to top."""

    left: float
    top: float
    width: float
    height: float
    first: int
    last: int
    most: float

    def x(self, day: float) -> float:
        """The left edge of a day (an ordinal)."""
        return self.left + self.width * (day - self.first) / (self.last + 1 - self.first)

    def y(self, value: float) -> float:
        return self.top + self.height * (1 - min(value, self.most) / self.most)


@dataclass(frozen=True)
class Bar:
    """One window: as wide as its days, as high as its value a day."""

    x: float
    y: float
    width: float
    height: float
    first: int
    last: int
    value: int


def bars(frame: Frame, windows: Sequence[tuple[int, int, int]]) -> tuple[Bar, ...]:
    """(first, last, value) of each window that touches the frame."""
    drawn: list[Bar] = []
    for first, last, value in windows:
        if last < frame.first or first > frame.last:
            continue
        left, right = frame.x(max(first, frame.first)), frame.x(min(last, frame.last) + 1)
        y = frame.y(value / (last - first + 1))
        drawn.append(Bar(left, y, right - left, frame.top + frame.height - y, first, last, value))
    return tuple(drawn)


def line(frame: Frame, days: Sequence[int], values: Sequence[float]) -> str:
    """SVG path through the middle of each day."""
    return f"M{_points(frame, days, values)}" if days else ""


def band(frame: Frame, days: Sequence[int], low: Sequence[float], high: Sequence[float]) -> str:
    """SVG path around what lies between low and high."""
    if not days:
        return ""
    return f"{line(frame, days, high)} L{_points(frame, days[::-1], low[::-1])}z"


def _points(frame: Frame, days: Sequence[int], values: Sequence[float]) -> str:
    """x,y of the middle of each day. Written in one go: a chart has three thousand."""
    height = frame.top + frame.height * (1 - np.minimum(np.asarray(values, dtype=np.float64), frame.most) / frame.most)
    return _across(frame.left, frame.width, frame.first, frame.last, tuple(days)) % tuple(height.tolist())


@lru_cache(maxsize=64)
def _across(left: float, width: float, first: int, last: int, days: tuple[int, ...]) -> str:
    """The same for the panels of all charts over the same days, with room for each y."""
    frame = Frame(left, 0, width, 0, first, last, 1)
    return " ".join(f"{frame.x(day + 0.5):.1f},%.1f" for day in days)


def rects(drawn: Sequence[Bar], *, marked: bool) -> str:
    """Bars as SVG. marked : the last one bears a class of its own"""
    written = [
        f'<rect class="bar" x="{bar.x:.1f}" y="{bar.y:.1f}" width="{max(bar.width - 0.6, 0.6):.1f}" '
        f'height="{bar.height:.1f}"><title>{bar.value}</title></rect>'
        for bar in drawn
    ]
    if marked and written:
        written[-1] = written[-1].replace('class="bar"', 'class="bar last"', 1)
    return "".join(written)


def ticks(most: float, *, wanted: int = 4) -> tuple[float, ...]:
    """Round values from 0 to just above `most`, steps of 1, 2 or 5 times a power of ten."""
    raw = max(most, 1e-9) / wanted
    power = 10.0 ** np.floor(np.log10(raw))
    step = float(next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * (1 - 1e-9)))
    return tuple(round(number * step, 10) for number in range(int(np.ceil(most / step - 1e-9)) + 1))
