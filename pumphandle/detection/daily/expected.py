"""How many cases each area would have on each day if nothing new were going on there."""

from typing import Final

import numpy as np
import numpy.typing as npt

from pumphandle.detection.daily.known import Ground, Known
from pumphandle.detection.delays import by_age, hazards, triangle_of

Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

GUARD: Final = 14
"""Latest days that an area's own level is not learnt from: an outbreak must not raise its own expectation."""
WORTH: Final = 8.0
"""Expected cases that the nation's level is worth against the area's own (Gamma prior)."""
WEEK: Final = 7
MOST_POSITIVE: Final = 0.5
"""Share of positives above which negatives are taken not to be reported: tests then say nothing about exposure."""
LEAST: Final = 1e-9


def expected(ground: Ground, known: Known, counted: Values) -> Values:
    """(areas, days) expected counts; they sum to about as many as were counted.

    counted : (areas, days) of the cases that are to be compared with it

    exposure x the region's positivity of the week around the day x the area's own relative level. Exposure is the tests
    of area and day, as known this morning: the last days lack positives and negatives alike, so the expectation
    is thinned with them. Where negatives are not reported, exposure is each weekday's usual share, thinned by the
    completeness that the reporting triangle shows.
    Source: Gamma-Poisson shrinkage, Clayton and Kaldor 1987, Biometrics 43:671.
    """
    exposure = exposed(known, counted)
    usual = np.zeros_like(exposure)
    for region in np.unique(ground.region):
        own = ground.region == region
        usual[own] = exposure[own] * _positivity(counted[own].sum(0), exposure[own].sum(0))
    learnt = slice(0, max(known.days - GUARD, 1))
    level = (counted[:, learnt].sum(1) + WORTH) / (usual[:, learnt].sum(1) + WORTH)
    return usual * level[:, None] + LEAST


def exposed(known: Known, counted: Values) -> Values:
    """(areas, days) what cases are in proportion to while nothing is going on."""
    if tests_tell(known, counted):
        return known.tests
    weekday = np.arange(known.days) % WEEK
    share = completeness(known)
    settled = share > 0.9
    total = np.where(settled, counted.sum(0) / np.maximum(share, 0.05), 0.0)
    mean = np.bincount(weekday, total, WEEK) / np.maximum(np.bincount(weekday, settled, WEEK), 1.0)
    busy = np.where(mean.sum() > 0, mean / max(float(mean.mean()), LEAST), np.ones(WEEK))
    return np.broadcast_to(np.maximum(busy[weekday], 0.05) * share, counted.shape).copy()


def tests_tell(known: Known, counted: Values) -> bool:
    """Negatives are reported: tests are an exposure."""
    tests = float(known.tests.sum())
    return tests > 0 and float(counted.sum()) / tests <= MOST_POSITIVE


def completeness(known: Known) -> Values:
    """(days,) share of each day's cases that is known by now, all authorities together; 1 without a triangle."""
    if known.triangle is None or not known.triangle.size:
        return np.ones(known.days)
    cells = triangle_of(known.triangle.sum(axis=0)[None])
    days = cells.shape[1]
    found = by_age(hazards(cells, latest=6 * WEEK).completeness(), days)[0]
    return np.concatenate((np.ones(max(known.days - days, 0)), found))[-known.days :]


def _positivity(counted: Values, exposure: Values) -> Values:
    """(days,) counts for each unit of exposure, over the week around each day."""
    window = np.ones(WEEK)
    top, bottom = np.convolve(counted, window, "same"), np.convolve(exposure, window, "same")
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
