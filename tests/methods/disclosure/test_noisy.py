"""The noisy tier: true noise, levels that agree as least squares say, error bars that hold, a budget that runs out."""

import inspect
import math
import sys
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumphandle.actions.publish_noisy import publish_noisy
from pumphandle.disclosure.noisy.budget import Spending, check_budget, spent
from pumphandle.disclosure.noisy.mechanism import Noise, opendp_noise, variance
from pumphandle.disclosure.noisy.product import CELLS, Design, Ground, make
from pumphandle.disclosure.noisy.tree import Tree, agree
from pumphandle.vocabulary.counts import AGE_BANDS, SEXES, Measure
from pumphandle.vocabulary.errors import BudgetSpent, NotUnderstood, Refused
from pumphandle.vocabulary.places import AreaLevel

MONDAY = date(2020, 3, 2)
TREE = Tree(np.array([-1, 0, 0, 1, 1, 1, 2, 2]))
GROUND = Ground(
    codes=("N", "D1", "D2", "a", "b", "c", "d", "e"),
    levels=(AreaLevel.NATION, *[AreaLevel.DISTRICT] * 2, *[AreaLevel.SMALL_AREA] * 5),
    parent=TREE.parent,
)
COUNTS = pl.DataFrame({"area_code": ["a", "b", "c", "d", "e"], "increment": [40, 3, 0, 17, 5]})


def made_up(seed: int) -> Noise:
    """Discrete Laplace from a seed: for tests of what comes after the drawing, never for anything that goes out."""
    rng = np.random.default_rng(seed)

    def draw(counts: np.ndarray, scale: float) -> np.ndarray:
        chance = 1 - math.exp(-1 / scale)
        return counts + rng.geometric(chance, counts.shape) - rng.geometric(chance, counts.shape)

    return Noise(draw, "made up")


def design(*levels: AreaLevel, groups: tuple[str, ...] = (), thousandths: int = 1_000) -> Design:
    return Design(
        Measure.CASES, MONDAY, MONDAY, levels or (AreaLevel.DISTRICT, AreaLevel.SMALL_AREA), groups, thousandths
    )


def test_the_noise_is_discrete_laplace_of_the_scale_asked_for() -> None:
    """Drawn by OpenDP, not seeded; bounds are ten standard deviations of the statistic wide."""
    for scale in (0.5, 1.0, 4.0):
        drawn = opendp_noise().draw(np.zeros(15_000, dtype=np.int64), scale)
        expected = variance(scale)
        assert abs(drawn.mean()) < 10 * math.sqrt(expected / len(drawn))
        assert abs(drawn.var() / expected - 1) < 10 * math.sqrt(6 / len(drawn)) + 0.05
        zero = (1 - math.exp(-1 / scale)) / (1 + math.exp(-1 / scale))
        assert abs((drawn == 0).mean() - zero) < 10 * math.sqrt(zero / len(drawn))


def test_nothing_that_publishes_takes_a_seed_and_two_drawings_differ() -> None:
    assert not {"seed", "rng", "chance"} & set(inspect.signature(publish_noisy).parameters)
    assert not inspect.signature(opendp_noise).parameters
    noise = opendp_noise()
    zeros = np.zeros(2_000, dtype=np.int64)
    assert (noise.draw(zeros, 2.0) != noise.draw(zeros, 2.0)).any()


def test_without_opendp_nothing_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opendp.prelude", None)
    with pytest.raises(Refused, match=r"pip install 'pumphandle\[noisy\]'"):
        opendp_noise()


@given(st.integers(0, 999), st.lists(st.sampled_from([0.5, 2.0, 9.0, np.inf]), min_size=3, max_size=3))
def test_two_passes_are_generalised_least_squares(seed: int, inner: list[float]) -> None:
    rng = np.random.default_rng(seed)
    measured = rng.normal(10, 4, (8, 2))
    spread = np.array([*inner, *rng.uniform(0.5, 5, 5)])
    found = agree(TREE, measured, spread)
    leaves = np.zeros((8, 5))
    leaves[3:] = np.eye(5)
    leaves[1, :3] = leaves[2, 3:] = leaves[0] = 1
    known = np.isfinite(spread)
    weight = np.diag(1 / spread[known])
    covariance = np.linalg.inv(leaves[known].T @ weight @ leaves[known])
    best = covariance @ leaves[known].T @ weight @ measured[known]
    assert np.allclose(found.estimate, leaves @ best)
    assert np.allclose(found.variance, np.diag(leaves @ covariance @ leaves.T))


def test_estimates_add_up_along_the_tree_and_over_groups() -> None:
    counts = pl.DataFrame(
        {"area_code": ["a", "e"], "age_band": ["0-4", "80+"], "sex": ["female", "male"], "increment": [9, 4]}
    )
    cells = make(design(groups=("age_band", "sex")), GROUND, counts, noise=made_up(1))
    assert cells.schema == pl.Schema(CELLS)
    assert cells.height == 8 * (len(AGE_BANDS) + 1) * (len(SEXES) + 1)
    total = {(one["area_code"], one["age_band"], one["sex"]): one["estimate"] for one in cells.to_dicts()}
    for age in (*AGE_BANDS, "all"):
        assert total["N", age, "all"] == pytest.approx(total["D1", age, "all"] + total["D2", age, "all"])
        assert total["D2", age, "male"] == pytest.approx(total["d", age, "male"] + total["e", age, "male"])
    assert total["a", "all", "all"] == pytest.approx(sum(total["a", age, "all"] for age in AGE_BANDS))
    assert total["a", "all", "all"] == pytest.approx(sum(total["a", "all", sex] for sex in SEXES))


def test_cells_without_a_record_carry_noise_too_and_nothing_is_clipped() -> None:
    estimates = [make(design(AreaLevel.SMALL_AREA), GROUND, COUNTS.clear(), noise=made_up(seed)) for seed in range(40)]
    empty = np.concatenate([one.filter(pl.col("area_code") == "c")["estimate"].to_numpy() for one in estimates])
    assert (empty != 0).mean() > 0.3
    assert (empty < 0).any()


def test_error_bars_hold_and_levels_together_know_more() -> None:
    truth = {"N": 65, "D1": 43, "D2": 22, "a": 40, "b": 3, "c": 0, "d": 17, "e": 5}
    held: list[bool] = []
    errors: list[float] = []
    cells = pl.DataFrame(schema=CELLS)
    for seed in range(300):
        cells = make(design(), GROUND, COUNTS, noise=made_up(seed))
        for one in cells.to_dicts():
            held.append(one["low"] <= truth[one["area_code"]] <= one["high"])
            errors.append((one["estimate"] - truth[one["area_code"]]) / one["standard_error"])
    assert np.mean(held) > 0.95
    assert abs(np.mean(errors)) < 0.1
    assert abs(np.var(errors) - 1) < 0.15
    assert math.sqrt(variance(2.0)) > cells.filter(pl.col("level") == "district")["standard_error"].to_list()[0]


def test_levels_share_the_epsilon() -> None:
    assert design(AreaLevel.SMALL_AREA).scale == pytest.approx(1.0)
    assert design().scale == pytest.approx(2.0)
    assert design(thousandths=250).scale == pytest.approx(8.0)


def test_a_lower_level_than_drawn_at_is_not_told() -> None:
    cut = Ground(GROUND.codes[:3], GROUND.levels[:3], GROUND.parent[:3])
    summed = pl.DataFrame({"area_code": ["D1", "D2"], "increment": [43, 22]})
    assert set(make(design(AreaLevel.DISTRICT), cut, summed, noise=made_up(1))["level"]) == {"nation", "district"}


@pytest.mark.parametrize(
    ("counts", "fault"),
    [
        ({"area_code": ["z"], "increment": [1]}, "outside the areas or groups"),
        ({"area_code": ["a"], "sex": ["x"], "increment": [1]}, "outside the areas or groups"),
    ],
)
def test_a_count_that_lies_nowhere_is_refused(counts: dict[str, list[object]], fault: str) -> None:
    groups = ("sex",) if "sex" in counts else ()
    with pytest.raises(NotUnderstood, match=fault):
        make(design(groups=groups), GROUND, pl.DataFrame(counts), noise=made_up(1))


def test_designs_that_make_no_sense_are_refused() -> None:
    with pytest.raises(NotUnderstood, match="grouped by"):
        design(groups=("name",))
    with pytest.raises(NotUnderstood, match="at none twice"):
        design(AreaLevel.DISTRICT, AreaLevel.DISTRICT)
    with pytest.raises(NotUnderstood, match="not measured"):
        agree(TREE, np.zeros((8, 1)), np.array([1.0, 1, 1, 1, 1, np.inf, 1, 1]))
    with pytest.raises(NotUnderstood, match="make a tree"):
        Tree(np.array([1, 0]))


def days(first: int, last: int, thousandths: int) -> Spending:
    return Spending(MONDAY + timedelta(days=first), MONDAY + timedelta(days=last), thousandths)


def test_the_budget_of_a_day_runs_out_and_that_of_another_does_not() -> None:
    earlier = [days(0, 6, 600), days(3, 4, 300)]
    check_budget(earlier, days(0, 2, 400), limit=1_000)
    check_budget(earlier, days(7, 13, 1_000), limit=1_000)
    with pytest.raises(BudgetSpent, match=r"Of the 1 .* records of 2020-03-05, 0\.9 is spent; 0\.2 more is too much"):
        check_budget(earlier, days(0, 13, 200), limit=1_000)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5), st.integers(1, 500)), max_size=8))
def test_what_is_spent_is_what_adding_up_day_by_day_gives(made: list[tuple[int, int, int]]) -> None:
    spendings = [days(first, first + more, cost) for first, more, cost in made]
    by_day = {
        MONDAY + timedelta(days=at): sum(cost for first, more, cost in made if first <= at <= first + more)
        for at in range(16)
    }
    for span in spent(spendings):
        assert span.thousandths == by_day[span.first_day] == by_day[span.last_day]
    told = sum((span.last_day - span.first_day).days + 1 for span in spent(spendings))
    assert told == sum(cost > 0 for cost in by_day.values())


def test_spending_nothing_or_backwards_is_refused() -> None:
    for asked in (days(0, 3, 0), days(3, 0, 100)):
        with pytest.raises(Refused, match="epsilon above 0"):
            check_budget([], asked, limit=1_000)
