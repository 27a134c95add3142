"""More positives than an area's own recent past leads one to expect, with its tests as the denominator."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from pumphandle.detection.signals import Signal
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

    Raises NotUnderstood for negative counts, more positives than tests, or arrays of different length.
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
    if any((one < 0).any() for one in arrays):
        raise NotUnderstood("A count is negative. Counts are sums of standing records and cannot be.")
    if (observed > tests).any() or (baseline_positives > baseline_tests).any():
        raise NotUnderstood("An area has more positives than tests. Every positive is a test: look at the input.")


def signals(
    area_codes: list[str],
    names: list[str],
    districts: list[str | None],
    counts: tuple[Counts, Counts, Counts, Counts],
    *,
    run_date: date,
    window_days: int,
    baseline_days: int,
    recurrence_days: float,
    threshold_version: int,
) -> list[Signal]:
    """The areas whose finding chance alone would show less than once in `recurrence_days`, rarest first."""
    observed, tests, base_positives, base_tests = counts
    found = exceedance(
        observed, tests, base_positives, base_tests, window_days=window_days, baseline_days=baseline_days
    )
    rare = np.flatnonzero(found.recurrence_days >= recurrence_days)
    ranked = sorted((int(at) for at in rare), key=lambda at: (float(found.p_value[at]), area_codes[at]))
    return [
        Signal(
            signal_id=f"{area_codes[at]}/{run_date}/exceedance",
            run_date=run_date,
            area_code=area_codes[at],
            district=districts[at],
            method="exceedance",
            observed=int(observed[at]),
            expected=float(found.expected[at]),
            tests=int(tests[at]),
            baseline_positives=int(base_positives[at]),
            baseline_tests=int(base_tests[at]),
            p_value=float(found.p_value[at]),
            recurrence_days=float(found.recurrence_days[at]),
            mostly_testing=bool(found.mostly_testing[at]),
            sentence=_sentence(
                names[at], int(observed[at]), float(found.expected[at]), int(tests[at]), window_days, found, int(at)
            ),
            threshold_version=threshold_version,
        )
        for at in ranked
    ]


def _sentence(
    name: str, observed: int, expected: float, tests: int, window_days: int, found: Exceedance, at: int
) -> str:
    years = found.recurrence_days[at] / 365.25
    often = (
        "less than once in 100 years"
        if years > 100
        else f"about once in {years:.0f} years"
        if years >= 2
        else "about once a year"
    )
    testing = " Most of the rise comes from more testing." if found.mostly_testing[at] else ""
    return (
        f"{name}: {observed} positives among {tests} tests in {window_days} days,"
        f" where {_few(expected)} were to be expected."
        f" By chance alone this would happen {often} anywhere in the nation.{testing}"
    )


def _few(expected: float) -> str:
    return f"{expected:.1f}" if expected >= 0.1 else "fewer than 0.1"
