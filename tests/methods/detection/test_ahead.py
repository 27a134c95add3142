"""A forecast is shown only where its like, made from earlier mornings with what was known then, beat the baseline."""

from datetime import date

import numpy as np

from pumphandle.detection.daily.ahead import HORIZON, LEAST_DAYS, ahead
from pumphandle.detection.forecast import LEVELS, forecast
from pumphandle.detection.nowcast import nowcast
from pumphandle.detection.scoring import covered, weighted_interval_score

SHARES = np.array([0.5, 0.3, 0.2])


def triangle(rate: float, days: int = 126) -> np.ndarray:
    """Four authorities whose cases grow at a rate a day, reported over three days."""
    mean = 40.0 * np.exp(rate * (np.arange(days) - days))[None].repeat(4, axis=0) + 20.0
    counts = np.random.default_rng(3).poisson(mean)
    return np.random.default_rng(4).multinomial(counts, SHARES).astype(np.float64)


def test_a_steady_wave_is_worth_telling_and_a_flat_summer_is_not() -> None:
    wave, flat = ahead(triangle(0.04)), ahead(triangle(0.0))
    assert wave is not None and flat is not None
    assert wave.quantiles.shape == (4, HORIZON, 7)
    assert wave.shown.sum() >= 3
    assert (wave.ratio[wave.shown] < 1.0).all()
    assert not flat.shown.any()
    assert (np.diff(wave.quantiles, axis=2) >= 0).all()


def test_too_short_a_past_says_nothing() -> None:
    assert ahead(triangle(0.04, LEAST_DAYS - 1)) is None
    assert ahead(triangle(0.04, LEAST_DAYS)) is not None


def test_what_arrived_later_does_not_change_what_was_said_then() -> None:
    cells = triangle(0.03)
    later = cells.copy()
    later[:, -1, 1:] = 1_000.0  # not known yet on the last day
    one, other = ahead(cells), ahead(later)
    assert one is not None and other is not None
    assert np.array_equal(one.quantiles, other.quantiles)


def test_on_england_s_real_revisions_it_is_shown_in_a_wave_and_was_right_to_be(second_wave) -> None:
    """Monday, 15 February 2021: shown in some districts, after six earlier mornings; and the fortnight proved it."""
    monday = date(2021, 2, 15)
    cells = second_wave.triangle(monday, days=126, delays=15)
    found = ahead(cells)
    assert found is not None
    assert 0.1 < found.shown.mean() < 0.9
    now = nowcast(cells)
    flat = forecast(now.reported, now.completeness).baseline
    came = second_wave.counts(monday, days=HORIZON, later=35, ahead=HORIZON)
    ours, theirs = (
        weighted_interval_score(one, LEVELS, came).mean(axis=1) for one in (found.quantiles, flat.quantiles)
    )
    assert ours[found.shown].sum() < 0.97 * theirs[found.shown].sum()
    assert covered(found.quantiles, LEVELS, came)[found.shown].mean() > 0.85
