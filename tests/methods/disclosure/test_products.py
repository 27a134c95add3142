"""Beside windows: district totals, margins, pools and holds; none is about one household, and every record goes out."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from pumphandle.disclosure.districts import Ground
from pumphandle.disclosure.protect import nothing_waits, protect
from pumphandle.disclosure.rules import Rule
from pumphandle.vocabulary.errors import LedgerBroken, NotUnderstood
from tests.methods.disclosure.replayed import AREAS, EMPTY, GROUND, RULE, SCHEMA, START, Replayed, Rows, people


def busy(days: int, *, mean: float = 2.0, seed: int = 1) -> list[Rows]:
    """Cases, and as many negative tests as ten times their mean."""
    rng = np.random.default_rng(seed)
    counts, negative = rng.poisson(mean, (days, len(AREAS))), rng.poisson(10 * mean, (days, len(AREAS)))
    found: list[Rows] = []
    for day in range(days):
        rows: Rows = []
        for at, area in enumerate(AREAS):
            rows += people(day, area, int(counts[day, at]))
            rows += people(1_000 + day, area, int(negative[day, at]), only="tests")
        found.append(rows)
    return found


def test_a_districts_totals_hold_every_arrival_once() -> None:
    days = busy(15)
    totals = Replayed(days).of("district")
    assert [first for first, _, _ in totals] == [0, *(last + 1 for _, last, _ in totals[:-1])]
    for first, last, value in totals:
        assert value == sum(row[0] == "cases" for rows in days[first : last + 1] for row in rows) >= 5


def test_what_is_left_of_a_total_is_never_one_family() -> None:
    """Six of one household wait in W0 while W1 closes: the total less W1 would be a number about them."""
    family, others = people(0, "W0", 6, home="one"), people(0, "W1", 7)
    done = Replayed([[*family, *others]])
    assert done.of("small_area") == [(0, 0, 7)]
    assert done.of("district") == []
    alone = Replayed([[*people(0, "W0", 6), *others]])
    assert alone.of("district") == [(0, 0, 13)]


def test_windows_that_stay_open_too_long_close_together_and_no_record_waits_for_ever() -> None:
    quiet = [people(day, AREAS[day % 6], 1) for day in range(40)]
    done = Replayed(quiet)
    pools = done.blocks.filter(level="pool", measure="cases")
    assert pools.height >= 2
    out = done.blocks.filter(pl.col("level").is_in(["small_area", "pool"]), measure="cases")["value"].sum()
    left = done.waiting.filter(~pl.col("closed"), measure="cases").height
    assert out + left == 40
    assert left < 20
    for members in pools["members"]:
        assert len(members.split()) > 1


def test_margins_add_up_to_totals_and_no_group_is_small() -> None:
    done = Replayed(busy(21))
    for dimension in ("age", "sex"):
        groups = done.blocks.filter(pl.col("group_code").str.starts_with(dimension), measure="cases")
        assert groups["value"].min() >= 5
        for (first, last), rows in groups.group_by("first_day", "last_day"):
            inside = done.blocks.filter(
                (pl.col("first_day") >= first) & (pl.col("last_day") <= last),
                level="district", group_code="all", measure="cases",
            )  # fmt: skip
            assert rows["value"].sum() == inside["value"].sum()
            assert rows.height > 1
            assert last.weekday() == 6 or inside.height


def test_a_band_of_one_household_is_joined_with_others() -> None:
    children = people(0, "W0", 6, home="one", band="5-11")
    grown = people(0, "W0", 9, band="45-64") + people(0, "W1", 9, band="65-79")
    done = Replayed([children + grown, *[people(day, "W0", 6, band="45-64") for day in range(1, 7)]])
    codes = done.blocks.filter(pl.col("group_code").str.starts_with("age"), measure="cases")["group_code"].to_list()
    assert codes
    assert not [code for code in codes if code in ("age:5-11", "age:0-11")]


def test_a_held_window_stays_open_and_the_total_does_not_tell_it() -> None:
    days = busy(10, mean=4.0)
    done = Replayed(days, held=frozenset({("W0", "cases")}))
    assert "W0" not in done.blocks.filter(measure="cases", level="small_area")["node"].to_list()
    assert done.of("district") == []
    assert done.of("district", "tests")
    assert Replayed(days).of("district")


def test_a_record_in_a_closed_total_is_withdrawn_through_the_pool() -> None:
    first = [*people(0, "W0", 3), *people(0, "W1", 3), *people(0, "W2", 7)]
    gone = people(0, "W0", 1, sign=-1)
    done = Replayed([first, gone])
    assert done.of("district") == [(0, 0, 13)]
    waiting = done.waiting.filter(~pl.col("closed"))
    assert waiting.filter(node="W0", measure="cases").height == 3
    assert waiting.filter(node="D", measure="cases_withdrawn").height == 1
    back = Replayed([first, gone, people(0, "W0", 1)])
    assert back.waiting.filter(measure="cases_withdrawn").height == 0


def test_a_day_that_fails_is_in_the_next_days_windows() -> None:
    days = busy(6, mean=4.0)
    done = Replayed(days, failed=frozenset({2}))
    assert done.blocks.filter(last_day=START + timedelta(days=2)).height == 0
    assert (2, 3) in [(first, last) for first, last, _ in done.of("district", "tests")]
    out = done.blocks.filter(pl.col("level").is_in(["small_area", "pool"]), measure="cases")["value"].sum()
    waiting = done.waiting.filter(~pl.col("closed"), measure="cases").height
    assert out + waiting == sum(row[0] == "cases" for rows in days for row in rows)


def test_the_order_of_rows_does_not_matter() -> None:
    days = busy(12)
    turned = [list(reversed(rows)) for rows in days]
    assert Replayed(days).blocks.equals(Replayed(turned).blocks)


def test_nodes_that_changed_and_areas_outside_are_refused() -> None:
    done = protect(EMPTY, nothing_waits(), ground=GROUND, memory={}, last_closed={}, as_of=START, rule=RULE)
    fewer = Ground({"W0": "W0"}, {"W0": "D"}, {"W0": 2_000}, START)
    with pytest.raises(LedgerBroken, match="other publication nodes"):
        protect(EMPTY, done.waiting, ground=fewer, memory=done.memory, last_closed={},
                as_of=START + timedelta(days=1), rule=RULE)  # fmt: skip
    strange = pl.DataFrame(people(0, "elsewhere", 1), schema=SCHEMA, orient="row").cast({"sign": pl.Int8})
    with pytest.raises(NotUnderstood, match="outside the tree"):
        protect(strange, done.waiting, ground=GROUND, memory={}, last_closed={}, as_of=START, rule=RULE)


def test_a_node_below_the_floor_never_gets_a_number() -> None:
    few = Rule(k_persons=5, h_households=2, population_floor=3_000, pool_days=14, rest_percent=0, versions=())
    done = Replayed(busy(5, mean=6.0), rule=few)
    assert done.of("small_area") == []
    assert done.of("district")
