"""What a small map is drawn from: shapes of areas, and where postcodes lie, in the same coordinates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from pumphandle.store.engine import Transaction
from pumphandle.store.reference import boundaries, nation, postcodes
from pumphandle.store.reference.boundaries import Geometry


@dataclass(frozen=True)
class Spot:
    """A unit postcode with cases, in the coordinates of the boundaries."""

    x: float
    y: float
    cases: int


@dataclass(frozen=True)
class Ground:
    """shapes : GeoJSON by area; spots : empty where the place of postcodes is not known in the same coordinates."""

    shapes: dict[str, Geometry]
    spots: list[Spot]


def ground_of(tx: Transaction, codes: Sequence[str], cases: Mapping[str, int]) -> Ground:
    """cases : by normalised postcode; those with none are left out"""
    shapes = boundaries.geometries(tx, sorted(set(codes)))
    frame = nation.picture(tx) if shapes else None
    if frame is None or frame.coordinates != frame.postcode_coordinates:
        return Ground(shapes, [])
    wanted = sorted(postcode for postcode, count in cases.items() if count > 0)
    places = postcodes.points(tx, pl.Series(wanted, dtype=pl.String))
    return Ground(shapes, [Spot(x, y, cases[postcode]) for postcode, x, y in places.iter_rows()])
