"""The country is cut without gap or overlap, every area lies in one of the next level, every postcode in one area."""

import json
import re
from collections import Counter

import numpy as np
import polars as pl
import pytest
import shapely

from pumphandle.vocabulary.errors import Refused
from pumphandle_town.chance import Chance
from pumphandle_town.grouping import grouped
from pumphandle_town.outline import GRID
from pumphandle_town.place_names import _REAL_AREAS
from pumphandle_town.places import Places, lay_out


@pytest.fixture(scope="module")
def million() -> Places:
    return lay_out(1_000_000, Chance(1854))


@pytest.mark.parametrize("seed", [1, 2, 3, 1854])
def test_areas_fill_the_coast_and_do_not_overlap(seed: int) -> None:
    places = lay_out(400_000, Chance(seed))
    shapes = np.array(places.shapes)
    assert shapely.coverage_is_valid(shapes)
    assert all(shape.is_valid for shape in places.shapes)
    total = sum(shape.area for shape in places.shapes)
    assert total == pytest.approx(shapely.union_all(shapes).area, rel=1e-9)
    assert total == pytest.approx(places.land.area, rel=1e-4)  # the coast is snapped to 1 m


def test_a_million_people_make_the_promised_areas(million: Places) -> None:
    assert len(million.shapes) == 133
    assert 8 <= len(million.district_names) <= 10
    assert len(million.region_names) in (2, 3)
    assert int(million.population.sum()) == 1_000_000
    assert million.population.min() > 4_000 and million.population.max() < 13_000
    sizes = Counter(million.district.tolist())
    assert min(sizes.values()) >= 4 and max(sizes.values()) <= 25
    assert len(set(million.small_area_names)) == 133


def hang_together(group: list[int], borders: list[list[int]]) -> bool:
    for each in set(group):
        members = {place for place, own in enumerate(group) if own == each}
        reached, waiting = set[int](), [min(members)]
        while waiting:
            place = waiting.pop()
            reached.add(place)
            waiting += [other for other in borders[place] if other in members - reached]
        if reached != members:
            return False
    return True


def test_districts_hang_together(million: Places) -> None:
    assert hang_together(million.district.tolist(), million.borders)


def test_groups_on_two_sides_of_a_bay_are_not_one() -> None:
    """A coast like a U: the two ends are close, but nobody can walk across the water."""
    points = np.array([[0.0, y] for y in range(10)] + [[1.0, 9.0]] + [[2.0, y] for y in range(9, -1, -1)])
    borders = [[each for each in (place - 1, place + 1) if 0 <= each < len(points)] for place in range(len(points))]
    group = grouped(points, borders, np.array([[1.0, 0.0], [1.0, 9.0]]), least=2, most=12)
    assert len(set(group)) > 1
    assert hang_together(group, borders)


def test_every_corner_lies_on_the_grid(million: Places) -> None:
    corners = shapely.get_coordinates(np.array(million.shapes)) / GRID
    assert np.abs(corners - np.rint(corners)).max() < 1e-6


def test_description_is_complete(town) -> None:
    areas = pl.read_csv(town.nation / "areas.csv")
    postcodes = pl.read_csv(town.nation / "postcodes.csv")
    shapes = json.loads((town.nation / "boundaries.geojson").read_text("utf-8"))["features"]
    assert areas["area_code"].is_unique().all() and postcodes["postcode"].is_unique().all()
    assert {each["properties"]["area_code"] for each in shapes} == set(areas["area_code"])
    assert set(postcodes["small_area"]) == set(areas.filter(pl.col("level") == "small_area")["area_code"])
    assert set(areas["parent"]) <= {*areas["area_code"], "ALD"}
    by_level = dict(areas.group_by("level").agg(pl.col("population").sum()).iter_rows())
    assert set(by_level.values()) == {150_000}


def test_a_river_and_a_railway_cross_the_land_and_stay_on_it(town) -> None:
    lines = json.loads((town.nation / "barriers.geojson").read_text("utf-8"))["features"]
    assert {line["properties"]["kind"] for line in lines} == {"river", "railway"}
    features = json.loads((town.nation / "boundaries.geojson").read_text("utf-8"))["features"]
    land = shapely.union_all([shapely.geometry.shape(one["geometry"]) for one in features])
    west, south, east, north = land.bounds
    for line in lines:
        drawn = shapely.geometry.shape(line["geometry"])
        assert shapely.covers(shapely.buffer(land, 2e-5), drawn)
        across = drawn.bounds
        reach = (across[2] - across[0]) / (east - west), (across[3] - across[1]) / (north - south)
        assert max(reach) > 0.7


def test_written_shapes_share_every_corner(town) -> None:
    features = json.loads((town.nation / "boundaries.geojson").read_text("utf-8"))["features"]
    shapes = {each["properties"]["area_code"]: shapely.geometry.shape(each["geometry"]) for each in features}
    levels = {letter: [shape for code, shape in shapes.items() if code.startswith(letter)] for letter in "SDR"}
    for level in levels.values():
        assert shapely.coverage_is_valid(np.array(level))
    areas = {letter: sum(shape.area for shape in level) for letter, level in levels.items()}
    assert areas["S"] == pytest.approx(areas["D"], rel=1e-9) == pytest.approx(areas["R"], rel=1e-9)


def test_postcodes_look_british_and_are_not(town) -> None:
    postcodes = pl.read_csv(town.nation / "postcodes.csv")["postcode"].to_list()
    shape = re.compile(r"^([A-Z]{1,2})[0-9]{1,2}[0-9][ABD-HJLNP-UW-Z]{2}$")
    for postcode in postcodes:
        found = shape.match(postcode)
        assert found and found.group(1) not in _REAL_AREAS, postcode


def test_every_postcode_lies_in_its_area_and_beside_the_next(town) -> None:
    """A scan over postcodes looks at neighbours: those with neighbouring numbers must be neighbours on the ground."""
    postcodes = pl.read_csv(town.nation / "postcodes.csv")
    features = json.loads((town.nation / "boundaries.geojson").read_text("utf-8"))["features"]
    shapes = {each["properties"]["area_code"]: shapely.geometry.shape(each["geometry"]) for each in features}
    for (area,), some in postcodes.group_by("small_area"):
        points = some.select("longitude", "latitude").to_numpy()
        assert shapely.dwithin(shapes[str(area)], shapely.points(points), 2e-5).all()
    points = postcodes.select("longitude", "latitude").to_numpy()
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    anyhow = np.linalg.norm(points[::2][: len(points) // 2] - points[::-2][: len(points) // 2], axis=1)
    assert np.median(steps) < 0.1 * np.median(anyhow)


@pytest.mark.parametrize("people", [999, 60_000_001])
def test_impossible_sizes_are_refused(people: int) -> None:
    with pytest.raises(Refused, match="Choose between"):
        lay_out(people, Chance(1))
