"""How many people one case infects, as it changes in time (Cori's method), for thousands of series at once."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from pumphandle.detection.series import Values, series_counts
from pumphandle.vocabulary.errors import NotUnderstood

TABLE: Final = 2_000_000  # window totals up to this share one table of quantiles
BLOCK: Final = 64  # series at once: a block and its copies stay in a core's own memory


@dataclass(frozen=True)
class Reproduction:
    """Each (series, times), for the window that ends at that time; NaN where no estimate can be given.

    shape, scale : of the gamma distribution that is the answer; the rest are its mean, deviation and interval
    """

    shape: Values
    scale: Values
    mean: Values
    deviation: Values
    lower: Values
    upper: Values


def serial_interval(mean: float, deviation: float, longest: int) -> Values:
    """(longest + 1,) chance that the next case follows 0, 1, ... `longest` days after: a gamma shifted by one day.

    mean, deviation : days, of the interval; the mean above 1

    Raises NotUnderstood for a mean of 1 day or less, no deviation, or no days.
    Source: Cori et al. 2013, Am J Epidemiol 178:1505, web appendix 11. Oracle: EpiEstim 2.2.4, discr_si.
    """
    if not (mean > 1 and deviation > 0 and longest >= 1) or not np.isfinite(mean + deviation):
        raise NotUnderstood("A serial interval needs a mean above 1 day, a deviation above 0 and at least one day.")
    shape, scale = ((mean - 1.0) / deviation) ** 2, deviation**2 / (mean - 1.0)
    day = np.arange(-2, longest + 1, dtype=np.float64)
    below = special.gammainc(shape, np.maximum(day, 0.0) / scale)
    partial = shape * scale * special.gammainc(shape + 1.0, np.maximum(day, 0.0) / scale)
    integral = day * below - partial  # of the distribution function from 0 to the day
    return np.maximum(integral[2:] - 2.0 * integral[1:-1] + integral[:-2], 0.0)


def reproduction_number(
    observed: npt.ArrayLike,
    interval: npt.ArrayLike,
    *,
    window: int = 7,
    prior_mean: float = 5.0,
    prior_deviation: float = 5.0,
    level: float = 0.95,
) -> Reproduction:
    """Reproduction number over each `window` of days.

    observed : (series, times) new cases a day, none missing; the first day's are taken to come from elsewhere
    interval : (lags,) serial interval, chance of lag 0, 1, ... days; lag 0 must be 0, the sum 1
    prior_mean, prior_deviation : of a gamma distribution before any case is seen
    level    : of the interval, exact (gamma quantiles)

    No estimate before a window ends later than the mean serial interval. With no cases at all the answer is the prior.

    Raises NotUnderstood for missing or negative counts, an interval that is no distribution, a window longer than the
    series.
    Source: Cori et al. 2013, Am J Epidemiol 178:1505. Oracle: EpiEstim 2.2.4. Page: docs/methods/reproduction.md
    """
    counts = series_counts(observed, missing=False)
    lags = _interval(interval)
    times = counts.shape[1]
    if not 1 <= window < times:
        raise NotUnderstood(f"A window of {window} days does not fit {times} days of which the first is left out.")
    if not (prior_mean > 0 and prior_deviation > 0 and 0 < level < 1):
        raise NotUnderstood("Prior mean and deviation must be above 0, and the level between 0 and 1.")
    prior_shape = (prior_mean / prior_deviation) ** 2
    prior_rate = prior_mean / prior_deviation**2
    shape, rate = np.empty(counts.shape), np.empty(counts.shape)
    for top in range(0, len(counts), BLOCK):
        block = counts[top : top + BLOCK]
        shape[top : top + BLOCK] = _windowed(block, window)
        rate[top : top + BLOCK] = _windowed(_infectivity(block, lags), window)
    shape += prior_shape
    scale = 1.0 / (prior_rate + rate)
    first = max(window, int(np.floor((lags * np.arange(len(lags))).sum())))  # times count from 1 in the source
    shape[:, :first], scale[:, :first] = np.nan, np.nan
    lower, upper = (
        _quantiles(tail, counts, shape, prior_shape, first) * scale for tail in ((1.0 - level) / 2, (1.0 + level) / 2)
    )
    return Reproduction(
        shape=shape, scale=scale, mean=shape * scale, deviation=np.sqrt(shape) * scale, lower=lower, upper=upper
    )


def _interval(interval: npt.ArrayLike) -> Values:
    lags = np.asarray(interval, dtype=np.float64)
    if lags.ndim != 1 or len(lags) < 2 or not np.isfinite(lags).all() or (lags < 0).any():
        raise NotUnderstood("A serial interval is one row of chances of lag 0, 1, ... days, none negative or missing.")
    if lags[0] != 0 or abs(lags.sum() - 1.0) > 0.01:
        raise NotUnderstood("A serial interval must begin with 0 for lag 0 and sum to 1.")
    return lags


def _infectivity(counts: Values, lags: Values) -> Values:
    """(series, times) past cases weighted by how infectious they now are."""
    found, part = np.zeros(counts.shape), np.empty(counts.shape)
    for lag in np.flatnonzero(lags[: counts.shape[1]]).tolist():
        here = part[:, lag:]
        np.multiply(counts[:, : counts.shape[1] - lag], lags[lag], out=here)
        found[:, lag:] += here
    return found


def _windowed(values: Values, window: int) -> Values:
    """Sums over the window that ends at each time; before the first whole one after the first day, of no meaning."""
    found = np.zeros(values.shape)
    for back in range(window):
        found[:, window:] += values[:, window - back : values.shape[1] - back]
    return found


def _quantiles(tail: float, counts: Values, shape: Values, prior: float, first: int) -> Values:
    """Quantiles for a scale of 1. Totals are mostly whole and small: few different shapes occur, each solved once."""
    found = np.full(shape.shape, np.nan)
    inner = shape[:, first:]
    totals = np.rint(inner - prior).astype(np.int64)
    most = int(totals.max(initial=0))
    if most > min(TABLE, 4 * totals.size) or (np.floor(counts) != counts).any():
        found[:, first:] = special.gammaincinv(inner, tail)
    else:
        seen = np.zeros(most + 1, dtype=np.bool_)
        seen[totals] = True
        table = np.zeros(most + 1)
        table[seen] = special.gammaincinv(np.flatnonzero(seen) + prior, tail)
        found[:, first:] = table[totals]
    return found
