"""A postcode leads to one small area or to none: never to a guess."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumphandle.geography import postcodes
from pumphandle.geography.description import Coordinates, PostcodeSource, Table
from pumphandle.geography.files import Files
from pumphandle.vocabulary.errors import BadDescription

LOOKUP = pl.DataFrame(
    {"postcode": ["PA11AA", "PB11AA"], "small_area": ["A1", "B1"], "district": ["DA", "DB"]},
)
FOUND = [
    ("PA1 1AA", "A1", "DA", "placed"),
    (" pb11aa\t", "B1", "DB", "placed"),
    ("pa1\u00a01aa", "A1", "DA", "placed"),
    ("PA1 1ZZ", None, None, "unknown_postcode"),
    ("PA1", None, None, "unknown_postcode"),
    ("PAI 1AA", None, None, "unknown_postcode"),
    ("ZZ99 3VZ", None, None, "no_postcode"),
    ("zz993wz", None, None, "no_postcode"),
    ("not known", None, None, "no_postcode"),
    ("  ", None, None, "no_postcode"),
    (None, None, None, "no_postcode"),
]


@pytest.mark.parametrize(("postcode", "small_area", "district", "placement"), FOUND)
def test_placement(postcode: str | None, small_area: str | None, district: str | None, placement: str) -> None:
    lines = pl.DataFrame({"postcode": [postcode]}, schema={"postcode": pl.String})
    found = postcodes.resolve(lines, LOOKUP).row(0, named=True)
    assert (found["small_area"], found["district"], found["placement"]) == (small_area, district, placement)


def test_lines_keep_their_number_order_and_columns() -> None:
    lines = pl.DataFrame({"line": [3, 1, 2], "postcode": ["PB1 1AA", None, "pa11aa"], "district": ["x", "y", "z"]})
    found = postcodes.resolve(lines, LOOKUP)
    assert found["line"].to_list() == [3, 1, 2]
    assert found["postcode"].to_list() == ["PB11AA", None, "PA11AA"]
    assert found["district"].to_list() == ["DB", None, "DA"]
    assert found.columns == ["line", "postcode", "small_area", "district", "placement"]


def test_no_lines() -> None:
    assert postcodes.resolve(LOOKUP.clear().select("postcode"), LOOKUP).height == 0


@given(st.text(max_size=12))
def test_writing_alike_is_done_once(text: str) -> None:
    once = postcodes.normalise(pl.Series("p", [text]))
    assert postcodes.normalise(once).to_list() == once.to_list()


@given(st.lists(st.sampled_from(["PA1 1AA", "pb1 1aa", "", "ZZ99 3VZ", "X"]), max_size=20))
def test_placed_if_and_only_if_an_area_is_named(texts: list[str]) -> None:
    found = postcodes.resolve(pl.DataFrame({"postcode": texts}, schema={"postcode": pl.String}), LOOKUP)
    assert found.height == len(texts)
    placed = found["placement"] == "placed"
    assert (placed == found["small_area"].is_not_null()).all()
    assert (placed == found["district"].is_not_null()).all()


def test_a_place_that_is_no_number_is_refused_and_an_empty_one_stays_unknown(tmp_path: Path) -> None:
    source = PostcodeSource(Table("p.csv"), x="east", y="north")
    file = tmp_path / "p.csv"
    file.write_text("postcode,small_area,east,north\nPA1 1AA,A1,10.5,-3\nPB1 1AA,A1,,\n", "utf-8")
    files = Files(tmp_path, coordinates=Coordinates.PLANE)
    table = postcodes.read(files, source, small_areas=["A1"], pattern="^P")
    assert table.rows() == [("PA11AA", "A1", 10.5, -3.0), ("PB11AA", "A1", None, None)]
    file.write_text("postcode,small_area,east,north\nPA1 1AA,A1,there,-3\n", "utf-8")
    with pytest.raises(BadDescription, match=r"p\.csv, line 2, field point_x: there is no coordinate"):
        postcodes.read(files, source, small_areas=["A1"], pattern="^P")
