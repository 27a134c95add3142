"""The highest count that an area's own few comparable weeks make ordinary: the gamma-Poisson prediction."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from pumphandle.detection import negative_binomial
from pumphandle.detection.series import Values, series_counts
from pumphandle.vocabulary.errors import NotUnderstood

JEFFREYS: Final = 0.5  # cases that the prior of a Poisson mean is worth, in no time


def own_past(
    observed: npt.ArrayLike,
    at: Sequence[int],
    *,
    years: int = 2,
    half_width: int = 6,
    recent: bool = True,
    alpha: float = 0.05,
    year: int = 52,
) -> Values:
    """(series, len(at)) upper: the count that is exceeded with chance alpha or less.

    observed   : (series, times) counts, none missing; at : times that are judged
    years      : same season of so many earlier years; half_width : times on either side of it, and back from now
    recent     : the last `half_width` times count as well

    The mean of the chosen times has a Gamma posterior (Jeffreys' prior); the next count is negative binomial with size
    sum + 1/2 and chance n / (n + 1). Raises NotUnderstood for missing counts and for a past that is too short.
    Source: Höhle 2007, Comput Stat 22:571, 3.3 (`algo.bayes` of R's surveillance). Page: docs/methods/references.md
    """
    counts = series_counts(observed, missing=False)
    back = [np.arange(1, half_width + 1)] if recent else []
    back += [turn * year + np.arange(-half_width, half_width + 1) for turn in range(1, years + 1)]
    if not back or years < 0 or half_width < 1 or not 0.0 < alpha < 1.0:
        raise NotUnderstood("Give at least one year or the recent times, a width of at least 1 and an alpha in (0, 1).")
    lags, times = np.concatenate(back), np.asarray(at, dtype=np.int64)
    if not len(times) or times.max() >= counts.shape[1] or (times - lags.max()).min() < 0 or lags.min() < 1:
        raise NotUnderstood(f"A time that is judged needs {int(lags.max())} times before it.")
    size: Values = counts[:, times[:, None] - lags].sum(axis=2) + JEFFREYS
    dispersion = 1.0 + 1.0 / len(lags)
    mean: Values = (size * (dispersion - 1.0)).ravel()
    upper = negative_binomial.quantile(1.0 - alpha, mean, np.full_like(mean, dispersion))
    return upper.reshape(size.shape)
