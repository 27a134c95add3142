"""What parts near places on a map: lines by kind and name."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from psycopg.types.json import Jsonb

from pumphandle.geography.barriers import Barrier
from pumphandle.store.engine import Transaction, copy_rows
from pumphandle.store.reference.boundaries import Geometry


@dataclass(frozen=True)
class Line:
    """A barrier; the geometry is a GeoJSON LineString or MultiLineString in the coordinates of the boundaries."""

    kind: str
    name: str
    geometry: Geometry


def put(tx: Transaction, barriers: Iterable[Barrier]) -> None:
    """All of a nation's."""
    rows = (
        (number, one.kind, one.name, Jsonb(one.as_geojson()), *one.line.bounds) for number, one in enumerate(barriers)
    )
    columns = ("barrier", "kind", "name", "geometry", "west", "south", "east", "north")
    copy_rows(tx, "reference.barrier", columns, rows)


def inside(tx: Transaction, box: tuple[float, float, float, float]) -> list[Line]:
    """Those that come near a box. box : west, south, east, north"""
    west, south, east, north = box
    rows = tx.execute(
        "select kind, name, geometry::text from reference.barrier "
        "where west <= %s and east >= %s and south <= %s and north >= %s order by barrier",
        [east, west, north, south],
    )
    return [Line(kind, name, msgspec.json.decode(text, type=dict[str, object])) for kind, name, text in rows]
