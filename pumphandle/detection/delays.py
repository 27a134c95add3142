"""How complete the latest days are: the delay between specimen and report, estimated from a triangle still open."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pumphandle.detection.series import Values
from pumphandle.vocabulary.errors import NotUnderstood

SURE: Final = 0.999  # no delay is certain: a hazard above this would say that nothing can have come before


@dataclass(frozen=True)
class Hazards:
    """Of each delay 0 .. longest: given that a case was reported within d days, the chance that it took d.

    reported : (..., delays) cases with just that delay, among days old enough to show it
    within   : (..., delays) cases with that delay or less, among the same days
    """

    reported: Values
    within: Values

    def chance(self) -> Values:
        """(..., delays); 1 for delay 0, and 0 where nothing was seen."""
        found = np.divide(self.reported, self.within, out=np.zeros_like(self.within), where=self.within > 0)
        found = np.minimum(found, SURE)
        found[..., 0] = 1.0
        return found

    def completeness(self) -> Values:
        """(..., delays) share of a day's cases that is known d days later; 1 for the longest delay."""
        later = 1.0 - self.chance()[..., :0:-1]
        found = np.ones_like(self.within)
        found[..., :-1] = np.cumprod(later, axis=-1)[..., ::-1]
        return found


def triangle_of(triangle: npt.ArrayLike) -> Values:
    """(series, days, delays) checked; what cannot be known yet on the last day is set to 0.

    triangle : increments, cell (s, t, d) = change of series s, specimen day t, that came d days later. A correction
               may be negative, a day's sum so far may not. Cells with t + d beyond the last day are not looked at

    Raises NotUnderstood for other shapes, missing known cells, negative sums, and more delays than days.
    """
    cells = np.array(triangle, dtype=np.float64)
    if cells.ndim != 3 or not cells.size:
        raise NotUnderstood("A reporting triangle has three dimensions: series, specimen days and delays.")
    days, delays = cells.shape[1:]
    if delays > days:
        raise NotUnderstood(f"The longest delay ({delays - 1} days) does not fit {days} days: no day is complete.")
    cells[:, ~known(days, delays)] = 0.0
    if not np.isfinite(cells).all():
        raise NotUnderstood("A cell of the reporting triangle that must be known by now is missing.")
    if (cells.sum(2) < 0).any():
        raise NotUnderstood("A day of the reporting triangle has more taken back than it ever reported.")
    return cells


def known(days: int, delays: int) -> npt.NDArray[np.bool_]:
    """(days, delays) whether a cell lies on or before the last day."""
    return np.arange(days)[:, None] + np.arange(delays) < days


def hazards(cells: Values, *, latest: int | None = None, every: int = 1) -> Hazards:
    """Hazards from the last `latest` days (None = all), (series, every, delays): a set for each day modulo `every`.

    cells : (series, days, delays) from `triangle_of`; every = 7 keeps the weekdays of the specimen apart. Index 0 is
            the weekday of the last day, 1 that of the day before it

    Source: Lawless 1994, Can J Stat 22:15, 2.9; reverse time hazards, which need no day to be complete.
    """
    days, delays = cells.shape[1:]
    first = 0 if latest is None else max(days - latest, 0)
    mask = known(days, delays)[first:]
    some = cells[:, first:]
    within = np.cumsum(some, axis=2)
    age = np.arange(len(mask) - 1, -1, -1)
    kept = [np.flatnonzero(age % every == which) for which in range(every)]
    return Hazards(
        reported=np.stack([np.einsum("std,td->sd", some[:, rows], mask[rows] * 1.0) for rows in kept], axis=1),
        within=np.stack([np.einsum("std,td->sd", within[:, rows], mask[rows] * 1.0) for rows in kept], axis=1),
    )


def by_age(completeness: Values, days: int) -> Values:
    """(series, days) completeness of each specimen day, from (series, every, delays)."""
    series, every, delays = completeness.shape
    age = days - 1 - np.arange(days)
    found = completeness[:, age % every, np.minimum(age, delays - 1)]
    return np.where(age >= delays - 1, np.ones((series, days)), found)
