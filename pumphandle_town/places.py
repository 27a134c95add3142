"""The made-up country: small areas in districts in regions, with their postcodes to come."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from pumphandle.vocabulary.errors import Refused
from pumphandle_town import place_names
from pumphandle_town.cells import centres, neighbours, tessellate
from pumphandle_town.chance import Chance, Floats, Ints
from pumphandle_town.grouping import grouped, joined_borders
from pumphandle_town.outline import outline

PEOPLE_PER_AREA: Final = 7_500
AREAS_PER_DISTRICT: Final = 14.5
MOST_PEOPLE: Final = 60_000_000
LEAST_PEOPLE: Final = 1_000


@dataclass(frozen=True)
class Places:
    """Areas by number; `district[a]` is the district of small area a, `region[d]` the region of district d."""

    land: Polygon
    shapes: list[BaseGeometry]
    centres: Floats
    borders: list[list[int]]
    district: Ints
    region: Ints
    small_area_names: list[str]
    district_names: list[str]
    region_names: list[str]
    population: Ints

    def small_area_code(self, area: int) -> str:
        return f"S{area + 1:05d}"

    def district_code(self, district: int) -> str:
        return f"D{district + 1:04d}"

    def region_code(self, region: int) -> str:
        return f"R{region + 1:02d}"


def lay_out(people: int, chance: Chance) -> Places:
    """The country for so many people. Raises Refused outside 1,000 .. 60,000,000."""
    if not LEAST_PEOPLE <= people <= MOST_PEOPLE:
        raise Refused(
            f"a country of {people:,} people cannot be made. Choose between {LEAST_PEOPLE:,} and {MOST_PEOPLE:,}."
        )
    count = max(1, round(people / PEOPLE_PER_AREA))
    wanted = 1 if count < 8 else max(2, round(count / AREAS_PER_DISTRICT))
    land = outline(people, chance)
    points, towns = centres(count, wanted, land, chance)
    shapes = tessellate(points, land, chance)
    middles = shapely.get_coordinates(shapely.point_on_surface(np.array(shapes)))
    borders = neighbours(shapes)
    district = grouped(middles, borders, towns)
    districts = max(district) + 1
    region = _regions(district, districts, middles, borders, people)
    return Places(
        land=land,
        shapes=shapes,
        centres=middles,
        borders=borders,
        district=np.array(district),
        region=np.array(region),
        small_area_names=place_names.quarters(count, chance),
        district_names=place_names.towns(districts, chance),
        region_names=place_names.regions(max(region) + 1, chance),
        population=_populations(people, count, chance),
    )


def _regions(district: list[int], districts: int, middles: Floats, borders: list[list[int]], people: int) -> list[int]:
    """Three regions for a million people, ten for sixty."""
    wanted = min(districts // 2, round(2.5 * (people / 1e6) ** 0.35))
    if wanted < 2:
        return [0] * districts
    centre = np.array([middles[np.array(district) == each].mean(axis=0) for each in range(districts)])
    apart = [int(np.argmin(centre[:, 0]))]  # one end of the country, then always the district farthest from all chosen
    while len(apart) < wanted:
        distance = np.min([np.linalg.norm(centre - centre[each], axis=1) for each in apart], axis=0)
        apart.append(int(np.argmax(distance)))
    middle = centre[apart]
    for _ in range(8):
        nearest = np.linalg.norm(centre[:, None] - middle[None], axis=2).argmin(axis=1)
        middle = np.array(
            [
                centre[nearest == each].mean(axis=0) if np.any(nearest == each) else middle[each]
                for each in range(wanted)
            ]
        )
    return grouped(centre, joined_borders(district, borders), middle, least=2, most=districts)


def _populations(people: int, count: int, chance: Chance) -> Ints:
    """Around 7,500 each, summing to the whole."""
    drawn = np.clip(chance.generator("populations").normal(1.0, 0.16, count), 0.6, 1.6)
    ends = np.rint(np.cumsum(drawn) / drawn.sum() * people).astype(np.int64)
    return np.diff(ends, prepend=0)
