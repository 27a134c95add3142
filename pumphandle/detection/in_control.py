"""What counts are like while nothing happens: season and trend, with negative binomial variance."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from pumphandle.detection.series import Values, series_counts
from pumphandle.vocabulary.errors import NotUnderstood

ROUNDS: Final = 200
TOLERANCE: Final = 1e-11
RIDGE: Final = 1e-10  # keeps a series of nothing but zeros solvable
FLATTEST: Final = -16.0  # log of an excess that is no longer told from Poisson
WIDEST: Final = 10.0  # log of the largest excess


@dataclass(frozen=True)
class InControl:
    """mean : (series, times) of all times; excess : (series,), variance = mean + excess x mean squared."""

    mean: Values
    excess: Values


def in_control(
    observed: npt.ArrayLike, *, until: int, year: int = 52, harmonics: int = 1, trend: bool = False
) -> InControl:
    """Maximum likelihood from the times before `until`, continued over all times.

    observed  : (series, times) counts, none missing
    harmonics : waves a year; trend : a slope of the log mean in time

    Raises NotUnderstood for missing counts and for fewer times than parameters before `until`.
    Source: Höhle & Paul 2008, Comput Stat Data Anal 52:4357, 4; Lawless 1987, Can J Stat 15:209.
    """
    counts = series_counts(observed, missing=False)
    times = np.arange(1, counts.shape[1] + 1, dtype=np.float64)
    waves = [wave(2.0 * np.pi * turn * times / year) for turn in range(1, harmonics + 1) for wave in (np.cos, np.sin)]
    columns = [np.ones_like(times), *([times / len(times)] if trend else []), *waves]
    design = np.stack(columns, axis=1)
    if not len(columns) < until <= counts.shape[1]:
        raise NotUnderstood(f"The model needs more than {len(columns)} times before the first one judged.")
    past, known = counts[:, :until], design[:until]
    slopes, excess = _fitted(past, known)
    return InControl(mean=np.exp(slopes @ design.T), excess=excess)


def _fitted(counts: Values, design: Values) -> tuple[Values, Values]:
    """(series, columns) and (series,): means and excess are orthogonal, so they take turns, one step each."""
    slopes = np.zeros((len(counts), design.shape[1]))
    slopes[:, 0] = np.log(np.maximum(counts.mean(1), 1e-3))
    log = np.full(len(counts), -np.inf)
    at = np.arange(len(counts))
    for round_ in range(ROUNDS):
        some = counts[at]
        change = _mean_step(some, design, slopes[at], np.exp(log[at]))
        slopes[at] += change
        moved = np.abs(change).max(1)
        if round_ >= 2:  # once the means are near
            step = _excess_step(some, np.exp(slopes[at] @ design.T), log[at])
            far = np.isfinite(step) & (np.abs(step - np.maximum(log[at], 2.0 * FLATTEST)) > TOLERANCE)
            moved, log[at] = np.where(far, 1.0, moved), step
        at = at[(moved > TOLERANCE) | (round_ < 3)]
        if not len(at):
            break
    return slopes, np.exp(log)


def _mean_step(counts: Values, design: Values, slopes: Values, excess: Values) -> Values:
    """One step of Fisher scoring for a given excess."""
    mean = np.exp(slopes @ design.T)
    widened = 1.0 + excess[:, None] * mean
    information = np.einsum("st,tp,tq->spq", mean / widened, design, design, optimize=True)
    information += RIDGE * np.eye(design.shape[1])
    score: Values = ((counts - mean) / widened) @ design
    change = np.asarray(np.linalg.solve(information, score[:, :, None]), dtype=np.float64)[:, :, 0]
    return np.clip(change, -3.0, 3.0)


def _excess_step(counts: Values, mean: Values, log: Values) -> Values:
    """Log excess after one step of Newton's; minus infinity (Poisson) where the likelihood falls from 0 on."""
    rises = ((counts - mean) ** 2 - counts).sum(1)
    first = np.log(np.maximum(rises, 1e-9) / np.maximum((mean**2).sum(1), 1e-9))
    before = np.where(np.isfinite(log), log, first)
    found = np.full(len(counts), -np.inf)
    over = np.flatnonzero((rises > 0) & (before > FLATTEST) & (counts.sum(1) > 0))
    score, curve = _score(counts[over], mean[over], np.exp(-before[over]))
    step = np.where(curve < 0, -score / np.where(curve < 0, curve, -1.0), 0.5 * np.sign(score))
    found[over] = np.minimum(before[over] + np.clip(step, -2.0, 2.0), WIDEST)
    return found


def _score(counts: Values, mean: Values, size: Values) -> tuple[Values, Values]:
    """First and second derivative of the log likelihood in log excess; size = 1 / excess."""
    wide = size[:, None]
    first = special.digamma(counts + wide) - special.digamma(wide) + np.log(wide / (wide + mean))
    first += (mean - counts) / (wide + mean)
    second = special.polygamma(1, counts + wide) - special.polygamma(1, wide) + 1.0 / wide - 1.0 / (wide + mean)
    second -= (mean - counts) / (wide + mean) ** 2
    slope, bend = first.sum(1), second.sum(1)
    return -size * slope, size * slope + size**2 * bend
