"""CUSUM: small exceedances added up until they are too many to be chance."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from pumphandle.detection.series import Values, series_counts
from pumphandle.vocabulary.errors import NotUnderstood

Transformation = Literal["rossi", "standard", "anscombe", "none"]
TRANSFORMATIONS: Final = ("rossi", "standard", "anscombe", "none")


@dataclass(frozen=True)
class Cusum:
    """Each (series, times from `start`).

    total   : the cumulative sum, restarting nowhere by itself but at 0 from below
    upper   : count at which the sum would reach the limit, given what came before; NaN-free, at least 0
    exceeds : the sum has reached the limit
    """

    total: Values
    upper: Values
    exceeds: npt.NDArray[np.bool_]


def cusum(
    observed: npt.ArrayLike,
    *,
    start: int,
    mean: npt.ArrayLike | None = None,
    transformation: Transformation = "rossi",
    k: float = 1.04,
    h: float = 2.26,
) -> Cusum:
    """One-sided CUSUM of counts made roughly normal.

    observed : (series, times) counts, none missing
    start    : first time judged, from 0
    mean     : (series,) or (series, times from `start`) expected counts above 0; None = mean before `start`
    k, h     : reference value and limit in standard deviations; the defaults suit in-control runs of about 500

    A series without a case before `start` has no mean: its total stays 0 until the first case and is infinite then.

    Raises NotUnderstood for missing counts, a start outside the series, and unknown transformations.
    Source: Rossi et al. 1999, Stat Med 18:2111. Oracle: R's surveillance 1.20.3, cusum.
    """
    counts = series_counts(observed, missing=False)
    if not 0 < start < counts.shape[1]:
        raise NotUnderstood(f"The start must leave times before and after it; there are {counts.shape[1]} times.")
    if transformation not in TRANSFORMATIONS:
        raise NotUnderstood(f"{transformation} is not one of {', '.join(TRANSFORMATIONS)}.")
    judged = counts[:, start:]
    expected = _expected(counts, start, mean)
    steps = _transformed(judged, expected, transformation) - k
    total, before = np.zeros_like(judged), np.zeros_like(judged)
    running = np.zeros(len(judged))
    for time in range(judged.shape[1]):
        before[:, time] = running
        running = np.maximum(running + steps[:, time], 0.0)
        total[:, time] = running
    upper = _count_at(h + k - before, expected, transformation)
    if transformation == "none":
        upper = h - total  # as the peer has it: what is left, not a count
    return Cusum(total=total, upper=np.maximum(np.nan_to_num(upper, nan=0.0), 0.0), exceeds=total >= h)


def _expected(counts: Values, start: int, mean: npt.ArrayLike | None) -> Values:
    judged = counts[:, start:]
    given = counts[:, :start].mean(1) if mean is None else np.asarray(mean, dtype=np.float64)
    if given.shape not in ((len(counts),), judged.shape):
        raise NotUnderstood("Means must be one a series, or one a series and time judged.")
    if mean is not None and not (np.isfinite(given) & (given > 0)).all():
        raise NotUnderstood("An expected count is missing, infinite or not above 0.")
    return np.broadcast_to(given[:, None] if given.ndim == 1 else given, judged.shape)


def _transformed(counts: Values, mean: Values, transformation: Transformation) -> Values:
    with np.errstate(divide="ignore", invalid="ignore"):
        match transformation:
            case "rossi":
                found = (counts - 3.0 * mean + 2.0 * np.sqrt(counts * mean)) / (2.0 * np.sqrt(mean))
            case "standard":
                found = (counts - mean) / np.sqrt(mean)
            case "anscombe":
                found = 1.5 * (np.cbrt(counts) ** 2 - np.cbrt(mean) ** 2) / np.cbrt(np.sqrt(mean))
            case "none":
                found = counts
    return np.where(np.isnan(found), 0.0, found)  # no case where none was expected


def _count_at(deviation: Values, mean: Values, transformation: Transformation) -> Values:
    """The count whose transformed value is `deviation`: the inverse of `_transformed`."""
    root = np.sqrt(mean)
    with np.errstate(invalid="ignore"):
        match transformation:
            case "rossi":  # 2 sqrt(m) d = x + 2 sqrt(x m) - 3 m, a quadratic in sqrt(x)
                return np.square(np.sqrt(np.maximum(4.0 * mean + 2.0 * root * deviation, 0.0)) - root)
            case "standard":
                return np.ceil(root * deviation + mean)
            case "anscombe":
                return np.maximum(np.cbrt(root) * deviation / 1.5 + np.cbrt(mean) ** 2, 0.0) ** 1.5
            case "none":
                return deviation
