"""Findings of the machine: a signal is not yet a cluster, and a cluster not yet an outbreak."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Signal:
    """One area, one day, one method.

    observed, tests : positives and tests of the window (persons' results, by specimen date)
    expected : positives that the area's own past and today's tests lead one to expect
    baseline_positives, baseline_tests : the past that `expected` stands on
    p_value : chance of at least `observed` if nothing had changed
    recurrence_days : how often chance alone would show as much somewhere in the nation, in days
    mostly_testing : the positives rose, the positivity did not
    """

    signal_id: str
    run_date: date
    area_code: str
    district: str | None
    method: str
    observed: int
    expected: float
    tests: int
    baseline_positives: int
    baseline_tests: int
    p_value: float
    recurrence_days: float
    mostly_testing: bool
    sentence: str
    threshold_version: int
