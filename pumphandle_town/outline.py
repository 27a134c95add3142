"""The coast of a country that does not exist.

Coordinates are longitude and latitude around 0, 0, where a degree is 111.32 km both ways: the sea off Africa,
so a map can draw it and nobody lives there.
"""

from typing import Final

import numpy as np
import shapely
from shapely import Polygon

from pumphandle_town.chance import Chance

KM_PER_DEGREE: Final = 111.32
PEOPLE_PER_KM2: Final = 430.0  # England, 2020
GRID: Final = 1e-5  # degrees, about 1 m: every corner of every area lies on this grid


def outline(people: int, chance: Chance) -> Polygon:
    """A star-shaped coast with bays and headlands, of the area that so many people fill."""
    rng = chance.generator("coast")
    angle = np.linspace(0.0, 2 * np.pi, 1_500, endpoint=False)
    wiggle = np.zeros_like(angle)
    for wave in range(1, 120):
        height = 0.32 / wave**1.35
        wiggle += height * rng.normal() * np.cos(wave * angle + rng.uniform(0, 2 * np.pi))
    radius = np.exp(np.clip(wiggle, -0.7, 0.7))
    coast = np.column_stack([radius * np.cos(angle) * 0.8, radius * np.sin(angle) * 1.15])
    size = people / PEOPLE_PER_KM2 / KM_PER_DEGREE**2
    scale = np.sqrt(size / Polygon(coast).area)
    snapped = shapely.unary_union([Polygon(coast * scale)], grid_size=GRID)
    return max((part for part in shapely.get_parts(snapped) if isinstance(part, Polygon)), key=lambda part: part.area)
