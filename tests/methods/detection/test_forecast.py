"""Forecasts are scored as published, beat the flat baseline on a real wave, and are shown only where they did."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumphandle.detection.forecast import LEVELS, forecast
from pumphandle.detection.nowcast import nowcast
from pumphandle.detection.scoring import covered, weighted_interval_score, worth_showing
from pumphandle.vocabulary.errors import NotUnderstood

WEEK = np.array([1.2, 1.1, 1.0, 1.0, 1.0, 0.9, 0.8])


def _wave(rate: float, *, districts: int = 30, days: int = 84, level: float = 60.0, seed: int = 1):
    rng = np.random.default_rng(seed)
    mean = level * np.exp(rate * (np.arange(days + 14) - days)) * np.resize(WEEK, days + 14)
    counts = rng.poisson(np.broadcast_to(mean, (districts, days + 14)))
    return counts[:, :days], counts[:, days:]


def test_the_score_is_the_published_one() -> None:
    """Bracher et al. 2021, 2.2: (1/2 |y - m| + sum of alpha/2 x interval score) / (K + 1/2)."""
    quantiles, observed = np.array([2.0, 5.0, 7.0, 9.0, 15.0]), 17.0
    levels = [0.05, 0.25, 0.5, 0.75, 0.95]
    interval = [(0.1, 2.0, 15.0), (0.5, 5.0, 9.0)]
    total = 0.5 * abs(observed - 7.0)
    for alpha, low, high in interval:
        total += alpha / 2 * ((high - low) + 2 / alpha * max(low - observed, 0) + 2 / alpha * max(observed - high, 0))
    assert weighted_interval_score(quantiles, levels, np.array(observed)) == pytest.approx(total / 2.5)


@given(st.lists(st.floats(0, 100), min_size=7, max_size=7), st.floats(0, 100))
def test_a_certain_forecast_scores_its_distance(values, observed) -> None:
    middle = np.full(7, values[3])
    score = weighted_interval_score(middle, LEVELS, np.array(observed))
    assert score == pytest.approx(abs(values[3] - observed), abs=1e-9)


def test_the_worked_example_of_the_page() -> None:
    """Growth of 5 % a day is followed, but held back: docs/methods/forecast.md."""
    past, coming = _wave(0.05)
    found = forecast(past)
    assert (found.model.growth > 0.9).all()
    ours, flat = (
        weighted_interval_score(one.quantiles, LEVELS, coming).mean() for one in (found.model, found.baseline)
    )
    assert ours < 0.8 * flat
    middle = found.model.quantiles[:, :, 3].sum()
    assert found.baseline.quantiles[:, :, 3].sum() < middle < coming.sum() * 1.1


def test_a_level_series_is_forecast_as_level_with_honest_width() -> None:
    held = []
    for seed in range(6):
        past, coming = _wave(0.0, seed=seed, level=8.0)
        found = forecast(past)
        held.append(covered(found.model.quantiles, LEVELS, coming).mean())
        assert found.model.quantiles[:, :, 3].mean() == pytest.approx(8.0, rel=0.1)
    assert 0.92 <= np.mean(held) <= 0.99


def test_quantiles_rise_and_no_count_is_negative() -> None:
    found = forecast(_wave(-0.05, level=2.0)[0])
    for one in (found.model, found.baseline):
        assert (np.diff(one.quantiles, axis=2) >= 0).all() and (one.quantiles >= 0).all()


def test_days_still_being_reported_are_not_taken_for_a_fall() -> None:
    past, _ = _wave(0.0)
    late = np.array([0.9, 0.8, 0.6, 0.3])
    complete = np.ones(past.shape)
    complete[:, -4:] = late
    known = np.floor(past * complete)
    naive, corrected = (forecast(known, share).model.quantiles[:, :, 3].mean() for share in (None, complete))
    assert naive < 0.9 * 60 and corrected == pytest.approx(60, rel=0.05)


def test_a_small_district_borrows_the_growth_of_its_region() -> None:
    growing, _ = _wave(0.04, districts=20)
    falling, _ = _wave(-0.04, districts=20)
    small = np.full((2, 84), 1.0)
    small[:, ::2] = 2
    pools = np.array([0] * 20 + [1] * 20 + [0, 1])
    found = forecast(np.concatenate([growing, falling, small]), pools=pools).model.quantiles[-2:, :, -1].sum(1)
    assert found[0] > found[1]


def test_shown_only_where_it_beat_the_baseline() -> None:
    ours = np.tile([0.8, 1.2, 0.8, 0.8, 0.98], (8, 1))
    flat, held = np.ones((8, 5)), np.tile([0.95, 0.95, 0.5, 0.95, 0.95], (8, 1))
    ours[:4, 3] = np.nan  # too few scored
    assert worth_showing(ours, flat, held).tolist() == [True, False, False, False, False]


def test_all_zeros_have_a_defined_answer() -> None:
    found = forecast(np.zeros((3, 60)))
    assert (found.model.quantiles[:, :, 3] == 0).all() and np.isfinite(found.model.quantiles).all()


@pytest.mark.parametrize(
    ("counts", "options"),
    [
        (np.full((1, 60), np.nan), {}),
        (np.full((1, 60), -1.0), {}),
        (np.ones((1, 55)), {}),
        (np.ones(60), {}),
        (np.ones((1, 60)), {"horizon": 0}),
        (np.ones((1, 60)), {"horizon": 29}),
        (np.ones((1, 60)), {"completeness": np.ones((1, 59))}),
        (np.ones((1, 60)), {"completeness": np.full((1, 60), np.nan)}),
        (np.ones((2, 60)), {"pools": [0]}),
    ],
)
def test_bad_input_is_named(counts, options) -> None:
    with pytest.raises(NotUnderstood):
        forecast(counts, **options)


def test_scores_of_the_wrong_shape_are_named() -> None:
    with pytest.raises(NotUnderstood):
        weighted_interval_score(np.ones((3, 7)), LEVELS, np.ones(4))
    with pytest.raises(NotUnderstood):
        weighted_interval_score(np.ones((3, 2)), [0.1, 0.9], np.ones(3))
    with pytest.raises(NotUnderstood):
        worth_showing(np.ones((3, 2)), np.ones((3, 2)), np.ones(3))


def test_on_the_second_wave_of_england(second_wave) -> None:
    """As known on each of sixteen Fridays: better than the baseline over all, and where it would have been shown."""
    ours, flat, held = [], [], []
    mornings = [date(2020, 12, 4) + timedelta(days=7 * week) for week in range(16)]
    for morning in mornings:
        now = nowcast(second_wave.triangle(morning, days=85, delays=15))
        found = forecast(now.reported[:, :-1], now.completeness[:, :-1])
        coming = second_wave.counts(morning, days=14, later=35, ahead=13)
        ours.append(weighted_interval_score(found.model.quantiles, LEVELS, coming).mean(1))
        flat.append(weighted_interval_score(found.baseline.quantiles, LEVELS, coming).mean(1))
        held.append(covered(found.model.quantiles, LEVELS, coming).mean(1))
    ours, flat, held = (np.array(one) for one in (ours, flat, held))
    assert ours.mean() < 0.92 * flat.mean()
    assert held.mean() > 0.85
    shown_ours = shown_flat = 0.0
    for week in range(9, 16):  # outcomes of the last two weeks and a bit are not known yet
        shown = worth_showing(ours[: week - 2], flat[: week - 2], held[: week - 2])
        shown_ours, shown_flat = shown_ours + ours[week][shown].sum(), shown_flat + flat[week][shown].sum()
    assert 0 < shown_ours < shown_flat
