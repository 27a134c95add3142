"""How far a change in cases is one in testing: cases = tests x cases per test, and the two factors share the change."""

from dataclasses import dataclass
from enum import StrEnum
from math import log, sqrt
from typing import Final

FEWEST: Final = 10
"""Cases in each of the two spans; below, a change is chance as likely as not, and nothing is said."""
NOTABLE: Final = 1.1
"""A change by less than a tenth is not one."""
MOSTLY: Final = 0.5


class Change(StrEnum):
    """What may be said of seven days against the seven before."""

    UNSAID = "unsaid"
    STEADY = "steady"
    FALL = "fall"
    RISE_MORE_TESTING = "rise_more_testing"
    RISE_BEYOND_TESTING = "rise_beyond_testing"


@dataclass(frozen=True)
class Reading:
    """`cases`, `tests`: the factor by which they changed; `share`: of a rise in cases, the part that tests explain."""

    change: Change
    cases: float | None = None
    tests: float | None = None
    share: float | None = None


def read_change(cases: float | None, before: float | None, tests: float | None, tests_before: float | None) -> Reading:
    """Seven days against the seven before. A change within what chance does to counts is not said to be one."""
    if not tests or not tests_before or cases is None or before is None or min(cases, before) < FEWEST:
        return Reading(Change.UNSAID)
    ratio, tested = cases / before, tests / tests_before
    if abs(cases - before) < 2 * sqrt(cases + before) or 1 / NOTABLE < ratio < NOTABLE:
        return Reading(Change.STEADY, ratio, tested)
    if ratio < 1:
        return Reading(Change.FALL, ratio, tested)
    share = min(1.0, max(0.0, log(tested) / log(ratio)))
    change = Change.RISE_MORE_TESTING if share >= MOSTLY else Change.RISE_BEYOND_TESTING
    return Reading(change, ratio, tested, share)
