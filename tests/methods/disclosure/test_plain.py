"""Anyone's data frame: what is protected withstands the attack, stays as published, whatever the order of its lines."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pumphandle.disclosure import plain
from pumphandle.vocabulary.errors import LedgerBroken, NotUnderstood

FIRST = date(2020, 3, 1)


def records(seed: int, *, areas: int = 5, days: int = 14, count: int = 90) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    area = rng.integers(0, areas, count)
    return pl.DataFrame({
        "ward": [f"W{at}" for at in area], "city": [f"C{at % 2}" for at in area],
        "came": [FIRST + timedelta(days=int(day)) for day in rng.integers(0, days, count)],
        "home": rng.integers(0, count, count), "who": np.arange(count),
    })  # fmt: skip


def protected(frame: pl.DataFrame, **more: object) -> plain.Published:
    return plain.protect(frame, area="ward", day="came", household="home", person="who", district="city", **more)  # pyright: ignore[reportArgumentType]


@given(st.integers(0, 10_000))
@settings(max_examples=4)
def test_what_is_protected_withstands_the_attack(seed: int) -> None:
    frame = records(seed)
    out = protected(frame)
    seen = plain.attack_published(out, frame, area="ward", day="came", district="city")
    assert seen.holds
    assert seen.small > 10
    assert min(out.blocks["value"].to_list()) >= 5
    assert sum(out.blocks["value"].to_list()) + sum(out.waiting["records"].to_list()) == frame.height


@given(st.integers(0, 10_000))
@settings(max_examples=4)
def test_the_order_of_lines_does_not_matter(seed: int) -> None:
    frame = records(seed)
    turned = protected(frame.sample(fraction=1.0, shuffle=True, seed=seed))
    assert turned.blocks.equals(protected(frame).blocks)
    assert turned.totals.equals(protected(frame).totals)


@given(st.integers(0, 10_000), st.integers(5, 12))
@settings(max_examples=4)
def test_a_day_more_changes_nothing_that_was_published(seed: int, cut: int) -> None:
    frame = records(seed)
    until = FIRST + timedelta(days=cut)
    before = protected(frame.filter(pl.col("came") <= until), until=until)
    after = protected(frame, earlier=before)
    assert after.blocks.filter(pl.col("last_day") <= until).equals(before.blocks)


def test_a_past_that_was_changed_is_refused() -> None:
    frame = records(1)
    before = protected(frame)
    late = frame.vstack(frame.head(1).with_columns(who=pl.lit(9_999, pl.Int64)))
    with pytest.raises(LedgerBroken, match="would change"):
        protected(late, earlier=before)


def test_a_family_of_six_does_not_become_a_block() -> None:
    frame = pl.DataFrame({"ward": "W", "came": FIRST, "home": 1, "who": range(6)})
    alone = plain.protect(frame, area="ward", day="came", household="home", person="who")
    assert alone.blocks.height == 0
    with_neighbour = frame.with_columns(home=pl.when(pl.col("who") == 0).then(2).otherwise("home"))
    assert plain.protect(with_neighbour, area="ward", day="came", household="home").blocks["value"].to_list() == [6]


def test_one_person_often_is_one_person() -> None:
    frame = pl.DataFrame({"ward": "W", "came": FIRST, "home": range(6), "who": [1, 1, 1, 2, 3, 4]})
    assert plain.protect(frame, area="ward", day="came", household="home", person="who").blocks.height == 0
    assert plain.protect(frame, area="ward", day="came", household="home").blocks.height == 1


def test_areas_without_a_record_are_named_beforehand() -> None:
    frame = records(3, areas=2).drop("city")
    homes = {"W0": "C", "W1": "C", "W2": "C"}
    out = plain.protect(frame, area="ward", day="came", household="home", areas=homes)
    assert set(out.waiting["area"]) == set(homes)
    with pytest.raises(NotUnderstood, match="W1 is none of the areas"):
        plain.protect(frame, area="ward", day="came", household="home", areas={"W0": "C"})


def test_frames_of_pandas_and_of_arrow_and_columns_of_text() -> None:
    frame = records(2).with_columns(pl.col("came").cast(pl.String))
    for same in (frame.to_pandas(), frame.to_arrow(), frame.to_dict(as_series=False)):
        assert plain.protect(same, area="ward", day="came", household="home").blocks.equals(
            plain.protect(frame, area="ward", day="came", household="home").blocks
        )
    table = pd.DataFrame({"age": ["a", "b", "all"], "n": [None, 9, 12]})
    assert plain.audit(table, value="n", totals={"age": "all"}).cells["low"].to_list() == [3, 9, 12]


@pytest.mark.parametrize(
    ("change", "asked", "fault"),
    [
        ({}, {}, "households cannot be counted"),
        ({}, {"h": 1, "district": "county"}, "no column county"),
        ({"came": pl.lit(None, pl.Date)}, {"h": 1}, "Column came is empty"),
        ({"came": pl.lit("1 March")}, {"h": 1}, "no day"),
        ({}, {"h": 1, "until": FIRST}, "records after 2020-03-01"),
        ({"city": pl.col("who").cast(pl.String)}, {"h": 1, "district": "city"}, "lies in two districts"),
    ],
)
def test_what_is_missing_is_refused(change: dict[str, pl.Expr], asked: dict[str, object], fault: str) -> None:
    with pytest.raises(NotUnderstood, match=fault):
        plain.protect(records(1).with_columns(**change), area="ward", day="came", **asked)  # pyright: ignore[reportArgumentType]


def test_no_record_is_refused() -> None:
    with pytest.raises(NotUnderstood, match="no record"):
        plain.protect(records(1).clear(), area="ward", day="came", h=1)


def test_a_table_that_no_rule_fits_is_called_contradicted() -> None:
    seen = plain.audit({"age": ["a", "b", "all"], "n": [None, 9, 30]}, value="n", totals={"age": "all"}, hidden=(1, 4))
    assert seen.cells.row(0) == ("a", None, None, None, True, False, "contradicted")
    assert seen.narrowest is None


def test_hierarchies_and_caps_of_a_table() -> None:
    table = {
        "area": ["a", "b", "c", "D", "N"], "n": [None, None, 9, 12, 21], "people": [2, 50, 90, 200, 300],
    }  # fmt: skip
    tree = {"area": {"a": "D", "b": "D", "D": "N", "c": "N"}}
    seen = plain.audit(table, value="n", totals=tree, cap="people")
    assert seen.cells.select("low", "high").rows()[:2] == [(0, 2), (10, 12)]
    with pytest.raises(NotUnderstood, match="no column age"):
        plain.audit(table, value="n", totals={"age": "all"})
