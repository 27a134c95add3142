"""Shapes of areas: read from GeoJSON, mended where they cross themselves, joined where a level has none of its own."""

import gzip
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import shapely
from shapely.geometry import MultiPolygon, Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry

from pumphandle.geography.description import Coordinates
from pumphandle.geography.faults import fault

KINDS: Final = ("Polygon", "MultiPolygon")
Shape = Polygon | MultiPolygon


@dataclass(frozen=True)
class Feature:
    """One feature: its place in the file from 1, its properties as text, its shape, and whether it was mended."""

    place: int
    properties: Mapping[str, str | None]
    shape: Shape
    mended: bool


def read(folder: Path, file: str, *, coordinates: Coordinates) -> tuple[Feature, ...]:
    """Every feature of a GeoJSON file (FeatureCollection of polygons; .gz is opened).

    A shape that crosses itself is mended (points and lines that fall off are dropped) and marked.
    Raises BadDescription naming the feature for a shape that is missing, empty, no polygon, open or off the globe.
    """
    return tuple(_feature(one, place, file, coordinates) for place, one in enumerate(features(folder, file), start=1))


def features(folder: Path, file: str, *, of: str = "polygons") -> list[object]:
    """Those of a GeoJSON FeatureCollection, unread. Raises BadDescription where there are none."""
    path = folder / file
    if not path.is_file():
        raise fault("the file is missing", file=file, remedy="Add it, or correct the name in nation.toml.")
    try:
        content = path.read_bytes()
        whole: object = json.loads(gzip.decompress(content) if file.endswith(".gz") else content)
    except (ValueError, gzip.BadGzipFile, EOFError, zlib.error) as failure:
        remedy = "Save it as GeoJSON in UTF-8."
        raise fault(f"cannot be read as GeoJSON ({failure})", file=file, remedy=remedy) from None
    found = cast("dict[str, object]", whole).get("features") if isinstance(whole, dict) else None
    if not isinstance(found, list) or not found:
        raise fault("holds no features", file=file, field="features", remedy=f"Give a FeatureCollection of {of}.")
    return cast("list[object]", found)


def _feature(one: object, place: int, file: str, coordinates: Coordinates) -> Feature:
    content = cast("dict[str, object]", one) if isinstance(one, dict) else {}
    found, properties = content.get("geometry"), content.get("properties")
    if not isinstance(found, dict) or cast("dict[str, object]", found).get("type") not in KINDS:
        remedy = f"Give each feature a geometry of type {' or '.join(KINDS)}."
        raise fault("has no polygon", file=file, line=place, field="geometry", remedy=remedy)
    try:
        drawn = shape(cast("dict[str, object]", found))
    except (ValueError, TypeError, AttributeError, IndexError, KeyError, shapely.errors.ShapelyError) as failure:
        remedy = "Each ring is a list of at least four [x, y], the last equal to the first."
        raise fault(f"is broken ({failure})", file=file, line=place, field="geometry", remedy=remedy) from None
    whole = _polygons(drawn if drawn.is_valid else shapely.make_valid(drawn))
    if whole is None:
        remedy = "Draw the area, or take the feature away: an area may be without a boundary."
        raise fault("encloses nothing", file=file, line=place, field="geometry", remedy=remedy)
    check_degrees(whole, coordinates, file=file, place=place)
    kept = cast("dict[str, object]", properties) if isinstance(properties, dict) else {}
    texts = {key: None if value is None else str(value).strip() or None for key, value in kept.items()}
    return Feature(place=place, properties=texts, shape=whole, mended=not drawn.is_valid)


def check_degrees(drawn: BaseGeometry, coordinates: Coordinates, *, file: str, place: int) -> None:
    """Raises BadDescription for a geometry off the globe."""
    west, south, east, north = drawn.bounds
    if coordinates is Coordinates.DEGREES and (west < -180 or east > 180 or south < -90 or north > 90):
        remedy = 'Write coordinates = "plane" into nation.toml, or give longitude and latitude.'
        what = f"{west}, {south} is no longitude and latitude"
        raise fault(what, file=file, line=place, field="geometry", remedy=remedy)


def _polygons(drawn: BaseGeometry) -> Shape | None:
    """The polygons of any geometry; None when there are none or they enclose nothing."""
    pieces = shapely.get_parts(shapely.get_parts([drawn]))  # a collection may hold multipolygons
    parts = [part for part in pieces if isinstance(part, Polygon) and part.area > 0]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def named(features: Iterable[Feature], name: str, *, file: str) -> dict[str, Feature]:
    """Features by one of their properties. Raises BadDescription where it is missing or comes twice."""
    by_name: dict[str, Feature] = {}
    for feature in features:
        value = feature.properties.get(name)
        if value is None:
            has = ", ".join(feature.properties) or "none"
            remedy = f"Give every feature this property; this one has {has}."
            raise fault("is missing or empty", file=file, line=feature.place, field=name, remedy=remedy)
        if value in by_name:
            remedy = f"Keep one, or join both into a MultiPolygon; the first is feature {by_name[value].place}."
            raise fault(f"{value} has come before", file=file, line=feature.place, field=name, remedy=remedy)
        by_name[value] = feature
    return by_name


def joined(shapes: Iterable[Shape]) -> Shape | None:
    """The outline of several areas together; None for none."""
    return _polygons(shapely.union_all(list(shapes)))


def point(drawn: Shape) -> tuple[float, float]:
    """A place certainly inside: (x, y)."""
    inside = shapely.point_on_surface(drawn)
    return float(inside.x), float(inside.y)


def as_geojson(drawn: Shape) -> dict[str, object]:
    """A GeoJSON geometry."""
    return cast("dict[str, object]", mapping(drawn))
