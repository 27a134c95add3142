"""What a small map is drawn from: shapes of areas, and where postcodes lie, in the same coordinates."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl
import shapely

from pumphandle.store.engine import Transaction
from pumphandle.store.reference import barriers, boundaries, nation, postcodes
from pumphandle.store.reference.barriers import Line
from pumphandle.store.reference.boundaries import Geometry


@dataclass(frozen=True)
class Spot:
    """A unit postcode with cases, in the coordinates of the boundaries."""

    x: float
    y: float
    cases: int


@dataclass(frozen=True)
class Ground:
    """shapes : GeoJSON by area; spots : empty where the place of postcodes is not known in the same coordinates.

    barriers : lines near the shapes
    """

    shapes: dict[str, Geometry]
    spots: list[Spot]
    barriers: list[Line] = field(default_factory=list[Line])


def ground_of(tx: Transaction, codes: Sequence[str], cases: Mapping[str, int]) -> Ground:
    """cases : by normalised postcode; those with none are left out"""
    shapes = boundaries.geometries(tx, sorted(set(codes)))
    frame = nation.picture(tx) if shapes else None
    box = box_of(shapes)
    lines = [] if box is None else barriers.inside(tx, box)
    if frame is None or frame.coordinates != frame.postcode_coordinates:
        return Ground(shapes, [], lines)
    wanted = sorted(postcode for postcode, count in cases.items() if count > 0)
    places = postcodes.points(tx, pl.Series(wanted, dtype=pl.String))
    return Ground(shapes, [Spot(x, y, cases[postcode]) for postcode, x, y in places.iter_rows()], lines)


def box_of(shapes: Mapping[str, Geometry]) -> tuple[float, float, float, float] | None:
    """West, south, east, north of all; None without any."""
    if not shapes:
        return None
    return shapely.GeometryCollection([shapely.from_geojson(json.dumps(one)) for one in shapes.values()]).bounds
