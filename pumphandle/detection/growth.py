"""How fast counts grow or shrink just now: rate a day and doubling time, weekdays and tests allowed for."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from pumphandle.detection import glm
from pumphandle.detection.series import Values, series_counts, series_population
from pumphandle.vocabulary.errors import NotUnderstood

WEEK: Final = 7
BLOCK: Final = 512


@dataclass(frozen=True)
class Growth:
    """Each (series,); NaN where there are too few cases to tell.

    rate, lower, upper : of the log count per day, and its interval; 0.05 = 5 % a day
    doubling           : days until the count doubles; negative = days until it halves; infinite = neither
    dispersion         : variance over mean, at least 1
    """

    rate: Values
    lower: Values
    upper: Values
    doubling: Values
    dispersion: Values


def growth(
    observed: npt.ArrayLike,
    *,
    days: int = 21,
    population: npt.ArrayLike | None = None,
    level: float = 0.95,
    fewest: int = 5,
) -> Growth:
    """Growth over the last `days` of each series: quasi-Poisson, log-linear, one level a weekday.

    observed   : (series, times) counts a day; NaN = missing
    population : (series, times) to which counts are proportional (tests), or None; days with 0 are left out
    level      : of the interval (Student's t); fewest : cases in the window below which there is no answer

    A series whose cases all fall on few days has no finite rate and gets NaN.

    Raises NotUnderstood for negative counts, a window longer than the series or shorter than ten days.
    Source: McCullagh & Nelder, Generalized Linear Models, 2nd ed., 6; as AFFA, Epidemiol Infect 2025;153:e28.
    """
    counts = series_counts(observed)
    if not 10 <= days <= counts.shape[1]:
        raise NotUnderstood(f"The window must have at least 10 days and fit the series' {counts.shape[1]}.")
    if not 0 < level < 1:
        raise NotUnderstood("The level lies between 0 and 1.")
    people = None if population is None else series_population(population, counts)[:, -days:]
    time = np.arange(days, dtype=np.float64)
    design = glm.Design(time, np.arange(days) % WEEK)
    parts = [
        _growth(counts[block, -days:], None if people is None else people[block], design, level, fewest)
        for block in (slice(top, top + BLOCK) for top in range(0, len(counts), BLOCK))
    ]
    return Growth(*(np.concatenate(values) for values in zip(*parts, strict=True)))


def _growth(
    counts: Values, people: Values | None, design: glm.Design, level: float, fewest: int
) -> tuple[Values, Values, Values, Values, Values]:
    """In the order of Growth's fields."""
    data = glm.past(counts[:, design.order], None if people is None else people[:, design.order])
    fit = glm.fit(data, design, trend=np.ones(len(counts), dtype=np.bool_))
    dispersion = np.maximum(fit.dispersion(), 1.0)
    known = fit.converged & (fit.freedom > 0) & (fit.curvature.slope > 0) & (data.observed.sum(1) >= fewest)
    rate = np.where(known, fit.slopes / design.unit, np.nan)
    width = np.asarray(special.stdtrit(fit.freedom, (1.0 + level) / 2.0), dtype=np.float64)
    half = width * np.sqrt(dispersion * fit.curvature.slope) / design.unit
    with np.errstate(divide="ignore"):
        doubling = np.log(2.0) / rate
    return rate, rate - half, rate + half, doubling, np.where(known, dispersion, np.nan)
