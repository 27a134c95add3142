"""The next days of each district: growth as of late, held back as far as that has paid, with a width learnt."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pumphandle.detection import negative_binomial
from pumphandle.detection.series import Values, series_counts
from pumphandle.vocabulary.errors import NotUnderstood

Places = npt.NDArray[np.int64]

WEEK: Final = 7
LEVELS: Final = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
ORIGINS: Final = 28  # earlier days from which the method is tried, to learn its width and how far to trust growth
DAMPING: Final = (0.0, 0.3, 0.5, 0.7)  # of the growth from day to day; 0 = the level stays as it is
CLASSES: Final = (1.0, 5.0, 25.0)  # cases a day between which districts learn together
PATIENCE: Final = 0.05  # of its error by which a damping may be worse than the best and still count for a third
LENT: Final = 1000.0  # cases in a week at which a district's own growth weighs as much as its region's
LONGEST: Final = 28
FEWEST: Final = 10  # districts of a size below which they learn from all
MIDDLE: Final = 3.0  # days from the middle of the last week to its end


@dataclass(frozen=True)
class Forecast:
    """quantiles : (districts, horizon, len(LEVELS)) counts a day; growth : (districts,) how far growth is trusted."""

    quantiles: Values
    growth: Values


@dataclass(frozen=True)
class Pair:
    """The forecast, and the baseline that it has to beat: this week's level and weekdays for ever."""

    model: Forecast
    baseline: Forecast


def forecast(
    reported: npt.ArrayLike,
    completeness: npt.ArrayLike | None = None,
    pools: npt.ArrayLike | None = None,
    *,
    horizon: int = 14,
) -> Pair:
    """Counts of each of the next `horizon` days.

    reported     : (districts, days) by specimen date, as known this morning; at least 8 weeks
    completeness : (districts, days) share that is usually known by now, from `nowcast`; None = all is known
    pools        : (districts,) 0, 1, ...: the region whose growth a small district borrows; None = one nation

    The forecast is a geometric mean over DAMPING, each weighted by how well it would have done from each of the last
    ORIGINS days whose outcome is known, among districts of about this size. The width comes from the same errors:
    variance = a x mean + b x mean squared for each day ahead.

    Raises NotUnderstood for missing or negative counts, fewer than 8 weeks, a horizon outside 1 .. LONGEST.
    Source: Gardner 2006, Int J Forecast 22:637, 2 (damped trend); Bates & Granger 1969, Oper Res Q 20:451 (weights);
    Cramer et al. 2022, PNAS 119:e2113561119 (baseline).
    Page: docs/methods/forecast.md
    """
    counts = series_counts(reported, missing=False)
    known = np.ones_like(counts) if completeness is None else np.asarray(completeness, dtype=np.float64)
    group = np.zeros(len(counts), dtype=np.int64) if pools is None else np.asarray(pools, dtype=np.int64)
    _check(counts, known, group, horizon)
    ahead = np.arange(1, horizon + 1, dtype=np.float64)
    last = counts.shape[1]
    tried = [day for day in range(last - horizon - ORIGINS, last - horizon) if day >= 4 * WEEK]
    outcome = np.stack([counts[:, day : day + horizon] for day in tried])
    # An outcome that is itself incomplete would teach that counts fall: it is left out.
    settled = np.stack([known[:, day : day + horizon] > 0.9 for day in tried])
    starts = [_start(counts[:, :day], known[:, :day], group) for day in tried]
    now = _start(counts, known, group)
    past = np.stack([np.stack([one.path(ahead, damping) for one in starts]) for damping in DAMPING])
    coming = np.stack([now.path(ahead, damping) for damping in DAMPING])
    quantiles, growth = np.empty((*coming.shape[1:], len(LEVELS))), np.empty(len(counts))
    size = np.searchsorted(np.array(CLASSES), now.level, side="right")
    for one in np.unique(size):
        own = size == one
        learnt = own if own.sum() >= FEWEST else np.ones_like(own)
        weight = _weights(past[:, :, learnt], outcome[:, learnt], settled[:, learnt])
        mixed = _mixed(weight, past[:, :, learnt])
        quantiles[own] = _widened(_mixed(weight, coming[:, own]), mixed, outcome[:, learnt], settled[:, learnt])
        growth[own] = 1.0 - weight[0]
    flat = _widened(coming[0], past[0], outcome, settled)
    return Pair(model=Forecast(quantiles, growth), baseline=Forecast(flat, np.zeros(len(counts))))


def _weights(past: Values, outcome: Values, settled: npt.NDArray[np.bool_]) -> Values:
    """(dampings,) the nearer one came to what happened, the more it counts.

    past : (dampings, origins, districts, days)
    """
    wrong = np.array([float((np.abs(np.sqrt(path) - np.sqrt(outcome)) * settled).sum()) for path in past])
    weight = np.exp(-(wrong / max(float(wrong.min()), 1e-9) - 1.0) / PATIENCE)
    return weight / weight.sum()


def _mixed(weight: Values, paths: Values) -> Values:
    """Geometric mean of the dampings' paths."""
    return np.exp(np.tensordot(weight, np.log(np.maximum(paths, 1e-3)), 1))


def _check(counts: Values, known: Values, group: Places, horizon: int) -> None:
    if counts.shape[1] < 8 * WEEK:
        raise NotUnderstood(f"A forecast needs at least {8 * WEEK} days; there are {counts.shape[1]}.")
    if not 1 <= horizon <= LONGEST:
        raise NotUnderstood(f"The horizon lies between 1 and {LONGEST} days.")
    if known.shape != counts.shape or not np.isfinite(known).all() or (known < 0).any():
        raise NotUnderstood("Completeness has the shape of the counts, and no missing or negative share.")
    if group.shape != (len(counts),) or (group < 0).any():
        raise NotUnderstood("Pools are one whole number of at least 0 for each district.")


@dataclass(frozen=True)
class _Start:
    """level (districts,) a day; growth (districts,) of its log per day; weekday (WEEK,) from the first day ahead."""

    level: Values
    growth: Values
    weekday: Values

    def path(self, ahead: Values, damping: float) -> Values:
        """(districts, horizon) mean of each day ahead."""
        if damping == 0.0:
            steps = np.zeros_like(ahead)
        else:
            steps = MIDDLE + damping * (1.0 - damping**ahead) / (1.0 - damping)
        day = (ahead.astype(np.int64) - 1) % WEEK
        return self.level[:, None] * np.exp(np.clip(self.growth[:, None] * steps, -3.0, 3.0)) * self.weekday[day]


def _start(counts: Values, known: Values, group: Places) -> _Start:
    """Level and growth from the last two weeks, weekdays from the four before today."""
    recent, before = slice(-WEEK, None), slice(-2 * WEEK, -WEEK)
    share = np.maximum(known[:, recent].sum(1), 0.5), np.maximum(known[:, before].sum(1), 0.5)
    level = counts[:, recent].sum(1) / share[0]
    earlier = counts[:, before].sum(1) / share[1]
    size = int(group.max()) + 1
    region = np.bincount(group, level, size), np.bincount(group, earlier, size)
    common = np.log((region[0] + 0.1) / (region[1] + 0.1))[group]
    own = np.log((level + 0.1) / (earlier + 0.1))
    weight = WEEK * (level + earlier) / 2.0
    growth = (weight * own + LENT * common) / (weight + LENT) / WEEK
    return _Start(level=level, growth=growth, weekday=_weekdays(counts[:, -4 * WEEK :], known[:, -4 * WEEK :].mean(0)))


def _weekdays(counts: Values, known: Values) -> Values:
    """(WEEK,) how busy each weekday is in the whole nation, 1 on average, from days that are mostly known."""
    solid = (known > 0.5).reshape(-1, WEEK)
    whole = np.where(solid, (counts.sum(0) / np.maximum(known, 0.05)).reshape(-1, WEEK), 0.0)
    level = whole.sum(1, keepdims=True) / np.maximum(solid.sum(1, keepdims=True), 1)
    share = np.divide(whole, level, out=np.ones_like(whole), where=level > 0)
    busy = np.where(solid, share, 0.0).sum(0) / np.maximum(solid.sum(0), 1)
    busy = np.where(solid.any(0), busy, 1.0)
    return busy / max(float(busy.mean()), 1e-9) if busy.any() else np.ones(WEEK)


def _widened(path: Values, past: Values, outcome: Values, settled: npt.NDArray[np.bool_]) -> Values:
    """Quantiles about the path; the width of each day ahead from past (origins, districts, horizon) errors."""
    found = np.empty((*path.shape, len(LEVELS)))
    for day in range(path.shape[1]):
        mean = np.maximum(past[:, :, day], 0.1)[settled[:, :, day]]
        error = (outcome[:, :, day] - past[:, :, day])[settled[:, :, day]]
        poisson, squared = _variance(mean, error)
        centre = np.maximum(path[:, day], 0.05)
        dispersion = np.maximum(poisson + squared * centre, 1.0)
        for at, level in enumerate(LEVELS):
            found[:, day, at] = negative_binomial.quantile(level, centre, dispersion)
    return found


def _variance(mean: Values, error: Values) -> tuple[float, float]:
    """a, b of variance = a x mean + b x mean squared: least squares of error squared / mean."""
    if len(mean) < 10:
        return 2.0, 0.1
    ratio, weight = error**2 / mean, 1.0 / (1.0 + mean)
    total, first, second = weight.sum(), (weight * mean).sum(), (weight * mean * mean).sum()
    bend = total * second - first * first
    slope = (total * (weight * mean * ratio).sum() - first * (weight * ratio).sum()) / bend if bend > 0 else 0.0
    squared = max(float(slope), 0.0)
    poisson = max(float(((weight * ratio).sum() - squared * first) / total), 1.0)
    return poisson, squared
