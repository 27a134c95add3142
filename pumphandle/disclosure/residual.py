"""Two exact products side by side: small-area windows, and totals of their district, without a derivable few.

Area windows and district windows cut the same arrivals twice. What anyone can derive from both is a sum of
disjoint groups of two kinds: the arrivals of some district windows less the area blocks that lie inside them, and
the area blocks that touch some district windows less those windows. Each such group must hold nobody, or at least k
persons in at least h households. For windows that are runs of days it is enough to look at runs, and three small
checks keep all of them, however long the history (docs/methods/publish-once.md, "Two products").

Everything is counted twice, in two rows: what is counted, and its *heads* (disclosure/heads.py), which vouch for
distinct persons and households. A group may be derivable if its count is 0 or its heads are k or more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pumphandle.vocabulary.errors import LedgerBroken, NotUnderstood

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Closing:
    """What closes on one day.

    areas    : (areas,) whose window closes by itself
    first    : (areas,) first day of the open window
    value    : (areas,) what it counts
    district : first day and count of the district's window, if it closes
    held     : (areas,) might have closed by itself and waits for the others' sake
    pool     : (areas,) whose windows close together with one number; all that are still open, or none
    joined   : (areas,) of `areas`, those told in the pool's number and not by themselves; less is said than decided
    """

    areas: Flags = field(repr=False)
    first: Integers = field(repr=False)
    value: Integers = field(repr=False)
    district: tuple[int, int] | None = field(repr=False)
    held: Flags = field(repr=False)
    pool: Flags = field(repr=False)
    joined: Flags = field(repr=False)

    @property
    def alone(self) -> Flags:
        """(areas,) told by themselves."""
        return self.areas & ~self.joined

    @property
    def together(self) -> Flags:
        """(areas,) told in one number."""
        return self.pool | self.joined

    @property
    def pooled(self) -> int:
        """That number."""
        return int(self.value[self.together].sum())

    @property
    def nothing(self) -> bool:
        return self.district is None and not self.areas.any()


@dataclass(frozen=True)
class District:
    """What waits in one district after a day. Two-row arrays hold counts and heads.

    day      : the next day to come
    start    : (areas,) first day of each open window
    pending  : (2, areas) in it
    first    : first day of the district's open window
    waiting  : (2,) in it
    edges    : (live,) first days of district windows that some open area window still straddles
    left     : (2, live) since each edge, in no area block that began at or after it
    """

    k: int
    day: int
    start: Integers = field(repr=False)
    pending: Integers = field(repr=False)
    first: int = field(repr=False)
    waiting: Integers = field(repr=False)
    edges: Integers = field(repr=False)
    left: Integers = field(repr=False)


def opened(areas: int, *, k: int, day: int = 0) -> District:
    """A district on its first day: nothing waits, nothing is published."""
    return District(
        k=k,
        day=day,
        start=np.full(areas, day, dtype=np.int64),
        pending=np.zeros((2, areas), dtype=np.int64),
        first=day,
        waiting=np.zeros(2, dtype=np.int64),
        edges=np.empty(0, dtype=np.int64),
        left=np.empty((2, 0), dtype=np.int64),
    )


def arrive(district: District, counts: Integers, *, day: int, heads: Integers | None = None) -> District:
    """The arrivals of one day, not yet decided upon. Raises for a day already decided, or a count below zero.

    heads : (areas,) of these counts, see disclosure/heads.py; None: each counts one person of a household of its own
    """
    if day != district.day:
        raise LedgerBroken(f"Day {day} of the district is sealed or out of turn; day {district.day} is next.")
    if counts.shape != district.start.shape or (counts < 0).any():
        raise NotUnderstood("Arrivals of a day are one count of 0 or more for each area of the district.")
    both = np.stack([counts, counts if heads is None else heads])
    total = both.sum(axis=1)
    return District(
        k=district.k,
        day=district.day + 1,
        start=district.start,
        pending=district.pending + both,
        first=district.first,
        waiting=district.waiting + total,
        edges=district.edges,
        left=district.left + total[:, None],
    )


def take_back(district: District, gone: Integers) -> District:
    """What was withdrawn before anything counted it: it waited in an area's window and in the district's.

    gone : (2, areas) counts and heads of arrivals since `first`
    """
    total = gone.sum(axis=1)
    return District(
        k=district.k,
        day=district.day,
        start=district.start,
        pending=district.pending - gone,
        first=district.first,
        waiting=district.waiting - total,
        edges=district.edges,
        left=district.left - total[:, None],
    )


def choose(
    district: District,
    *,
    may_close: Flags,
    district_may_close: bool = True,
    pool_after: int | None = None,
    beside: Mapping[int, Flags] | None = None,
) -> Closing:
    """The most that may close after today's arrivals without opening a group of few. Closing nothing is always safe.

    may_close          : (areas,) windows that hold enough persons in enough households
    district_may_close : False: the district's window waits (an audit said so, or a hold)
    pool_after         : days; once a window has been open so long, all that are open close together with the
                         district's window. Their sum follows from the ledger then anyway, so it gives nothing away
    beside             : an area that is told only with its neighbours -> (areas,) which they are. It closes with all of
                         them that close today; where none does it waits, and while it holds k so does the
                         district's window

    A violated edge holds the smallest area window that lies across it; the district's window waits where its own
    sums would open a group.
    """
    closing = may_close.copy()
    merging = beside or {}
    while True:
        lonely = [area for area, near in merging.items() if closing[area] and not (closing & near).any()]
        if lonely:
            closing[lonely] = False
            continue
        across = _offence(district, closing)
        if across is None:
            break
        rivals = np.flatnonzero(closing & (district.start < across))
        closing[rivals[np.argmin(district.pending[0, rivals])]] = False
    # the total less what is told would tell a window that waits for its neighbours
    waits = any(not closing[area] and district.pending[0, area] >= district.k for area in merging)
    total = (
        district_may_close and not waits and int(district.waiting[1]) >= district.k and _total_safe(district, closing)
    )
    old = pool_after is not None and bool((~closing & (district.day - district.start >= pool_after)).any())
    pooled = old and total and int(district.pending[0, ~closing].sum()) > 0
    return Closing(
        areas=closing,
        first=district.start.copy(),
        value=district.pending[0].copy(),
        district=(district.first, int(district.waiting[0])) if total else None,
        held=may_close & ~closing,
        pool=~closing if pooled else np.zeros_like(closing),
        joined=_joined(closing, merging),
    )


def _joined(closing: Flags, merging: Mapping[int, Flags]) -> Flags:
    """The areas that are told only together, with the neighbours that close today."""
    found = np.zeros_like(closing)
    for area, near in merging.items():
        if closing[area]:
            found |= closing & near
            found[area] = True
    return found


def nothing(district: District) -> Closing:
    """A day on which everything waits."""
    none = np.zeros_like(district.start, dtype=np.bool_)
    return Closing(none, district.start.copy(), district.pending[0].copy(), None, none, none, none)


def close(district: District, closing: Closing) -> District:
    """The district after its windows closed."""
    shut = closing.areas | closing.pool
    start = np.where(shut, district.day, district.start)
    pending = np.where(shut, 0, district.pending)
    edges, left = district.edges, _left(district, closing.areas)
    first, waiting = district.first, district.waiting
    if closing.district is not None:
        edges, left = np.append(edges, district.day), np.hstack([left, np.zeros((2, 1), dtype=np.int64)])
        first, waiting = district.day, np.zeros(2, dtype=np.int64)
    live = edges > start.min()
    return District(
        k=district.k,
        day=district.day,
        start=start,
        pending=pending,
        first=first,
        waiting=waiting,
        edges=edges[live],
        left=left[:, live],
    )


def _left(district: District, closing: Flags) -> Integers:
    """`left` once these windows close: a window that began at or after an edge takes what it counts along."""
    if not len(district.edges):
        return district.left
    inside = district.start[closing][:, None] >= district.edges
    return district.left - district.pending[:, closing] @ inside


def _few(both: Integers, k: int) -> Flags:
    """Somebody, and not vouched for by k heads."""
    return (both[0] >= 1) & (both[1] < k)


def _offence(district: District, closing: Flags) -> int | None:
    """An edge whose last open window closes while few of the blocks across it came after it."""
    if not len(district.edges) or not closing.any():
        return None
    after = np.where(closing, district.day, district.start)
    settled = district.edges <= after.min()
    waiting = district.pending[:, ~closing].sum(axis=1)
    offending = settled & _few(_left(district, closing) - waiting[:, None], district.k)
    return int(district.edges[offending][-1]) if offending.any() else None


def _total_safe(district: District, closing: Flags) -> bool:
    """Whether the district's window may close: what no block holds, of all time and since every edge, is not few."""
    waiting = district.pending[:, ~closing].sum(axis=1, keepdims=True)
    return not (_few(waiting, district.k).any() or _few(_left(district, closing), district.k).any())
