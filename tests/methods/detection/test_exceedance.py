"""A rise is found, more testing alone is not a rise, and on quiet data false alarms keep to the promised rate."""

import numpy as np
import pytest

from pumphandle.detection.exceedance import Counts, exceedance
from pumphandle.vocabulary.errors import NotUnderstood

DAYS = {"window_days": 7, "baseline_days": 28}


def counts(*values: int) -> Counts:
    return np.array(values, dtype=np.int64)


def test_the_expectation_follows_the_tests() -> None:
    found = exceedance(counts(4, 4), counts(100, 1000), counts(16, 16), counts(400, 400), **DAYS)
    assert found.expected[1] == pytest.approx(10 * found.expected[0])
    assert found.p_value[0] > 0.3


def test_more_testing_alone_is_no_signal_and_is_called_by_its_name() -> None:
    found = exceedance(counts(40), counts(1000), counts(16), counts(400), **DAYS)
    assert found.p_value[0] > 0.1
    assert found.mostly_testing[0]


def test_a_rise_in_positivity_is() -> None:
    found = exceedance(counts(40), counts(100), counts(16), counts(400), **DAYS)
    assert found.p_value[0] < 1e-6
    assert not found.mostly_testing[0]


def test_an_area_without_a_past_is_judged_by_the_nation() -> None:
    found = exceedance(counts(0, 3), counts(10, 10), counts(100, 0), counts(10_000, 0), **DAYS)
    assert 0.05 < found.expected[1] < 0.2
    assert found.p_value[1] < 0.05


def test_no_tests_expect_nothing_and_signal_nothing() -> None:
    found = exceedance(counts(0), counts(0), counts(0), counts(0), **DAYS)
    assert (found.expected[0], found.p_value[0]) == (0.0, 1.0)


def test_the_prediction_is_the_negative_binomial_of_the_book() -> None:
    """One area, no prior to speak of: P(X >= 3) by direct summation over the Gamma posterior."""
    rng = np.random.default_rng(7)
    found = exceedance(counts(12), counts(100), counts(20), counts(400), **DAYS)
    national = (20 + 0.5) / (400 + 1.0)
    rates = rng.gamma(20 + 0.5, 1 / (400 + 0.5 / national), 400_000)
    drawn = (rng.poisson(rates * 100) >= 12).mean()
    assert found.p_value[0] == pytest.approx(drawn, rel=0.05)


def test_quiet_data_keep_to_the_promised_false_alarms() -> None:
    rng = np.random.default_rng(1854)
    areas, days, recurrence = 600, 120, 20.0
    alarms = 0
    for _ in range(days):
        tests, base_tests = rng.integers(20, 200, areas), rng.integers(80, 800, areas)
        observed, base = rng.binomial(tests, 0.02), rng.binomial(base_tests, 0.02)
        found = exceedance(observed, tests, base, base_tests, **DAYS)
        alarms += int((found.recurrence_days >= recurrence).sum())
    assert alarms <= 2 * days / recurrence
    assert alarms > 0


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ((counts(3), counts(2), counts(0), counts(0)), "more positives than tests"),
        ((counts(-1), counts(2), counts(0), counts(0)), "negative"),
        ((counts(1, 1), counts(2), counts(0), counts(0)), "equal length"),
        ((np.array([np.nan]), counts(2), counts(0), counts(0)), "missing"),
        ((counts(1), counts(2), counts(0), np.array([np.nan])), "missing"),
    ],
)
def test_impossible_counts_are_refused(given: tuple[Counts, Counts, Counts, Counts], fault: str) -> None:
    with pytest.raises(NotUnderstood, match=fault):
        exceedance(*given, **DAYS)


def test_nothing_but_zeros_is_quiet_in_many_areas_and_in_one() -> None:
    for areas in (1, 3):
        nothing = counts(*[0] * areas)
        found = exceedance(nothing, nothing, nothing, nothing, **DAYS)
        assert (found.p_value == 1.0).all()
        assert not found.mostly_testing.any()


def test_the_worked_example_of_the_page() -> None:
    found = exceedance(counts(12), counts(100), counts(20), counts(400), **DAYS)
    assert found.expected[0] == pytest.approx(5.0, abs=0.05)
    assert found.p_value[0] == pytest.approx(0.013, abs=0.0005)
    assert found.recurrence_days[0] == pytest.approx(80, rel=0.02)
