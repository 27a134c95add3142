"""The made-up country's description, in the form in which any nation is described."""

import json
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import shapely
from shapely.geometry.base import BaseGeometry

from pumphandle_town.chance import Chance, Floats
from pumphandle_town.households import Postcodes
from pumphandle_town.laboratories import contract
from pumphandle_town.place_names import COUNTRY, COUNTRY_CODE
from pumphandle_town.places import Places
from pumphandle_town.postcodes import plain
from pumphandle_town.rosters import ALDERMARK
from pumphandle_town.spots import lay_postcodes

TIME_ZONE: Final = "Europe/London"

RIVER: Final = "River Alder"
RAILWAY: Final = "Alder Valley line"

NATION: Final = f"""# {COUNTRY} does not exist. It was made by `python -m pumphandle_town make`.
# Coordinates are longitude and latitude near 0, 0: open sea, where a degree is as long both ways.
name = "{COUNTRY}"
code = "{COUNTRY_CODE}"
vintage = "made-up-{{seed}}"
time_zone = "{TIME_ZONE}"
identifier = "nhs_number_made_up"
identifier_name = "Health number"
postcode_pattern = "^[A-Z]{{{{1,2}}}}[0-9]{{{{1,2}}}}[0-9][A-Z]{{{{2}}}}$"
attribution = "{COUNTRY} is made up: its people, places and numbers belong to nobody."

[levels]
small_area = ["Neighbourhood", "Neighbourhoods"]
district = ["District", "Districts"]
region = ["Region", "Regions"]

[postcodes]
file = "postcodes.csv"
postcode = "postcode"
small_area = "small_area"
x = "longitude"
y = "latitude"

[barriers]
file = "barriers.geojson"
"""


def write_nation(folder: Path, places: Places, postcodes: Postcodes, *, seed: int) -> None:
    """nation.toml, areas.csv, postcodes.csv, boundaries.geojson, barriers.geojson and feeds/."""
    (folder / "feeds").mkdir(parents=True, exist_ok=True)
    (folder / "nation.toml").write_text(NATION.format(seed=seed), encoding="utf-8")
    minimum = max(1, round(places.population.sum() * 0.003 / len(ALDERMARK) / 8))
    for laboratory in ALDERMARK:
        (folder / "feeds" / f"{laboratory.key}.toml").write_text(
            contract(laboratory, time_zone=TIME_ZONE, minimum=minimum), encoding="utf-8"
        )
    codes = [places.small_area_code(area) for area in range(len(places.shapes))]
    spots = lay_postcodes(postcodes.area, places)
    pl.DataFrame(
        {
            "postcode": postcodes.text,
            "small_area": pl.Series(codes).gather(postcodes.area),
            "longitude": spots[:, 0],
            "latitude": spots[:, 1],
        }
    ).with_columns(plain(pl.col("postcode"))).write_csv(folder / "postcodes.csv", float_precision=5)
    _write_areas(folder / "areas.csv", places, codes)
    _write_boundaries(folder / "boundaries.geojson", places, codes)
    _write_barriers(folder / "barriers.geojson", places, Chance(seed))


def _write_areas(path: Path, places: Places, codes: list[str]) -> None:
    by_district = np.bincount(places.district, weights=places.population).astype(np.int64)
    by_region = np.bincount(places.region, weights=by_district).astype(np.int64)
    rows = ["area_code,level,name,parent,population"]
    for region, name in enumerate(places.region_names):
        rows.append(f"{places.region_code(region)},region,{name},{COUNTRY_CODE},{by_region[region]}")
    for district, name in enumerate(places.district_names):
        parent = places.region_code(int(places.region[district]))
        rows.append(f"{places.district_code(district)},district,{name},{parent},{by_district[district]}")
    for area, name in enumerate(places.small_area_names):
        rows.append(
            f"{codes[area]},small_area,{name},{places.district_code(int(places.district[area]))},{places.population[area]}"
        )
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def joined(shapes: list[BaseGeometry], group: list[int]) -> list[BaseGeometry]:
    """Shapes of the groups: the inner borders vanish, every outer corner stays as it is."""
    members: list[list[BaseGeometry]] = [[] for _ in range(max(group) + 1)]
    for shape, each in zip(shapes, group, strict=True):
        members[each].append(shape)
    return [shapely.coverage_union_all(each) for each in members]


def _write_boundaries(path: Path, places: Places, codes: list[str]) -> None:
    districts = joined(places.shapes, places.district.tolist())
    regions = joined(districts, places.region.tolist())
    named = [
        *zip(codes, places.shapes, strict=True),
        *((places.district_code(number), shape) for number, shape in enumerate(districts)),
        *((places.region_code(number), shape) for number, shape in enumerate(regions)),
    ]
    features = [
        json.dumps(
            {"type": "Feature", "properties": {"area_code": code}, "geometry": _rounded(shape)}, separators=(",", ":")
        )
        for code, shape in named
    ]
    path.write_text('{"type":"FeatureCollection","features":[\n' + ",\n".join(features) + "\n]}\n", encoding="utf-8")


def _write_barriers(path: Path, places: Places, chance: Chance) -> None:
    """A river from the west coast to the east, and a railway from the north to the south."""
    land = shapely.coverage_union_all(places.shapes)
    west, south, east, north = land.bounds
    along = np.linspace(0.0, 1.0, 240)
    river = np.column_stack(
        [west + along * (east - west), (south + north) / 2 + _meander(along, chance, "river", north - south)]
    )
    rail = np.column_stack(
        [(west + east) / 2 + _meander(along, chance, "railway", (east - west) / 3), south + along * (north - south)]
    )
    features = [
        json.dumps(
            {"type": "Feature", "properties": {"kind": kind, "name": name}, "geometry": _rounded_line(line, land)},
            separators=(",", ":"),
        )
        for kind, name, line in (("river", RIVER, river), ("railway", RAILWAY, rail))
    ]
    path.write_text('{"type":"FeatureCollection","features":[\n' + ",\n".join(features) + "\n]}\n", encoding="utf-8")


def _meander(along: Floats, chance: Chance, stream: str, wide: float) -> Floats:
    """A smooth swing around 0, of about a tenth of `wide`."""
    rng = chance.generator(stream)
    waves = [rng.normal() / wave * np.sin(np.pi * wave * along + rng.uniform(0, 2 * np.pi)) for wave in range(1, 9)]
    return np.asarray(sum(waves) * wide * 0.08)


def _rounded_line(line: Floats, land: BaseGeometry) -> object:
    inland = shapely.intersection(shapely.LineString(line), land)
    parts = [one for one in shapely.get_parts(inland) if isinstance(one, shapely.LineString)]
    drawn = parts[0] if len(parts) == 1 else shapely.MultiLineString(parts)
    return json.loads(shapely.to_geojson(drawn), parse_float=lambda text: round(float(text), 5))


def _rounded(shape: BaseGeometry) -> object:
    """Corners lie on the grid already; five digits write them exactly. Rings turn as GeoJSON asks (outer left)."""
    return json.loads(
        shapely.to_geojson(shapely.orient_polygons(shape)), parse_float=lambda text: round(float(text), 5)
    )
