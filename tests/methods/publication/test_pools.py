"""Pools as the site reads them: parts by people, and bounds where a window began before its wide pool."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from pumphandle.publication.estimates import Ground, Windows, seven_days
from pumphandle.publication.pools import pooled_windows

START = date(2020, 6, 1)
DISTRICT = {"A": "D", "B": "D", "C": "E"}


def day(number: int) -> date:
    return START + timedelta(days=number)


def pools(value: int, **first: int) -> pl.DataFrame:
    members = " ".join(f"{node}:{day(begun)}" for node, begun in first.items())
    return pl.DataFrame({"block_id": [7], "last_day": [day(20)], "value": [value], "members": [members]})


def totals(*rows: tuple[str, int, int, int]) -> pl.DataFrame:
    told = [(node, day(first), day(last), value) for node, first, last, value in rows]
    schema = {"node": pl.String, "first_day": pl.Date, "last_day": pl.Date, "value": pl.Int64}
    return pl.DataFrame(told, schema=schema, orient="row")


def test_a_pool_is_shared_out_by_people_and_holds_each_window() -> None:
    found = pooled_windows(pools(8, A=3, B=5), ["A", "B", "C"], [3_000, 1_000, 0], district=DISTRICT, k=5)
    assert found.part.tolist() == [6.0, 2.0]
    assert (found.first == found.begun).all()
    assert found.most.tolist() == [8, 8]


def test_what_came_before_a_wide_pool_is_bounded_by_closed_totals() -> None:
    """A held 9 until the fourth day, in a district total of 12, and nothing since; the wide pool counts 6."""
    told = totals(("D", 0, 3, 12), ("D", 4, 6, 7), ("E", 0, 6, 30))
    wide = pools(6, D=7, E=7, A=1, B=7, C=5)
    people = [1_000, 1_000, 1_000]
    found = pooled_windows(wide, ["A", "B", "C"], people, district=DISTRICT, k=5, totals=told)
    assert (found.begun - START.toordinal()).tolist() == [7, 7, 7]
    assert (found.first - START.toordinal()).tolist() == [1, 7, 5]
    assert found.part.tolist() == [4.0, 2.0, 4.0]
    assert found.most.tolist() == [6 + 12 + 7, 6, 6 + 30]
    none = np.empty(0, dtype=np.int64)
    ground = Ground(3, START.toordinal(), START.toordinal() + 24, 5)
    seven = seven_days(Windows(none, none, none, none, none), ground, found)
    assert seven.high[0, 3] >= 9
    assert seven.high[1, 12] == 6
