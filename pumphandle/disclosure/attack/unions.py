"""Derived unions: groups of 1..k-1 persons that nobody published but anyone can subtract out of two products.

Two families cut the same persons: blocks (small areas' windows) and totals (their district's). Every group of
persons whose number follows from both is a sum of disjoint groups of two kinds: totals less blocks inside them, and
blocks less totals inside them. The smallest of each kind that holds a given person is a closure of least weight,
one minimum cut. Nothing here assumes runs of days: it also fits two partitions of the map.
"""

from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import maximum_flow

from pumphandle.disclosure.attack.equations import Flags, Integers


@dataclass(frozen=True)
class Crossing:
    """Persons by block and total.

    persons : (blocks, totals) true counts; the last row and the last column hold what no block, no total counts yet
    touch   : (blocks, totals) whether a person could be in both, as everyone knows
    """

    persons: Integers = field(repr=False)
    touch: Flags = field(repr=False)


@dataclass(frozen=True)
class Unions:
    """What subtraction gives.

    smallest : persons of the smallest derivable group of 1..k-1; None: there is none
    few      : crossings of a block and a total that lie in such a group
    cuts     : minimum cuts solved
    """

    smallest: int | None
    few: int
    cuts: int


def crossing(counts: Integers, blocks: Integers, totals: Integers) -> Crossing:
    """Crossings of one district's windows.

    counts : (days, areas); blocks : (n, 3) area, first, last; totals : (m, 2) first, last, both days included
    """
    days, areas = counts.shape
    block_of = np.full((days, areas), len(blocks), dtype=np.int64)
    for at, (area, first, last) in enumerate(blocks):
        block_of[first : last + 1, area] = at
    total_of = np.full(days, len(totals), dtype=np.int64)
    for at, (first, last) in enumerate(totals):
        total_of[first : last + 1] = at
    shape = (len(blocks) + 1, len(totals) + 1)
    column = np.repeat(total_of[:, None], areas, axis=1)
    persons, touch = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.bool_)
    np.add.at(persons, (block_of, column), counts)
    touch[block_of, column] = True
    return Crossing(persons=persons, touch=touch)


def derived_unions(cross: Crossing, *, k: int) -> Unions:
    """Search every derivable group, whatever the age of its parts, for one of 1..k-1 persons."""
    few = cuts = 0
    smallest: int | None = None
    for persons, touch in ((cross.persons, cross.touch), (cross.persons.T, cross.touch.T)):
        inner, outer = persons.shape[0] - 1, persons.shape[1] - 1
        candidates = (persons >= 1) & (persons < k)
        candidates[:, outer] = False  # must lie in a total that is taken
        network = Closure(persons[:inner].sum(axis=1), persons[:, :outer].sum(axis=0), touch)
        for row, column in zip(*np.nonzero(candidates), strict=True):
            cuts += 1
            value = network.least(total=int(column), left_out=int(row) if row < inner else None)
            if value < k:
                few += 1
                smallest = value if smallest is None else min(smallest, value)
    return Unions(smallest=smallest, few=few, cuts=cuts)


class Closure:
    """Choose totals (cost: their persons) so that blocks lie inside (gain: their persons); the least of cost - gain.

    blocks, totals : (blocks,) and (totals,) their published persons; touch : as in Crossing, last row and column too
    """

    def __init__(self, blocks: Integers, totals: Integers, touch: Flags) -> None:
        self._blocks, self._totals = len(blocks), len(totals)
        # A block that reaches into days or places no total covers can never lie inside.
        free = ~touch[: self._blocks, self._totals]
        self._gain = np.where(free, blocks, 0)
        self._cost = totals
        self._rows, self._columns = np.nonzero(touch[: self._blocks, : self._totals] & free[:, None])
        self._much = int(self._gain.sum() + self._cost.sum() + 1)

    def least(self, *, total: int, left_out: int | None) -> int:
        """Persons of the smallest group that takes this total and does not take this block off."""
        gain, cost = self._gain.copy(), self._cost.copy()
        if left_out is not None:
            gain[left_out] = 0
        forced = int(cost[total])
        cost[total] = 0
        source, sink = self._blocks + self._totals, self._blocks + self._totals + 1
        blocks, totals = np.arange(self._blocks, dtype=np.int64), np.arange(self._totals, dtype=np.int64)
        tails = np.concatenate([np.full(self._blocks, source), self._rows, totals + self._blocks])
        heads = np.concatenate([blocks, self._columns + self._blocks, np.full(self._totals, sink)])
        capacity = np.concatenate([gain, np.full(len(self._rows), self._much), cost]).astype(np.int32)
        graph = sp.csr_array(sp.coo_array((capacity, (tails, heads)), shape=(sink + 1, sink + 1)))
        return forced - int(gain.sum()) + int(maximum_flow(graph, source, sink).flow_value)


def unions_of_runs(
    counts: Integers, blocks: Integers, totals: Integers, *, k: int, together: Integers | None = None
) -> int | None:
    """The smallest derivable group of 1..k-1 persons, for windows that are runs of days; None: there is none.

    Every pair of edges of the whole history at once, so that a year costs no more than a glance. Arguments as in
    `crossing`, whose minimum cuts it equals (tested) without looking at cells.

    together : (n,) windows with the same number of 0 or more closed with one sum, and count as one run of days
    """
    days, areas = counts.shape
    if not len(totals):
        return None
    edges = np.append(totals[:, 0], totals[-1, 1] + 1)
    persons = np.concatenate([[0], np.cumsum(counts.sum(axis=1))])
    running = np.vstack([np.zeros((1, areas), dtype=np.int64), np.cumsum(counts, axis=0)])
    value = running[blocks[:, 2] + 1, blocks[:, 0]] - running[blocks[:, 1], blocks[:, 0]]
    first, last, value = _runs(blocks, value, together)
    by_span = np.zeros((days + 1, days + 1), dtype=np.int64)
    np.add.at(by_span, (first, last + 1), value)
    until = np.cumsum(by_span, axis=1)  # blocks that begin on a day and end before another
    inside = np.cumsum(until[::-1], axis=0)[::-1][np.ix_(edges, edges)]
    within = persons[edges][None, :] - persons[edges][:, None]
    begun, ended = np.cumsum(np.concatenate([[0], by_span.sum(axis=1)]))[edges], np.cumsum(by_span.sum(axis=0))[edges]
    touching = begun[None, :] - ended[:, None]
    closed = np.zeros(areas, dtype=np.int64)
    np.maximum.at(closed, blocks[:, 0], blocks[:, 2] + 1)
    forward = edges[None, :] > edges[:, None]
    groups = np.concatenate(
        [(within - inside)[forward], (touching - within)[forward & (edges <= closed.min())[None, :]]]
    )
    few = groups[(groups >= 1) & (groups < k)]
    return int(few.min()) if len(few) else None


def _runs(blocks: Integers, value: Integers, together: Integers | None) -> tuple[Integers, Integers, Integers]:
    """First day, last day and persons of each block, those that closed together made one."""
    if together is None or (together < 0).all():
        return blocks[:, 1], blocks[:, 2], value
    alone = together < 0
    pools, of = np.unique(together[~alone], return_inverse=True)
    first = np.full(len(pools), np.iinfo(np.int64).max)
    np.minimum.at(first, of, blocks[~alone, 1])
    last, sums = np.zeros(len(pools), dtype=np.int64), np.zeros(len(pools), dtype=np.int64)
    np.maximum.at(last, of, blocks[~alone, 2])
    np.add.at(sums, of, value[~alone])
    return (
        np.concatenate([blocks[alone, 1], first]),
        np.concatenate([blocks[alone, 2], last]),
        np.concatenate([value[alone], sums]),
    )
