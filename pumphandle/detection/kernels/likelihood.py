"""How far a count lies above its baseline."""

from typing import Final

import numpy as np
import numpy.typing as npt

from pumphandle.compiled import compiled

F8 = npt.NDArray[np.float64]
I8 = npt.NDArray[np.int64]

POISSON: Final = 0
BERNOULLI: Final = 1
FORECAST: Final = 2


@compiled
def llr(kind: int, c: float, b: float, cases: float, base: float) -> float:
    """Log-likelihood ratio of c cases at baseline b (expected or tests); 0 unless the rate inside is higher."""
    if kind == FORECAST:
        return c * np.log(c / b) - (c - b) if c > b else 0.0
    if c * base <= b * cases:
        return 0.0
    rest = cases - c
    outside = base - b
    if kind == POISSON:
        value = c * np.log(c / b)
        return value + rest * np.log(rest / outside) if rest > 0.0 else value
    rate = cases / base
    value = c * np.log(c / (b * rate))
    if b > c:
        value += (b - c) * np.log((b - c) / (b * (1.0 - rate)))
    if rest > 0.0:
        value += rest * np.log(rest / (outside * rate))
    if outside > rest:
        value += (outside - rest) * np.log((outside - rest) / (outside * (1.0 - rate)))
    return value


@compiled
def cannot_reach(kind: int, c: float, b: float, cases: float, base: float, floor: float) -> bool:
    """A bound without logarithm: x ln x - x + 1 <= (x-1)^2/2 above 1, <= (x-1)^2 below (chi-square for tests)."""
    if kind == FORECAST:
        above = c - b
        return above <= 0.0 or above * above <= 2.0 * b * floor
    expected = b * cases / base
    above = c - expected
    if above <= 0.0:
        return True
    if kind == POISSON:
        return above * above * (0.5 / expected + 1.0 / (cases - expected)) <= floor
    spread = 1.0 - cases / base
    return above * above * (1.0 / expected + 1.0 / (cases - expected)) <= floor * spread


@compiled
def smallest_counts(
    kind: int, cases: float, base: float, fewest: int, most: int, floor: float, baselines: F8, out: I8
) -> None:
    """For baselines in rising order: the smallest count whose ratio reaches `floor`; `most` where none below does."""
    c = fewest
    for one in range(len(baselines)):
        b = baselines[one]
        highest = float(most)
        if kind != FORECAST:
            highest = min(highest, cases)
        if kind == BERNOULLI:
            highest = min(highest, b)
        if b > 0.0:
            while c < highest and llr(kind, float(c), b, cases, base) < floor:
                c += 1
            if c < most and llr(kind, float(c), b, cases, base) < floor:
                out[one] = most
                continue
        out[one] = c
