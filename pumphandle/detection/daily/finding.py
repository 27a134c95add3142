"""What one method says about one place and stretch of days."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class Method(StrEnum):
    """How it was found."""

    POSTCODE_SCAN = "scan of postcodes"
    AREA_SCAN = "scan of areas"
    EXCEEDANCE = "exceedance"
    LINKS = "linked cases"


class Level(StrEnum):
    """What was looked at."""

    POSTCODE = "postcode"
    SMALL_AREA = "small_area"
    DISTRICT = "district"
    PLACE = "place"


SHARES: Final = {
    (Method.POSTCODE_SCAN, Level.POSTCODE): 0.45,
    (Method.LINKS, Level.POSTCODE): 0.18,
    (Method.LINKS, Level.PLACE): 0.15,
    (Method.AREA_SCAN, Level.SMALL_AREA): 0.09,
    (Method.EXCEEDANCE, Level.SMALL_AREA): 0.10,
    (Method.EXCEEDANCE, Level.DISTRICT): 0.03,
}
"""What part of the false alarms each method may raise; without postcodes or places the others share theirs."""

DAYS_A_WEEK: Final = 7.0
STRETCH: Final = {
    (Method.POSTCODE_SCAN, Level.POSTCODE): 2.0,
    (Method.AREA_SCAN, Level.SMALL_AREA): 2.8,
    (Method.EXCEEDANCE, Level.SMALL_AREA): 5.0,
    (Method.EXCEEDANCE, Level.DISTRICT): 5.0,
    (Method.LINKS, Level.POSTCODE): 0.22,
    (Method.LINKS, Level.PLACE): 0.36,
}
"""Alarms of quiet made-up seasons over what the method's own chance says, at about the rate that its part allows: real
cases cluster more than any null, and a chance finding lasts some days and is told once (linked cases up to three weeks:
their factor is below 1). See docs/decisions/0010."""


def alarms_a_week(method: Method, level: Level, a_morning: float) -> float:
    """From findings that the method's own chance brings an authority each morning."""
    return DAYS_A_WEEK * STRETCH[method, level] * a_morning


@dataclass(frozen=True)
class Finding:
    """Ranked by `alarms_a_week`: the fewer, the stronger.

    authority : the one with most of the cases; areas : small areas, nearest first
    first, last : specimen days, both included
    cases : their keys, sorted; households : how many; largest_household : cases of the one with most
    tests, expected : tests of these areas and days (None: not told, as among postcodes), cases expected there
    ratio : log-likelihood ratio of a scan, or None; p_value : of the method itself, for the whole look
    alarms_a_week : findings at least as strong that chance alone brings this authority in a week, by this method
    mostly_testing : more tests at the old positivity explain more than half of the rise
    """

    method: Method
    level: Level
    authority: str
    areas: tuple[str, ...]
    first: date
    last: date
    cases: tuple[str, ...]
    households: int
    largest_household: int
    tests: int | None
    expected: float
    ratio: float | None
    p_value: float
    alarms_a_week: float
    mostly_testing: bool

    @property
    def observed(self) -> int:
        return len(self.cases)

    @property
    def largest_share(self) -> float:
        """Share of the cases that live at one address."""
        return self.largest_household / len(self.cases) if self.cases else 0.0
