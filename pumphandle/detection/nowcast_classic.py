"""Two published nowcasts of one reporting triangle: Lawless's, and a Bayesian one that allows for truncation."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from pumphandle.detection.delays import Hazards, by_age, hazards, triangle_of
from pumphandle.detection.series import Values
from pumphandle.vocabulary.errors import NotUnderstood

FURTHEST: Final = 1_000_000  # no day's count is looked for beyond this
PRIOR_WEIGHT: Final = 0.1  # of the delay's Dirichlet prior, as in R's surveillance


@dataclass(frozen=True)
class Nowcast:
    """Each (series, days): what is reported, the median and the interval of what will be; completeness 0 .. 1."""

    reported: Values
    median: Values
    lower: Values
    upper: Values
    completeness: Values


def lawless(triangle: npt.ArrayLike, *, level: float = 0.95, compatible: bool = False) -> Nowcast:
    """Reverse time hazards of each series by itself, normal intervals cut off at what is reported.

    triangle   : (series, days, delays), see `delays.triangle_of`; the longest delay takes all longer ones
    compatible : as R's surveillance 1.20.3 computes it: without the uncertainty of the delays, and with the upper
                 tail not rescaled for the cut

    A day with nothing reported gets 0 .. 0: this method has no prior. Raises NotUnderstood as `triangle_of`.
    Source: Lawless 1994, Can J Stat 22:15, 2.12-2.16. Oracle: R's surveillance, nowcast(method = "lawless").
    """
    cells = triangle_of(triangle)
    found = hazards(cells)
    days = cells.shape[1]
    complete = by_age(found.completeness(), days)
    reported: Values = cells.sum(2)
    mean = reported / complete
    variance = reported * (1.0 - complete) / complete**2
    if not compatible:
        variance += reported * (reported + 1.0) / complete**2 * by_age(_relative(found), days)
    spread = np.sqrt(variance)
    with np.errstate(invalid="ignore", divide="ignore"):
        below: Values = special.ndtr((reported - mean) / spread)

    def quantile(chance: float) -> Values:
        # The peer divides by the mass above the cut, but does not take off what lies below it.
        share: Values = chance * (1.0 - below) if compatible else below + chance * (1.0 - below)
        value = np.where(share <= below, reported, np.ceil(mean + spread * special.ndtri(share)))
        return np.where(spread > 0, value, np.rint(mean))

    return Nowcast(reported, quantile(0.5), quantile((1.0 - level) / 2), quantile((1.0 + level) / 2), complete)


def _relative(found: Hazards) -> Values:
    """(series, 1, delays) relative variance of the completeness, by the sum of Lawless's 2.15."""
    chance = found.chance()
    scale = found.within * (1.0 - chance)
    part = np.divide(chance, scale, out=np.zeros_like(scale), where=(scale > 0) & (found.within > 0))
    later = np.cumsum(part[..., :0:-1], axis=-1)[..., ::-1]
    return np.concatenate([later, np.zeros_like(later[..., :1])], axis=-1)


def bayes(
    triangle: npt.ArrayLike,
    *,
    prior_mean: float,
    prior_variance: float,
    draws: int = 1000,
    truncated: bool = True,
    level: float = 0.95,
    rng: np.random.Generator,
) -> Nowcast:
    """Negative binomial prior of each day's count, Dirichlet prior of the delay, each series by itself.

    prior_mean, prior_variance : of a day's final count; the variance above the mean
    draws     : of the delay distribution; the counts themselves are integrated exactly
    truncated : whether the delays allow for what cannot have come yet; False shows what happens without

    Raises NotUnderstood as `triangle_of`, and for a prior whose variance does not exceed its mean.
    Source: Höhle & an der Heiden 2014, Biometrics 70:993, 3. Oracle: R's surveillance 1.20.3, nowcast.
    """
    cells = triangle_of(triangle)
    if not prior_variance > prior_mean > 0 or draws < 1:
        raise NotUnderstood("The prior needs a mean above 0, a variance above the mean, and at least one draw.")
    found = hazards(cells)
    series, days, delays = (int(length) for length in cells.shape)
    size = prior_mean**2 / (prior_variance - prior_mean)
    # Among cases within d days, the share with just d is a beta; the prior is a symmetric Dirichlet seen that way.
    reported = found.reported[:, 0, 1:]
    within = found.within[:, 0, 1:] if truncated else np.cumsum(found.reported[:, 0], axis=-1)[:, 1:]
    one = PRIOR_WEIGHT + reported
    rest = within - reported + PRIOR_WEIGHT * np.arange(1, delays)
    chance = rng.beta(np.maximum(one, 1e-9), np.maximum(rest, 1e-9), size=(draws, series, delays - 1))
    later = np.cumprod((1.0 - chance)[..., ::-1], axis=-1)[..., ::-1]
    shares = np.concatenate([later, np.ones((draws, series, 1))], axis=-1)
    age = np.minimum(np.arange(days - 1, -1, -1), delays - 1)
    known_by_now: Values = cells.sum(2)
    open_ = shares[:, :, age]
    kept = (1.0 - open_) * (prior_mean / (prior_mean + size))  # chance of one more, in the posterior of what is to come
    kept = np.where(age == delays - 1, 0.0, kept)

    def quantile(share: float) -> Values:
        return known_by_now + _mixture_quantile(share, known_by_now + size, 1.0 - kept)

    half = (1.0 - level) / 2
    return Nowcast(known_by_now, quantile(0.5), quantile(half), quantile(1.0 - half), open_.mean(0))


def _mixture_quantile(share: float, size: Values, success: Values) -> Values:
    """(series, days) smallest count at which the negative binomials, averaged over draws, exceed `share`."""

    def reaches(count: Values) -> npt.NDArray[np.bool_]:
        return special.betainc(size, count + 1.0, success).mean(0) > share

    low, high = np.full(size.shape, -1.0), np.ones(size.shape)
    while not (enough := reaches(high)).all() and high.max() < FURTHEST:
        low, high = np.where(enough, low, high), np.where(enough, high, 2.0 * high)
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2.0)
        enough = np.where(middle < 0, False, reaches(np.maximum(middle, 0.0)))
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return high
