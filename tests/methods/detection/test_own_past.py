"""Two further detectors of R's surveillance, `bayes` and `stcd`, are met to the last digit; bad input has a name."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from pumphandle.detection.own_past import own_past
from pumphandle.detection.point_events import rising_since
from pumphandle.vocabulary.errors import NotUnderstood


def test_bayes_equals_surveillance(shared: Path) -> None:
    folder = shared / "reference" / "outbreak" / "surveillance"
    observed = pl.read_csv(folder / "salmonella_agona_input.csv")["observed"].to_numpy()[None]
    theirs = pl.read_csv(folder / "salmonella_agona_bayes_b2_w6.csv")
    at = theirs["t"].to_numpy() - 1
    upper = own_past(observed, at.tolist(), years=2, half_width=6, recent=True, alpha=0.05)
    np.testing.assert_array_equal(upper[0], theirs["upperbound"].to_numpy())
    np.testing.assert_array_equal(observed[0, at] > upper[0], theirs["alarm"].to_numpy() == 1)


def test_stcd_equals_surveillance(shared: Path) -> None:
    theirs = pl.read_csv(shared / "reference" / "outbreak" / "other" / "stcd_input_output.csv")
    found = rising_since(theirs.select("x", "y").to_numpy(), theirs["t"].to_numpy(), radius=0.1, factor=1.5)
    np.testing.assert_allclose(found, theirs["R"].to_numpy(), rtol=1e-12)
    assert int(np.argmax(found > 50.0)) + 1 == 46  # idxFA, the first alarm


def test_the_prediction_is_the_textbook_s() -> None:
    """Three weeks with two cases in all: NB(2.5, 3/4)."""
    found = own_past([[1, 0, 1, 9]], [3], years=0, half_width=3)
    assert found[0, 0] == stats.nbinom.ppf(0.95, 2.5, 0.75)


def test_many_series_are_each_its_own() -> None:
    counts = np.random.default_rng(1).poisson(3.0, (20, 60))
    together = own_past(counts, [58, 59], years=1, half_width=2, year=26)
    for at, one in enumerate(counts):
        np.testing.assert_array_equal(own_past(one[None], [58, 59], years=1, half_width=2, year=26)[0], together[at])


def test_events_in_one_place_raise_an_alarm_and_scattered_ones_do_not() -> None:
    rng = np.random.default_rng(2)
    scattered, times = rng.random((80, 2)), np.arange(80.0)
    gathered = scattered.copy()
    gathered[60:] = 0.5 + 0.01 * rng.random((20, 2))
    quiet, loud = (rising_since(one, times, radius=0.05, factor=3.0) for one in (scattered, gathered))
    assert loud[-1] > 1e4 > quiet.max()
    np.testing.assert_array_equal(quiet[:60], loud[:60])


@pytest.mark.parametrize(
    ("at", "options"),
    [([5], {}), ([400], {}), ([], {}), ([200], {"half_width": 0}), ([200], {"alpha": 1.0}),
     ([200], {"years": 0, "recent": False})],
)  # fmt: skip
def test_a_past_that_is_too_short_is_named(at: list[int], options: dict[str, Any]) -> None:
    with pytest.raises(NotUnderstood):
        own_past(np.ones((1, 300)), at, **options)


@pytest.mark.parametrize(
    ("points", "times", "radius", "factor"),
    [
        ([[0, 0], [1, 1]], [1, 1], 1.0, 2.0),
        ([[0, 0], [1, 1]], [2, 1], 1.0, 2.0),
        ([[0, 0], [np.nan, 1]], [1, 2], 1.0, 2.0),
        ([[0, 0], [1, 1]], [1, 2], 0.0, 2.0),
        ([[0, 0], [1, 1]], [1, 2], 1.0, 1.0),
        ([0, 1], [1, 2], 1.0, 2.0),
    ],
)
def test_events_that_make_no_sense_are_named(points, times, radius: float, factor: float) -> None:
    with pytest.raises(NotUnderstood):
        rising_since(points, times, radius=radius, factor=factor)
