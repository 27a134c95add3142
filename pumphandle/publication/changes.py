"""What changed between two releases, and why: every figure that differs stands in the reach of a stated reason.

A cell is the seven-day figure of an area, a measure and a day: its estimate, its bounds, and whether a window shows.
Figures are functions of the ledger, so a cell can differ for few reasons, and each is read off the ledger's rows alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pumphandle.publication.edition import MEASURES, Edition
from pumphandle.publication.estimates import NO_POOLS, SPAN, Windows
from pumphandle.vocabulary.counts import Measure

GRIDS: Final = ("estimate", "low", "high", "closed")


class Reason(StrEnum):
    """Why a cell differs."""

    NEW_DAY = "new_day"
    WINDOW_CLOSED = "window_closed"
    POOL_CLOSED = "pool_closed"
    RECALLED = "recalled"
    OPEN_WINDOW_GREW = "open_window_grew"
    RULE_CHANGED = "rule_changed"
    AREAS_CHANGED = "areas_changed"


WORDS: Final = {
    Reason.NEW_DAY: "A day that the earlier release did not have",
    Reason.WINDOW_CLOSED: "A window closed and was published: its days, estimated before, are now known together",
    Reason.POOL_CLOSED: "A window that had stayed open long closed with its neighbours: their sum was published",
    Reason.RECALLED: "A window was published between the two, and its number has been taken back since",
    Reason.OPEN_WINDOW_GREW: "The window is still open and has more days: what it may hold is spread over them",
    Reason.RULE_CHANGED: "The rule of publication changed, and with it what an open window may hold",
    Reason.AREAS_CHANGED: "The areas that are published together changed",
}


@dataclass(frozen=True)
class Change:
    """One reason, and the days whose seven-day figures it reaches.

    node : row of the publication node; first, last : days reached, included; values where a window closed, else None
    """

    node: int
    measure: Measure
    reason: Reason
    first: date
    last: date
    window_first: date | None = None
    window_last: date | None = None
    value: int | None = None
    release_id: str | None = None


def changes(earlier: Edition, later: Edition, nodes: Iterable[int] | None = None) -> list[Change]:
    """All reasons between two releases, in order of node, measure and day. `nodes` : of these alone; default all."""
    wanted = range(len(later.atlas.nodes)) if nodes is None else nodes
    found = [one for measure in MEASURES for node in wanted for one in _of_node(earlier, later, measure, node)]
    return sorted(found, key=lambda one: (one.node, one.measure, one.first, one.last))


def _of_node(earlier: Edition, later: Edition, measure: Measure, node: int) -> Iterable[Change]:
    upto = later.release.as_of
    begin = earlier.release.as_of.toordinal() + 1
    if begin <= upto.toordinal():
        yield Change(node, measure, Reason.NEW_DAY, date.fromordinal(begin), upto)
    for reason, differs in (
        (Reason.RULE_CHANGED, earlier.release.k != later.release.k),
        (Reason.AREAS_CHANGED, earlier.atlas.nodes != later.atlas.nodes),
    ):
        if differs:
            yield Change(node, measure, reason, later.start, upto)
    mine = later.windows[measure].of_node(node)
    known = int(np.searchsorted(mine.sequence, earlier.release.sequence, side="right"))
    for at in range(known, len(mine.value)):
        yield _closed(later, measure, node, mine, at)
    yield from _pools(earlier, later, measure, node)
    yield from _taken_back(earlier, later, measure, node)
    yield from _open(earlier, later, measure, node)


def _taken_back(earlier: Edition, later: Edition, measure: Measure, node: int) -> Iterable[Change]:
    if measure not in later.recalled:
        return
    mine = later.recalled[measure].of_node(node)
    known = int(np.searchsorted(mine.sequence, earlier.release.sequence, side="right"))
    for at in range(known, len(mine.node)):
        one = _closed(later, measure, node, mine, at)
        yield Change(node, measure, Reason.RECALLED, one.first, one.last, one.window_first, one.window_last)


def _pools(earlier: Edition, later: Edition, measure: Measure, node: int) -> Iterable[Change]:
    """Windows of the node that closed in a pool since: the later's pools begin with the earlier's."""
    pooled, before = (one.pooled.get(measure, NO_POOLS) for one in (later, earlier))
    known = len(before.node)
    for at in np.flatnonzero(pooled.node[known:] == node) + known:
        first, last = date.fromordinal(int(pooled.first[at])), int(pooled.last[at])
        reach = date.fromordinal(min(last + SPAN - 1, later.release.as_of.toordinal()))
        begun = date.fromordinal(int(pooled.begun[at]))
        yield Change(node, measure, Reason.POOL_CLOSED, first, reach, begun, date.fromordinal(last))


def _closed(later: Edition, measure: Measure, node: int, mine: Windows, at: int) -> Change:
    first, last = date.fromordinal(int(mine.first[at])), date.fromordinal(int(mine.last[at]))
    reach = date.fromordinal(min(int(mine.last[at]) + SPAN - 1, later.release.as_of.toordinal()))
    release_id = later.release_ids[int(mine.sequence[at])]
    return Change(node, measure, Reason.WINDOW_CLOSED, first, reach, first, last, int(mine.value[at]), release_id)


def _open(earlier: Edition, later: Edition, measure: Measure, node: int) -> Iterable[Change]:
    """The open window's days, where some of them were days of the earlier release: open there too, but fewer."""
    since = int(later.seven[measure].open_since[node])
    if later.release.as_of > earlier.release.as_of and since <= earlier.release.as_of.toordinal():
        yield Change(node, measure, Reason.OPEN_WINDOW_GREW, date.fromordinal(since), later.release.as_of)


def differing(earlier: Edition, later: Edition, measure: Measure) -> NDArray[np.bool_]:
    """(nodes, days of the later) cells that differ, by comparing the figures themselves; new days all differ."""
    differs = np.ones(later.seven[measure].estimate.shape, dtype=np.bool_)
    days = min(earlier.ground.days, later.ground.days)
    same = np.ones_like(differs[:, :days])
    for name in GRIDS:
        mine, theirs = (getattr(one.seven[measure], name)[:, :days] for one in (earlier, later))
        same &= mine == theirs
    differs[:, :days] = ~same
    return differs


def reached(later: Edition, measure: Measure, given: Sequence[Change]) -> NDArray[np.bool_]:
    """(nodes, days) cells in the reach of any reason."""
    reach = np.zeros(later.seven[measure].estimate.shape, dtype=np.bool_)
    for one in given:
        if one.measure is measure:
            reach[one.node, later.column(one.first) : later.column(one.last) + 1] = True
    return reach


def counted(earlier: Edition, later: Edition, given: Sequence[Change]) -> dict[Reason, int]:
    """Cells that differ, by the strongest reason that reaches them: each is counted once."""
    found: dict[Reason, int] = {}
    order = [Reason.AREAS_CHANGED, Reason.RULE_CHANGED, Reason.NEW_DAY]
    order += [Reason.WINDOW_CLOSED, Reason.POOL_CLOSED, Reason.RECALLED, Reason.OPEN_WINDOW_GREW]
    for measure in MEASURES:
        left = differing(earlier, later, measure)
        for reason in order:
            reach = reached(later, measure, [one for one in given if one.reason is reason])
            found[reason] = found.get(reason, 0) + int((left & reach).sum())
            left &= ~reach
    return {reason: number for reason, number in found.items() if number}
