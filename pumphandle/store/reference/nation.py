"""The one nation that is loaded."""

from dataclasses import dataclass
from typing import Final

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from pumphandle.store.engine import Transaction
from pumphandle.vocabulary.errors import NotFound

HOW_TO_LOAD: Final = "No nation is loaded yet. Run: pumphandle nation load FOLDER"


@dataclass(frozen=True)
class Picture:
    """The frame of the national picture: x = (east - west) * across, y = (north - northing) * up.

    view_box : SVG's "0 0 width height"; coordinates : what east and north are, degrees or plane
    postcode_coordinates : what the places of postcodes are
    """

    view_box: str
    west: float
    north: float
    across: float
    up: float
    coordinates: str
    postcode_coordinates: str


@dataclass(frozen=True)
class Nation:
    """Its description as loaded. `level_names`: level -> [one, many]. `folder`: where nation.toml and feeds lie."""

    code: str
    name: str
    vintage: str
    time_zone: str
    identifier: str
    identifier_name: str
    postcode_pattern: str
    level_names: dict[str, list[str]]
    attribution: str
    folder: str
    postcode_elsewhere: str | None = None
    postcode_pseudo: str = "^ZZ99"


def nation(tx: Transaction) -> Nation:
    """Raises NotFound before a nation was loaded, with the command to run."""
    with tx.cursor(row_factory=class_row(Nation)) as cursor:
        found = cursor.execute(
            "select code, name, vintage, time_zone, identifier, identifier_name, postcode_pattern, level_names, "
            "attribution, folder, postcode_elsewhere, postcode_pseudo from reference.nation"
        ).fetchone()
    if found is None:
        raise NotFound(HOW_TO_LOAD)
    return found


def picture(tx: Transaction) -> Picture:
    """Raises NotFound before a nation was loaded."""
    with tx.cursor(row_factory=class_row(Picture)) as cursor:
        found = cursor.execute(
            "select p.view_box, p.west, p.north, p.across, p.up, p.coordinates, "
            "coalesce(p.postcode_coordinates, p.coordinates) as postcode_coordinates from reference.nation n, "
            "jsonb_to_record(n.picture) as p(view_box text, west double precision, north double precision, "
            "across double precision, up double precision, coordinates text, postcode_coordinates text)"
        ).fetchone()
    if found is None:
        raise NotFound(HOW_TO_LOAD)
    return found


def put(tx: Transaction, nation: Nation, *, picture: dict[str, object]) -> None:
    """The row. The shelf must be empty."""
    tx.execute(
        "insert into reference.nation (code, name, vintage, time_zone, identifier, identifier_name, postcode_pattern, "
        "level_names, attribution, folder, picture, postcode_elsewhere, postcode_pseudo) "
        "values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            nation.code,
            nation.name,
            nation.vintage,
            nation.time_zone,
            nation.identifier,
            nation.identifier_name,
            nation.postcode_pattern,
            Jsonb(nation.level_names),
            nation.attribution,
            nation.folder,
            Jsonb(picture),
            nation.postcode_elsewhere,
            nation.postcode_pseudo,
        ],
    )
