"""Filling the shelf: one nation in the place of another."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict

import polars as pl
from psycopg.types.json import Jsonb

from pumphandle.geography.boundaries import Shape, as_geojson
from pumphandle.geography.country import Country
from pumphandle.store.engine import Transaction, copy_frame, copy_rows
from pumphandle.store.reference import barriers
from pumphandle.store.reference import nation as nation_row
from pumphandle.store.reference.areas import SCHEMA
from pumphandle.store.reference.nation import Nation
from pumphandle.vocabulary.errors import Broken

EMPTIED = ("publication_node", "neighbour", "boundary", "barrier", "postcode_share", "postcode", "area", "nation")
"""From what refers to what is referred to."""


def empty(tx: Transaction) -> None:
    """Takes the nation away. A second loader waits here until the first is done."""
    tx.execute("lock table reference.nation in share row exclusive mode")
    for table in EMPTIED:
        tx.execute(f"delete from reference.{table}".encode())


def replace_all(
    tx: Transaction, nation: Nation, country: Country, *, coordinates: str, postcode_coordinates: str | None = None
) -> None:
    """The whole shelf but its publication nodes. Bulk, in the caller's transaction: all of it or nothing.

    coordinates, postcode_coordinates : degrees or plane; the second None where postcodes have the first or none
    """
    empty(tx)
    frame = country.picture
    shown = {key: value for key, value in asdict(frame).items() if key not in ("width", "height")}
    described = {"coordinates": coordinates, "postcode_coordinates": postcode_coordinates or coordinates}
    nation_row.put(tx, nation, picture={"view_box": frame.view_box, **described, **shown})
    vintage = pl.lit(nation.vintage).alias("vintage")
    copy_frame(tx, "reference.area", country.areas.with_columns(vintage).select(list(SCHEMA)))
    copy_frame(tx, "reference.postcode", country.postcodes.sort("postcode").with_columns(vintage))
    copy_frame(tx, "reference.postcode_share", country.shares.sort("postcode", "small_area"))
    _check_postcodes(tx)
    columns = ("area_code", "geometry", "svg_path")
    copy_rows(tx, "reference.boundary", columns, _shapes(country.shapes, country.paths))
    barriers.put(tx, country.barriers)
    pairs = [(code, other) for code, beside in country.neighbours.items() for other in beside]
    copy_rows(tx, "reference.neighbour", ("area_code", "neighbour"), iter(pairs))


def _check_postcodes(tx: Transaction) -> None:
    """In the place of a foreign key: every postcode leads to a small area. Raises Broken."""
    row = tx.execute(
        "select count(*) from reference.postcode p where not exists (select from reference.area a "
        "where a.area_code = p.small_area and a.level = 'small_area')"
    ).fetchone()
    if row is None or row[0] != 0:
        raise Broken(f"{row[0] if row else 'Some'} postcodes lead to no small area. Nothing was loaded.")


def _shapes(shapes: Mapping[str, Shape], paths: Mapping[str, str]) -> Iterator[tuple[str, Jsonb, str]]:
    return ((code, Jsonb(as_geojson(shape)), paths[code]) for code, shape in shapes.items())


def put_nodes(tx: Transaction, nodes: Mapping[str, str], *, rule_version: int) -> None:
    """Publication nodes. `rule_version` is that of the threshold population_floor."""
    rows = ((code, node, rule_version) for code, node in sorted(nodes.items()))
    copy_rows(tx, "reference.publication_node", ("small_area", "node", "rule_version"), rows)
