"""What the baseline leads one to expect now: fit, weigh past outbreaks down, fit again; keep the trend or not."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from pumphandle.detection import glm
from pumphandle.detection.baseline import Rule

Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

NEED_YEARS = 3  # Farrington et al. 1996, JRSS A 159:547, 3.3: no trend from less
SMALL = 1e-300


@dataclass(frozen=True)
class Question:
    """What is asked of the fit.

    group, time : of the prediction; time in the design's scale
    years       : of baseline
    """

    group: int
    time: float
    years: int


@dataclass(frozen=True)
class Expectation:
    """One value a series; NaN where nothing could be fitted.

    eta, se    : log of the count expected now for a population of one, and its standard error
    dispersion : variance over mean, at least 1
    trend      : a slope was kept; slope : per period, NaN where none
    cases, exposure : of the whole baseline; exposure in people, or in rows without a population
    """

    eta: Values
    se: Values
    dispersion: Values
    trend: Flags
    slope: Values
    cases: Values
    exposure: Values


def expect(
    counts: glm.Counts, design: glm.Design, question: Question, rule: Rule, population: Values | float = 0.0
) -> Expectation:
    """With a slope where it is significant, from enough years, and predicts no more than was ever seen.

    population : (series,) log of the population now, which the last of these needs
    """
    series = np.arange(len(counts))
    if not rule.trend:
        return _fitted(counts, design, question, rule, series)
    found = _fitted(counts, design, question, rule, series, True)
    with np.errstate(invalid="ignore", over="ignore"):
        tame = np.exp(found.eta + population) <= counts.observed.max(axis=1)
    again = np.flatnonzero(~(found.trend & tame & (question.years >= NEED_YEARS)))
    if not len(again):
        return found
    plain = _fitted(counts, design, question, rule, again)
    for name, values in vars(found).items():
        values[again] = getattr(plain, name)
    return found


def _fitted(
    counts: glm.Counts, design: glm.Design, question: Question, rule: Rule, series: Places, trend: bool = False
) -> Expectation:
    """`trend` of the answer: a slope was fitted and is significant."""
    some = counts if len(series) == len(counts) else counts.take(series)
    slopes = np.full(len(some), trend)
    first = glm.fit(some, design, trend=slopes)
    weights = _weights(first, rule.outlier) if rule.reweight else None
    last = first if weights is None else glm.fit(some, design, trend=slopes, weights=weights)
    dispersion = last.dispersion()
    spread = last.dispersion(weights) if rule.compatible and weights is not None else dispersion
    known = first.converged & (last.curvature.inverse[:, question.group] > 0) & (last.freedom > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        se = np.sqrt(spread * last.curvature.prediction(question.group, question.time))
        steep = np.abs(last.slopes) / np.sqrt(spread * last.curvature.slope)
        significant = 2.0 * special.stdtr(last.freedom, -steep) < rule.trend_p
    eta = last.predictor(question.group, question.time)
    return Expectation(
        eta=np.where(known, eta, np.nan),
        se=np.where(known, se, np.nan),
        dispersion=np.where(known, np.maximum(dispersion, 1.0), np.nan),
        trend=known & slopes & significant,
        slope=np.where(known & slopes, last.slopes / design.unit, np.nan),
        cases=some.observed.sum(1),
        exposure=some.exposure(),
    )


def _weights(fit: glm.Fit, outlier: float) -> Values:
    """(series, rows) 1 / residual squared where a standardised Anscombe residual exceeds `outlier`; their sum = rows.

    Source: Farrington et al. 1996, 3.6; Noufaily et al. 2013, 3.3 for the higher `outlier`.
    """
    root = np.sqrt(fit.mean)
    residual = np.cbrt(fit.counts.observed)
    residual *= residual
    residual /= np.cbrt(root)
    residual -= root
    residual *= 1.5
    scale = np.maximum(1.0 - fit.leverage(), SMALL)
    scale *= np.maximum(fit.dispersion(), 1.0)[:, None]
    residual /= np.sqrt(scale)
    weights, high = np.ones_like(residual), residual > outlier
    weights[high] = residual[high] ** -2.0
    present = fit.counts.present
    if present is None:
        weights *= (weights.shape[1] / weights.sum(1))[:, None]
        return weights
    weights *= present
    weights *= (present.sum(1) / np.maximum(weights.sum(1), SMALL))[:, None]
    return weights
