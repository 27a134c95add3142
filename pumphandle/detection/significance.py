"""How often chance alone would show as much."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pumphandle.vocabulary.errors import NotUnderstood

EULER: Final = 0.5772156649015329
SMALLEST_P: Final = 1e-300

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Gumbel:
    """The shape that maxima take. location, scale : in units of log-likelihood ratio."""

    location: float
    scale: float

    def p_value(self, ratio: float) -> float:
        """Chance of a maximum of at least `ratio`; fine below one in the number of replicates, slightly careful."""
        return max(SMALLEST_P, float(-np.expm1(-np.exp(-(ratio - self.location) / self.scale))))


def gumbel(maxima: Values) -> Gumbel:
    """Fit by moments. maxima : (replicates,) highest ratios under the null, at least two that differ.

    Source: Abrams, Kleinman, Kulldorff 2010, Int J Health Geogr 9:61.
    """
    if len(maxima) < 2 or not np.std(maxima) > 0:
        raise NotUnderstood("A Gumbel distribution is fitted to at least two replicates that differ.")
    scale = float(np.std(maxima, ddof=1)) * np.sqrt(6.0) / np.pi
    return Gumbel(location=float(np.mean(maxima)) - EULER * scale, scale=scale)


def rank_p_value(ratio: float, maxima: Values) -> float:
    """(1 + replicates that reach `ratio`) / (replicates + 1). Source: Dwass 1957."""
    return (1.0 + float(np.count_nonzero(reaches(maxima, ratio)))) / (len(maxima) + 1.0)


def sequential_p_value(ratio: float, maxima: Values, stop_after: int) -> float:
    """As rank_p_value, or stop_after / (replicates until then) once that many have reached `ratio`.

    Source: Besag and Clifford 1991, Biometrika 78:301.
    """
    at = np.flatnonzero(reaches(maxima, ratio))
    return stop_after / (at[stop_after - 1] + 1.0) if len(at) >= stop_after else rank_p_value(ratio, maxima)


def reaches(maxima: Values, ratio: float) -> npt.NDArray[np.bool_]:
    """Equal ratios count as reached, also where rounding set them apart."""
    return maxima >= ratio * (1.0 - 1e-9)


def recurrence_interval(p_value: float, *, days_between: float = 1.0, earlier_analyses: int = 0) -> float:
    """Days in which chance alone shows as much once, at one analysis every `days_between` days.

    earlier_analyses : how many analyses the p-value has already been adjusted for
    Source: Kleinman, Lazarus, Platt 2004, Am J Epidemiol 159:217.
    """
    if not 0.0 < p_value <= 1.0:
        raise NotUnderstood(f"A p-value lies above 0 and is at most 1, not {p_value}.")
    once = p_value if earlier_analyses == 0 else -np.expm1(np.log1p(-min(p_value, 1 - 1e-16)) / (earlier_analyses + 1))
    return float(days_between / once)
