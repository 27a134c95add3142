"""How good forecasts were: weighted interval score, coverage, and where a forecast may be shown."""

from typing import Final

import numpy as np
import numpy.typing as npt

from pumphandle.detection.series import Values
from pumphandle.vocabulary.errors import NotUnderstood

FEWEST: Final = 6  # scored forecasts of a district before anything is said of it
GAIN: Final = 0.03  # by which a forecast must beat the baseline, on average of the logs of their scores
ZERO: Final = 0.05  # added to scores before their logs: a district without cases scores 0
WIDEST_MISS: Final = 0.15  # by which the coverage may fall short of its level


def weighted_interval_score(quantiles: npt.ArrayLike, levels: npt.ArrayLike, observed: npt.ArrayLike) -> Values:
    """(...) the lower the better, in the unit of the counts; NaN where `observed` is.

    quantiles : (..., levels) rising along the last axis; levels : (levels,) symmetric about 0.5, which is one of them
    observed  : (...)

    Raises NotUnderstood for levels that are not symmetric and for shapes that do not fit.
    Source: Bracher et al. 2021, PLoS Comput Biol 17:e1008618: with K intervals and the median this is the mean of
    twice the pinball loss over the 2 K + 1 quantiles.
    """
    values, chances, seen = (np.asarray(one, dtype=np.float64) for one in (quantiles, levels, observed))
    _check(values, chances, seen)
    above = seen[..., None] - values
    return 2.0 * np.mean(np.maximum(chances * above, (chances - 1.0) * above), axis=-1)


def covered(quantiles: npt.ArrayLike, levels: npt.ArrayLike, observed: npt.ArrayLike) -> Values:
    """(...) 1.0 where the widest interval holds what was observed, 0.0 where not, NaN where nothing was."""
    values, chances, seen = (np.asarray(one, dtype=np.float64) for one in (quantiles, levels, observed))
    _check(values, chances, seen)
    inside = (seen >= values[..., 0]) & (seen <= values[..., -1])
    return np.where(np.isnan(seen), np.nan, inside.astype(np.float64))


def _check(quantiles: Values, levels: Values, observed: Values) -> None:
    if quantiles.shape != (*observed.shape, len(levels)):
        raise NotUnderstood("Quantiles need the shape of what was observed, and one more axis of levels.")
    if not (np.diff(levels) > 0).all() or not np.allclose(levels + levels[::-1], 1.0) or len(levels) % 2 == 0:
        raise NotUnderstood("Levels rise, lie symmetric about 0.5, and hold 0.5.")


def worth_showing(
    score: npt.ArrayLike, baseline: npt.ArrayLike, coverage: npt.ArrayLike, *, level: float = 0.95
) -> npt.NDArray[np.bool_]:
    """(districts,) whether past forecasts of a district beat the baseline and its interval held what came.

    score, baseline, coverage : (origins, districts) of forecasts whose outcome is known; NaN = not made

    Scores count by their ratio, so that one great wave does not speak for the quiet weeks. False with fewer than
    FEWEST scored: what has not been shown to help is not shown.
    """
    ours, theirs, held = (np.asarray(one, dtype=np.float64) for one in (score, baseline, coverage))
    if not ours.ndim == 2 or ours.shape != theirs.shape or ours.shape != held.shape:
        raise NotUnderstood("Scores, baseline and coverage have the same two dimensions: origins and districts.")
    both = np.isfinite(ours) & np.isfinite(theirs) & np.isfinite(held)
    count = np.maximum(both.sum(0), 1)
    ratio = np.log(np.where(both, ours + ZERO, 1.0)) - np.log(np.where(both, theirs + ZERO, 1.0))
    share = np.where(both, held, 0.0).sum(0) / count
    return (both.sum(0) >= FEWEST) & (ratio.sum(0) / count < -GAIN) & (share >= level - WIDEST_MISS)
