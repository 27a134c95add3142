"""What others published gives so many small counts away; the report names nobody, no place and no day."""

from datetime import date, timedelta
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pumphandle.disclosure.attack.layout import Layout, as_of, cells, over_days, with_parents
from pumphandle.disclosure.attack.published.releases import attack_releases
from pumphandle.disclosure.attack.published.totals import attack_totals
from pumphandle.disclosure.attack.published.windows import attack_windows
from pumphandle.vocabulary.errors import NotUnderstood


def english_weeks(shared: Path, parent: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """England's weekly small areas of 2020-12-03, and the upper-tier totals as known that day."""
    folder = shared / "data/england"
    weekly = pl.read_parquet(folder / "msoa_weekly_20200321_20201128.parquet")
    lookup = pl.read_csv(folder / "msoa11_lookup.csv")
    history = pl.read_parquet(folder / "utla_revision_triangle_20200910_20210622.parquet")
    told = cells(weekly, Layout(area="msoa11cd", period="week_end", value="cases_7d"))
    named = Layout(area="area_code", period="specimen_date", value="cases", release="first_release")
    totals = as_of(cells(history, named), date(2020, 12, 3))
    return (
        with_parents(told, lookup, child="msoa11cd", parent=parent),
        over_days(totals, told["period"], days=7).rename({"area": "parent"}),
    )


def test_england_gives_665_of_83329_hidden_cells_away(shared: Path) -> None:
    """The upper-tier areas that are districts too; shared/data/README.md, section 0."""
    found = attack_totals(*english_weeks(shared, "lad20cd"), hidden=(0, 2))
    assert found["determined exactly"] == 665
    assert found["hidden beside a total that fits"] == 83_329
    assert found["determined because alone"] == 163
    assert (found["complete sums"], found["complete sums that agree"]) == (784, 777)


def test_england_with_its_counties_gives_more_away(shared: Path) -> None:
    found = attack_totals(*english_weeks(shared, "utlacd"), hidden=(0, 2))
    assert found["determined exactly"] == 695
    assert found["narrowed"] > 0


def test_new_york_publishes_small_increments(shared: Path) -> None:
    history = pl.read_parquet(shared / "data/nyc/modzcta_release_history_20200401_20251016.parquet")
    cumulative = history.filter(pl.col("path") != "tests-by-zcta.csv")
    told = cells(cumulative, Layout(area="modzcta", value="cases", release="committed", period="path"))
    found = attack_releases(told, longest_gap=timedelta(days=1.6))
    share = {name: found[name] / found["increments"] for name in ("small and exact", "zero", "negative")}
    assert found["increments"] > 130_000
    assert share["small and exact"] == pytest.approx(0.319, abs=0.01)
    assert share["zero"] == pytest.approx(0.121, abs=0.01)
    assert share["negative"] == pytest.approx(0.0106, abs=0.005)


def test_england_rolling_sums_give_single_days_away(shared: Path) -> None:
    series = pl.read_parquet(shared / "data/england/msoa_daily_rolling7_20200315_20201125.parquet")
    layout = Layout(area="msoa11cd", period="specimen_date", value="rolling_sum", untold=("status", "blank"))
    found = attack_windows(cells(series, layout), length=7, hidden=(0, 2), areas=20)
    assert found["areas attacked"] == 20
    assert found["determined exactly"] > 0.2 * found["days of the others"]


def test_windows_bound_every_day_as_all_series_tried_one_by_one() -> None:
    rng = np.random.default_rng(1854)
    for _ in range(10):
        truth = rng.poisson(0.6, 6).clip(max=2)
        sums = np.convolve(truth, np.ones(3, dtype=int), "valid")
        shown = [int(count) if count > 2 else None for count in sums]
        days = [date(2020, 3, 1) + timedelta(days=at) for at in range(len(sums))]
        found = attack_windows(pl.DataFrame({"area": "a", "period": days, "value": shown}), length=3, hidden=(0, 2))
        every = np.array(list(product(range(7), repeat=6)))
        rolling = np.stack([every[:, at : at + 3].sum(axis=1) for at in range(4)], axis=1)
        fits = np.all(np.where(sums > 2, rolling == sums, rolling <= 2), axis=1)
        exact = (every[fits].min(axis=0) == every[fits].max(axis=0)).sum()
        assert found["determined exactly"] == exact


def test_subtracting_two_releases_shows_who_came_late() -> None:
    days = [date(2020, 3, 1), date(2020, 3, 2), date(2020, 3, 3)]
    told = pl.DataFrame({"area": ["a"] * 3 + ["b"] * 3, "release": days * 2, "value": [7, 8, None, 20, 19, 40]})
    found = attack_releases(told)
    assert (found["increments"], found["small and exact"], found["of one person"]) == (3, 1, 1)
    assert (found["negative"], found["negative and small"]) == (1, 1)


def test_the_order_of_lines_does_not_matter(shared: Path) -> None:
    told, totals = english_weeks(shared, "lad20cd")
    turned = attack_totals(told.reverse(), totals.sample(fraction=1.0, shuffle=True, seed=1), hidden=(0, 2))
    assert turned == attack_totals(told, totals, hidden=(0, 2))


def test_a_report_holds_counts_of_counts_only(shared: Path) -> None:
    told, totals = english_weeks(shared, "lad20cd")
    report = str(attack_totals(told, totals, hidden=(0, 2)).as_data())
    assert "E0" not in report
    assert "2020" not in report


def test_marks_of_hidden_counts_are_named_not_guessed() -> None:
    frame = pl.DataFrame({"code": ["a", "b"], "n": ["<5", "1,200"]})
    with pytest.raises(NotUnderstood, match=r"<5.*--mark"):
        cells(frame, Layout(area="code", value="n"))
    assert cells(frame, Layout(area="code", value="n", marks=["<5"]))["value"].to_list() == [None, 1200]


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(NotUnderstood, match="no column cases; there are code"):
        cells(pl.DataFrame({"code": ["a"]}), Layout(area="code", value="cases"))


def test_totals_of_two_releases_at_once_are_refused() -> None:
    told = pl.DataFrame(
        {"area": ["a"], "parent": ["P"], "period": [1], "value": [None]}, schema_overrides={"value": pl.Int64}
    )
    totals = pl.DataFrame({"parent": ["P", "P"], "period": [1, 1], "value": [3, 4]})
    with pytest.raises(NotUnderstood, match="twice"):
        attack_totals(told, totals, hidden=(1, 4))
