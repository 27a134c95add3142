"""More positives than an area's own recent past leads one to expect, with its tests as the denominator."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from pumphandle.vocabulary.errors import NotUnderstood

PRIOR_CASES: Final = 0.5  # positives that the nation's positivity adds to every baseline (Jeffreys' half)

Counts = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Exceedance:
    """One value an area.

    expected : positives; p_value : chance of at least as many were nothing new; recurrence_days : days
    """

    expected: Values
    p_value: Values
    recurrence_days: Values
    mostly_testing: npt.NDArray[np.bool_]


def exceedance(
    observed: Counts,
    tests: Counts,
    baseline_positives: Counts,
    baseline_tests: Counts,
    *,
    window_days: int,
    baseline_days: int,
) -> Exceedance:
    """Gamma-Poisson prediction for each area.

    observed, tests : (areas,) positives and tests of the last `window_days` days by specimen date
    baseline_positives, baseline_tests : (areas,) of the `baseline_days` days before them

    Positives per test have a Gamma posterior from the baseline and a prior worth PRIOR_CASES positives at the
    nation's positivity; the prediction for `tests` further tests is negative binomial. The uncertainty of a short
    past thereby widens the expectation instead of hiding. `recurrence_days`: chance alone shows a p this small
    somewhere in the nation once in so many days, at one look a day. A rise is mostly testing when more than
    half of it would have come from more tests at the old positivity.

    Raises NotUnderstood for missing or negative counts, more positives than tests, or arrays of different length.
    Source: Gelman et al., Bayesian Data Analysis 3rd ed., 2.6; recurrence interval: Kleinman et al. 2004, AJE 159:217.
    """
    _check(observed, tests, baseline_positives, baseline_tests)
    national = (baseline_positives.sum() + PRIOR_CASES) / (baseline_tests.sum() + 1.0)
    shape = baseline_positives + PRIOR_CASES
    rate = baseline_tests + PRIOR_CASES / national
    expected = tests * shape / rate
    p_value = np.where(observed > 0, special.betainc(np.maximum(observed, 1), shape, tests / (rate + tests)), 1.0)
    usual = baseline_positives * (window_days / baseline_days)
    mostly_testing = (observed > usual) & ((expected - usual) > 0.5 * (observed - usual))
    areas = max(len(observed), 1)
    recurrence = 1.0 / np.maximum(p_value * areas, 1e-12)
    return Exceedance(expected=expected, p_value=p_value, recurrence_days=recurrence, mostly_testing=mostly_testing)


def _check(observed: Counts, tests: Counts, baseline_positives: Counts, baseline_tests: Counts) -> None:
    arrays = (observed, tests, baseline_positives, baseline_tests)
    if len({one.shape for one in arrays}) != 1 or observed.ndim != 1:
        raise NotUnderstood("Counts must be arrays of one dimension and equal length, one value an area.")
    if not all(np.isfinite(one).all() for one in arrays):
        raise NotUnderstood("A count is missing (NaN): an area that is not known is not quiet.")
    if any((one < 0).any() for one in arrays):
        raise NotUnderstood("A count is negative. Counts are sums of standing records and cannot be.")
    if (observed > tests).any() or (baseline_positives > baseline_tests).any():
        raise NotUnderstood("An area has more positives than tests. Every positive is a test: look at the input.")
