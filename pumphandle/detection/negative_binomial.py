"""Tail chances and quantiles of counts whose variance is a multiple of their mean, thousands at once."""

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

Values = npt.NDArray[np.float64]

PATIENCE: Final = 30  # unit moves from the first guess before the slow exact search is asked
FUZZ: Final = 64 * np.finfo(np.float64).eps  # R moves the chance by this before it searches


def upper_chance(observed: Values, mean: Values, dispersion: Values) -> Values:
    """(any shape) P(at least `observed`); variance = dispersion x mean, Poisson where the dispersion is 1.

    Parameters as in Noufaily et al. 2013, Stat Med 32:1206, 3.2: size mean / (dispersion - 1), chance 1 / dispersion.
    """
    over, size = _size(mean, dispersion)
    count = np.maximum(observed, 1.0)
    binomial = np.where(mean > 0, special.betaincc(size, count, 1.0 / dispersion), 0.0)
    tail = np.where(over, binomial, special.gammainc(count, mean))
    return np.where(observed > 0, tail, np.where(np.isnan(observed), np.nan, 1.0))


def quantile(chance: float, mean: Values, dispersion: Values) -> Values:
    """(any shape) the smallest count whose cumulative chance reaches `chance`; NaN where the mean is not finite."""
    spread = np.sqrt(mean * dispersion)
    z = float(special.ndtri(chance))
    skew = np.divide(2.0 * dispersion - 1.0, spread, out=np.zeros_like(spread), where=spread > 0)
    with np.errstate(invalid="ignore"):
        found = np.maximum(np.floor(mean + spread * (z + skew * (z * z - 1.0) / 6.0)), 0.0)
    known = np.isfinite(mean) & np.isfinite(dispersion) & (mean >= 0)
    wanted = chance * (1.0 - FUZZ)
    low = np.flatnonzero(known)
    for _ in range(PATIENCE if len(low) else 0):
        low = low[_below(found[low] + 1.0, mean[low], dispersion[low]) < wanted]
        found[low] += 1.0
    high = np.flatnonzero(known & (found > 0))
    for _ in range(PATIENCE):
        high = high[_below(found[high], mean[high], dispersion[high]) >= wanted]
        found[high] -= 1.0
        high = high[found[high] > 0]
    for far in np.union1d(low, high):
        found[far] = _exact(wanted, float(mean[far]), float(dispersion[far]))
    return np.where(known, found, np.nan)


def _below(count: Values, mean: Values, dispersion: Values) -> Values:
    """P(fewer than `count`) for counts of at least one."""
    over, size = _size(mean, dispersion)
    binomial = np.where(mean > 0, special.betainc(size, count, 1.0 / dispersion), 1.0)
    return np.where(over, binomial, special.gammaincc(count, mean))


def _size(mean: Values, dispersion: Values) -> tuple[npt.NDArray[np.bool_], Values]:
    over = (dispersion > 1.0) & (mean > 0)
    return dispersion > 1.0, np.divide(mean, dispersion - 1.0, out=np.ones_like(mean), where=over)


def _exact(chance: float, mean: float, dispersion: float) -> float:
    """As scipy.stats has it, whose loading alone took a second of every start of the program. 0 < chance < 1."""
    if mean <= 0:
        return 0.0
    if dispersion > 1.0:
        size, share = mean / (dispersion - 1.0), 1.0 / dispersion
        near = float(np.ceil(special.nbdtrik(chance, size, share)))
        before = float(special.betainc(size, max(near - 1, 0) + 1, share))
    else:
        near = float(np.ceil(special.pdtrik(chance, mean)))
        before = float(special.pdtr(max(near - 1, 0), mean))
    return float(max(near - 1, 0) if before >= chance else near)
