"""Nowcasts equal R's surveillance on the E. coli outbreak of 2011, and hold what came on real revision histories."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumphandle.detection.delays import by_age, hazards, known, triangle_of
from pumphandle.detection.nowcast import nowcast
from pumphandle.detection.nowcast_classic import bayes, lawless
from pumphandle.vocabulary.errors import NotUnderstood


def _ecoli(shared: Path, name: str):
    folder = shared / "reference" / "outbreak" / "other"
    triangle = pl.read_csv(folder / "huso104_reporting_triangle.csv", null_values="NA").drop("date")
    delays = pl.read_csv(folder / f"huso104_delaycdf_{name}.csv")["cdf"].to_numpy()
    theirs = pl.read_csv(folder / f"huso104_nowcast_{name}.csv")
    return triangle.cast(pl.Float64).to_numpy()[None], delays[:16], theirs


def test_lawless_equals_surveillance(shared: Path) -> None:
    triangle, delays, theirs = _ecoli(shared, "lawless")
    np.testing.assert_allclose(hazards(triangle_of(triangle)).completeness()[0, 0], delays, rtol=1e-12)
    ours = lawless(triangle, compatible=True)
    for found, column in [
        (ours.reported, "reported_so_far"),
        (ours.median, "predicted"),
        (ours.lower, "lo"),
        (ours.upper, "hi"),
    ]:
        np.testing.assert_array_equal(found[0, -7:], theirs[column].to_numpy())


@pytest.mark.parametrize(("name", "truncated"), [("bayes.trunc", True), ("bayes.notrunc", False)])
def test_bayes_equals_surveillance_but_for_chance(shared: Path, name: str, truncated: bool) -> None:
    triangle, delays, theirs = _ecoli(shared, name)
    rng = np.random.default_rng(20110602)
    ours = bayes(triangle, prior_mean=50, prior_variance=3000, truncated=truncated, draws=4000, rng=rng)
    np.testing.assert_allclose(ours.completeness[0, ::-1][:16], delays, atol=0.003)
    width = (theirs["hi"] - theirs["lo"]).to_numpy()
    for found, column in [(ours.median, "predicted"), (ours.lower, "lo"), (ours.upper, "hi")]:
        assert (np.abs(found[0, -7:] - theirs[column].to_numpy()) <= 0.1 * width).all()


def _simulated(rng, *, series=40, days=90, mean=20.0, delay=(0.1, 0.3, 0.3, 0.2, 0.1)):
    counts = rng.poisson(mean, (series, days))
    return rng.multinomial(counts, delay).astype(float)


def test_the_worked_example_of_the_page() -> None:
    """Ten cases a day, half reported at once, half the day after: docs/methods/nowcast.md."""
    triangle = np.full((1, 60, 2), 5.0)
    found = nowcast(triangle)
    assert found.completeness[0, -2:].tolist() == [1.0, 0.5]
    assert found.reported[0, -1] == 5 and found.mean[0, -1] == pytest.approx(10.0, abs=0.01)
    assert found.lower[0, -1] <= 10 <= found.upper[0, -1] and found.upper[0, -2] == 10


def test_intervals_hold_what_comes_as_often_as_they_say() -> None:
    rng = np.random.default_rng(1)
    held = []
    for _ in range(4):
        triangle = _simulated(rng, series=100)
        found = nowcast(triangle, level=0.9)
        final = triangle.sum(2)[:, -4:]
        held.append(((final >= found.lower[:, -4:]) & (final <= found.upper[:, -4:])).mean())
    assert 0.86 <= np.mean(held) <= 0.98


def test_what_is_not_yet_known_plays_no_part() -> None:
    triangle = _simulated(np.random.default_rng(2))
    hidden = triangle.copy()
    hidden[:, ~known(90, 5)] = np.nan
    for name in ("mean", "lower", "upper"):
        np.testing.assert_array_equal(getattr(nowcast(triangle), name), getattr(nowcast(hidden), name))


def test_an_area_without_a_report_today_is_not_taken_for_free_of_cases() -> None:
    rng = np.random.default_rng(3)
    triangle = _simulated(rng, mean=2.0)
    triangle[0, -1] = 0
    assert nowcast(triangle).mean[0, -1] > 0.5
    assert lawless(triangle).median[0, -1] == 0  # why it is not the default


def test_pools_with_other_delays_are_kept_apart() -> None:
    rng = np.random.default_rng(4)
    quick, slow = _simulated(rng, delay=(0.8, 0.2)), _simulated(rng, delay=(0.2, 0.8))
    found = nowcast(np.concatenate([quick, slow]), np.repeat([0, 1], 40))
    assert found.completeness[0, -1] == pytest.approx(0.8, abs=0.03)
    assert found.completeness[-1, -1] == pytest.approx(0.2, abs=0.03)


def test_counts_that_go_down_later_widen_the_interval_downwards() -> None:
    rng = np.random.default_rng(5)
    triangle = _simulated(rng)
    removed = rng.random((40, 90)) < 0.3
    triangle[:, :, 4] -= np.minimum(removed * 5, triangle[:, :, :4].sum(2))
    found = nowcast(triangle)
    assert (found.lower[:, -4] < found.reported[:, -4]).mean() > 0.9


@given(st.integers(1, 6), st.integers(0, 400))
def test_settled_days_are_what_they_are(delays, seed) -> None:
    rng = np.random.default_rng(seed)
    triangle = rng.poisson(3.0, (3, 45, delays)).astype(float)
    found = nowcast(triangle)
    settled = slice(0, 45 - delays + 1)
    for values in (found.mean, found.lower, found.upper):
        np.testing.assert_allclose(values[:, settled], triangle.sum(2)[:, settled])
    assert (found.lower <= found.mean + 1).all() and (found.upper >= found.reported).all()


@given(st.integers(0, 1000))
def test_completeness_rises_with_age_when_nothing_is_taken_back(seed) -> None:
    cells = triangle_of(np.random.default_rng(seed).poisson(1.0, (2, 20, 6)))
    complete = by_age(hazards(cells).completeness(), 20)
    assert (np.diff(complete, axis=1) <= 1e-12).all() and (complete[:, 0] == 1).all()


def test_all_zeros_have_a_defined_answer() -> None:
    found = nowcast(np.zeros((2, 60, 5)))
    assert (found.lower == 0).all() and np.isfinite(found.upper).all() and (found.mean < 0.1).all()


@pytest.mark.parametrize(
    ("triangle", "options"),
    [
        (np.ones((3, 40)), {}),
        (np.ones((0, 40, 4)), {}),
        (np.ones((1, 3, 4)), {}),
        (np.full((1, 40, 4), np.nan), {}),
        (np.full((1, 40, 4), -1.0), {}),
        (np.ones((2, 40, 4)), {"pools": [0]}),
        (np.ones((2, 40, 4)), {"pools": [0, -1]}),
        (np.ones((2, 40, 4)), {"level": 1.0}),
        (np.ones((2, 40, 4)), {"latest": 3}),
    ],
)
def test_bad_input_is_named(triangle, options) -> None:
    with pytest.raises(NotUnderstood):
        nowcast(triangle, **options)


def test_a_prior_without_room_is_named() -> None:
    with pytest.raises(NotUnderstood):
        bayes(np.ones((1, 40, 4)), prior_mean=5, prior_variance=5, rng=np.random.default_rng(0))


def test_real_revisions_of_england_are_foreseen(second_wave) -> None:
    """Upper-tier areas on five mornings of the second wave: nearer than the raw count, and 95 % holds 90 % or more."""
    ours, raw, held = [], [], []
    for morning in (date(2020, 11, 27), date(2021, 1, 9), date(2021, 2, 12), date(2021, 3, 9), date(2021, 4, 10)):
        found = nowcast(second_wave.triangle(morning, days=70, delays=15))
        age = 70 - 1 - np.array([1, 2, 3, 4])
        final = second_wave.counts(morning, days=70, later=28)[:, age]
        ours.append(np.abs(found.mean[:, age] - final).sum())
        raw.append(np.abs(found.reported[:, age] - final).sum())
        held.append(((final >= found.lower[:, age]) & (final <= found.upper[:, age])).mean())
    assert sum(ours) < 0.8 * sum(raw)
    assert np.mean(held) >= 0.9
