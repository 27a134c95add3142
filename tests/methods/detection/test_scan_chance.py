"""p-values mean what they say, and come out the same for any number of threads and workers."""

import numpy as np
import pytest
from scipy import stats

from pumphandle.detection.adjustments import day_of_week, log_linear_trend
from pumphandle.detection.layout import Windows, lay_out
from pumphandle.detection.models import (
    bernoulli,
    cases_at,
    cases_of,
    forecast,
    poisson,
    space_time_permutation,
    spatially_stratified,
    time_stratified,
)
from pumphandle.detection.replicates import Replicates
from pumphandle.detection.scan import Chance, scan
from pumphandle.detection.significance import (
    Gumbel,
    gumbel,
    rank_p_value,
    recurrence_interval,
    sequential_p_value,
)
from pumphandle.detection.zones import circles
from pumphandle.vocabulary.errors import NotUnderstood

PLACES, DAYS = 60, 21
KEY = np.array([3, 4], dtype=np.uint64)


def quiet(rng):
    """A study in which nothing is going on."""
    points, people = rng.random((PLACES, 2)) * 1000, rng.integers(50, 400, PLACES).astype(float)
    tests = rng.poisson(people[:, None] / 40, (PLACES, DAYS)) + 1
    return points, people, tests, rng.binomial(tests, 0.08)


def models(people, tests, counts):
    cases = cases_of(counts)
    return {
        "poisson": poisson(cases, people),
        "tests": poisson(cases, tests),
        "bernoulli": bernoulli(cases, tests),
        "permutation": space_time_permutation(cases),
        "space": spatially_stratified(cases),
        "time": time_stratified(cases, people),
        "time_by_week": time_stratified(cases, people, stratum_days=7),
        "forecast": forecast(cases, tests * 0.08),
    }


@pytest.mark.parametrize(
    "name", ["poisson", "tests", "bernoulli", "permutation", "space", "time", "time_by_week", "forecast"]
)
def test_results_are_identical_for_any_number_of_threads_and_any_split(name) -> None:
    points, people, tests, counts = quiet(np.random.default_rng(5))
    layout = lay_out(
        models(people, tests, counts)[name],
        circles(points, people, max_share=0.2),
        Windows("prospective", 14),
        fewest_cases=2,
        centres="all",
    )
    alone = Replicates(layout, KEY).maxima(0, 75)
    assert (Replicates(layout, KEY, threads=3).maxima(0, 75) == alone).all()
    there, here = Replicates(layout, KEY).maxima(30, 45), Replicates(layout, KEY).maxima(0, 30)
    assert (np.concatenate((here, there)) == alone).all()
    assert len(np.unique(alone)) > 50
    exactly = np.zeros(75)
    Replicates(layout, KEY)._exactly(np.arange(75), exactly)
    assert exactly == pytest.approx(alone, rel=1e-9)


def test_more_than_32_windows_and_large_counts_agree_with_the_exact_loop() -> None:
    rng = np.random.default_rng(2)
    points, people = rng.random((20, 2)), rng.random(20) + 0.5
    many_windows = poisson(cases_of(rng.poisson(1.0, (20, 50))), people)
    many_cases = poisson(cases_of(rng.poisson(900.0, (20, 10))), people)
    for model, longest in ((many_windows, 40), (many_cases, 7)):
        layout = lay_out(model, circles(points, people), Windows("prospective", longest), fewest_cases=2, centres="all")
        exactly = np.zeros(20)
        supply = Replicates(layout, KEY)
        supply._exactly(np.arange(20), exactly)
        assert supply.maxima(0, 20) == pytest.approx(exactly, rel=1e-9)


@pytest.mark.parametrize("name", ["poisson", "bernoulli", "permutation", "space"])
def test_p_values_are_uniform_when_nothing_is_going_on(name) -> None:
    p_values = []
    for seed in range(120):
        rng = np.random.default_rng(seed)
        points, people, tests, counts = quiet(rng)
        if name == "poisson":
            where = rng.choice(PLACES, 300, p=people / people.sum())
            counts = np.zeros((PLACES, DAYS), dtype=int)
            np.add.at(counts, (where, rng.integers(0, DAYS, 300)), 1)
        found = scan(
            models(people, np.maximum(tests, counts), counts)[name],
            circles(points, people, max_share=0.2),
            Windows("prospective", 7),
            rng=rng,
            chance=Chance(replicates=59),
        )
        p_values.append(found.clusters[0].p_value)
    assert stats.kstest(p_values, "uniform").pvalue > 0.005


def test_centres_with_cases_are_a_smaller_family() -> None:
    points, people, tests, counts = quiet(np.random.default_rng(8))
    counts[:, :] = np.random.default_rng(1).binomial(1, 0.02, counts.shape)
    model, zones = models(people, tests + 1, counts)["poisson"], circles(points, people, max_share=0.2)
    every, some = (
        scan(model, zones, Windows("prospective", 7), rng=np.random.default_rng(1), chance=Chance(99), centres=centres)
        for centres in ("all", "cases")
    )
    assert (some.maxima <= every.maxima + 1e-12).all()
    assert some.maxima.mean() < every.maxima.mean()
    assert set(np.flatnonzero(counts[:, -7:].sum(1))) >= {one.centre for one in some.clusters}


def test_early_stopping_ends_at_the_same_replicate_as_drawing_all() -> None:
    points, people, tests, counts = quiet(np.random.default_rng(11))
    model, zones, windows = (
        models(people, tests, counts)["space"],
        circles(points, people, max_share=0.2),
        Windows("prospective", 7),
    )
    full = scan(model, zones, windows, rng=np.random.default_rng(9), chance=Chance(999, threads=2))
    short = scan(model, zones, windows, rng=np.random.default_rng(9), chance=Chance(999, stop_after=10, threads=2))
    assert len(short.maxima) < len(full.maxima)
    assert (short.maxima == full.maxima[: len(short.maxima)]).all()
    assert short.clusters[0].p_value == 10 / len(short.maxima)
    assert short.clusters[0].p_value == pytest.approx(full.clusters[0].p_value, abs=0.25)


def test_the_same_generator_gives_the_same_answer_and_another_another() -> None:
    points, people, tests, counts = quiet(np.random.default_rng(1))
    model, zones = models(people, tests, counts)["bernoulli"], circles(points, people)
    one, same, other = (
        scan(model, zones, Windows("prospective", 7), rng=np.random.default_rng(seed), chance=Chance(49)).maxima
        for seed in (1, 1, 2)
    )
    assert (one == same).all()
    assert (one != other).any()


def test_bernoulli_replicates_never_have_more_positives_than_tests() -> None:
    """All tests positive but one: every replicate then holds the same number, and the ratio stays finite."""
    tests = np.full((6, 3), 2)
    counts = tests.copy()
    counts[0, 0] = 1
    points = np.random.default_rng(1).random((6, 2))
    found = scan(
        bernoulli(cases_of(counts), tests),
        circles(points, tests.sum(1)),
        Windows("prospective", 2),
        rng=np.random.default_rng(1),
        chance=Chance(99),
    )
    assert np.isfinite(found.maxima).all()


def test_gumbel_recovers_what_it_was_drawn_from() -> None:
    fitted = gumbel(np.asarray(stats.gumbel_r.rvs(8.0, 1.2, size=20_000, random_state=1)))
    assert fitted.location == pytest.approx(8.0, abs=0.05)
    assert fitted.scale == pytest.approx(1.2, abs=0.03)
    assert Gumbel(8.0, 1.2).p_value(14.0) == pytest.approx(stats.gumbel_r.sf(14.0, 8.0, 1.2), rel=1e-9)
    assert Gumbel(8.0, 1.2).p_value(60.0) == pytest.approx(stats.gumbel_r.sf(60.0, 8.0, 1.2), rel=1e-9)


def test_rank_and_sequential_p_values_by_hand() -> None:
    maxima = np.array([1.0, 5.0, 2.0, 5.0, 9.0])
    assert rank_p_value(5.0, maxima) == 4 / 6
    assert rank_p_value(10.0, maxima) == 1 / 6
    assert sequential_p_value(5.0, maxima, 2) == 2 / 4
    assert sequential_p_value(8.0, maxima, 2) == 2 / 6


def test_recurrence_intervals() -> None:
    assert recurrence_interval(0.001) == pytest.approx(1000)
    assert recurrence_interval(0.01, days_between=7) == pytest.approx(700)
    assert recurrence_interval(1 - 0.999**30, earlier_analyses=29) == pytest.approx(1000)
    with pytest.raises(NotUnderstood, match="p-value"):
        recurrence_interval(0.0)


def test_weights_of_weekdays_and_trend() -> None:
    day = np.repeat(np.arange(28), np.where(np.arange(28) % 7 < 5, 4, 1))
    cases = cases_at(np.zeros(len(day), dtype=int), day, places=2, days=28)
    weights = day_of_week(cases, first_weekday=0)
    assert weights[0] == pytest.approx(4 * weights[6])
    growing = np.round(100 * 1.1 ** np.arange(14)).astype(int)
    cases = cases_of(np.stack((growing, growing)))
    trend = log_linear_trend(cases)
    assert trend[1] / trend[0] == pytest.approx(1.1, abs=0.002)
    half = log_linear_trend(cases, np.where(np.arange(14) < 7, 1.0, 2.0))
    assert half[7] / half[6] != pytest.approx(half[1] / half[0], rel=0.2)
