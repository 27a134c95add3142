"""Likelihood ratio charts: how much better a rise at some recent time explains the counts than no rise at all."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pumphandle.detection.series import Values, series_counts
from pumphandle.vocabulary.errors import NotUnderstood

STEPS: Final = 60
TOLERANCE: Final = 1e-13


@dataclass(frozen=True)
class LikelihoodRatio:
    """Each (series, times): log likelihood ratio, at least 0; exceeds : it reached the limit; the chart restarts."""

    statistic: Values
    exceeds: npt.NDArray[np.bool_]


def likelihood_ratio(
    observed: npt.ArrayLike,
    *,
    mean: npt.ArrayLike,
    excess: npt.ArrayLike = 0.0,
    limit: float = 5.0,
    factor: float | None = None,
    longest: int | None = None,
) -> LikelihoodRatio:
    """Chart of negative binomial counts against a rise of the mean by one factor.

    observed : (series, times) counts, none missing
    mean     : (series, times) expected while nothing happens, above 0
    excess   : (series,) or one number; variance = mean + excess x mean squared; 0 = Poisson
    factor   : the rise looked for, above 1: the statistic is then a CUSUM, one step a time. None: the most likely rise
               at the most likely time (generalised likelihood ratio)
    longest  : how many times back a rise may lie (generalised only); None = since the chart last restarted

    Raises NotUnderstood for missing counts, means not above 0, negative excess, and a factor of 1 or less.
    Source: Höhle & Paul 2008, Comput Stat Data Anal 52:4357, 2. Oracle: R's surveillance 1.20.3, glrnb.
    """
    counts = series_counts(observed, missing=False)
    expected = np.asarray(mean, dtype=np.float64)
    spread = np.broadcast_to(np.asarray(excess, dtype=np.float64), (len(counts),))
    _check(counts, expected, spread, factor, longest)
    if factor is not None:
        return _cusum(counts, expected, spread, limit, factor)
    statistic, exceeds = np.zeros(counts.shape), np.zeros(counts.shape, dtype=np.bool_)
    since = np.zeros(len(counts), dtype=np.int64)
    for now in range(counts.shape[1]):
        furthest = int(since.min()) if longest is None else max(int(since.min()), now - longest)
        best = np.zeros(len(counts))
        for start in range(now, furthest - 1, -1):
            open_ = np.flatnonzero(since <= start)
            times = slice(start, now + 1)
            found = _most_likely(counts[open_, times], expected[open_, times], spread[open_])
            best[open_] = np.maximum(best[open_], found)
        statistic[:, now], exceeds[:, now] = best, best >= limit
        since[exceeds[:, now]] = now + 1
    return LikelihoodRatio(statistic=statistic, exceeds=exceeds)


def _check(counts: Values, mean: Values, excess: Values, factor: float | None, longest: int | None) -> None:
    if mean.shape != counts.shape or not (np.isfinite(mean) & (mean > 0)).all():
        raise NotUnderstood("Expected counts must have the counts' shape and be above 0.")
    if not (np.isfinite(excess) & (excess >= 0)).all():
        raise NotUnderstood("The excess variance is negative or missing. Give 0 for Poisson.")
    if factor is not None and not 1.0 < factor < np.inf:
        raise NotUnderstood("The factor must be above 1: this chart looks for rises.")
    if longest is not None and longest < 0:
        raise NotUnderstood("A rise cannot lie in the future: `longest` is at least 0.")


def _cusum(counts: Values, mean: Values, excess: Values, limit: float, factor: float) -> LikelihoodRatio:
    gain = _log_ratio(counts, mean, np.broadcast_to(excess[:, None], counts.shape), np.full(counts.shape, factor))
    statistic, exceeds = np.zeros(counts.shape), np.zeros(counts.shape, dtype=np.bool_)
    running = np.zeros(len(counts))
    for now in range(counts.shape[1]):
        running = np.maximum(running + gain[:, now], 0.0)
        statistic[:, now], exceeds[:, now] = running, running > limit
        running = np.where(exceeds[:, now], 0.0, running)
    return LikelihoodRatio(statistic=statistic, exceeds=exceeds)


def _log_ratio(counts: Values, mean: Values, excess: Values, factor: Values) -> Values:
    """Log likelihood with the mean times `factor`, less that without; Poisson where the excess is 0."""
    size = np.divide(1.0, excess, out=np.zeros_like(mean), where=excess > 0)
    binomial = (counts + size) * (np.log1p(excess * mean) - np.log1p(excess * mean * factor))
    return counts * np.log(factor) + np.where(excess > 0, binomial, mean * (1.0 - factor))


def _most_likely(counts: Values, mean: Values, excess: Values) -> Values:
    """(series,) log likelihood ratio at the most likely factor of at least 1.

    In the factor the score is convex and falls, so Newton's steps from 1 rise to its root and never pass it.
    """
    width = excess[:, None]
    factor = np.maximum(counts.sum(1) / mean.sum(1), 1.0)
    factor[excess > 0] = 1.0
    at = np.flatnonzero(excess > 0)
    for _ in range(STEPS):
        scale = 1.0 + width[at] * mean[at] * factor[at, None]
        score = ((counts[at] - mean[at] * factor[at, None]) / scale).sum(1)
        fall = (mean[at] * (1.0 + width[at] * counts[at]) / scale**2).sum(1)
        step = np.maximum(score / fall, 0.0)
        factor[at] += step
        at = at[step > TOLERANCE * factor[at]]
        if not len(at):
            break
    return _log_ratio(
        counts, mean, np.broadcast_to(width, counts.shape), np.broadcast_to(factor[:, None], counts.shape)
    ).sum(1)
