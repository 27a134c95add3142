"""Exceedance of one morning: areas and whole authorities with more cases than their tests and their past explain."""

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from pumphandle.detection.daily.expected import tests_tell
from pumphandle.detection.daily.finding import Finding, Level, Method, alarms_a_week
from pumphandle.detection.daily.placing import Look, Strength, of_areas
from pumphandle.detection.daily.settings import Settings
from pumphandle.detection.exceedance import exceedance
from pumphandle.detection.growth import growth

Values = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]

FEWEST: Final = 3
"""Cases below which one area's rise is nothing to act on."""
LEAST_SPREAD: Final = 1.0
GROWTH_DAYS: Final = 21


def of_small_areas(look: Look, settings: Settings) -> list[Finding]:
    """Every small area against its own past; p-values are of the first case of each household."""
    groups = [np.array([area]) for area in range(look.ground.areas)]
    return _findings(look, settings, groups)


def of_districts(look: Look, settings: Settings) -> list[Finding]:
    """Every authority as a whole: the week against what was expected, spread as its earlier weeks were.

    Negative binomial with the mean expected and the variance over the mean of all authorities' earlier whole weeks: the
    wave of a whole district is never quite its region's.
    """
    known, many, window = look.known, len(look.ground.authorities), settings.window_days
    weeks = known.days // window
    if weeks < 3 or not len(known.case_keys):
        return []
    tables = np.zeros((2, many, known.days))
    np.add.at(tables[0], look.ground.authority, known.counts())
    np.add.at(tables[1], look.ground.authority, look.expected)
    observed, mean = tables[:, :, known.days - weeks * window :].reshape(2, many, weeks, window).sum(axis=3)
    past = slice(0, weeks - 1)
    told = mean[:, past] >= 1.0
    wrong = ((observed[:, past] - mean[:, past]) ** 2 / np.maximum(mean[:, past], 1.0))[told]
    spread = max(float(wrong.mean()) if wrong.size else LEAST_SPREAD, LEAST_SPREAD + 1e-6)
    now, usual = observed[:, -1], np.maximum(mean[:, -1], 1e-9)
    tail = np.asarray(
        special.betainc(np.maximum(now, 1.0), usual / (spread - 1.0), 1.0 - 1.0 / spread), dtype=np.float64
    )
    p_values = np.where(now > 0, tail, 1.0)
    days = (known.days - window, known.days - 1)
    found: list[Finding] = []
    for at in np.flatnonzero((now >= FEWEST) & (p_values < 0.05)):
        p_value = float(p_values[at])
        strength = Strength(p_value, alarms_a_week(Method.EXCEEDANCE, Level.DISTRICT, p_value))
        one = of_areas(look, Method.EXCEEDANCE, Level.DISTRICT, look.areas_of(int(at)), days, strength)
        found += [one] if one else []
    return found


def _findings(look: Look, settings: Settings, groups: list[Longs]) -> list[Finding]:
    known, authority = look.known, look.ground.authority
    window, before = settings.window_days, settings.baseline_days
    if known.days < window + before or not len(known.case_keys):
        return []
    counted = known.counts(known.first)
    told = tests_tell(known, counted)
    exposure = known.tests if told else look.expected
    tables = [np.stack([table[group].sum(axis=0) for group in groups]) for table in (counted, exposure)]
    now, past = slice(known.days - window, known.days), slice(known.days - window - before, known.days - window)
    numbers = [np.rint(part.sum(axis=1)).astype(np.int64) for part in (tables[0][:, now], tables[0][:, past])]
    exposed = [part.sum(axis=1) for part in (tables[1][:, now], tables[1][:, past])]
    if not told:  # expected cases in the place of tests: a hundred for each, so that no count exceeds them
        exposed = [100.0 * one for one in exposed]
    tests = [np.maximum(np.rint(one).astype(np.int64), count) for one, count in zip(exposed, numbers, strict=True)]
    result = exceedance(numbers[0], tests[0], numbers[1], tests[1], window_days=window, baseline_days=before)
    looks = np.bincount(authority, minlength=len(look.ground.authorities))
    days = (known.days - window, known.days - 1)
    found: list[Finding] = []
    for at in np.flatnonzero((numbers[0] >= FEWEST) & (result.p_value < 0.05)):
        p_value = float(result.p_value[at])
        rate = alarms_a_week(Method.EXCEEDANCE, Level.SMALL_AREA, p_value * float(looks[authority[at]]))
        one = of_areas(look, Method.EXCEEDANCE, Level.SMALL_AREA, groups[at], days, Strength(p_value, rate))
        found += [one] if one else []
    return found


def growth_by_authority(look: Look) -> tuple[Values, Values, Values, Values]:
    """(rate a day, lower, upper, doubling days), each (authorities,), of all cases; NaN where too few."""
    many = len(look.ground.authorities)
    table = look.known.counts()
    by_authority = np.zeros((many, look.known.days))
    np.add.at(by_authority, look.ground.authority, table)
    days = min(GROWTH_DAYS, look.known.days)
    if days < 10:
        nothing = np.full(many, np.nan)
        return nothing, nothing, nothing, nothing
    thinned = np.zeros_like(by_authority)
    np.add.at(thinned, look.ground.authority, look.known.tests)
    told = tests_tell(look.known, table)
    found = growth(by_authority, days=days, population=thinned if told else None)
    return found.rate, found.lower, found.upper, found.doubling
