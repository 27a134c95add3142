"""Charts and maps place every window where its days are, and files repeat themselves to the byte."""

import hashlib
from datetime import date
from xml.etree import ElementTree

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumphandle.publication.formats import csv_bytes, geojson_bytes, json_bytes, manifest_bytes, parquet_bytes
from pumphandle.publication.pictures import Box, Frame, around, band, bars, inset, line, path_box, rects, ticks
from pumphandle.publication.release import manifest_hash
from pumphandle.publication.windows_shown import period, rounded, short_period

FRAME = Frame(left=0, top=0, width=100, height=50, first=100, last=109, most=10)


def test_a_window_is_as_wide_as_its_days_and_as_high_as_its_value_a_day() -> None:
    (bar,) = bars(FRAME, [(102, 104, 15)])
    assert (bar.x, bar.width) == (20, pytest.approx(30))
    assert bar.height == 25
    assert bars(FRAME, [(90, 99, 5), (110, 112, 5)]) == ()
    (cut,) = bars(FRAME, [(95, 101, 7)])
    assert (cut.x, cut.width) == (0, pytest.approx(20))


def test_lines_run_through_the_middle_of_days() -> None:
    assert line(FRAME, [100, 101], [0, 10]) == "M5.0,50.0 15.0,0.0"
    assert line(FRAME, [], []) == ""
    assert line(FRAME, [100, 104, 105], [3, 99, 7.25]) == " ".join(
        f"{'M' if day == 100 else ''}{FRAME.x(day + 0.5):.1f},{FRAME.y(value):.1f}"
        for day, value in ((100, 3), (104, 99), (105, 7.25))
    )
    assert band(FRAME, [100, 101], [0, 5], [10, 10]).endswith(f" L15.0,{FRAME.y(5):.1f} 5.0,50.0z")
    assert band(FRAME, [100], [0], [10]).endswith("z")


@given(st.floats(min_value=0.1, max_value=1e6))
def test_ticks_are_round_and_reach_the_top(most: float) -> None:
    marks = ticks(most)
    assert marks[0] == 0
    assert marks[-1] >= most * (1 - 1e-9)
    assert 2 <= len(marks) <= 7


def test_boxes_of_paths_as_the_picture_writes_them() -> None:
    assert path_box("M10 20l5 0 0 5-5 0z") == Box(10, 20, 15, 25)
    assert path_box("M0 0l5 0 0 5zM-3-4l1 1 1-1z") == Box(-3, -4, 5, 5)
    assert path_box("M7 8h1v1h-1z") == Box(7, 8, 7, 8)
    assert path_box("") is None
    assert around([]) is None


def test_an_inset_frames_half_the_people_where_they_crowd() -> None:
    whole = Box(0, 0, 1000, 1000)
    boxes = {str(number): Box(x, 500, x + 2, 502) for number, x in enumerate((500, 502, 504, 100, 900))}
    found = inset(boxes, {"0": 50, "1": 50, "2": 50, "3": 5, "4": 5}, whole, ratio=1)
    assert found is not None
    assert found.width < 20
    spread = {code: Box(200 * int(code), 0, 200 * int(code) + 2, 2) for code in boxes}
    assert inset(spread, dict.fromkeys(boxes, 10), whole, ratio=1) is None


def test_files_repeat_themselves() -> None:
    frame = pl.DataFrame({"day": [date(2020, 6, 1)], "value": [7], "none": [None]}, schema_overrides={"none": pl.Date})
    assert csv_bytes(frame) == b"day,value,none\n2020-06-01,7,\n"
    assert parquet_bytes(frame) == parquet_bytes(frame.clone())
    assert json_bytes({"day": date(2020, 6, 1)}) == b'{"day":"2020-06-01"}'
    assert geojson_bytes([("A", None, {"n": 1})], about={}).startswith(b'{"type":"FeatureCollection"')
    with pytest.raises(TypeError):
        json_bytes({"what": object()})


def test_a_manifest_on_the_site_has_the_hash_that_the_release_was_sealed_with() -> None:
    manifest: dict[str, object] = {"b": 1, "a": {"name": "Ynys Môn"}}
    assert hashlib.sha256(manifest_bytes(manifest)).hexdigest() == manifest_hash(manifest)


@pytest.mark.parametrize(
    ("first", "last", "long", "short"),
    [
        ((2020, 6, 3), (2020, 6, 3), "on 3 June 2020", "3 Jun 2020"),
        ((2020, 6, 3), (2020, 6, 9), "between 3 and 9 June 2020", "3–9 Jun 2020"),
        ((2020, 5, 28), (2020, 6, 3), "between 28 May and 3 June 2020", "28 May – 3 Jun 2020"),
        ((2020, 12, 28), (2021, 1, 3), "between 28 December 2020 and 3 January 2021", "28 Dec 2020 – 3 Jan 2021"),
    ],
)
def test_periods_in_words(first: tuple[int, int, int], last: tuple[int, int, int], long: str, short: str) -> None:
    assert period(date(*first), date(*last)) == long
    assert short_period(date(*first), date(*last)) == short


def test_estimates_have_no_more_digits_than_they_deserve() -> None:
    assert [rounded(value) for value in (4.26, 45.4, 1_234.0)] == ["4.3", "45", "1,230"]


def test_bars_are_written_as_they_stand() -> None:
    drawn = bars(FRAME, [(100, 102, 15), (103, 103, 2)])
    written = ElementTree.fromstring(f"<g>{rects(drawn, marked=True)}</g>")
    assert [one.get("class") for one in written] == ["bar", "bar last"]
    assert [one.findtext("title") for one in written] == ["15", "2"]
    for bar, one in zip(drawn, written, strict=True):
        assert (one.get("x"), one.get("height")) == (f"{bar.x:.1f}", f"{bar.height:.1f}")
        assert float(one.get("width", "")) == pytest.approx(bar.width - 0.6, abs=0.05)
    assert "bar last" not in rects(drawn, marked=False)
    assert rects((), marked=True) == ""
