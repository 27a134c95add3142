"""A small map as paths for a template to draw: areas around a signal, its own marked, a dot for each postcode."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians, sqrt
from typing import Any, Final, cast

import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from pumphandle.store.reference.boundaries import Geometry
from pumphandle.store.reference.ground import Ground

WIDTH: Final = 560.0
HIGHEST: Final = 460.0
MARGIN: Final = 8.0
FINEST: Final = 0.6
"""Corners nearer than this to the one before are not drawn."""

WATER: Final = frozenset({"river", "canal", "lake", "coast"})

Ring = list[tuple[float, float]]


@dataclass(frozen=True)
class Shape:
    """One area: `path` as SVG writes it."""

    area_code: str
    path: str
    inside: bool


@dataclass(frozen=True)
class Dot:
    """Cases of one postcode; the area of the dot grows with their number."""

    x: float
    y: float
    radius: float
    cases: int


@dataclass(frozen=True)
class Stroke:
    """A barrier that crosses the map: `path` as SVG writes it, what it is and is called."""

    kind: str
    name: str
    path: str

    @property
    def title(self) -> str:
        return f"{self.name} ({self.kind})" if self.name else self.kind

    @property
    def style(self) -> str:
        """Water is one line, everything else is dashes."""
        return "barrier water" if self.kind in WATER else "barrier"


@dataclass(frozen=True)
class Map:
    """Shapes that are not part of the signal come first, so that its own lie on top. strokes : drawn over shapes"""

    shapes: list[Shape]
    strokes: list[Stroke]
    dots: list[Dot]
    width: float
    height: float


def draw(ground: Ground, areas: Iterable[str]) -> Map | None:
    """None where no shape is known."""
    rings = {code: list(_rings(shape)) for code, shape in ground.shapes.items()}
    corners = [corner for each in rings.values() for ring in each for corner in ring]
    if not corners:
        return None
    west, east = min(x for x, _ in corners), max(x for x, _ in corners)
    south, north = min(y for _, y in corners), max(y for _, y in corners)
    # degrees lie closer together east to west; a plane in metres has no value below 90
    narrow = cos(radians((south + north) / 2)) if max(abs(south), abs(north)) <= 90 else 1.0
    wide, high = max((east - west) * narrow, 1e-9), max(north - south, 1e-9)
    scale = min((WIDTH - 2 * MARGIN) / wide, (HIGHEST - 2 * MARGIN) / high)

    def place(x: float, y: float) -> tuple[float, float]:
        return (MARGIN + (x - west) * narrow * scale, MARGIN + (north - y) * scale)

    frame = shapely.box(west, south, east, north)
    strokes = [
        Stroke(one.kind, one.name, "".join(_path([place(*corner) for corner in run], closed=False) for run in runs))
        for one in ground.barriers
        if (runs := _within(one.geometry, frame))
    ]
    own = set(areas)
    shapes = [
        Shape(code, "".join(_path([place(*corner) for corner in ring]) for ring in each), code in own)
        for code, each in rings.items()
    ]
    dots = [Dot(*place(spot.x, spot.y), 2.0 + 1.6 * sqrt(spot.cases), spot.cases) for spot in ground.spots]
    return Map(
        shapes=sorted(shapes, key=lambda one: one.inside),
        strokes=strokes,
        dots=[Dot(round(dot.x, 1), round(dot.y, 1), round(dot.radius, 1), dot.cases) for dot in dots],
        width=round(wide * scale + 2 * MARGIN, 1),
        height=round(high * scale + 2 * MARGIN, 1),
    )


def _rings(geometry: Geometry | Mapping[str, Any]) -> Iterable[Ring]:
    parts = cast("list[Any]", geometry.get("coordinates", []))
    polygons = [parts] if geometry.get("type") == "Polygon" else parts if geometry.get("type") == "MultiPolygon" else []
    for polygon in polygons:
        for ring in polygon:
            yield [(float(corner[0]), float(corner[1])) for corner in ring]


def _within(geometry: Geometry, frame: BaseGeometry) -> list[Ring]:
    """The runs of a line that lie in the frame."""
    cut = shapely.intersection(shapely.from_geojson(json.dumps(geometry)), frame)
    lines = [one for one in shapely.get_parts(cut) if isinstance(one, LineString) and len(one.coords) > 1]
    return [[(float(corner[0]), float(corner[1])) for corner in one.coords] for one in lines]


def _path(corners: Ring, *, closed: bool = True) -> str:
    kept = corners[:1]
    for _, corner in pairwise(corners):
        if abs(corner[0] - kept[-1][0]) + abs(corner[1] - kept[-1][1]) >= FINEST:
            kept.append(corner)
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in kept) + ("Z" if closed else "")
