"""The latest days as they will look once all reports are in: delays shared, intervals from past errors."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from pumphandle.detection import negative_binomial
from pumphandle.detection.delays import by_age, hazards, known, triangle_of
from pumphandle.detection.series import Values
from pumphandle.vocabulary.errors import NotUnderstood

Places = npt.NDArray[np.int64]

WEEK: Final = 7
HISTORY: Final = 28  # earlier mornings on which the method is tried, to learn how wrong it is
LEVEL_DAYS: Final = 14  # days that give an area's usual count
PRIOR_CASES: Final = 1.0  # what the usual count is worth at least, in cases
TRUSTS: Final = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)  # what it may be worth, as a share of a whole day's reports


@dataclass(frozen=True)
class Completed:
    """Each (series, days) but the last three, which are (delays,), by age of the day.

    reported     : known by the last day
    completeness : share of the final count that is usually known by now, 0 .. 1 (above 1 where counts go down later)
    mean, lower, upper : of the final count
    trust        : weight of the area's usual count against its reports, as a share of a whole day's reports
    spread       : variance of the error over the mean; downward : the part of it from counts that went down later
    """

    reported: Values
    completeness: Values
    mean: Values
    lower: Values
    upper: Values
    trust: Values
    spread: Values
    downward: Values


@dataclass(frozen=True)
class _Morning:
    """What is known on one morning, newest day first: each (series, delays) by age."""

    reported: Values
    completeness: Values
    usual: Values

    def mean(self, trust: Values) -> Values:
        """Expected final counts: what is to come in proportion to reports and to the usual count together."""
        worth = trust + PRIOR_CASES / self.usual
        rest = (self.reported + worth * self.usual) * np.maximum(1.0 - self.completeness, 0.0)
        return self.reported + rest / (np.maximum(self.completeness, 0.0) + worth)


def nowcast(
    triangle: npt.ArrayLike,
    pools: npt.ArrayLike | None = None,
    *,
    latest: int = 42,
    weekdays: bool = True,
    level: float = 0.95,
) -> Completed:
    """Final counts of days that are still being reported.

    triangle : (series, days, delays), see `delays.triangle_of`; the longest delay counts as final
    pools    : (series,) 0, 1, ...: series whose reports take as long (a region, a laboratory); None = all alike
    latest   : specimen days that the delays are learnt from
    weekdays : learn them apart for each weekday; taken up once there are five weeks to learn from
    level    : of the interval

    The same is done on each of up to HISTORY earlier mornings with what was known then, and compared with what is known
    now, all series together, by age. That gives the trust in the usual count, and the width of the interval: negative
    binomial upwards, and downwards below what is reported only where counts went down before.

    Raises NotUnderstood as `triangle_of`, and for pools that do not fit.
    Source: Lawless 1994, Can J Stat 22:15; retrospective errors as in the R package baselinenowcast.
    Page: docs/methods/nowcast.md
    """
    cells = triangle_of(triangle)
    series, days, delays = cells.shape
    group = np.zeros(series, dtype=np.int64) if pools is None else np.asarray(pools, dtype=np.int64)
    if group.shape != (series,) or (group < 0).any():
        raise NotUnderstood("Pools are one whole number of at least 0 for each series.")
    if not 0 < level < 1 or latest < delays:
        raise NotUnderstood("The level lies between 0 and 1, and `latest` covers at least the longest delay.")
    every = WEEK if weekdays and min(latest, days) >= 5 * WEEK else 1
    pooled = np.zeros((int(group.max()) + 1, days, delays))
    np.add.at(pooled, group, cells)
    last = days - delays  # the newest morning all of whose days are final by now
    earlier = range(max(last - HISTORY, 2 * delays), last + 1)
    past = [_morning(cells, pooled, group, day, latest, every) for day in earlier]
    final = cells.sum(2)
    later = [final[:, day - delays + 1 : day + 1][:, ::-1] for day in earlier]
    trust = _trust(past, later, delays)
    spread, downward = _spread(past, later, trust)
    today = _morning(cells, pooled, group, days - 1, latest, every)
    mean = today.mean(trust)
    low, high = _interval(today.reported, mean, spread, downward, level)
    settled = final[:, : days - delays]
    complete = by_age(np.ones((series, 1, delays)), days)
    complete[:, days - delays :] = today.completeness[:, ::-1]
    whole = [np.concatenate([settled, part[:, ::-1]], axis=1) for part in (mean, low, high)]
    return Completed(final, complete, *whole, trust=trust, spread=spread, downward=downward)


def _morning(cells: Values, pooled: Values, group: Places, day: int, latest: int, every: int) -> _Morning:
    """With nothing but what was known when `day` was the last."""
    delays = cells.shape[2]
    first = max(day + 1 - max(latest, delays), 0)
    days = day + 1 - first
    seen = known(days, delays)
    then, together = cells[:, first : day + 1] * seen, pooled[:, first : day + 1] * seen
    complete = by_age(hazards(together, every=every).completeness(), days)[group]
    reported = then.sum(2)
    window = slice(max(days - LEVEL_DAYS, 0), days)
    total = np.maximum(complete[:, window].sum(1), 1.0)
    usual = np.maximum((reported[:, window].sum(1) + 0.1) / total, 1e-3)[:, None]
    newest = slice(days - delays, days)
    week = _weekdays(together.sum((0, 2)) / np.maximum(complete.mean(0), 0.05), every)[newest]
    expected = np.maximum(usual * week, 1e-3)  # a weekday without a single case so far can still have one
    return _Morning(reported[:, newest][:, ::-1], complete[:, newest][:, ::-1], expected[:, ::-1])


def _weekdays(total: Values, every: int) -> Values:
    """(days,) how busy a day's weekday usually is, 1 on average."""
    age = np.arange(len(total))[::-1]
    settled = np.where(age >= WEEK // 2, total, 0.0)
    sums = np.bincount(age % every, weights=settled, minlength=every)
    counts = np.bincount(age % every, weights=age >= WEEK // 2, minlength=every)
    mean = sums / np.maximum(counts, 1.0)
    return np.where(mean.mean() > 0, mean / max(float(mean.mean()), 1e-12), 1.0)[age % every]


def _trust(past: list[_Morning], later: list[Values], delays: int) -> Values:
    """(delays,) of TRUSTS, the one with the least squared error over mean at each age."""
    if not past:
        return np.full(delays, TRUSTS[2])
    wrong = [
        sum(
            ((final - one.mean(np.full(delays, trust))) ** 2 / one.usual).sum(0)
            for one, final in zip(past, later, strict=True)
        )
        for trust in TRUSTS
    ]
    return np.array(TRUSTS)[np.argmin(np.stack(wrong), axis=0)]


def _spread(past: list[_Morning], later: list[Values], trust: Values) -> tuple[Values, Values]:
    """(delays,) mean squared error over the mean, and its part from counts that went down."""
    square, down, mean = np.zeros(len(trust)), np.zeros(len(trust)), np.full(len(trust), 1e-9)
    for one, final in zip(past, later, strict=True):
        expected = one.mean(trust)
        square += ((final - expected) ** 2).sum(0)
        down += (np.minimum(final - one.reported, 0.0) ** 2).sum(0)
        mean += expected.sum(0)
    if not past:  # nothing to learn from: what is to come is at least Poisson, here with twice its variance
        return np.full(len(trust), 2.0), np.zeros(len(trust))
    return square / mean, down / mean


def _interval(reported: Values, mean: Values, spread: Values, downward: Values, level: float) -> tuple[Values, Values]:
    rest = np.maximum(mean - reported, 0.0)
    variance = spread * np.maximum(mean, 1.0)
    wide = np.maximum(np.divide(variance, rest, out=np.ones_like(rest), where=rest > 0), 1.0)
    z = float(special.ndtri((1.0 + level) / 2))
    low, high = (
        negative_binomial.quantile(share, rest.ravel(), wide.ravel()).reshape(rest.shape)
        for share in ((1.0 - level) / 2, (1.0 + level) / 2)
    )
    lower = reported + low - np.ceil(z * np.sqrt(downward * np.maximum(reported, 0.0)))
    upper = np.maximum(reported + high, np.floor(mean + z * np.sqrt(variance)))
    return np.maximum(lower, 0.0), upper
