"""What parts places that lie near each other: rivers, railways, motorways. Lines of a GeoJSON file."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

import shapely
from shapely.geometry import LineString, MultiLineString, mapping, shape

from pumphandle.geography.boundaries import check_degrees, features
from pumphandle.geography.description import BarrierSource, Coordinates
from pumphandle.geography.faults import fault

KINDS: Final = ("LineString", "MultiLineString")


@dataclass(frozen=True)
class Barrier:
    """kind : as people call it: river, railway; name : empty where the file gives none"""

    kind: str
    name: str
    line: LineString | MultiLineString = field(repr=False)

    def as_geojson(self) -> dict[str, object]:
        return cast("dict[str, object]", mapping(self.line))


def read(folder: Path, source: BarrierSource, *, coordinates: Coordinates) -> tuple[Barrier, ...]:
    """Every feature. Raises BadDescription naming the one that has no line, no kind, or lies off the globe."""
    every = features(folder, source.file, of="lines")
    return tuple(_barrier(one, place, source, coordinates) for place, one in enumerate(every, start=1))


def _barrier(one: object, place: int, source: BarrierSource, coordinates: Coordinates) -> Barrier:
    content = cast("dict[str, object]", one) if isinstance(one, dict) else {}
    found, given = content.get("geometry"), content.get("properties")
    if not isinstance(found, dict) or cast("dict[str, object]", found).get("type") not in KINDS:
        remedy = f"Give each feature a geometry of type {' or '.join(KINDS)}."
        raise fault("has no line", file=source.file, line=place, field="geometry", remedy=remedy)
    try:
        drawn = shape(cast("dict[str, object]", found))
        empty = drawn.is_empty or not isinstance(drawn, LineString | MultiLineString)
    except (ValueError, TypeError, AttributeError, IndexError, KeyError, shapely.errors.ShapelyError) as failure:
        remedy = "A line is a list of at least two [x, y]."
        raise fault(f"is broken ({failure})", file=source.file, line=place, field="geometry", remedy=remedy) from None
    if empty or not isinstance(drawn, LineString | MultiLineString):
        remedy = "Draw the line, or take the feature away."
        raise fault("is empty", file=source.file, line=place, field="geometry", remedy=remedy)
    check_degrees(drawn, coordinates, file=source.file, place=place)
    properties = cast("dict[str, object]", given) if isinstance(given, dict) else dict[str, object]()
    kind, name = (str(properties.get(key) or "").strip() for key in (source.kind, source.name))
    if not kind:
        remedy = "Say what it is: river, railway, motorway."
        raise fault("is missing or empty", file=source.file, line=place, field=source.kind, remedy=remedy)
    return Barrier(kind, name, drawn)
