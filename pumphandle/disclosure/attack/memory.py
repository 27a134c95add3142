"""What the attacker keeps of a district between days: the days that could still be narrowed, and the windows on them.

Sealed days leave the problem. It shares no code with the planner: windows come to it as numbers, as published.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from pumphandle.disclosure.attack.equations import Flags, Integers
from pumphandle.disclosure.attack.ledger import Side
from pumphandle.disclosure.attack.windows import UNTOLD, Blocks

MARGIN = 2  # days before the oldest cell in question that may move too; more is slower, not safer
DEPTH = 35  # days before those, for a second look at what seems narrow


@dataclass(frozen=True)
class Live:
    """One measure of a district.

    base   : the day of the first line of `counts`
    since  : lines before it are sealed, and stand as they are
    deep   : lines before it stand even at a second look; they are kept for the windows that reach across
    counts : (days, areas) true arrivals since `base`
    sealed : (days, areas) area-days that stay wide whatever is published later
    blocks : windows that reach into these days, counted from `base`
    """

    base: int
    since: int
    deep: int
    counts: Integers = field(repr=False)
    sealed: Flags = field(repr=False)
    blocks: Blocks = field(repr=False)


@dataclass(frozen=True)
class Told:
    """What one measure of a district tells on one day; days of the ledger, the last is today.

    area, first, value : (n,) windows that close by themselves
    total              : first day and value of the district's window, if it closes
    pool_area, pool_first : windows that close together with the one number `pooled`
    """

    area: Integers
    first: Integers
    value: Integers
    total: tuple[int, int] | None
    pool_area: Integers
    pool_first: Integers
    pooled: int

    @property
    def nothing(self) -> bool:
        return self.total is None and not len(self.area) and not len(self.pool_area)


def nothing_yet(areas: int, *, day: int) -> Live:
    """Before the first day."""
    none = np.empty(0, dtype=np.int64)
    return Live(
        base=day,
        since=0,
        deep=0,
        counts=np.empty((0, areas), dtype=np.int64),
        sealed=np.empty((0, areas), dtype=np.bool_),
        blocks=Blocks(area=none, first=none, last=none, value=none, totals=np.empty((0, 3), dtype=np.int64)),
    )


def grown(live: Live, arrivals: Integers) -> Live:
    """One more day. arrivals : (areas,)"""
    counts = np.vstack([live.counts, arrivals[None, :]])
    sealed = np.vstack([live.sealed, np.zeros((1, len(arrivals)), dtype=np.bool_)])
    return replace(live, counts=counts, sealed=sealed)


def without(live: Live, gone: Sequence[tuple[int, int, int]]) -> Live:
    """What was withdrawn before any number held it. gone : (day of the ledger, area, how many)"""
    counts = live.counts.copy()
    for day, area, number in gone:
        counts[day - live.base, area] -= number
    return replace(live, counts=counts)


def told(live: Live, today: Told) -> Live:
    """The windows with today's."""
    blocks, base, last = live.blocks, live.base, len(live.counts) - 1
    totals, pools = blocks.totals, blocks.pools
    if today.total is not None:
        totals = np.vstack([totals, [[today.total[0] - base, last, today.total[1]]]])
    if len(today.pool_area):
        pools = np.vstack([pools, [[last, today.pooled]]])
    fresh = len(today.area) + len(today.pool_area)
    return replace(
        live,
        blocks=Blocks(
            area=np.concatenate([blocks.area, today.area, today.pool_area]),
            first=np.concatenate([blocks.first, today.first - base, today.pool_first - base]),
            last=np.concatenate([blocks.last, np.full(fresh, last)]),
            value=np.concatenate([blocks.value, today.value, np.full_like(today.pool_area, UNTOLD)]),
            totals=totals,
            pools=pools,
        ),
    )


def ended(live: Live, first: Integers) -> Live:
    """Every open window ends today and is counted in a number about several districts, which is not this one's.

    first : (areas,) days of the ledger. What is sealed stays as it was
    """
    last, areas = len(live.counts) - 1, live.counts.shape[1]
    blocks = live.blocks
    return replace(
        live,
        blocks=replace(
            blocks,
            area=np.concatenate([blocks.area, np.arange(areas, dtype=np.int64)]),
            first=np.concatenate([blocks.first, first - live.base]),
            last=np.concatenate([blocks.last, np.full(areas, last)]),
            value=np.concatenate([blocks.value, np.full(areas, UNTOLD)]),
        ),
    )


def sealed_whole(live: Live) -> Live:
    """Every day so far stays wide whatever comes: the caller has proved it."""
    return replace(live, sealed=np.ones_like(live.sealed))


def as_side(live: Live, *, frozen: bool = False, ask: bool = True, ahead: bool = False) -> Side:
    """The live days for an attack of several districts together. ask : for what is not sealed; False: for nothing"""
    asked = ~live.sealed if ask else np.zeros_like(live.sealed)
    opened = None if ask else np.zeros(live.counts.shape[1], dtype=np.bool_)
    return Side(from_first_line(live.blocks), live.counts, live.deep, asked, opened, frozen, ahead=ahead)


def with_tomorrow(lives: Sequence[Live], *, k: int) -> tuple[bool, Sequence[Live]]:
    """With a day to come, where a district's own window is open with 1..k-1 persons; and whether there is one.

    That the window stays open bounds what comes next. Where everything may come on the day ahead, no day on which
    nothing closes tells anything (docs/methods/publish-once.md).
    """
    ahead = any(_silent(live, k=k) for live in lives)
    return ahead, [grown(live, np.zeros_like(live.counts[0])) for live in lives] if ahead else lives


def trimmed(lives: Sequence[Live], starts: Sequence[Integers]) -> tuple[Live, ...]:
    """Let sealed days leave: those before the district window, a margin earlier, of the oldest cell in question.

    starts : (areas,) for each measure, first days of open windows. Whole area windows are kept: on which day one
    reached k is known from its first day on. All measures keep the same days.
    """
    moved = [_since(live) for live in lives]
    deeps = [_deep(live, since) for live, since in zip(lives, moved, strict=True)]
    cut = min(_cut(live, deep, start) for live, deep, start in zip(lives, deeps, starts, strict=True))
    return tuple(
        _trimmed(live, since=since, deep=deep, cut=cut) for live, since, deep in zip(lives, moved, deeps, strict=True)
    )


def _silent(live: Live, *, k: int) -> bool:
    """Whether the district's own window is open with 1..k-1 persons."""
    ends = [live.blocks.totals[-1, 1]] if len(live.blocks.totals) else []
    wide = live.blocks.last[~told_of(live.blocks)]
    return 1 <= int(live.counts[max([*ends, *wide], default=-1) + 1 :].sum()) < k


def from_first_line(blocks: Blocks) -> Blocks:
    """Windows that began before the first line end before anything moves: where they began is of no meaning."""
    return replace(blocks, first=np.maximum(blocks.first, 0))


def told_of(blocks: Blocks) -> Flags:
    """Windows that count in a number of this district: by themselves, or in a pool of its own."""
    return (blocks.value != UNTOLD) | np.isin(blocks.last, blocks.pools[:, 0])


def _since(live: Live) -> int:
    unsealed = np.flatnonzero(~live.sealed.all(axis=1))
    oldest = int(unsealed[0]) if len(unsealed) else len(live.sealed)
    begins = live.blocks.totals[live.blocks.totals[:, 0] <= oldest - MARGIN, 0]
    return max(live.since, int(begins[-1])) if len(begins) else live.since


def _deep(live: Live, since: int) -> int:
    """First line of the second look: DEPTH lines before the first, where a district window begins."""
    begins = live.blocks.totals[live.blocks.totals[:, 0] <= since - DEPTH, 0]
    return max(live.deep, int(begins[-1])) if len(begins) else live.deep


def _cut(live: Live, deep: int, start: Integers) -> int:
    """How many first lines are of no use any more. All windows that a second look sees are known whole."""
    reaching = live.blocks.first[live.blocks.last >= deep]
    return int(max(min(deep, *reaching, *(start - live.base)), 0))


def _trimmed(live: Live, *, since: int, deep: int, cut: int) -> Live:
    blocks = live.blocks
    kept = blocks.last >= cut
    totals = blocks.totals[blocks.totals[:, 0] >= cut]
    pools = blocks.pools[blocks.pools[:, 0] >= cut]
    return Live(
        base=live.base + cut,
        since=since - cut,
        deep=deep - cut,
        counts=live.counts[cut:],
        sealed=live.sealed[cut:],
        blocks=Blocks(
            area=blocks.area[kept],
            first=blocks.first[kept] - cut,
            last=blocks.last[kept] - cut,
            value=blocks.value[kept],
            totals=totals - np.array([cut, cut, 0]),
            pools=pools - np.array([cut, 0]),
        ),
    )
