"""A forecast is shown only where its like, made from earlier mornings with what was known then, beat the baseline."""

import numpy as np

from pumphandle.detection.daily.ahead import HORIZON, LEAST_DAYS, ahead

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
