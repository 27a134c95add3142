"""How much of what arrived is out, and how near the figures are: a release measured against what only we know.

These are exact national sums over people who wait, so they are NOT for the public: "cases of the last 28 days: 96.4 %
out" and the ledger together give the number of those who wait, which can be 1 to 4, and the error of an estimate is a
sum over every open window. They stand on an inner shelf, for those who choose the rule.
Definitions: docs/methods/usefulness.md.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pumphandle.publication.estimates import NO_POOLS, SPAN, Pooled, Windows, profile

LAGS: Final = (0, 3, 7, 14)
"""Days after arrival within which a record is out or not."""
COHORT: Final = 28
"""Days of arrival that a share is taken over: whole weeks, old enough that the lag has passed."""
SETTLED: Final = 14
"""Days after which hardly any window that touches a day is open."""
DAYS_NEEDED: Final = max(*LAGS, SETTLED) + COHORT

Days = NDArray[np.int64]


@dataclass(frozen=True)
class Stand:
    """What is known at a release, of one measure.

    windows  : closed ones that end on the days of `arrivals`, and of every node the last one before
    since    : (nodes,) first day of the open window, an ordinal
    arrivals : (nodes, days) what counted on each day up to `as_of`: the truth. DAYS_NEEDED days, or all there are
    as_of    : day of the release, an ordinal
    pooled   : windows that closed together, among those of `windows` in what is out and how long it took
    """

    windows: Windows = field(repr=False)
    since: Days = field(repr=False)
    arrivals: NDArray[np.int64] = field(repr=False)
    as_of: int
    k: int
    pooled: Pooled = NO_POOLS

    @property
    def closed(self) -> tuple[Days, Days, Days]:
        """node, first, last of every closed window, its own or in a pool."""
        own, pools = self.windows, self.pooled
        return (
            np.concatenate([own.node, pools.node]),
            np.concatenate([own.first, pools.first]),
            np.concatenate([own.last, pools.last]),
        )


@dataclass(frozen=True)
class Usefulness:
    """One measure of one release. None where there was nothing to measure.

    out_0 … out_14 : share of the records of 28 days of arrival that were out so many days later
    window_days    : mean length of the windows that closed in the last 28 days
    windows        : how many those were
    error          : mean over nodes of |estimate - truth| for the seven days up to the release
    error_settled  : the same for the seven days that ended 14 days before, as told today
    seven_days     : mean truth behind `error`
    held_back      : share of the last 28 days' records that stand in windows which hold k and are still open
    """

    out_0: float | None
    out_3: float | None
    out_7: float | None
    out_14: float | None
    window_days: float | None
    windows: int
    error: float | None
    error_settled: float | None
    seven_days: float | None
    held_back: float | None


def usefulness(stand: Stand) -> Usefulness:
    """Measure a release."""
    closed_on = _closed_on(stand)
    out = [_share_out(stand, closed_on, lag) for lag in LAGS]
    _, first, last = stand.closed
    recent = last > stand.as_of - COHORT
    lengths = (last - first + 1)[recent]
    error, settled = (_errors(stand, last=stand.as_of - back) for back in (0, SETTLED))
    return Usefulness(
        *out,
        window_days=float(lengths.mean()) if len(lengths) else None,
        windows=int(recent.sum()),
        error=None if error is None else float(np.abs(error).mean()),
        error_settled=None if settled is None else float(np.abs(settled).mean()),
        seven_days=None if error is None else float(stand.arrivals[:, -SPAN:].sum(axis=1).mean()),
        held_back=_held_back(stand),
    )


def _closed_on(stand: Stand) -> NDArray[np.int64]:
    """(nodes, days) last day of the window that holds each day of arrival; far away where it is open."""
    nodes, days = stand.arrivals.shape
    start = stand.as_of - days + 1
    closed = np.full((nodes, days), np.iinfo(np.int64).max // 2, dtype=np.int64)
    places, begins, ends = stand.closed
    for node, first, last in zip(places, begins - start, ends - start, strict=True):
        if last >= 0:
            closed[node, max(int(first), 0) : int(last) + 1] = last + start
    return closed


def _share_out(stand: Stand, closed_on: NDArray[np.int64], lag: int) -> float | None:
    days = stand.arrivals.shape[1]
    end = days - lag
    cohort = slice(max(end - COHORT, 0), max(end, 0))
    arrived = stand.arrivals[:, cohort]
    if not arrived.sum():
        return None
    on = np.arange(stand.as_of - days + 1, stand.as_of + 1, dtype=np.int64)[cohort]
    return float(arrived[closed_on[:, cohort] <= on + lag].sum() / arrived.sum())


def _errors(stand: Stand, *, last: int) -> NDArray[np.float64] | None:
    """(nodes,) estimate less truth for the seven days to `last`; None where the ledger does not reach back."""
    nodes, days = len(stand.since), int(stand.arrivals.shape[1])
    first = last - SPAN + 1
    begin = first - (stand.as_of - days + 1)
    if begin < 0 or not nodes:
        return None
    windows = stand.windows
    each, final = profile(windows, stand.k)
    told = np.zeros(nodes)
    np.add.at(told, windows.node, each * _overlap(windows.first, windows.last - 1, first, last))
    np.add.at(told, windows.node, final * ((windows.last >= first) & (windows.last <= last)))
    pools = stand.pooled
    each_pooled = pools.part / (pools.last - pools.first + 1)
    np.add.at(told, pools.node, each_pooled * _overlap(pools.first, pools.last, first, last))
    waiting: Days = stand.as_of - stand.since + 1
    share = np.divide((stand.k - 1) / 2, waiting, out=np.zeros(nodes), where=waiting > 0)
    told += share * _overlap(stand.since, np.full(nodes, stand.as_of), first, last)
    return told - stand.arrivals[:, begin : begin + SPAN].sum(axis=1)


def _overlap(first: Days, last: Days, begin: int, end: int) -> Days:
    """Days that each of first..last shares with begin..end."""
    return np.maximum(np.minimum(last, end) - np.maximum(first, begin) + 1, 0)


def _held_back(stand: Stand) -> float | None:
    """Open windows that hold k wait for a household, for a hold, or because they would give a count away."""
    nodes, days = len(stand.since), int(stand.arrivals.shape[1])
    on = np.arange(stand.as_of - days + 1, stand.as_of + 1, dtype=np.int64)
    waiting = np.where(on >= stand.since[:, None], stand.arrivals, 0).sum(axis=1)
    recent = int(stand.arrivals[:, -COHORT:].sum())
    return float(waiting[waiting >= stand.k].sum() / recent) if recent and nodes else None
