"""A postcode leads to one small area or to none: never to a guess."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumphandle.geography import postcode_tables, postcodes
from pumphandle.geography.description import Coordinates, PostcodeSource, Table
from pumphandle.geography.files import Files
from pumphandle.geography.postcodes import LOOKUP_SCHEMA, PostcodeRules
from pumphandle.vocabulary.errors import BadDescription
from pumphandle.vocabulary.records import Placement

RULES = PostcodeRules("^P[A-Z][0-9]{2}[A-Z]{2}$", elsewhere="^Q")
LOOKUP = pl.DataFrame(
    [
        ("PA11AA", "A1", "DA", None, "2020", False),
        ("PB11AA", "B1", "DB", None, "2020", False),
        ("PA22AA", "A2", "DA", None, "2020", False),
        ("PO11LD", "A1", "DA", date(2019, 6, 1), "2020", False),
        ("PS11HA", None, "DA", None, "2020", True),
        ("PS22HA", None, None, None, "2020", True),
    ],
    schema=LOOKUP_SCHEMA,
    orient="row",
)
LINE = {"postcode": pl.String, "address": pl.String, "specimen_date": pl.Date}
FOUND = [
    ("PA1 1AA", "1 Mill Lane", "A1", "DA", "unique"),
    (" pb11aa\t", None, "B1", "DB", "unique"),
    ("pa1\u00a01aa", None, "A1", "DA", "unique"),
    ("PA1 1AA", "1 Mill Lane, pa1 1aa.", "A1", "DA", "unique"),
    ("PA1 1AA", "1 Mill Lane PX9 9XX", "A1", "DA", "unique"),
    ("PA1 1AA", "1 Mill Lane, PB1 1AA", None, None, "conflict"),
    ("PA1 1AA", "1 Mill Lane, PA2 2AA", None, "DA", "conflict"),
    ("PO1 1LD", None, "A1", "DA", "terminated"),
    ("PS1 1HA", None, None, "DA", "ambiguous"),
    ("PS2 2HA", None, None, None, "ambiguous"),
    ("QA1 1AA", None, None, None, "out_of_nation"),
    ("PA1 1ZZ", None, None, None, "not_found"),
    ("PA1", None, None, None, "not_found"),
    ("PAI 1AA", None, None, None, "not_found"),
    ("ZZ99 3VZ", None, None, None, "pseudo"),
    ("zz993wz", None, None, None, "pseudo"),
    ("not known", None, None, None, "missing"),
    ("  ", None, None, None, "missing"),
    (None, "1 Mill Lane, PA1 1AA", None, None, "missing"),
]


def lines_of(*postcodes: str | None) -> pl.DataFrame:
    return pl.DataFrame([(each, None, date(2020, 6, 1)) for each in postcodes], schema=LINE, orient="row")


@pytest.mark.parametrize(("postcode", "address", "small_area", "district", "placement"), FOUND)
def test_placement(
    postcode: str | None, address: str | None, small_area: str | None, district: str | None, placement: str
) -> None:
    lines = pl.DataFrame([(postcode, address, date(2020, 6, 1))], schema=LINE, orient="row")
    found = postcodes.resolve(lines, LOOKUP, RULES).row(0, named=True)
    assert (found["small_area"], found["district"], found["placement"]) == (small_area, district, placement)


def test_every_outcome_is_tried() -> None:
    assert {row[-1] for row in FOUND} == set(Placement)


def test_a_postcode_that_ended_later_is_as_good_as_any() -> None:
    lines = pl.DataFrame([("PO1 1LD", None, date(2019, 5, 31))], schema=LINE, orient="row")
    assert postcodes.resolve(lines, LOOKUP, RULES)["placement"].to_list() == ["unique"]


def test_lines_keep_their_number_order_and_columns() -> None:
    lines = lines_of("PB1 1AA", None, "pa11aa").with_columns(line=pl.Series([3, 1, 2]), district=pl.lit("x"))
    found = postcodes.resolve(lines, LOOKUP, RULES)
    assert found["line"].to_list() == [3, 1, 2]
    assert found["postcode"].to_list() == ["PB11AA", None, "PA11AA"]
    assert found["district"].to_list() == ["DB", None, "DA"]
    assert found.columns == [
        "postcode", "address", "specimen_date", "line", "small_area", "district", "placement", "place_vintage",
    ]  # fmt: skip


def test_no_lines() -> None:
    assert postcodes.resolve(lines_of(), LOOKUP, RULES).height == 0


@given(st.text(max_size=12))
def test_writing_alike_is_done_once(text: str) -> None:
    once = postcodes.normalise(pl.Series("p", [text]))
    assert postcodes.normalise(once).to_list() == once.to_list()


@given(st.lists(st.sampled_from(["PA1 1AA", "pb1 1aa", "", "ZZ99 3VZ", "X"]), max_size=20))
def test_an_area_is_named_if_and_only_if_the_outcome_says_so(texts: list[str]) -> None:
    found = postcodes.resolve(lines_of(*texts), LOOKUP, RULES)
    assert found.height == len(texts)
    placed = found["placement"].is_in(["unique", "terminated"])
    assert (placed == found["small_area"].is_not_null()).all()
    assert (placed == found["district"].is_not_null()).all()


def read(folder: Path, text: str, **columns: str) -> postcode_tables.PostcodeTable:
    (folder / "p.csv").write_text(text, "utf-8")
    source = PostcodeSource(Table("p.csv"), **columns)  # pyright: ignore[reportArgumentType]
    files = Files(folder, coordinates=Coordinates.PLANE)
    return postcode_tables.read(files, source, small_areas=["A1", "A2", "B1"], pattern="^P")


def test_a_place_that_is_no_number_is_refused_and_an_empty_one_stays_unknown(tmp_path: Path) -> None:
    table = read(tmp_path, "postcode,small_area,east,north\nPA1 1AA,A1,10.5,-3\nPB1 1AA,A1,,\n", x="east", y="north")
    assert table.postcodes.rows() == [
        ("PA11AA", "A1", 10.5, -3.0, None, None),
        ("PB11AA", "A1", None, None, None, None),
    ]
    with pytest.raises(BadDescription, match=r"p\.csv, line 2, field point_x: there is no coordinate"):
        read(tmp_path, "postcode,small_area,east,north\nPA1 1AA,A1,there,-3\n", x="east", y="north")


def test_days_are_read_as_days_or_as_months(tmp_path: Path) -> None:
    text = "postcode,small_area,since,until\nPA1,A1,198001,199606\nPA2,A1,1980-01-02,2020-03-01\nPA3,A1,,\n"
    table = read(tmp_path, text, valid_from="since", valid_to="until")
    assert table.postcodes.select("valid_from", "valid_to").rows() == [
        (date(1980, 1, 1), date(1996, 7, 1)),
        (date(1980, 1, 2), date(2020, 3, 1)),
        (None, None),
    ]
    for wrong in ("soon", "199613", "1996"):
        with pytest.raises(BadDescription, match=r"line 2, field valid_to: .* is no day"):
            read(tmp_path, f"postcode,small_area,until\nPA1,A1,{wrong}\n", valid_to="until")
    with pytest.raises(BadDescription, match="lies before the first day"):
        read(tmp_path, "postcode,small_area,since,until\nPA1,A1,200001,199906\n", valid_from="since", valid_to="until")


def test_a_postcode_in_several_areas_has_the_share_of_each(tmp_path: Path) -> None:
    text = "postcode,small_area,part\nPA1,A1,0.3\nPA1,B1,0.7\nPA2,A2,1\nPA1,A1,0.3\n"
    table = read(tmp_path, text, share="part")
    assert table.postcodes.select("postcode", "small_area").rows() == [("PA1", "B1"), ("PA2", "A2")]
    assert table.shares.rows() == [("PA1", "A1", 0.3), ("PA1", "B1", 0.7)]
    for wrong, told in ((("0.3", "0.6"), "not one together"), (("0", "1"), "is no share"), (("x", "1"), "is no share")):
        with pytest.raises(BadDescription, match=told):
            read(tmp_path, f"postcode,small_area,part\nPA1,A1,{wrong[0]}\nPA1,B1,{wrong[1]}\n", share="part")
    with pytest.raises(BadDescription, match="lies in two small areas"):
        read(tmp_path, text)
    with pytest.raises(BadDescription, match=r"p\.csv, line 3, field postcode: PA1 has two shares in one small area"):
        read(tmp_path, "postcode,small_area,part\nPA1,A1,0.4\nPA1,A1,0.3\nPA1,B1,0.6\n", share="part")


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        (("0.33", "0.33", "0.33"), True),
        (("0.333", "0.333", "0.333"), True),
        (("0.3333333", "0.3333333", "0.3333333"), True),
        (("0.33", "0.33", "0.34"), True),
        (("0.34", "0.34", "0.34"), False),
        (("0.3", "0.3", "0.3"), False),
        (("0.5", "0.25", "0.25"), True),
        (("0.5", "0.25", "0.22"), False),
    ],
)
def test_rounded_shares_are_taken_within_one_tolerance(tmp_path: Path, written: tuple[str, ...], taken: bool) -> None:
    """Half a hundredth a share, however many; what is kept is one together."""
    rows = "".join(f"PA1,{area},{part}\n" for area, part in zip(("A1", "A2", "B1"), written, strict=True))
    text = f"postcode,small_area,part\n{rows}"
    if taken:
        assert read(tmp_path, text, share="part").shares["share"].sum() == pytest.approx(1, abs=1e-12)
    else:
        told = r"p\.csv, line 2, field postcode: PA1 has shares that are not one together.*may be rounded by 0\.005"
        with pytest.raises(BadDescription, match=told):
            read(tmp_path, text, share="part")
