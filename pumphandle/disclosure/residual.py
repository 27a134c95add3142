"""Two exact products side by side: small-area windows, and totals of their district, without a derivable few.

Area windows and district windows cut the same arrivals twice. What anyone can derive from both is a sum of
disjoint groups of two kinds: the arrivals of some district windows less the area blocks that lie inside them, and
the area blocks that touch some district windows less those windows. Each such group must count 0 or at least k.
For windows that are runs of days it is enough to look at runs, and three small checks keep all of them, however
long the history (docs/methods/publish-once.md, "Two products").
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pumphandle.vocabulary.errors import LedgerBroken, NotUnderstood

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Closing:
    """What closes on one day.

    areas    : (areas,) whose window closes
    first    : (areas,) first day of the window that closes; of no meaning elsewhere
    value    : (areas,) its persons
    district : first day and persons of the district's window, if it closes
    held     : (areas,) might have closed by itself and waits for the others' sake
    """

    areas: Flags = field(repr=False)
    first: Integers = field(repr=False)
    value: Integers = field(repr=False)
    district: tuple[int, int] | None = field(repr=False)
    held: Flags = field(repr=False)


@dataclass(frozen=True)
class District:
    """What waits in one district after a day.

    day      : the next day to come
    start    : (areas,) first day of each open window
    pending  : (areas,) persons in it
    first    : first day of the district's open window
    waiting  : persons in it
    edges    : (live,) first days of district windows that some open area window still straddles
    left     : (live,) persons since each edge who are in no area block that began at or after it
    """

    k: int
    day: int
    start: Integers = field(repr=False)
    pending: Integers = field(repr=False)
    first: int = field(repr=False)
    waiting: int = field(repr=False)
    edges: Integers = field(repr=False)
    left: Integers = field(repr=False)


def opened(areas: int, *, k: int, day: int = 0) -> District:
    """A district on its first day: nothing waits, nothing is published."""
    none = np.empty(0, dtype=np.int64)
    return District(
        k=k,
        day=day,
        start=np.full(areas, day, dtype=np.int64),
        pending=np.zeros(areas, dtype=np.int64),
        first=day,
        waiting=0,
        edges=none,
        left=none,
    )


def arrive(district: District, counts: Integers, *, day: int) -> District:
    """The arrivals of one day, not yet decided upon. Raises for a day already decided, or a count below zero."""
    if day != district.day:
        raise LedgerBroken(f"Day {day} of the district is sealed or out of turn; day {district.day} is next.")
    if counts.shape != district.pending.shape or (counts < 0).any():
        raise NotUnderstood("Arrivals of a day are one count of 0 or more for each area of the district.")
    total = int(counts.sum())
    return District(
        k=district.k,
        day=district.day + 1,
        start=district.start,
        pending=district.pending + counts,
        first=district.first,
        waiting=district.waiting + total,
        edges=district.edges,
        left=district.left + total,
    )


def choose(district: District, *, may_close: Flags, district_may_close: bool = True) -> Closing:
    """The most that may close after today's arrivals without opening a group of 1..k-1. Closing nothing is always safe.

    may_close          : (areas,) windows that hold enough persons in enough households
    district_may_close : False: the district's window waits (an audit said so)

    A violated edge holds the smallest area window that lies across it; the district's window waits where its own
    sums would open a group.
    """
    closing = may_close.copy()
    while True:
        across = _offence(district, closing)
        if across is None:
            break
        rivals = np.flatnonzero(closing & (district.start < across))
        closing[rivals[np.argmin(district.pending[rivals])]] = False
    total = district_may_close and district.waiting >= district.k and _total_safe(district, closing)
    return Closing(
        areas=closing,
        first=district.start.copy(),
        value=district.pending.copy(),
        district=(district.first, district.waiting) if total else None,
        held=may_close & ~closing,
    )


def close(district: District, closing: Closing) -> District:
    """The district after its windows closed."""
    start = np.where(closing.areas, district.day, district.start)
    pending = np.where(closing.areas, 0, district.pending)
    edges, left = district.edges, _left(district, closing.areas)
    first, waiting = district.first, district.waiting
    if closing.district is not None:
        edges, left = np.append(edges, district.day), np.append(left, 0)
        first, waiting = district.day, 0
    live = edges > start.min()
    return District(
        k=district.k,
        day=district.day,
        start=start,
        pending=pending,
        first=first,
        waiting=waiting,
        edges=edges[live],
        left=left[live],
    )


def _left(district: District, closing: Flags) -> Integers:
    """`left` once these windows close: a window that began at or after an edge takes its persons along."""
    if not len(district.edges):
        return district.left
    inside = district.start[closing][:, None] >= district.edges
    return district.left - district.pending[closing] @ inside


def _few(count: Integers, k: int) -> Flags:
    return (count >= 1) & (count < k)


def _offence(district: District, closing: Flags) -> int | None:
    """An edge whose last open window closes while 1..k-1 persons of the blocks across it came after it."""
    if not len(district.edges) or not closing.any():
        return None
    after = np.where(closing, district.day, district.start)
    settled = district.edges <= after.min()
    waiting = int(district.pending[~closing].sum())
    offending = settled & _few(_left(district, closing) - waiting, district.k)
    return int(district.edges[offending][-1]) if offending.any() else None


def _total_safe(district: District, closing: Flags) -> bool:
    """Whether the district's window may close: what no block holds, of all time and since every edge, is not few."""
    waiting = np.array([district.pending[~closing].sum()])
    return not (_few(waiting, district.k).any() or _few(_left(district, closing), district.k).any())
