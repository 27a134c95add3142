"""The national picture: every shape as an SVG path in one system of whole numbers, small enough for a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, radians
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import translate

from pumphandle.geography.boundaries import Shape
from pumphandle.geography.description import Coordinates

SIDE: Final = 10_000
"""Units of the picture's longer side: 65 m each in England, 120 m in New South Wales."""
BYTES_A_LEVEL: Final = 60_000
BYTES_AN_AREA: Final = 300
"""A level's paths together take about 60 kB and 300 bytes an area: 247 kB for 622 areas, 2.1 MB for 6,791."""
COARSER: Final = 1.25


@dataclass(frozen=True)
class Picture:
    """The frame: x = (east - west) * across, y = (north - northing) * up, so that 0 0 is the top left corner."""

    west: float
    north: float
    across: float
    up: float
    width: int
    height: int

    @property
    def view_box(self) -> str:
        return f"0 0 {self.width} {self.height}"


def frame(
    shapes: Mapping[str, Shape], *, coordinates: Coordinates, moved: Mapping[str, tuple[float, float]]
) -> Picture:
    """The picture that holds every shape; one unit square for none.

    Degrees of longitude are narrowed by the cosine of the middle latitude.
    """
    if not shapes:
        return Picture(west=0.0, north=0.0, across=1.0, up=1.0, width=1, height=1)
    bounds = np.array([_placed(code, drawn, moved).bounds for code, drawn in shapes.items()])
    west, south = float(bounds[:, 0].min()), float(bounds[:, 1].min())
    east, north = float(bounds[:, 2].max()), float(bounds[:, 3].max())
    narrow = cos(radians((south + north) / 2)) if coordinates is Coordinates.DEGREES else 1.0
    scale = SIDE / max((east - west) * narrow, north - south)
    width, height = round((east - west) * narrow * scale), round((north - south) * scale)
    return Picture(west=west, north=north, across=narrow * scale, up=scale, width=max(width, 1), height=max(height, 1))


def paths(shapes: Mapping[str, Shape], *, picture: Picture, moved: Mapping[str, tuple[float, float]]) -> dict[str, str]:
    """An SVG path for each shape of one level. Borders that two areas share stay shared.

    Simplified together as a coverage (Visvalingam-Whyatt on shared edges, GEOS 3.12), a little coarser at each try,
    until the level is within its bytes.
    """
    codes = list(shapes)
    drawn = np.array([_on_paper(_placed(code, shapes[code], moved), picture) for code in codes], dtype=object)
    budget = BYTES_A_LEVEL + BYTES_AN_AREA * len(codes)
    tolerance = 1.0
    while True:
        written = {code: svg_path(one) for code, one in zip(codes, drawn, strict=True)}
        if sum(map(len, written.values())) <= budget or tolerance > SIDE:
            return written
        drawn = shapely.coverage_simplify(drawn, tolerance)
        tolerance *= COARSER


def _placed(code: str, drawn: Shape, moved: Mapping[str, tuple[float, float]]) -> Shape:
    east, north = moved.get(code, (0.0, 0.0))
    return translate(drawn, xoff=east, yoff=north) if code in moved else drawn


def _on_paper(drawn: Shape, picture: Picture) -> Shape:
    def place(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return (points - (picture.west, picture.north)) * (picture.across, -picture.up)

    return shapely.transform(drawn, place)


def svg_path(drawn: Shape) -> str:
    """Rings as whole numbers, each point relative to the one before. A ring too small to be seen is left out,
    unless the shape would vanish: then it is one unit square."""
    rings = [ring for part in shapely.get_parts(drawn) for ring in (part.exterior, *part.interiors)]
    pieces = [piece for ring in rings if (piece := _ring(shapely.get_coordinates(ring)))]
    if pieces:
        return "".join(pieces)
    left, top, _, _ = drawn.bounds
    return f"M{round(left)} {round(top)}h1v1h-1z"


def _ring(points: NDArray[np.float64]) -> str:
    corners = np.rint(points).astype(np.int64)
    steps = np.diff(corners, axis=0)
    steps = steps[np.any(steps != 0, axis=1)]
    if len(steps) < 3:
        return ""
    written = "".join(_step(x, y) for x, y in steps[:-1].tolist())  # the last step is z
    return f"M{corners[0, 0]} {corners[0, 1]}l{written.lstrip()}z"


def _step(x: int, y: int) -> str:
    return f"{'' if x < 0 else ' '}{x}{'' if y < 0 else ' '}{y}"
