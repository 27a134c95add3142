"""How rare a ratio is among the day's own strongest circles, where no drawn replicate would have real households."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pumphandle.vocabulary.errors import NotUnderstood

Values = npt.NDArray[np.float64]

USUAL_SCALE: Final = 6.0
"""Mean excess on the made-up country's quiet mornings, worth as much as WORTH circles of the day: a small nation's one
morning tells too little, and outbreaks under way would raise their own threshold (`python -m bench power`)."""
WORTH: Final = 400.0


@dataclass(frozen=True)
class Tail:
    """Above `start` so many circles a morning, falling off by e every `scale`."""

    start: float
    scale: float
    above: float

    def a_morning(self, ratio: float) -> float:
        """Circles of at least this ratio that a morning brings anyway, in the whole nation."""
        return float(self.above * np.exp(-max(ratio - self.start, 0.0) / self.scale))


def tail(ratios: npt.ArrayLike) -> Tail:
    """An exponential fitted to the upper half of the strongest circles, robust against some that are outbreaks.

    ratios : (circles,) the strongest ones of every authority, at least one

    The excess over the median is censored at its own ninth decile: the mean of an exponential censored so is its scale
    times 0.9 (the maximum-likelihood estimate with the censored ones counted as lasting on).
    Source: Cohen 1963, Technometrics 5:327 (censored life tests); as an alternative to Monte Carlo: empirical null,
    Efron 2004, JASA 99:96.
    """
    given = np.sort(np.asarray(ratios, dtype=np.float64))
    if given.ndim != 1 or not len(given) or not np.isfinite(given).all():
        raise NotUnderstood("A tail is fitted to a list of numbers, at least one.")
    start = float(np.median(given))
    upper = given[given > start] - start
    limit = float(np.quantile(upper, 0.9)) if len(upper) else 0.0
    observed = upper <= limit
    lasted = float(np.minimum(upper, limit).sum())
    scale = (lasted + WORTH * USUAL_SCALE) / (int(observed.sum()) + WORTH)
    return Tail(start=start, scale=scale, above=max(len(given) / 2.0, 0.5))
