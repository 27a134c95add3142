"""Nothing published is undone by subtraction, across levels, margins or earlier releases; planted faults show."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pumphandle.disclosure import gate, plain, residual
from pumphandle.disclosure.attack.blocks import attack_blocks
from pumphandle.disclosure.attack.judging import Verdict, judge
from pumphandle.disclosure.attack.memory import Live

FIRST = date(2020, 3, 1)
K = 5
TOO_FEW = (1, K - 1)


def records(counts: np.ndarray, *, homes: int = 0) -> pl.DataFrame:
    """counts : (days, areas). Everyone lives alone, but the first `homes` of each area and day, who are a family."""
    rows: list[tuple[str, date, str, int]] = []
    for (day, area), count in np.ndenumerate(counts):
        for one in range(int(count)):
            home = f"{day}-{area}-family" if one < homes else f"{day}-{area}-{one}"
            rows.append((f"W{area}", FIRST + timedelta(days=day), home, len(rows)))
    return pl.DataFrame(rows, schema=["ward", "came", "home", "who"], orient="row")


def protected(counts: np.ndarray, *, h: int = 2, homes: int = 0) -> plain.Published:
    areas = {f"W{at}": "D" for at in range(counts.shape[1])}
    until = FIRST + timedelta(days=len(counts) - 1)
    return plain.protect(
        records(counts, homes=homes), area="ward", day="came", household="home", person="who", areas=areas, h=h,
        until=until,
    )  # fmt: skip


def attacked(out: plain.Published, counts: np.ndarray, *, homes: int = 0) -> plain.Withstood:
    areas = {f"W{at}": "D" for at in range(counts.shape[1])}
    return plain.attack_published(
        out, records(counts, homes=homes), area="ward", day="came", household="home", person="who", areas=areas, h=2
    )


def rows_of(out: plain.Published, days: int, areas: int) -> np.ndarray:
    """Every number ever published as a sum over days and areas, blocks and totals of all releases together."""
    rows: list[np.ndarray] = []
    for place, first, last, _ in [*out.blocks.iter_rows(), *out.totals.iter_rows()]:
        one = np.zeros((days, areas))
        span = slice((first - FIRST).days, (last - FIRST).days + 1)
        one[span, slice(None) if place == "D" else int(place[1:])] = 1
        rows.append(one.ravel())
    return np.array(rows).reshape(-1, days * areas)


def derivable(rows: np.ndarray, size: int) -> np.ndarray:
    """Every group of cells, of all 2^size, whose sum is a combination of the rows; (groups, size)."""
    if not len(rows):
        return np.zeros((0, size))
    _, strength, directions = np.linalg.svd(rows)
    free = directions[int((strength > 1e-9).sum()) :]  # what can move while every published number stays
    groups = np.array(list(product((0.0, 1.0), repeat=size)))
    return groups[np.abs(groups @ free.T).max(axis=1, initial=0) < 1e-7]


@given(st.integers(0, 10_000), st.sampled_from([(2, 6), (3, 4), (4, 3)]), st.sampled_from([1.0, 2.5]))
@settings(max_examples=12)
def test_no_group_of_a_few_follows_from_all_that_was_ever_published(
    seed: int, shape: tuple[int, int], mean: float
) -> None:
    """Not by any combination: all 4,096 groups of area-days are tried against the span of every published number."""
    areas, days = shape
    counts = np.random.default_rng(seed).poisson(mean, (days, areas))
    counts[0, 0] += 1
    groups = derivable(rows_of(protected(counts), days, areas), days * areas)
    persons = groups @ counts.ravel()
    assert not ((persons >= 1) & (persons < K)).any()


@given(st.integers(0, 10_000), st.sampled_from([(2, 6), (3, 4)]), st.integers(5, 6))
@settings(max_examples=12)
def test_no_group_of_one_family_follows_either(seed: int, shape: tuple[int, int], homes: int) -> None:
    """Families of up to six, one in each area and day: every derivable group has two households, or nobody."""
    areas, days = shape
    rng = np.random.default_rng(seed)
    counts = rng.choice([0, 0, 1, 5, 6, 6], (days, areas))
    counts[0, 0] += 6
    out = protected(counts, homes=homes)
    households = np.maximum(counts - homes, 0) + (counts > 0)
    groups = derivable(rows_of(out, days, areas), days * areas)
    persons, homes_of = groups @ counts.ravel(), groups @ households.ravel()
    assert not ((persons > 0) & ((persons < K) | (homes_of < 2))).any()
    assert attacked(out, counts, homes=homes).holds


def test_the_same_search_finds_the_few_that_a_careless_planner_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """The property above is no empty promise: without the residual rule and the audit, groups of 1 to 4 do follow."""
    monkeypatch.setattr(residual, "_total_safe", lambda *_: True)
    monkeypatch.setattr(residual, "_offence", lambda *_: None)
    monkeypatch.setattr(gate, "judge", _passes)
    found = 0
    for seed in range(12):
        counts = np.random.default_rng(seed).poisson(2.5, (4, 3))
        groups = derivable(rows_of(protected(counts), 4, 3), 12)
        persons = groups @ counts.ravel()
        found += bool(((persons >= 1) & (persons < K)).any())
    assert found > 3


def _passes(lives: Sequence[Live], **named: Any) -> Verdict:
    """An attack that never finds anything."""
    seen = judge(lives, **named)
    return Verdict(
        tuple(replace(one, thin=one.thin & False, thin_waiting=one.thin_waiting & False) for one in seen.sides),
        (None,) * len(lives),
    )


@st.composite
def tables(draw: st.DrawFn) -> tuple[pl.DataFrame, np.ndarray]:
    """A table of rows by columns with all margins, some cells hidden, margins among them."""
    height, width = draw(st.integers(2, 3)), draw(st.integers(2, 3))
    inner = np.array(draw(st.lists(st.integers(0, 6), min_size=height * width, max_size=height * width)))
    grid = np.zeros((height + 1, width + 1), dtype=np.int64)
    grid[:-1, :-1] = inner.reshape(height, width)
    grid[-1, :] = grid[:-1].sum(axis=0)
    grid[:, -1] = grid[:, :-1].sum(axis=1)
    hide = np.array(draw(st.lists(st.booleans(), min_size=grid.size, max_size=grid.size)))
    rows = [f"r{at}" for at in range(height)] + ["T"]
    columns = [f"c{at}" for at in range(width)] + ["T"]
    cells = [(row, column) for row in rows for column in columns]
    shown = [None if hidden else int(count) for hidden, count in zip(hide, grid.ravel(), strict=True)]
    frame = pl.DataFrame(cells, schema=["row", "column"], orient="row").with_columns(n=pl.Series(shown, dtype=pl.Int64))
    return frame, grid


@given(tables())
def test_what_subtraction_across_margins_undoes_the_audit_names_exact(made: tuple[pl.DataFrame, np.ndarray]) -> None:
    """Linear algebra alone, an attacker of its own: a cell that lies in the span of what is shown is known."""
    frame, grid = made
    height, width = grid.shape[0] - 1, grid.shape[1] - 1
    seen = plain.audit(frame, value="n", totals={"row": "T", "column": "T"}).cells
    whole = np.zeros((*grid.shape, height, width))
    for row, column in np.ndindex(grid.shape):
        whole[row, column][slice(None) if row == height else row, slice(None) if column == width else column] = 1
    cells = whole.reshape(-1, height * width)
    shown = seen["n"].is_not_null().to_numpy()
    rank = np.linalg.matrix_rank(cells[shown]) if shown.any() else 0
    for at in np.flatnonzero(~shown):
        spanned = shown.any() and np.linalg.matrix_rank(np.vstack([cells[shown], cells[at]])) == rank
        if spanned:
            assert seen["exact"][int(at)]
            assert seen["low"][int(at)] == grid.ravel()[at]
        assert seen["low"][int(at)] <= grid.ravel()[at]


@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter(made: tuple[pl.DataFrame, np.ndarray], chance: object) -> None:
    frame, _ = made
    turned = frame.sample(fraction=1.0, shuffle=True, seed=hash(str(chance)) % 1_000)
    keys = ["row", "column"]
    one = plain.audit(frame, value="n", totals={"row": "T", "column": "T"}).cells.sort(keys)
    other = plain.audit(turned, value="n", totals={"row": "T", "column": "T"}).cells.sort(keys)
    assert one.drop("method").equals(other.drop("method"))


# Faults planted on purpose, one at a time; each is caught by an attack that shares no code with what was changed.

COUNTS = np.random.default_rng(7).poisson(2.5, (10, 4))


def test_an_honest_history_withstands() -> None:
    assert attacked(protected(COUNTS), COUNTS).holds


def test_caught_a_planner_that_skips_the_residual_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(residual, "_total_safe", lambda *_: True)
    monkeypatch.setattr(residual, "_offence", lambda *_: None)
    monkeypatch.setattr(gate, "judge", _passes)
    seen = attacked(protected(COUNTS), COUNTS)
    assert not seen.holds
    assert seen.smallest is not None
    assert TOO_FEW[0] <= seen.smallest <= TOO_FEW[1]


def test_caught_a_planner_that_takes_one_household_for_enough() -> None:
    """Families of up to six: with h = 1 one of them becomes a block."""
    counts = np.array([[6, 0], [0, 3], [2, 6], [4, 0]])
    seen = attacked(protected(counts, h=1, homes=6), counts, homes=6)
    assert seen.faults[0].one_family > 0
    assert not seen.holds
    assert seen.faults[1].one_family > 0
    assert attacked(protected(counts, h=2, homes=6), counts, homes=6).holds


def test_caught_a_sealed_block_that_is_opened_again() -> None:
    """A late record is put into a window that is out: the number is told anew, one higher."""
    out = protected(COUNTS)
    late = out.blocks.head(1).with_columns(value=pl.col("value") + 1)
    seen = attacked(replace(out, blocks=out.blocks.vstack(late)), COUNTS)
    assert (seen.faults[0].reopened, seen.faults[0].untrue) == (1, 1)
    assert not seen.holds


def test_caught_a_zero_for_a_short_window() -> None:
    counts = COUNTS.copy()
    counts[:, 3] = 0
    out = protected(counts)
    zero = pl.DataFrame([("W3", FIRST, FIRST + timedelta(days=2), 0)], schema=out.blocks.schema, orient="row")
    seen = attacked(replace(out, blocks=out.blocks.vstack(zero)), counts)
    assert seen.faults[0].short_zeros == 1
    assert not seen.holds
    week = zero.with_columns(last_day=pl.lit(FIRST + timedelta(days=6)))
    assert attacked(replace(out, blocks=out.blocks.vstack(week)), counts).faults[0].short_zeros == 0


def test_caught_a_block_of_too_few_and_one_that_is_not_true() -> None:
    told = records(np.array([[3], [9]])).rename({"ward": "place", "came": "day", "home": "household", "who": "person"})
    blocks = pl.DataFrame(
        {"place": ["W0", "W0"], "first_day": [FIRST, FIRST + timedelta(days=1)],
         "last_day": [FIRST, FIRST + timedelta(days=1)], "value": [3, 8]},
    )  # fmt: skip
    found = attack_blocks(blocks, told, k=K, h=2)
    assert (found.few, found.untrue, found.one_family, found.reopened) == (1, 1, 0, 0)
