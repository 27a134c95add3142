"""EARS C1, C2 and C3: a count against the mean and spread of the few days before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from pumphandle.detection.series import Values, series_counts
from pumphandle.vocabulary.errors import NotUnderstood

Method = Literal["C1", "C2", "C3"]

LAG: Final = 2  # periods between the baseline and the one judged in C2 and C3, and those that C3 adds up
BEFORE: Final[dict[Method, tuple[int, int]]] = {"C1": (0, 0), "C2": (LAG, 0), "C3": (LAG, LAG)}
ALPHA: Final[dict[Method, float]] = {"C1": 0.001, "C2": 0.001, "C3": 0.025}
BLOCK: Final = 128  # series at once: a block and its copies stay in a core's own memory


@dataclass(frozen=True)
class Ears:
    """upper, exceeds : (series, times); NaN and False before the first time that can be judged (`first`)."""

    upper: Values
    exceeds: npt.NDArray[np.bool_]
    first: int


def ears(
    observed: npt.ArrayLike,
    methods: Sequence[Method] = ("C1", "C2", "C3"),
    *,
    baseline: int = 7,
    least_spread: float = 0.0,
    alpha: float | None = None,
) -> dict[Method, Ears]:
    """Upper limit of each count, by each of the methods asked for.

    observed     : (series, times) counts, one a period, none missing
    baseline     : periods, at least 3, just before the one judged (C1) or two before that (C2, C3)
    least_spread : lowest standard deviation that is believed; above 0 it guards against a baseline without variation
    alpha        : chance that an ordinary count lies above the limit; None = the method's own (ALPHA)

    C3 lowers the limit of C2 by how far the two days before exceeded their own mean by more than one deviation. A
    baseline without variation gives C3 an infinite excess, unless the count equals its mean: 0 / 0 counts as none.

    Raises NotUnderstood for missing counts, an unknown method, and a baseline longer than the series.
    Source: Hutwagner et al. 2003, J Urban Health 80:i89; Fricker et al. 2008, Stat Med 27:3407.
    Oracle: R's surveillance 1.20.3, earsC. Page: docs/methods/ears.md
    """
    counts = series_counts(observed, missing=False)
    _check(methods, baseline, least_spread, counts.shape[1])
    found: dict[Method, Ears] = {method: _empty(counts, baseline + sum(BEFORE[method])) for method in methods}
    for top in range(0, len(counts), BLOCK):
        block = counts[top : top + BLOCK]
        mean, spread = _past(block, baseline, least_spread)
        for method, one in found.items():
            lag, _ = BEFORE[method]
            z = float(special.ndtri(1.0 - (ALPHA[method] if alpha is None else alpha)))
            judged = block[:, baseline + lag :]
            of = slice(0, judged.shape[1])
            limit = _c3(judged, mean[:, of], spread[:, of], z) if method == "C3" else mean[:, of] + z * spread[:, of]
            one.upper[top : top + BLOCK, one.first :] = limit
            np.greater(block[:, one.first :], limit, out=one.exceeds[top : top + BLOCK, one.first :])
    return found


def _empty(counts: Values, first: int) -> Ears:
    return Ears(upper=np.full(counts.shape, np.nan), exceeds=np.zeros(counts.shape, dtype=np.bool_), first=first)


def _check(methods: Sequence[Method], baseline: int, least_spread: float, times: int) -> None:
    for method in methods:
        if method not in BEFORE:
            raise NotUnderstood(f"{method} is not an EARS method: C1, C2 or C3.")
        if times <= baseline + sum(BEFORE[method]):
            raise NotUnderstood(f"{method} needs more than {baseline + sum(BEFORE[method])} times; there are {times}.")
    if baseline < 3:
        raise NotUnderstood("The baseline needs at least 3 periods.")
    if not least_spread >= 0:
        raise NotUnderstood("The least spread cannot be negative.")


def _past(counts: Values, baseline: int, least_spread: float) -> tuple[Values, Values]:
    """Mean and standard deviation of the `baseline` periods just before each time from `baseline` on."""
    times = counts.shape[1] - baseline
    mean, squares, part = (np.zeros((len(counts), times)) for _ in range(3))
    for step in range(baseline):
        mean += counts[:, step : step + times]
    mean /= baseline
    for step in range(baseline):  # about the mean, so that large counts keep their digits
        np.subtract(counts[:, step : step + times], mean, out=part)
        part *= part
        squares += part
    squares /= baseline - 1
    return mean, np.maximum(np.sqrt(squares), least_spread)


def _c3(judged: Values, mean: Values, spread: Values, z: float) -> Values:
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = np.maximum(np.nan_to_num((judged - mean) / spread, nan=0.0, posinf=np.inf, neginf=-np.inf) - 1.0, 0.0)
        limit = judged[:, LAG:] + spread[:, LAG:] * (z - (excess[:, :-LAG] + excess[:, LAG - 1 : -1]))
    return np.maximum(np.nan_to_num(limit, nan=0.0, posinf=np.inf, neginf=-np.inf), 0.0)
