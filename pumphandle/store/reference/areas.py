"""Areas, what lies in them, what lies beside them, and how they are found."""

from dataclasses import dataclass
from typing import Final

import polars as pl
from psycopg.rows import class_row

from pumphandle.store.engine import Transaction
from pumphandle.vocabulary.errors import NotFound
from pumphandle.vocabulary.places import AreaCode, AreaLevel

MOST_FOUND: Final = 20


@dataclass(frozen=True)
class Area:
    """`parent` is None for the nation alone; `population` and the point inside are None where they are not known."""

    area_code: AreaCode
    level: AreaLevel
    name: str
    parent: AreaCode | None
    population: int | None
    point_x: float | None
    point_y: float | None
    vintage: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "level", AreaLevel(self.level))  # the database gives its text


@dataclass(frozen=True)
class Found:
    """One answer to a search: `postcode` where it was a postcode that fitted."""

    area_code: AreaCode
    level: AreaLevel
    name: str
    postcode: str | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "level", AreaLevel(self.level))


def areas(tx: Transaction) -> list[Area]:
    """All of them, the nation first, then level by level, by name."""
    with tx.cursor(row_factory=class_row(Area)) as cursor:
        return cursor.execute(
            "select area_code, level, name, parent, population, point_x, point_y, vintage from reference.area "
            "order by array_position(array['nation', 'region', 'district', 'small_area'], level), name, area_code"
        ).fetchall()


def area(tx: Transaction, code: str) -> Area:
    """Raises NotFound."""
    with tx.cursor(row_factory=class_row(Area)) as cursor:
        found = cursor.execute(
            "select area_code, level, name, parent, population, point_x, point_y, vintage from reference.area "
            "where area_code = %s",
            [code],
        ).fetchone()
    if found is None:
        raise NotFound(f"There is no area with the code {code!r}.")
    return found


def children(tx: Transaction, code: str) -> list[Area]:
    """Areas directly below, by name."""
    with tx.cursor(row_factory=class_row(Area)) as cursor:
        return cursor.execute(
            "select area_code, level, name, parent, population, point_x, point_y, vintage from reference.area "
            "where parent = %s order by name, area_code",
            [code],
        ).fetchall()


def search(tx: Transaction, text: str) -> list[Found]:
    """At most 20: the area of this code, postcodes that begin so, then areas whose name holds the words, larger first.

    text : as people type it; upper and lower case and, in postcodes, spaces do not matter
    """
    words = " ".join(text.split())
    if not words:
        return []
    postcode = words.replace(" ", "").upper()
    with tx.cursor(row_factory=class_row(Found)) as cursor:
        found = cursor.execute(
            "select area_code, level, name, null as postcode from reference.area where upper(area_code) = %s",
            [postcode],
        ).fetchall()
        found += cursor.execute(
            "select a.area_code, a.level, a.name, p.postcode from reference.postcode p "
            "join reference.area a on a.area_code = p.small_area "
            "where p.postcode >= %s and p.postcode < %s order by p.postcode limit %s",
            [postcode, postcode + "~", MOST_FOUND],  # ~ sorts behind every letter and digit
        ).fetchall()
        found += cursor.execute(
            "select area_code, level, name, null as postcode from reference.area "
            "where strpos(lower(name), lower(%s)) > 0 order by strpos(lower(name), lower(%s)) > 1, "
            "array_position(array['nation', 'region', 'district', 'small_area'], level), name, area_code limit %s",
            [words, words, MOST_FOUND],
        ).fetchall()
    known = {one.area_code for one in found if one.postcode is None}
    # where a small area is a postcode, it has been found by its code already
    once = {(one.area_code, one.postcode): one for one in found if one.postcode not in known}
    return list(once.values())[:MOST_FOUND]


def neighbours(tx: Transaction, code: str) -> tuple[str, ...]:
    """Small areas that share a border or a corner with this one or, where none does, the nearest; sorted."""
    rows = tx.execute("select neighbour from reference.neighbour where area_code = %s order by neighbour", [code])
    return tuple(str(row[0]) for row in rows)


def nodes_beside(tx: Transaction, node: str) -> frozenset[str]:
    """Publication nodes of the same district that touch this one."""
    rows = tx.execute(
        "select distinct other.node from reference.publication_node own "
        "join reference.neighbour n on n.area_code = own.small_area "
        "join reference.publication_node other on other.small_area = n.neighbour "
        "join reference.area mine on mine.area_code = own.node join reference.area theirs "
        "on theirs.area_code = other.node and theirs.parent = mine.parent "
        "where own.node = %s and other.node <> own.node",
        [node],
    )
    return frozenset(str(row[0]) for row in rows)


def all_neighbours(tx: Transaction) -> dict[str, list[str]]:
    """The same, of every small area that has one."""
    rows = tx.execute(
        "select area_code, array_agg(neighbour order by neighbour) from reference.neighbour group by area_code"
    )
    return {str(code): list(beside) for code, beside in rows}


def publication_nodes(tx: Transaction) -> dict[str, str]:
    """Small area -> the small area under whose code its figures are published."""
    rows = tx.execute("select small_area, node from reference.publication_node")
    return {str(code): str(node) for code, node in rows}


def node_rule_version(tx: Transaction) -> int:
    """The version of population_floor by which the nodes were made. Raises NotFound before a nation was loaded."""
    row = tx.execute("select max(rule_version) from reference.publication_node").fetchone()
    if row is None or row[0] is None:
        raise NotFound("No nation is loaded yet. Run: pumphandle nation load FOLDER")
    return int(row[0])


SCHEMA: Final = {
    "area_code": pl.String,
    "level": pl.String,
    "name": pl.String,
    "parent": pl.String,
    "population": pl.Int64,
    "point_x": pl.Float64,
    "point_y": pl.Float64,
    "vintage": pl.String,
}
"""Columns of reference.area as a frame."""


def people(tx: Transaction) -> int:
    """Residents of the nation; where nobody counted them, those known here, as the server estimates."""
    row = tx.execute(
        "select coalesce((select population from reference.area where level = 'nation'),"
        " (select sum(population) from reference.area where level = 'small_area'),"
        " (select reltuples from pg_class where oid = 'identified.person'::regclass))::bigint"
    ).fetchone()
    return max(1, int(row[0])) if row else 1
