"""The reference shelf gives back what was put there, and every door may read it and none but the deeds may write."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import polars as pl
import psycopg
import pytest
from shapely.geometry import LineString

from pumphandle.geography import country, describe
from pumphandle.geography.barriers import Barrier
from pumphandle.store.engine import Database
from pumphandle.store.reference import areas, barriers, boundaries, ground, nation, postcodes, replacing
from pumphandle.store.reference.nation import Nation
from pumphandle.vocabulary.errors import Broken, NotFound
from pumphandle.vocabulary.places import AreaLevel

PLAIN = Path(__file__).parents[1] / "data" / "plain_nation"
ROW = Nation(
    code="PL",
    name="Plainland",
    vintage="plain 2020",
    time_zone="Europe/London",
    identifier="nhs_number",
    identifier_name="NHS number",
    postcode_pattern="^P",
    level_names={"small_area": ["Ward", "Wards"]},
    attribution="Invented.",
    folder="plain",
)


class Urls(Protocol):
    """What the fixture database_urls gives."""

    @property
    def deeds(self) -> str: ...
    @property
    def console(self) -> str: ...
    @property
    def public(self) -> str: ...


@pytest.fixture
def database(database_urls: Urls) -> Iterator[Database]:
    opened = Database(database_urls.deeds)
    yield opened
    opened.close()


@pytest.fixture
def loaded(database: Database) -> Database:
    """The plain nation on the shelf, twice in a row: the second takes the first one's place."""
    chosen = describe.choose(PLAIN, descriptions=PLAIN)
    found = country.read(chosen.description, chosen.files, progress=lambda _: None)
    for _ in range(2):
        with database.transaction() as tx:
            replacing.replace_all(tx, ROW, found, coordinates="plane")
            replacing.put_nodes(tx, {"A1": "A1", "A2": "A1", "A3": "A1"}, rule_version=3)
    return database


def test_an_empty_shelf_says_what_to_run(database: Database) -> None:
    with database.transaction() as tx:
        for ask in (nation.nation, nation.picture, boundaries.view_box, areas.node_rule_version):
            with pytest.raises(NotFound, match="pumphandle nation load"):
                ask(tx)
        assert areas.areas(tx) == []
        assert postcodes.lookup_of(tx, pl.Series(["PA11AA"])).height == 0


def test_the_nation_and_its_picture(loaded: Database) -> None:
    with loaded.transaction() as tx:
        assert nation.nation(tx) == ROW
        frame = nation.picture(tx)
        assert frame.view_box == boundaries.view_box(tx) == "0 0 10000 10000"
        assert (frame.west, frame.north, frame.across, frame.up, frame.coordinates) == (0, 4000, 2.5, 2.5, "plane")


def test_areas_from_the_nation_down(loaded: Database) -> None:
    with loaded.transaction() as tx:
        found = areas.areas(tx)
        assert [area.area_code for area in found][:6] == ["PL", "R2", "R1", "DA", "DB", "DC"]
        assert len(found) == 12
        assert areas.area(tx, "A3").population is None
        assert areas.area(tx, "A3").point_x is None
        assert areas.area(tx, "DA").level is AreaLevel.DISTRICT
        assert [area.area_code for area in areas.children(tx, "DA")] == ["A2", "A3", "A1"]
        with pytest.raises(NotFound, match="XX"):
            areas.area(tx, "XX")


def test_postcodes_lead_to_area_and_district(loaded: Database) -> None:
    with loaded.transaction() as tx:
        asked = pl.Series(["PB11AA", "PA11AB", None, "PX11AA", "PB11AA"])
        table = {row[0]: row[1:3] for row in postcodes.lookup_of(tx, asked).iter_rows()}
        assert table == {"PB11AA": ("B1", "DB"), "PA11AB": ("A1", "DA")}


def test_where_postcodes_lie_is_kept_and_may_be_unknown(loaded: Database) -> None:
    with loaded.transaction() as tx:
        assert postcodes.points(tx, pl.Series(["PA11AA", "PB11AA"])).height == 0
        tx.execute("update reference.postcode set point_x = 3.5, point_y = -1 where postcode = 'PA11AA'")
        asked = pl.Series(["PB11AA", "PA11AA", None, "PA11AA"])
        assert postcodes.points(tx, asked).rows() == [("PA11AA", 3.5, -1.0)]
        assert nation.picture(tx).postcode_coordinates == "plane"


FOUND = [
    ("pa1", [("A1", "PA11AA"), ("A1", "PA11AB")]),
    ("pb1 1aa", [("B1", "PB11AA")]),
    ("alder", [("DA", None), ("A2", None), ("A3", None), ("A1", None)]),
    ("ISLE", [("R2", None), ("C1", None)]),
    ("db", [("DB", None)]),
    ("50%", [("B2", None)]),
    ("_", []),
    ("~", []),
    ("'; drop table reference.area", []),
    ("   ", []),
]


def test_search_by_code_postcode_or_name_twenty_at_most(loaded: Database) -> None:
    with loaded.transaction() as tx:
        found = [(text, [(one.area_code, one.postcode) for one in areas.search(tx, text)]) for text, _ in FOUND]
        assert found == FOUND
        tx.execute(
            "insert into reference.postcode select 'PA' || n || '1XX', 'A1', 'v' from generate_series(100, 150) n"
        )
        assert len(areas.search(tx, "PA1")) == areas.MOST_FOUND


def test_shapes_of_a_level_and_of_some(loaded: Database) -> None:
    with loaded.transaction() as tx:
        drawn = dict(boundaries.boundaries(tx, AreaLevel.DISTRICT))
        assert sorted(drawn) == ["DA", "DB", "DC"]
        assert drawn["DA"].startswith("M")
        assert boundaries.geometry(tx, AreaLevel.SMALL_AREA)["A1"]["type"] == "Polygon"
        assert list(boundaries.geometries(tx, ("B1", "A3", "XX"))) == ["B1"]


def test_neighbours_and_nodes(loaded: Database) -> None:
    with loaded.transaction() as tx:
        assert areas.neighbours(tx, "A1") == ("A2", "B1", "B2")
        assert areas.all_neighbours(tx)["C1"] == ["B2"]
        assert areas.neighbours(tx, "A3") == ()
        assert areas.publication_nodes(tx) == {"A1": "A1", "A2": "A1", "A3": "A1"}
        assert areas.node_rule_version(tx) == 3


@pytest.mark.parametrize("door", ["console", "public"])
def test_other_doors_read_and_do_not_write(loaded: Database, database_urls: Urls, door: str) -> None:
    opened = Database(getattr(database_urls, door))
    try:
        with opened.transaction() as tx:
            assert len(areas.areas(tx)) == 12
            assert nation.nation(tx).code == "PL"
            assert postcodes.lookup_of(tx, pl.Series(["PA11AA", "PC11AA"])).height == 2
        with pytest.raises(psycopg.errors.InsufficientPrivilege), opened.transaction() as tx:
            replacing.empty(tx)
    finally:
        opened.close()


def test_a_postcode_that_leads_to_no_small_area_stops_the_load(loaded: Database) -> None:
    chosen = describe.choose(PLAIN, descriptions=PLAIN)
    found = country.read(chosen.description, chosen.files, progress=lambda _: None)
    for wrong in ("nowhere", "DA"):
        strays = pl.DataFrame({"postcode": ["PX11AA"], "small_area": [wrong]})
        with pytest.raises(Broken, match="1 postcodes lead to no small area"), loaded.transaction() as tx:
            replacing.replace_all(tx, ROW, replace(found, postcodes=strays), coordinates="plane")
    with loaded.transaction() as tx:
        assert postcodes.lookup_of(tx, pl.Series(["PA11AA", "PC11AA"])).height == 2


def test_barriers_of_the_nation_are_those_that_come_near(loaded: Database) -> None:
    chosen = describe.choose(PLAIN, descriptions=PLAIN)
    found = country.read(chosen.description, chosen.files, progress=lambda _: None)
    lines = (
        Barrier("river", "Alder", LineString([(-50, 500), (5_000, 500)])),
        Barrier("railway", "", LineString([(0, 90_000), (9, 90_000)])),
    )
    for _ in range(2):
        with loaded.transaction() as tx:
            replacing.replace_all(tx, ROW, replace(found, barriers=lines), coordinates="plane")
    with loaded.transaction() as tx:
        assert [(one.kind, one.name) for one in barriers.inside(tx, (0, 0, 1_000, 1_000))] == [("river", "Alder")]
        assert [one.kind for one in ground.ground_of(tx, ["A1"], {}).barriers] == ["river"]
        assert len(barriers.inside(tx, (-1e6, -1e6, 1e6, 1e6))) == 2
    with loaded.transaction() as tx:
        replacing.replace_all(tx, ROW, found, coordinates="plane")
        assert barriers.inside(tx, (-1e6, -1e6, 1e6, 1e6)) == []


def test_nothing_is_replaced_by_half(loaded: Database) -> None:
    chosen = describe.choose(PLAIN, descriptions=PLAIN)
    found = country.read(chosen.description, chosen.files, progress=lambda _: None)
    with pytest.raises(psycopg.errors.ForeignKeyViolation), loaded.transaction() as tx:
        replacing.replace_all(tx, ROW, found, coordinates="plane")
        replacing.put_nodes(tx, {"A1": "nowhere"}, rule_version=1)
    with loaded.transaction() as tx:
        assert areas.node_rule_version(tx) == 3
