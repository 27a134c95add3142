"""The map counts what the line list shows, by area and postcode, moves through time, and outlines what is followed."""

import re
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from pumphandle.store.identified.mapping import Counted
from pumphandle.web.console.area_map import shade
from tests.web.console.conftest import DAY


@pytest.fixture
def drawn(world: Any) -> Any:
    """Two areas of the north with shapes, and a place for one postcode."""
    for code, west in (("N1", 0), ("N2", 10), ("S1", 20)):
        ring = [[west, 0], [west + 10, 0], [west + 10, 10], [west, 10], [west, 0]]
        world.tell(
            b"insert into reference.boundary values (%s, %s, '')", code,
            Jsonb({"type": "Polygon", "coordinates": [ring]}),
        )  # fmt: skip
    world.tell(
        b"insert into reference.postcode (postcode, small_area, vintage, point_x, point_y) "
        b"values ('ND21AA', 'N2', '2020', 15, 5)"
    )
    frame = {"view_box": "0 0 10 10", "west": 0, "north": 10, "across": 1, "up": 1, "coordinates": "plane",
             "postcode_coordinates": "plane"}  # fmt: skip
    world.tell(b"update reference.nation set picture = %s", Jsonb(frame))
    return world


def test_the_map_shades_areas_dots_postcodes_and_outlines_clusters(drawn: Any) -> None:
    page = drawn.signed_in("rowan").get("/map").text
    assert len(re.findall(r'<path class="area shade', page)) == 2
    assert len(re.findall(r'<path class="outline"', page)) == 1
    assert len(re.findall(r'<circle class="dot" cx="[^"]+" cy="[^"]+" r="[^"]+"><title>3<', page)) == 1
    assert "Oldchurch: 3 cases where less than one was to be expected." in page
    assert "Seagate" not in page and "SF11AA" not in page
    assert drawn.audit("look_map")[0][2] == {"days": 7, "places": 2}


def test_what_parts_places_is_drawn_where_it_crosses_the_map(drawn: Any) -> None:
    lines = [
        ("river", "River Alder", [[-50, 5], [50, 5]], (-50, 5, 50, 5)),
        ("motorway", "", [[5, -50], [5, 50]], (5, -50, 5, 50)),
        ("railway", "Far line", [[0, 90], [20, 90]], (0, 90, 20, 90)),
    ]
    for number, (kind, name, corners, box) in enumerate(lines):
        drawn.tell(
            b"insert into reference.barrier values (%s, %s, %s, %s, %s, %s, %s, %s)", number, kind, name,
            Jsonb({"type": "LineString", "coordinates": corners}), *box,
        )  # fmt: skip
    page = drawn.signed_in("rowan").get("/map").text
    paths = re.findall(r'<path class="(barrier[^"]*)" d="([^"]+)"><title>([^<]+)<', page)
    assert [(style, title) for style, _, title in paths] == [
        ("barrier water", "River Alder (river)"),
        ("barrier", "motorway"),
    ]
    ends = [float(number) for number in re.findall(r"[ML]([0-9.]+) ", paths[0][1])]
    assert (min(ends), max(ends)) == (8.0, 552.0)  # cut at the frame of the authority's own areas
    assert "River Alder (river)</li>" in page and "motorway</li>" in page and "Far line" not in page


def test_its_numbers_are_the_line_lists(drawn: Any) -> None:
    browser = drawn.signed_in("rowan")
    page = browser.get("/map?days=1").text
    assert re.search(r"Oldchurch</a></th><td[^>]*>1</td><td[^>]*>1</td><td[^>]*>100.0%</td><td[^>]*>1<", page)
    door = re.search(r'href="(/lines[^"]+)">Oldchurch', page)
    assert door
    assert "<strong>1</strong> result" in browser.get(door[1].replace("&amp;", "&")).text


def test_it_moves_through_time(drawn: Any) -> None:
    browser = drawn.signed_in("rowan")
    page = browser.get(f"/map?until={DAY}&days=1").text
    earlier = re.search(r'href="([^"]+)" rel="prev"', page)
    assert earlier and 'rel="next"' not in page
    before = browser.get(earlier[1].replace("&amp;", "&")).text
    assert "29 Jun 2020" in before and 'rel="next"' in before


@pytest.mark.parametrize("wrong", ["measure=names", "days=5", "days=x", "until=yesterday"])
def test_what_it_does_not_know_is_refused(world: Any, wrong: str) -> None:
    assert world.signed_in("rowan").get(f"/map?{wrong}").status_code == 400


def test_an_analyst_sees_it_and_who_reads_no_record_does_not(drawn: Any) -> None:
    assert "ND21AA" in drawn.signed_in("ash").get("/map?measure=households&days=28").text
    for name in ("nat", "stew", "enid"):
        assert drawn.signed_in(name).get("/map").status_code == 403


def test_shades() -> None:
    counted = [Counted("A", 100, 200, 3), Counted("B", 1, 100, 1), Counted("C", 0, 9, 0), Counted("D", 30, 60, 2)]
    shades, legend = shade(counted, "cases")
    assert shades == {"A": 5, "B": 1, "D": 3}
    assert legend == ["1 to 3", "4 to 15", "16 to 35", "36 to 63", "64 and more"]
    shares, told = shade(counted, "positivity")
    assert shares == {"A": 5, "B": 1, "D": 5}
    assert told[0] == "0% to 2%" and told[-1] == "20% and more"
    assert shade([], "cases") == ({}, ["1"])


def test_the_selection_beside_the_list_is_the_lists_own(drawn: Any) -> None:
    browser = drawn.signed_in("rowan")
    page = browser.get("/lines?result=positive").text
    assert 'data-beside="/lines/beside?result=positive"' in page
    beside = browser.get("/lines/beside?result=positive").text
    assert "3 positive of 3 tests" in beside
    assert "ND21AA" in beside and "Quill" not in beside
    assert browser.get("/lines/beside?search=quill").status_code == 400
    searched = browser.press("/lines", "/lines/beside/searched", search="Bo")
    assert "1 positive of 1 tests" in searched.text
