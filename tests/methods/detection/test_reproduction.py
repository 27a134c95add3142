"""Reproduction numbers equal EpiEstim to 1e-9, and growth and its doubling time are what was put in."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from pumphandle.detection.growth import growth
from pumphandle.detection.reproduction import reproduction_number, serial_interval
from pumphandle.vocabulary.errors import NotUnderstood

INTERVAL = np.array([0, 0.2, 0.5, 0.3])
QUANTILES = {
    0.95: ("Quantile.0.025(R)", "Quantile.0.975(R)"),
    0.9: ("Quantile.0.05(R)", "Quantile.0.95(R)"),
    0.5: ("Quantile.0.25(R)", "Quantile.0.75(R)"),
}


@pytest.mark.parametrize("level", QUANTILES)
@pytest.mark.parametrize(
    ("data", "name", "interval"),
    [("flu2009", "parametric_2.6_1.5", None), ("flu2009", "nonparametric", "flu2009_si_distr.csv"),
     ("measles1861", "nonparametric", "measles1861_si_distr.csv")],
)  # fmt: skip
def test_equals_epiestim(shared: Path, data, name, interval, level) -> None:
    folder = shared / "reference" / "outbreak" / "other"
    observed = pl.read_csv(folder / f"{data}_incidence.csv")["I"].to_numpy()[None]
    lags = serial_interval(2.6, 1.5, 31) if interval is None else pl.read_csv(folder / interval)["w"].to_numpy()
    theirs = pl.read_csv(folder / f"{data}_R_{name}.csv", null_values="NA")
    at = theirs["t_end"].to_numpy() - 1
    ours = reproduction_number(observed, lags, level=level)
    low, high = QUANTILES[level]
    pairs = [(ours.mean, "Mean(R)"), (ours.deviation, "Std(R)"), (ours.lower, low), (ours.upper, high)]
    for found, column in pairs:
        expected = theirs[column].cast(pl.Float64).fill_null(np.nan).to_numpy()
        np.testing.assert_allclose(found[0, at], expected, rtol=1e-9)


def test_serial_interval_equals_epiestim(shared: Path) -> None:
    theirs = pl.read_csv(shared / "reference" / "outbreak" / "other" / "flu2009_discr_si_2.6_1.5.csv")["w"].to_numpy()
    np.testing.assert_allclose(serial_interval(2.6, 1.5, 31), theirs[:32], atol=1e-12)


def test_the_worked_example_of_the_page() -> None:
    """Counts that double every three days, each case infecting on the third day: docs/methods/reproduction.md."""
    observed = np.repeat(2.0 ** np.arange(2, 12), 3)[None]
    found = reproduction_number(observed, [0, 0, 0, 1.0])
    assert found.mean[0, -1] == pytest.approx(2.0, abs=0.01)
    assert found.lower[0, -1] < 2.0 < found.upper[0, -1]


@given(st.floats(1.3, 12), st.floats(0.2, 2))
def test_the_serial_interval_is_a_distribution_with_its_mean(mean, share) -> None:
    deviation = mean * share  # wider ones have a tail beyond 2,000 days
    found = serial_interval(mean, deviation, 2_000)
    assert found[0] == 0 and found.sum() == pytest.approx(1.0, abs=1e-6)
    assert (found * np.arange(2_001)).sum() == pytest.approx(mean, abs=1e-3)


@given(st.lists(st.integers(0, 400), min_size=20, max_size=20), st.floats(0.5, 0.99))
def test_the_interval_is_exact(counts, level) -> None:
    found = reproduction_number([counts], INTERVAL, level=level)
    at = slice(7, None)
    below = special.gammainc(found.shape[:, at], found.lower[:, at] / found.scale[:, at])
    above = special.gammaincc(found.shape[:, at], found.upper[:, at] / found.scale[:, at])
    np.testing.assert_allclose(below, (1 - level) / 2, rtol=1e-6)
    np.testing.assert_allclose(above, (1 - level) / 2, rtol=1e-6)


def test_no_case_at_all_leaves_the_prior() -> None:
    found = reproduction_number(np.zeros((2, 30)), INTERVAL)
    np.testing.assert_allclose(found.mean[:, 7:], 5.0)
    assert np.isnan(found.mean[:, :7]).all()


def test_counts_that_are_not_whole_are_answered_too() -> None:
    half = np.full((1, 30), 2.5)
    found = reproduction_number(half, INTERVAL)
    assert found.lower[0, -1] < found.mean[0, -1] < found.upper[0, -1]


@pytest.mark.parametrize(
    ("observed", "interval", "options"),
    [
        (np.full((1, 30), np.nan), INTERVAL, {}),
        (np.full((1, 30), -1), INTERVAL, {}),
        (np.ones(30), INTERVAL, {}),
        (np.ones((1, 7)), INTERVAL, {}),
        (np.ones((1, 30)), INTERVAL, {"window": 0}),
        (np.ones((1, 30)), [0.5, 0.5], {}),
        (np.ones((1, 30)), [0, 0.5, 0.2], {}),
        (np.ones((1, 30)), [0, 1.5, -0.5], {}),
        (np.ones((1, 30)), [0, np.nan, 1], {}),
        (np.ones((1, 30)), INTERVAL, {"prior_mean": 0.0}),
        (np.ones((1, 30)), INTERVAL, {"level": 1.0}),
    ],
)
def test_bad_input_is_named(observed, interval, options) -> None:
    with pytest.raises(NotUnderstood):
        reproduction_number(observed, interval, **options)


@pytest.mark.parametrize("bad", [(1.0, 1.0, 9), (3.0, 0.0, 9), (3.0, 1.0, 0), (float("nan"), 1.0, 9)])
def test_bad_serial_intervals_are_named(bad) -> None:
    with pytest.raises(NotUnderstood):
        serial_interval(*bad)


@given(st.floats(-0.15, 0.15))
def test_growth_is_what_was_put_in(rate) -> None:
    week = np.array([1.2, 1.1, 1, 1, 1, 0.8, 0.6])
    observed = 500 * np.exp(rate * np.arange(21)) * np.resize(week, 21)
    found = growth(observed[None])
    assert found.rate[0] == pytest.approx(rate, abs=1e-6)
    if abs(rate) > 1e-3:
        assert found.doubling[0] == pytest.approx(np.log(2) / rate, rel=1e-2)


def test_more_testing_is_not_growth() -> None:
    rng = np.random.default_rng(2)
    tests = 1000 * np.exp(0.08 * np.arange(21))[None] * np.ones((200, 1))
    observed = rng.poisson(tests * 0.03)
    apparent, real = growth(observed), growth(observed, population=tests)
    assert np.median(apparent.rate) == pytest.approx(0.08, abs=0.005)
    assert np.median(real.rate) == pytest.approx(0.0, abs=0.005)
    held = (real.lower <= 0) & (real.upper >= 0)
    assert 0.9 <= held.mean() <= 0.99


def test_growth_without_cases_is_not_told() -> None:
    observed = np.zeros((2, 21))
    observed[1, 20] = 40  # all on one day: no finite rate
    found = growth(observed)
    assert np.isnan(found.rate[0]) and (
        np.isnan(found.rate[1]) or not np.isfinite(found.upper[1]) or found.upper[1] > 1
    )


@pytest.mark.parametrize(
    ("observed", "options"),
    [(np.full((1, 21), -1.0), {}), (np.ones((1, 9)), {}), (np.ones((1, 30)), {"days": 31}),
     (np.ones((1, 30)), {"days": 5}), (np.ones((1, 30)), {"level": 0.0}), (np.ones((1, 30)), {"population": [[1.0]]})],
)  # fmt: skip
def test_bad_input_of_growth_is_named(observed, options) -> None:
    with pytest.raises(NotUnderstood):
        growth(observed, **options)
