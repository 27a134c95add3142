"""Our own ledger under attack: area windows beside district windows, all days, the rule known.

Reads the ledger's format only: who, first day, last day, persons. It shares no code with the planner.
"""

from dataclasses import dataclass, field

import numpy as np

from pumphandle.disclosure.attack.equations import NO_BOUND, Flags, Integers, System, incidence
from pumphandle.disclosure.attack.intervals import Intervals, intervals
from pumphandle.vocabulary.errors import LedgerBroken


@dataclass(frozen=True)
class Blocks:
    """Published windows of one district, days counted from the ledger's first; both ends included.

    area, first, last, value : (blocks,) area windows
    totals                   : (windows, 3) first, last, value of the district's own windows
    """

    area: Integers = field(repr=False)
    first: Integers = field(repr=False)
    last: Integers = field(repr=False)
    value: Integers = field(repr=False)
    totals: Integers = field(repr=False)


@dataclass(frozen=True)
class Attacked:
    """One district's history under attack.

    cells          : (days, areas) area-days of 1..k-1 persons that were asked for
    low, high      : (days, areas) their intervals; elsewhere outer bounds
    narrow         : how many of them lie in an interval narrower than asked; narrowest: high - low
    waiting_narrow : open windows of 1..k-1 persons whose sum does
    """

    cells: Flags = field(repr=False)
    low: Integers = field(repr=False)
    high: Integers = field(repr=False)
    result: Intervals = field(repr=False)
    narrow: int
    narrowest: int | None
    waiting_narrow: int


def attack_district(
    blocks: Blocks,
    counts: Integers,
    *,
    k: int,
    since: int = 0,
    width: int | None = None,
    asked: Flags | None = None,
    frozen: bool = False,
) -> Attacked:
    """Every small area-day of a district, and every small open window: how narrowly can it be placed?

    counts : (days, areas) the truth, which proves the ledger consistent and gives the first witness
    since  : days before it stand as they truly are. That takes freedom away, so a wide interval stays wide;
             a narrow one is only certain after an attack with since=0
    width  : what is wide enough; None: k - 1
    asked  : (days, areas) which small cells to ask for; None: all
    frozen : let no sum of an open window move either. A cell that is wide even so stays wide whatever is published
             later, for the two tables that show it differ in nothing that a later window could add up

    Knowledge of the rule: an open window holds fewer than k; a closed one held fewer than k on the day before it
    closed; one that reached k and was held did so on a known day. Raises NotUnderstood where the ledger contradicts
    the truth, LedgerBroken where `since` cuts a district window.
    """
    enough = k - 1 if width is None else width
    days, areas = counts.shape
    system, truth = _system(blocks, counts, k=k, since=since, frozen=frozen)
    cells = (counts >= 1) & (counts < k)
    if asked is not None:
        cells &= asked
    cells[:since] = False
    waiting = truth[-areas:]
    open_small = (waiting >= 1) & (waiting < k) & (not frozen)
    result = intervals(system, targets=np.concatenate([cells[since:].ravel(), open_small]), truth=truth, enough=enough)
    inside = (days - since) * areas
    low, high = counts.copy(), counts.copy()
    low[since:] = result.low[:inside].reshape(-1, areas)
    high[since:] = result.high[:inside].reshape(-1, areas)
    widths = (high - low)[cells]
    return Attacked(
        cells=cells,
        low=low,
        high=high,
        result=result,
        narrow=int((widths < enough).sum()),
        narrowest=int(widths.min()) if len(widths) else None,
        waiting_narrow=int((result.width[inside:][open_small] < enough).sum()),
    )


@dataclass(frozen=True)
class _Runs:
    """Rows over runs of days of one area each: least <= sum of the days <= most."""

    area: Integers
    first: Integers
    last: Integers
    least: Integers
    most: Integers


def _system(blocks: Blocks, counts: Integers, *, k: int, since: int, frozen: bool) -> tuple[System, Integers]:
    """Atoms: area-days from `since`, day by day; then each area's open window, so that its sum can be asked for."""
    days, areas = counts.shape
    inside = (days - since) * areas
    everyone = np.arange(areas, dtype=np.int64)
    running = np.vstack([np.zeros((1, areas), dtype=np.int64), np.cumsum(counts, axis=0)])
    opened = np.zeros(areas, dtype=np.int64)
    np.maximum.at(opened, blocks.area, blocks.last + 1)
    runs = _cut(_knowledge(blocks, opened, running, k=k), running, since=since)
    row, day = _spread(runs.first, runs.last + 1)
    start = np.maximum(opened, since)
    own, open_day = _spread(start, np.full_like(start, days))
    before = running[start, everyone] - running[np.minimum(opened, start), everyone]
    totals = _totals(blocks, counts, since=since, frozen=frozen)
    total_row, total_atom = _spread((totals[:, 0] - since) * areas, (totals[:, 1] + 1 - since) * areas)
    above, over = len(runs.area), len(runs.area) + areas
    waiting = running[days] - running[opened, everyone]
    open_most = np.where(waiting >= k, NO_BOUND, k - 1)
    none = np.zeros(inside, dtype=np.int64)
    system = incidence(
        np.concatenate([row, own + above, everyone + above, total_row + over]),
        np.concatenate(
            [(day - since) * areas + runs.area[row], (open_day - since) * areas + own, everyone + inside, total_atom]
        ),
        row_low=np.concatenate([runs.least, -before, totals[:, 2]]),
        row_high=np.concatenate([runs.most, -before, totals[:, 2]]),
        low=np.concatenate([none, waiting if frozen else np.zeros_like(waiting)]),
        high=np.concatenate([none + NO_BOUND, waiting if frozen else open_most]),
        values=np.concatenate([np.ones_like(row), np.ones_like(own), -np.ones_like(everyone), np.ones_like(total_row)]),
    )
    return system, np.concatenate([counts[since:].ravel(), waiting])


def _knowledge(blocks: Blocks, opened: Integers, running: Integers, *, k: int) -> _Runs:
    """The ledger's own rows, and what the rule says of windows on the days before they closed."""
    days, areas = running.shape[0] - 1, running.shape[1]
    area = np.concatenate([blocks.area, np.arange(areas, dtype=np.int64)])
    first = np.concatenate([blocks.first, opened])
    last = np.concatenate([blocks.last, np.full(areas, days - 1, dtype=np.int64)])
    reached = np.empty_like(first)  # the first day on which the window held k
    for one in range(areas):
        mine = area == one
        reached[mine] = np.searchsorted(running[:, one], running[first[mine], one] + k) - 1
    eve = reached - 1
    fewer = (eve >= first) & (eve < last)
    still_open = np.arange(len(area)) >= len(blocks.area)
    was_held = (reached >= first) & (reached < last + still_open)
    return _Runs(
        area=np.concatenate([blocks.area, area[fewer], area[was_held]]),
        first=np.concatenate([blocks.first, first[fewer], first[was_held]]),
        last=np.concatenate([blocks.last, eve[fewer], reached[was_held]]),
        least=np.concatenate([blocks.value, np.zeros_like(eve[fewer]), np.full_like(eve[was_held], k)]),
        most=np.concatenate([blocks.value, np.full_like(eve[fewer], k - 1), np.full_like(eve[was_held], NO_BOUND)]),
    )


def _cut(runs: _Runs, running: Integers, *, since: int) -> _Runs:
    """The runs from `since` on, what lies before taken off; those that ended before are done with."""
    live = runs.last >= since
    area, first, last = runs.area[live], runs.first[live], runs.last[live]
    begin = np.maximum(first, since)
    gone = running[begin, area] - running[first, area]
    most = runs.most[live]
    return _Runs(area, begin, last, runs.least[live] - gone, np.where(most >= NO_BOUND, most, most - gone))


def _totals(blocks: Blocks, counts: Integers, *, since: int, frozen: bool) -> Integers:
    totals = blocks.totals[blocks.totals[:, 1] >= since]
    if len(totals) and totals[0, 0] < since:
        raise LedgerBroken("An attack must begin on the first day of one of the district's own windows.")
    begun = int(blocks.totals[-1, 1]) + 1 if len(blocks.totals) else 0
    if not frozen or begun >= len(counts):
        return totals
    return np.vstack([totals, [[begun, len(counts) - 1, int(counts[begun:].sum())]]])


def _spread(starts: Integers, ends: Integers) -> tuple[Integers, Integers]:
    """Each whole number of each half-open range [start, end), and which range it is of."""
    lengths = ends - starts
    which = np.repeat(np.arange(len(starts), dtype=np.int64), lengths)
    offset = np.cumsum(lengths) - lengths
    return which, np.arange(int(lengths.sum()), dtype=np.int64) - offset[which] + starts[which]
