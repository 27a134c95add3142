"""Each attack on others' histories finds what a reader can find by hand in a small example, and nothing more."""

from datetime import date, timedelta
from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumphandle.disclosure.attack.equations import incidence
from pumphandle.disclosure.attack.intervals import intervals
from pumphandle.disclosure.attack.published.groups import attack_groups
from pumphandle.disclosure.attack.published.partitions import attack_partitions
from pumphandle.disclosure.attack.published.rates import attack_changes, attack_rates
from pumphandle.disclosure.attack.published.releases import attack_any_two, attack_releases
from pumphandle.disclosure.attack.published.tables import attack_table, margins
from pumphandle.disclosure.attack.published.totals import attack_insiders, attack_totals, attack_zero_rule
from pumphandle.disclosure.attack.published.weekdays import attack_weekdays, slack
from pumphandle.disclosure.attack.published.windows import Spans, attack_chains, attack_windows, bounds_of_days
from pumphandle.vocabulary.errors import NotUnderstood

MONDAY = date(2020, 3, 2)


def days(count: int, *, start: date = MONDAY) -> list[date]:
    return [start + timedelta(days=at) for at in range(count)]


def beside(values: list[int | None], total: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Areas of one district in one week, and the district's total."""
    cells = pl.DataFrame(
        {"area": [f"a{at}" for at in range(len(values))], "parent": "D", "period": 1, "value": values},
        schema_overrides={"value": pl.Int64},
    )
    return cells, pl.DataFrame({"parent": ["D"], "period": [1], "value": [total]})


def test_any_two_releases_see_across_a_hidden_one() -> None:
    """7, then hidden, then 9: neighbours tell nothing, the first and the third tell of 2 persons."""
    told = pl.DataFrame({"area": "a", "release": days(3), "value": [7, None, 9]})
    assert attack_releases(told)["small and exact"] == 0
    found = attack_any_two(told)
    assert found["small and exact beside some earlier release"] == 1
    assert found["of them, not beside the one before"] == 1


def test_any_two_releases_see_through_a_correction() -> None:
    """40, 60, 43: each step is large, but the third exceeds the first by 3."""
    found = attack_any_two(pl.DataFrame({"area": "a", "release": days(3), "value": [40, 60, 43]}))
    assert found["small and exact beside some earlier release"] == 1


@given(st.lists(st.one_of(st.none(), st.integers(0, 30)), min_size=2, max_size=7))
def test_any_two_releases_are_all_pairs_tried_one_by_one(values: list[int | None]) -> None:
    told = pl.DataFrame(
        {"area": "a", "release": days(len(values)), "value": values}, schema_overrides={"value": pl.Int64}
    )
    expected = sum(
        any(earlier is not None and now is not None and 1 <= now - earlier <= 4 for earlier in values[:at])
        for at, now in enumerate(values)
    )
    assert attack_any_two(told)["small and exact beside some earlier release"] == expected


def test_late_records_are_those_of_a_day_that_had_been_told() -> None:
    """Monday's count is 6 on Monday and 8 on Wednesday: two records came late."""
    told = pl.DataFrame({
        "area": "a", "release": [MONDAY, MONDAY + timedelta(days=2), MONDAY + timedelta(days=2)],
        "period": [MONDAY, MONDAY, MONDAY + timedelta(days=1)], "value": [6, 8, 11],
    })  # fmt: skip
    found = attack_releases(told)
    assert found.attack.startswith("late records")
    assert (found["increments"], found["small and exact"]) == (1, 1)


def test_windows_with_a_common_end_chain_to_a_sum_nobody_published() -> None:
    """1-7 March counts 12, 1-5 March counts 9: 6-7 March count 3."""
    told = pl.DataFrame({
        "area": "a", "first": [date(2020, 3, 1)] * 2, "period": [date(2020, 3, 7), date(2020, 3, 5)], "value": [12, 9],
    })  # fmt: skip
    found = attack_chains(told)
    assert (found["of them, never published"], found["small, exact and never published"]) == (1, 1)
    assert attack_windows(told, hidden=(0, 4))["determined exactly"] == 0


def test_windows_that_share_no_end_chain_to_nothing() -> None:
    told = pl.DataFrame({
        "area": "a", "first": [date(2020, 3, 1), date(2020, 3, 8)], "period": [date(2020, 3, 7), date(2020, 3, 9)],
        "value": [12, 9],
    })  # fmt: skip
    assert attack_chains(told)["of them, never published"] == 0


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=7), st.integers(0, 999))
def test_chains_find_every_run_that_linear_algebra_finds(spans: list[tuple[int, int]], seed: int) -> None:
    """A run of days follows from shown sums exactly if its indicator lies in the span of theirs."""
    truth = np.random.default_rng(seed).integers(0, 4, 8)
    rows = np.array([[start <= day <= start + more for day in range(8)] for start, more in spans], dtype=float)
    sums = [int(truth[start : start + more + 1].sum()) for start, more in spans]
    told = pl.DataFrame({
        "area": "a", "first": [MONDAY + timedelta(days=start) for start, _ in spans],
        "period": [MONDAY + timedelta(days=start + more) for start, more in spans], "value": sums,
    })  # fmt: skip
    rank = np.linalg.matrix_rank(rows)
    known: set[tuple[int, int]] = set()
    for first in range(8):
        for last in range(first, 8):
            run = np.array([first <= day <= last for day in range(8)], dtype=float)
            if np.linalg.matrix_rank(np.vstack([rows, run])) == rank:
                known.add((first, last + 1))
    shortest = {(a, b) for a, b in known if not any((a, c) in known and (c, b) in known for c in range(a + 1, b))}
    assert attack_chains(told)["shortest runs whose sum is exact"] == len(shortest)


def test_the_weekday_theorem_on_two_weeks() -> None:
    """Every weekday has had a day without a case, so every day of both weeks follows from the eight sums."""
    truth = [0, 2, 0, 1, 0, 3, 0, 1, 0, 2, 0, 4, 0, 1]
    sums = np.convolve(truth, np.ones(7, dtype=int), "valid")
    told = pl.DataFrame({"area": "a", "period": days(8), "value": sums})
    found = attack_weekdays(told)
    assert (found["stretches known day by day"], found["days in those, exact"]) == (1, 14)
    assert slack(sums).least.tolist() == truth
    assert found["small and exact"] == sum(1 <= count <= 4 for count in truth)


@given(st.lists(st.integers(0, 3), min_size=8, max_size=14))
def test_the_weekday_theorem_gives_the_width_that_shortest_paths_give(truth: list[int]) -> None:
    sums = np.convolve(truth, np.ones(7, dtype=int), "valid").astype(np.int64)
    at = np.arange(len(sums), dtype=np.int64)
    bounds = bounds_of_days(Spans(at, at + 7, sums, sums))
    assert bounds is not None
    stretch = slack(sums)
    assert (bounds[1] - bounds[0] == stretch.slack).all()
    assert (bounds[0] == stretch.least).all()
    assert stretch.slack == sum(min(truth[weekday::7]) for weekday in range(7))


def test_sums_that_no_series_fits_are_called_so() -> None:
    assert slack(np.array([0, 5, 0])).slack < 0
    found = attack_weekdays(pl.DataFrame({"area": "a", "period": days(3), "value": [0, 5, 0]}))
    assert (found["stretches that contradict themselves"], found["stretches known day by day"]) == (1, 0)


def test_a_rate_is_a_count_in_other_words() -> None:
    """41.1 per 100,000 of 9,721 residents is 4 cases and nothing else; of four million it could be many counts."""
    cells = pl.DataFrame(
        {"rate": [41.1, 20.0, None], "population": [9_721, 4_000_000, 800], "value": [None, 800, None]}
    )
    found = attack_rates(cells)
    assert (found["rates"], found["that give their count away"], found["small and exact"]) == (2, 1, 1)
    assert found["of a count that was hidden, exact"] == 1
    assert found["of a count that was shown, and right"] == 1


def test_a_percentage_of_the_tested_is_a_count_too() -> None:
    found = attack_rates(pl.DataFrame({"rate": [2.7], "population": [37]}), per=100)
    assert (found["that give their count away"], found["small and exact"]) == (1, 1)


def test_a_percentage_change_gives_a_hidden_count_away() -> None:
    """8 this week, "+166.7 %": last week's hidden count can only be 3."""
    cells = pl.DataFrame({
        "area": "a", "period": [MONDAY, MONDAY + timedelta(days=7)], "value": [None, 8], "change": [None, 166.7],
    })  # fmt: skip
    found = attack_changes(cells, hidden=(1, 4))
    assert (found["determined exactly"], found["small and exact"]) == (1, 1)


def test_two_hidden_counts_in_a_known_proportion() -> None:
    """Both hidden, "+33.3 %": of 1 to 4 only 3 and 4 stand so."""
    cells = pl.DataFrame({
        "area": "a", "period": [MONDAY, MONDAY + timedelta(days=7)], "value": [None, None], "change": [None, 33.3],
    }, schema_overrides={"value": pl.Int64})  # fmt: skip
    assert attack_changes(cells, hidden=(1, 4))["determined exactly"] == 2


def test_no_change_is_printed_from_nobody() -> None:
    """Both hidden, 0 or 1, "0.0 %": the earlier one was not 0, so both are 1."""
    cells = pl.DataFrame({
        "area": "a", "period": [MONDAY, MONDAY + timedelta(days=7)], "value": [None, None], "change": [None, 0.0],
    }, schema_overrides={"value": pl.Int64})  # fmt: skip
    assert attack_changes(cells, hidden=(0, 1))["small and exact"] == 2


def test_a_change_without_its_earlier_week_tells_nothing() -> None:
    cells = pl.DataFrame(
        {"area": ["a"], "period": [MONDAY], "value": [None], "change": [50.0]}, schema_overrides={"value": pl.Int64}
    )
    assert attack_changes(cells, hidden=(1, 4))["hidden counts at their ends"] == 0


def test_who_knows_that_zeros_are_shown_sees_two_hidden_cells() -> None:
    """Two hidden cells sum to 2: 0+2, 1+1 or 2+0; with zeros shown, 1+1."""
    cells, totals = beside([None, None, 9], 11)
    assert attack_totals(cells, totals, hidden=(0, 4))["determined exactly"] == 0
    assert attack_zero_rule(cells, totals, most=4)["determined only by knowing it"] == 2


def test_a_person_alone_in_a_cell_sees_the_other() -> None:
    """Two hidden cells sum to 4. Whoever is the one person in one of them knows that the other counts 3."""
    cells, totals = beside([None, None, 9], 13)
    assert attack_totals(cells, totals, hidden=(1, 4))["determined exactly"] == 0
    found = attack_insiders(cells, totals, hidden=(1, 4))
    assert found["cells that such a person would see through"] == 2
    assert attack_insiders(*beside([None, None, 9], 16), hidden=(1, 4))["totals concerned"] == 0


@given(st.integers(2, 4), st.integers(0, 14), st.integers(0, 1), st.integers(2, 4))
def test_what_a_person_inside_sees_is_what_all_tables_leave(n: int, total: int, low: int, high: int) -> None:
    every = np.array([one for one in product(range(low, high + 1), repeat=n) if sum(one) == total])
    found = attack_insiders(*beside([None] * n, total), hidden=(low, high))
    inside = every[every[:, 0] == 1] if len(every) else every
    outside_sees = len(every) == 1 or (len(every) and (every == every[0]).all())
    opens = len(inside) > 0 and not outside_sees and bool((inside == inside[0]).all())
    assert found["cells that such a person would see through"] == (n if opens else 0)


@given(st.integers(1, 5), st.integers(0, 25), st.integers(0, 2), st.integers(2, 5))
def test_cells_beside_a_total_have_the_interval_of_the_general_attack(n: int, total: int, low: int, high: int) -> None:
    found = attack_totals(*beside([None] * n, total), hidden=(low, high))
    general = intervals(
        incidence(
            np.zeros(n, dtype=np.int64), np.arange(n), row_low=np.array([total]), row_high=np.array([total]),
            low=np.full(n, low), high=np.full(n, high),
        )
    )  # fmt: skip
    assert found["determined exactly"] == general.exact.sum()
    assert found["hidden beside a total that cannot hold"] == general.contradicted.sum()


def test_a_moved_border_leaves_a_piece_of_three_persons() -> None:
    """The old map has North and South, the new one gives a strip of the North to the South: 3 persons live in it."""
    pieces = pl.DataFrame({"one": ["N", "N", "S"], "other": ["north", "south", "south"]})
    old = pl.DataFrame({"area": ["N", "S"], "value": [10, 20]})
    new = pl.DataFrame({"area": ["north", "south"], "value": [7, 23]})
    found = attack_partitions(pieces, old, new)
    assert (found["pieces whose count is exact"], found["small and exact"]) == (3, 1)
    assert found["pieces in a group of 1 to 4 that subtraction gives"] == 1
    assert found["persons of the smallest such group"] == 3


def test_a_group_of_pieces_can_be_small_where_each_piece_is_wide() -> None:
    """The new zone takes a strip of both old ones, 1 and 2 persons: no strip is exact, both together are 3."""
    pieces = pl.DataFrame({"one": ["A", "A", "B", "B"], "other": ["rest", "new", "rest", "new"]})
    old = pl.DataFrame({"area": ["A", "B"], "value": [10, 20]})
    new = pl.DataFrame({"area": ["rest", "new"], "value": [27, 3]})
    found = attack_partitions(pieces, old, new)
    assert found["pieces whose count is exact"] == 0
    assert found["pieces in a group of 1 to 4 that subtraction gives"] == 2


def zones(letter: str, values: np.ndarray, hidden: np.ndarray) -> pl.DataFrame:
    shown = [None if gone else int(value) for value, gone in zip(values, hidden, strict=True)]
    return pl.DataFrame(
        {"area": [f"{letter}{at}" for at in range(3)], "value": shown}, schema_overrides={"value": pl.Int64}
    )


def test_groups_are_those_of_all_subtractions_tried_one_by_one() -> None:
    rng = np.random.default_rng(1854)
    hits = 0
    for _ in range(60):
        touch = rng.random((3, 3)) < 0.55
        touch[np.arange(3), rng.integers(0, 3, 3)] = True
        touch[rng.integers(0, 3, 3), np.arange(3)] = True
        persons = np.where(touch, rng.poisson(2.5, (3, 3)), 0)
        hidden, unseen = rng.random(3) < 0.2, rng.random(3) < 0.2
        drawn = [(f"z{a}", f"y{b}") for a, b in zip(*np.nonzero(touch), strict=True)]
        found = attack_partitions(
            pl.DataFrame(drawn, schema=["one", "other"], orient="row"),
            zones("z", persons.sum(axis=1), hidden),
            zones("y", persons.sum(axis=0), unseen),
        )
        few: set[int] = set()
        for grid, counts, gone in ((touch, persons, (hidden, unseen)), (touch.T, persons.T, (unseen, hidden))):
            for taken, left in product(product([False, True], repeat=3), repeat=2):
                totals, blocks = np.array(taken), np.array(left)
                told = not (blocks & gone[0]).any() and not (totals & gone[1]).any()
                if told and not grid[blocks][:, ~totals].any():
                    few.add(int(counts[:, totals].sum() - counts[blocks].sum()))
        smallest = min((value for value in few if 1 <= value < 5), default=0)
        assert found["persons of the smallest such group"] == smallest
        hits += smallest > 0
    assert hits > 20


def test_a_hidden_zone_is_no_total() -> None:
    pieces = pl.DataFrame({"one": ["N", "N", "S"], "other": ["north", "south", "south"]})
    old = pl.DataFrame({"area": ["N", "S"], "value": [10, 20]})
    new = pl.DataFrame({"area": ["north", "south"], "value": [7, None]})
    found = attack_partitions(pieces, old, new)
    assert found["pieces whose count is exact"] == 3  # 7 north, so 3 in the strip, and all 20 of S in the south
    assert attack_partitions(pieces, old.with_columns(value=pl.lit(None, pl.Int64)), new)["small and exact"] == 0


def test_all_or_none_of_a_group_is_told_of_everyone_in_it() -> None:
    """A home of 12 with 12 cases; a hamlet of 40 with none; a home of 30 with 28; a town with none."""
    cells = pl.DataFrame({"value": [12, 0, 28, 0, None], "population": [12, 40, 30, 9_000, 5]})
    found = attack_groups(cells)
    assert (found["all of the group counted"], found["none of fewer than 500 counted"]) == (1, 1)
    assert found["all but 1 to 4 counted"] == 1


def test_a_table_with_its_margins() -> None:
    """Geurts' table: nothing is exact; with one more cell shown, everything is."""
    cells = pl.DataFrame({
        "row": ["1", "1", "2", "2", "T", "T", "1", "2", "T"], "column": ["1", "2", "1", "2", "1", "2", "T", "T", "T"],
        "value": [None, None, None, None, 6, 4, 7, 3, 10],
    }, schema_overrides={"value": pl.Int64})  # fmt: skip
    parents = margins(cells, {"row": "T", "column": "T"})
    assert attack_table(cells, parents=parents)["determined exactly"] == 0
    shown = cells.with_columns(
        value=pl.when((pl.col("row") == "1") & (pl.col("column") == "1")).then(4).otherwise("value")
    )
    found = attack_table(shown, parents=parents)
    assert (found["hidden"], found["determined exactly"], found["small and exact"]) == (3, 3, 3)


def test_a_window_without_its_extent_is_refused() -> None:
    told = pl.DataFrame({"area": ["a"], "period": [MONDAY], "value": [3]})
    with pytest.raises(NotUnderstood, match="how many days"):
        attack_chains(told)
    with pytest.raises(NotUnderstood, match="ends before it begins"):
        attack_chains(told.with_columns(first=pl.lit(MONDAY + timedelta(days=1))))
