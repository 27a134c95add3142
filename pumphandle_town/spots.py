"""Where postcodes lie: inside their small area, those with neighbouring numbers beside each other."""

from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from pumphandle_town.chance import Floats, Ints
from pumphandle_town.outline import GRID
from pumphandle_town.places import Places

SPREAD: Final = np.array([0.7548776662466927, 0.5698402909980532])  # R2 sequence (Roberts 2018): even, without chance
BITS: Final = 10


def lay_postcodes(post_area: Ints, places: Places) -> Floats:
    """(postcodes, 2) longitude and latitude of each postcode, which are sorted by small area."""
    counts = np.bincount(post_area, minlength=len(places.shapes))
    found = [_inside(shape, int(count)) for shape, count in zip(places.shapes, counts, strict=True)]
    return np.round(np.concatenate(found) / GRID) * GRID


def _inside(shape: BaseGeometry, count: int) -> Floats:
    """So many points spread evenly over a shape, in the order of a curve that leaves no corner out."""
    if not count:
        return np.empty((0, 2))
    shapely.prepare(shape)
    west, south, east, north = shape.bounds
    points, first = np.empty((0, 2)), 1
    while len(points) < count:
        steps = np.arange(first, first + 2 * count + 16)[:, None]
        drawn = (west, south) + np.modf(steps * SPREAD)[0] * (east - west, north - south)
        points = np.concatenate([points, drawn[shapely.contains_xy(shape, drawn[:, 0], drawn[:, 1])]])
        first += len(steps)
    points = points[:count]
    cells = ((points - (west, south)) / (east - west, north - south) * ((1 << BITS) - 1)).astype(np.int64)
    return points[np.argsort(_along_the_curve(cells[:, 0], cells[:, 1]), kind="stable")]


def _along_the_curve(x: Ints, y: Ints) -> Ints:
    """Place on Hilbert's curve (1891): neighbours on the curve are neighbours on the ground."""
    x, y, place = x.copy(), y.copy(), np.zeros_like(x)
    side = 1 << (BITS - 1)
    while side:
        right, upper = (x & side) > 0, (y & side) > 0
        place += side * side * ((3 * right) ^ upper)
        turned = ~upper
        flipped = turned & right
        x[flipped], y[flipped] = (side - 1) - (x[flipped] & (side - 1)), (side - 1) - (y[flipped] & (side - 1))
        x[turned], y[turned] = y[turned].copy(), x[turned].copy()
        x, y = x & (side - 1), y & (side - 1)
        side >>= 1
    return place
