"""What the ledger says exactly, day by day: a count is told only where closed windows add up to just these days.

A window tells the sum of its days and no more. So the running sum of a series is known at the ends of its windows, and
the count of a span is known where both of its ends are. Where windows of a series do not follow on each other (a part
was published together with neighbours), sums are known within an unbroken stretch only.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pumphandle.publication.estimates import Ground, Windows


@dataclass(frozen=True)
class Running:
    """Running sums of some series; column d stands before day d of the ground, so there is one more than days.

    total : (series, days + 1) what had been published until then; known : whether that is the end of a window
    stretch : number of the unbroken stretch, never falling
    """

    total: NDArray[np.int64]
    known: NDArray[np.bool_]
    stretch: NDArray[np.int64]

    def span(self, first: NDArray[np.int64], last: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """(series, n) counts of the days first..last (columns, included), and whether each is known.

        first, last : (n,); a span that begins before the ground is not known
        """
        begin, end = np.maximum(first, 0), last + 1
        known = self.known[:, begin] & self.known[:, end] & (self.stretch[:, begin] == self.stretch[:, end])
        return self.total[:, end] - self.total[:, begin], known & (first >= 0)

    def summed(self, groups: Sequence[Sequence[int]]) -> "Running":
        """One series a group: known where every member is. Stretches never fall, so equal sums are equal stretches."""
        empty = np.zeros((len(groups), self.total.shape[1]), dtype=np.int64)
        total, stretch, known = empty, empty.copy(), np.zeros_like(empty, dtype=np.bool_)
        for row, members in enumerate(groups):
            rows = np.asarray(members, dtype=np.int64)
            total[row] = self.total[rows].sum(axis=0)
            stretch[row] = self.stretch[rows].sum(axis=0)
            known[row] = self.known[rows].all(axis=0) if len(rows) else False
        return Running(total, known, stretch)


def running(windows: Windows, ground: Ground) -> Running:
    """Running sums of every series of `windows` (their `node`)."""
    shape = (ground.nodes, ground.days + 1)
    total, step = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    known = np.zeros(shape, dtype=np.bool_)
    first, after = windows.first - ground.start, windows.last + 1 - ground.start
    np.add.at(total, (windows.node, after), windows.value)
    known[windows.node, first] = known[windows.node, after] = True
    order = np.argsort(windows.node, kind="stable")
    node, begin, end = windows.node[order], first[order], after[order]
    follows = np.zeros(len(order), dtype=np.bool_)
    follows[1:] = (node[1:] == node[:-1]) & (begin[1:] == end[:-1])
    broken = ~follows & (begin > 0)
    np.add.at(step, (node[broken], begin[broken]), 1)
    return Running(total.cumsum(axis=1), known, step.cumsum(axis=1))
