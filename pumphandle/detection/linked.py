"""Chances of groups of linked cases: how often would so many meet in one home, street or place by themselves?"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from pumphandle.vocabulary.errors import NotUnderstood

Values = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]

USUAL_SHAPE: Final = 0.3
"""Shape of a Gamma over places before any is known: most places have next to no case, few have many."""
LEAST_PAST: Final = 0.5
"""Namings that a past without any is taken for."""


def sizes_of(introduction: Longs, day: Longs, *, days: int, until: int, largest: int) -> Values:
    """(largest + 1,) share of introductions with 0, 1, 2, … cases within `days` days of the first; the last: or more.

    introduction, day : (cases,); only those whose `days` days are over before `until` count. One case each where none
    is old enough.
    """
    number, group = np.unique(introduction, return_inverse=True)
    first = np.full(len(number), np.iinfo(np.int64).max)
    np.minimum.at(first, group, day)
    size = np.bincount(group, day < first[group] + days, len(number)).astype(np.int64)
    over = first + days <= until
    found = np.bincount(np.minimum(size[over], largest), minlength=largest + 1).astype(np.float64)
    if not over.any():
        found[1] = 1.0
    return found / found.sum()


def compound_tail(mean: float, shares: Values, least: int) -> float:
    """P(at least `least` cases) of a Poisson number of introductions, each of a size drawn from `shares`.

    mean : introductions; shares : (sizes,) chance of 0, 1, 2, … cases. The small tail is summed itself, so that it
    keeps its digits. Source: Panjer 1981, ASTIN Bulletin 12:22 (recursion).
    """
    if not mean >= 0 or len(shares) < 2 or least < 0:
        raise NotUnderstood("A compound Poisson tail needs a mean that is not negative, and chances of sizes.")
    largest = len(shares) - 1
    beyond = least + 12 * largest + int(10 * mean * largest)
    chance = np.zeros(beyond + 1)
    chance[0] = np.exp(-mean * (1.0 - shares[0]))
    weights = mean * np.arange(largest + 1) * shares
    for total in range(1, beyond + 1):
        reach = min(total, largest)
        chance[total] = (weights[1 : reach + 1] * chance[total - reach : total][::-1]).sum() / total
    return float(min(1.0, chance[least:].sum()))


@dataclass(frozen=True)
class Places:
    """Usual cases of a place over the past are Gamma: shape and mean; places : how many there are, also unnamed."""

    shape: float
    mean: float
    places: float

    def mean_of(self, past: int) -> float:
        """What is to be expected over as long again, of one with so many."""
        return (self.shape + past) / (self.shape / self.mean + 1.0)


def fit_places(named: Longs, *, usual_places: float) -> Places:
    """From the counts of places that somebody named: a negative binomial without its zeros, with two log-normal priors.

    named : (places,) each at least 1, of days that are not judged; usual_places : how many there are, before all counts
    Both the shape, about USUAL_SHAPE, and the number of places have a prior of deviation 1. Counts that are all 1 tell
    that there are many places and not how many: without a prior their number grows without end, and two cases that name
    a place nobody named before look impossible. Where nobody named any, the priors are all there is.
    Source: Sampford 1955, Biometrika 42:58 (truncated negative binomial); Clayton & Kaldor 1987, Biometrics 43:671.
    """
    if not usual_places > 0:
        raise NotUnderstood("Say how many places there are before any is named.")
    if not len(named):
        return Places(USUAL_SHAPE, LEAST_PAST / usual_places, usual_places)
    distinct, often = np.unique(named, return_counts=True)
    value, times = distinct.astype(np.float64), often.astype(np.float64)

    def lost(asked: Values) -> float:
        shape, mean = (float(one) for one in np.exp(asked))
        zero = shape * np.log(shape / (shape + mean))
        log: Values = special.gammaln(value + shape) - special.gammaln(value + 1.0)
        log = log + (zero - special.gammaln(shape)) + value * np.log(mean / (shape + mean))
        seen = float(np.log(-np.expm1(zero)))
        unlike = (asked[0] - np.log(USUAL_SHAPE)) ** 2 + (np.log(len(named) / usual_places) - seen) ** 2
        return float(0.5 * unlike - (times * (log - seen)).sum())

    start = np.log([USUAL_SHAPE, max(float(named.sum()) / usual_places, 1e-4)])
    found = optimize.minimize(lost, start, method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-8, "maxiter": 400})
    shape, mean = (float(one) for one in np.exp(np.clip(found.x, -12.0, 12.0)))
    return Places(shape, mean, len(named) / max(-np.expm1(shape * np.log(shape / (shape + mean))), 1e-9))


def place_tail(like: Places, past: int, longer: float, least: int) -> float:
    """P(at least `least` cases) in a time `longer` times the past, of a place that had `past` cases in it."""
    size, rate = like.shape + past, like.shape / like.mean + 1.0
    return float(special.betainc(max(least, 1), size, longer / (rate + longer))) if least > 0 else 1.0
