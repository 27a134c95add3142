"""From positions of cases to a finding: whose it is, which households, how many tests."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pumphandle.detection.daily.finding import Finding, Level, Method
from pumphandle.detection.daily.known import Ground, Known

Values = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Strength:
    """How sure a method is. See Finding."""

    p_value: float
    alarms_a_week: float
    ratio: float | None = None


@dataclass(frozen=True)
class Look:
    """The morning with what every method needs of it.

    expected : (areas, days) of all cases
    """

    ground: Ground
    known: Known
    expected: Values

    def areas_of(self, authority: int) -> Longs:
        return np.flatnonzero(self.ground.authority == authority)


def of_areas(
    look: Look, method: Method, level: Level, areas: Longs, days: tuple[int, int], strength: Strength
) -> Finding | None:
    """All cases of these areas on these days, both included; None without a case."""
    known, (first, last) = look.known, days
    inside = np.isin(known.case_area, areas) & (known.case_day >= first) & (known.case_day <= last)
    cells = np.ix_(areas, np.arange(first, last + 1))
    return _finding(
        look,
        method,
        level,
        np.flatnonzero(inside),
        areas,
        days,
        strength,
        expected=float(look.expected[cells].sum()),
        tests=int(known.tests[cells].sum()),
    )


def of_cases(
    look: Look, method: Method, level: Level, cases: Longs, days: tuple[int, int], strength: Strength, expected: float
) -> Finding | None:
    """These cases, wherever they are; their areas in the order of how many lie there."""
    areas, often = np.unique(look.known.case_area[cases], return_counts=True)
    ordered = areas[np.lexsort((areas, -often))]
    return _finding(look, method, level, cases, ordered, days, strength, expected=expected, tests=None)


def _finding(
    look: Look,
    method: Method,
    level: Level,
    cases: Longs,
    areas: Longs,
    days: tuple[int, int],
    strength: Strength,
    *,
    expected: float,
    tests: int | None,
) -> Finding | None:
    if not len(cases):
        return None
    ground, known = look.ground, look.known
    _, at_home = np.unique(known.case_household[cases], return_counts=True)
    authorities = np.bincount(ground.authority[known.case_area[cases]], minlength=len(ground.authorities))
    return Finding(
        method=method,
        level=level,
        authority=ground.authorities[int(np.argmax(authorities))],
        areas=tuple(ground.area_codes[int(one)] for one in areas),
        first=known.date_of(days[0]),
        last=known.date_of(days[1]),
        cases=tuple(sorted(known.case_keys[int(one)] for one in cases)),
        households=len(at_home),
        largest_household=int(at_home.max()),
        tests=tests,
        expected=expected,
        ratio=strength.ratio,
        p_value=strength.p_value,
        alarms_a_week=strength.alarms_a_week,
        mostly_testing=tests is not None and _mostly_testing(look, areas, days, len(cases)),
    )


def _mostly_testing(look: Look, areas: Longs, days: tuple[int, int], observed: int) -> bool:
    """More than half of the rise over the time before would have come from today's tests at the old positivity."""
    before = slice(0, days[0])
    if days[0] == 0:
        return False
    counted = np.isin(look.known.case_area, areas) & (look.known.case_day < days[0])
    tests, length = look.known.tests[areas], days[1] + 1 - days[0]
    usual = float(counted.sum()) * length / days[0]
    now, then = float(tests[:, days[0] : days[1] + 1].sum()), float(tests[:, before].sum())
    if then <= 0 or now * days[0] <= then * length:
        return False
    old_positivity = counted.sum() / then
    return observed > usual and (now * old_positivity - usual) > 0.5 * (observed - usual)
