"""Seven-day figures from published windows: each is a pure function of the ledger and the rule it was made under.

What the rule proves about a window [first, last] with value v that was closed under k: its days before the last held at
most k - 1, otherwise it would have closed earlier. So when a span of days cuts a window, the part inside is known to
within k - 1, and no estimate may leave these bounds. A window that waited, for a second household or for its
neighbours' sake, may hold all it has on any day; of one that closed in a pool only the pool's number is known.
Page: docs/explanation/reading-the-windows.md
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

SPAN: Final = 7
"""Days in a seven-day figure."""

Days = NDArray[np.int64]
Grid = NDArray[np.float32]


@dataclass(frozen=True)
class Windows:
    """The closed windows of one measure, in order of publication, so that a past release is a prefix.

    node     : (n,) index of the publication node
    first    : (n,) first day as a proleptic ordinal
    last     : (n,) last day, included; both are days of arrival
    value    : (n,) what was published
    sequence : (n,) sequence of the release, never falling
    waited   : (n,) could have closed earlier; none given: none did
    """

    node: NDArray[np.int64]
    first: Days
    last: Days
    value: NDArray[np.int64]
    sequence: NDArray[np.int64]
    waited: NDArray[np.bool_] = field(kw_only=True, default_factory=lambda: np.empty(0, dtype=np.bool_))

    def __post_init__(self) -> None:
        if len(self.waited) != len(self.node):
            object.__setattr__(self, "waited", np.zeros(len(self.node), dtype=np.bool_))

    def upto(self, sequence: int) -> "Windows":
        """Those known at the release of that sequence."""
        end = int(np.searchsorted(self.sequence, sequence, side="right"))
        return Windows(
            self.node[:end],
            self.first[:end],
            self.last[:end],
            self.value[:end],
            self.sequence[:end],
            waited=self.waited[:end],
        )

    def of_node(self, node: int) -> "Windows":
        """One node's windows, oldest first."""
        order, start = self._by_node
        mine = order[start[node] : start[node + 1]] if node + 1 < len(start) else order[:0]
        return Windows(
            self.node[mine],
            self.first[mine],
            self.last[mine],
            self.value[mine],
            self.sequence[mine],
            waited=self.waited[mine],
        )

    def count_of(self, node: int) -> int:
        """How many windows a node has."""
        _, start = self._by_node
        return int(start[node + 1] - start[node]) if node + 1 < len(start) else 0

    def newest(self, most: int) -> NDArray[np.intp]:
        """Rows of the newest so many windows of every node, node by node, oldest first."""
        order, start = self._by_node
        after = np.repeat(start[1:], np.diff(start)) - np.arange(len(order))
        return order[after <= most]

    @cached_property
    def _by_node(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows in order of node, stable, and where each node's begin."""
        most = int(self.node.max()) if len(self.node) else -1
        few = most < np.iinfo(np.uint16).max  # short numbers are sorted many times quicker
        order = np.argsort(self.node.astype(np.uint16) if few else self.node, kind="stable")
        return order, np.searchsorted(self.node[order], np.arange(most + 2))


@dataclass(frozen=True)
class Pooled:
    """Windows that closed together; the same columns as Windows.

    value : (n,) the whole pool's number
    part  : (n,) what the window is taken to hold: its part of the pool by people, and what came before `begun`
    begun : (n,) first day that the pool's number counts; later than `first` in a wide pool only
    most  : (n,) what the window holds at most: the pool's number, and the district's closed totals before `begun`
    """

    node: NDArray[np.int64]
    first: Days
    last: Days
    value: NDArray[np.int64]
    part: NDArray[np.float64]
    begun: Days
    most: NDArray[np.int64]

    def beside(self, other: "Pooled") -> "Pooled":
        """Both, one after the other."""
        names = ("node", "first", "last", "value", "part", "begun", "most")
        return Pooled(*(np.concatenate([getattr(self, name), getattr(other, name)]) for name in names))


_NONE: Final = np.empty(0, dtype=np.int64)
NO_POOLS: Final = Pooled(_NONE, _NONE, _NONE, _NONE, part=np.empty(0, dtype=np.float64), begun=_NONE, most=_NONE)


def untold(windows: Windows) -> Pooled:
    """Windows whose number was taken back: they end where they ended, and hold nothing that could be told."""
    node, first, last, value = windows.node, windows.first, windows.last, windows.value
    return Pooled(node, first, last, value, value.astype(np.float64), begun=first, most=value)


@dataclass(frozen=True)
class Ground:
    """What a calculation stands on: how many nodes, the days from..to (ordinals, both included) and the rule's k."""

    nodes: int
    start: int
    as_of: int
    k: int

    @property
    def days(self) -> int:
        return self.as_of - self.start + 1


@dataclass(frozen=True)
class SevenDays:
    """Figures for the seven days ending on each day.

    estimate, low, high : (nodes, days) float32, counts; low and high are proved where each person counts once
    closed     : (nodes, days) bool, whether any closed window touches the seven days
    open_since : (nodes,) first day of the window that is open at the release
    recalled   : (nodes, days) bool, whether a window touches the seven days whose number is no longer told
    """

    estimate: Grid
    low: Grid
    high: Grid
    closed: NDArray[np.bool_]
    open_since: Days
    recalled: NDArray[np.bool_]


def open_since(windows: Windows, ground: Ground, pooled: Pooled = NO_POOLS) -> Days:
    """(nodes,) the day after each node's last closed window, or the first day of the ledger."""
    since = np.full(ground.nodes, ground.start, dtype=np.int64)
    np.maximum.at(since, windows.node, windows.last + 1)
    np.maximum.at(since, pooled.node, pooled.last + 1)
    return since


def profile(windows: Windows, k: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(n,) estimate for each day before the last, and for the last day, of every window.

    The value is spread evenly, as far as the rule allows: the days before the last share at most k - 1.
    """
    earlier = (windows.last - windows.first).astype(np.float64)
    even = windows.value / (earlier + 1)
    most = np.divide(k - 1, earlier, out=np.zeros_like(earlier), where=earlier > 0)
    most = np.where(windows.waited, even, most)
    each = np.minimum(even, most)
    return each, windows.value - each * earlier


def daily(windows: Windows, ground: Ground, pooled: Pooled = NO_POOLS) -> NDArray[np.float64]:
    """(nodes, days) estimate of each day; an open window counts as half of k - 1, spread evenly over its days."""
    each, final = profile(windows, ground.k)
    since = open_since(windows, ground, pooled)
    waiting = np.flatnonzero(since <= ground.as_of)
    share = (ground.k - 1) / 2 / (ground.as_of - since[waiting] + 1)
    steps = _Steps(ground)
    steps.add(windows.node, windows.first, windows.last - 1, each)
    steps.add(windows.node, windows.last, windows.last, final)
    steps.add(waiting, since[waiting], np.full(len(waiting), ground.as_of), share)
    steps.add(pooled.node, pooled.first, pooled.last, pooled.part / (pooled.last - pooled.first + 1))
    return steps.grid()


def seven_days(windows: Windows, ground: Ground, pooled: Pooled = NO_POOLS, recalled: Pooled = NO_POOLS) -> SevenDays:
    """Figures for every node and every day up to the release. recalled : windows whose number is no longer told"""
    pooled = pooled.beside(recalled)
    running = np.cumsum(daily(windows, ground, pooled), axis=1)
    running[:, SPAN:] -= running[:, :-SPAN].copy()
    since = open_since(windows, ground, pooled)
    waiting = np.flatnonzero(since <= ground.as_of)
    until = np.full(len(waiting), ground.as_of)
    node, first, last, value = windows.node, windows.first, windows.last, windows.value
    slack = np.where(windows.waited, value, np.minimum(value, ground.k - 1))
    whole = np.minimum(last + SPAN - 1, first + SPAN - 1)  # last day whose span holds the window entire
    low, high, touched = _Steps(ground), _Steps(ground), _Steps(ground)
    high.add(node, first, last - 1, slack)  # the span ends inside the window
    high.add(node, last, last + SPAN - 1, value)  # the span holds its last day
    low.add(node, last, whole, value)
    low.add(node, np.maximum(last, whole + 1), last + SPAN - 1, value - slack)
    high.add(waiting, since[waiting], until, np.full(len(waiting), ground.k - 1))
    high.add(pooled.node, pooled.first, pooled.last + SPAN - 1, pooled.most)
    touched.add(node, first, last + SPAN - 1, np.ones(len(node)))
    touched.add(pooled.node, pooled.first, pooled.last + SPAN - 1, np.ones(len(pooled.node)))
    gone = _Steps(ground)
    gone.add(recalled.node, recalled.first, recalled.last + SPAN - 1, np.ones(len(recalled.node)))
    return SevenDays(
        estimate=np.maximum(running, 0).astype(np.float32),
        low=low.grid().astype(np.float32),
        high=high.grid().astype(np.float32),
        closed=touched.grid() > 0,
        open_since=since,
        recalled=gone.grid() > 0,
    )


def sums(grid: Grid, members: Sequence[int]) -> NDArray[np.float64]:
    """(days,) an area's figures as the sum of its nodes."""
    return grid[np.asarray(members, dtype=np.int64)].sum(axis=0, dtype=np.float64)


def per_100_000(count: float, population: int | None) -> float | None:
    """A crude rate, or None where the population is not known or nobody lives there."""
    return 100_000 * count / population if population else None


class _Steps:
    """Adds a constant over ranges of days by their two ends, and sums once."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._places: list[NDArray[np.int64]] = []
        self._changes: list[NDArray[np.float64]] = []

    def add(self, node: NDArray[np.int64], first: Days, last: Days, amount: NDArray[np.generic]) -> None:
        """`amount` (n,) on every day first..last; ranges are cut to the ground's days, empty ones add nothing."""
        begin = np.clip(first - self._ground.start, 0, self._ground.days)
        end = np.clip(last - self._ground.start + 1, begin, self._ground.days)
        row = node * (self._ground.days + 1)
        weight = amount.astype(np.float64)
        self._places += [row + begin, row + end]
        self._changes += [weight, -weight]

    def grid(self) -> NDArray[np.float64]:
        shape = self._ground.nodes, self._ground.days + 1
        if not any(len(one) for one in self._places):
            return np.zeros((shape[0], shape[1] - 1))
        changes, places = np.concatenate(self._changes), np.concatenate(self._places)
        rows = np.bincount(places, weights=changes, minlength=shape[0] * shape[1]).reshape(shape)
        return np.cumsum(rows, axis=1, dtype=np.float64)[:, :-1]
