"""What the ledger of one measure of one district says, and what the rule adds, as equations over area-days."""

from dataclasses import dataclass, field

import numpy as np

from pumphandle.disclosure.attack.equations import NO_BOUND, Integers, System, incidence
from pumphandle.vocabulary.errors import LedgerBroken

UNTOLD = -1
"""The value of a window that closed together with others: only their sum was published."""


@dataclass(frozen=True)
class Blocks:
    """Published windows of one district, days counted from the ledger's first; both ends included.

    area, first, last, value : (blocks,) area windows; UNTOLD where the window closed in a pool
    totals                   : (windows, 3) first, last, value of the district's own windows
    pools                    : (pools, 2) last day, value: the sum of the UNTOLD windows that end on that day
    """

    area: Integers = field(repr=False)
    first: Integers = field(repr=False)
    last: Integers = field(repr=False)
    value: Integers = field(repr=False)
    totals: Integers = field(repr=False)
    pools: Integers = field(repr=False, default_factory=lambda: np.empty((0, 2), dtype=np.int64))


@dataclass(frozen=True)
class _Runs:
    """Rows over runs of days of one area each: least <= sum of the days <= most."""

    area: Integers
    first: Integers
    last: Integers
    least: Integers
    most: Integers


def window_system(
    blocks: Blocks, counts: Integers, *, k: int | Integers, since: int, frozen: bool
) -> tuple[System, Integers]:
    """Atoms: area-days from `since`, day by day; then each area's open window, so that its sum can be asked for.

    k : of the rule; (days,) where it changed
    """
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
    totals, eves = _totals(blocks, counts, since=since, frozen=frozen), _eves(blocks, counts, k=k, since=since)
    least = np.concatenate([totals[:, 2], np.zeros(len(eves), dtype=np.int64)])
    totals = np.vstack([totals, eves])
    total_row, total_atom = _spread((totals[:, 0] - since) * areas, (totals[:, 1] + 1 - since) * areas)
    pool_row, pool_atom, pool_value = _pools(blocks, running, since=since, areas=areas)
    above, over = len(runs.area), len(runs.area) + areas
    top = over + len(totals)
    waiting = running[days] - running[opened, everyone]
    now = k if isinstance(k, int) else int(k[-1])
    open_most = np.where(waiting >= now, NO_BOUND, now - 1)
    none = np.zeros(inside, dtype=np.int64)
    system = incidence(
        np.concatenate([row, own + above, everyone + above, total_row + over, pool_row + top]),
        np.concatenate(
            [
                (day - since) * areas + runs.area[row],
                (open_day - since) * areas + own,
                everyone + inside,
                total_atom,
                pool_atom,
            ]
        ),
        row_low=np.concatenate([runs.least, -before, least, pool_value]),
        row_high=np.concatenate([runs.most, -before, totals[:, 2], pool_value]),
        low=np.concatenate([none, waiting if frozen else np.zeros_like(waiting)]),
        high=np.concatenate([none + NO_BOUND, waiting if frozen else open_most]),
        values=np.concatenate(
            [
                np.ones_like(row),
                np.ones_like(own),
                -np.ones_like(everyone),
                np.ones_like(total_row),
                np.ones_like(pool_row),
            ]
        ),
    )
    return system, np.concatenate([counts[since:].ravel(), waiting])


def _knowledge(blocks: Blocks, opened: Integers, running: Integers, *, k: int | Integers) -> _Runs:
    """The ledger's own rows, and what the rule says of windows on the days before they closed.

    A window that closed as soon as it could held fewer than k on the day before. Of one that waited the ledger says
    so: it held k on the day before. Of an open one that waits nobody knows it yet. One that reached k and was told
    together with others held k on its last day, which follows from the rule, and fewer on the day before.
    """
    days, areas = running.shape[0] - 1, running.shape[1]
    area = np.concatenate([blocks.area, np.arange(areas, dtype=np.int64)])
    first = np.concatenate([blocks.first, opened])
    last = np.concatenate([blocks.last, np.full(areas, days - 1, dtype=np.int64)])
    told = np.concatenate([blocks.value != UNTOLD, np.zeros(areas, dtype=np.bool_)])
    pooled = np.concatenate([blocks.value == UNTOLD, np.zeros(areas, dtype=np.bool_)])
    limit = np.full(days, k, dtype=np.int64)
    ready = pooled & (_held(running, area, first, last) >= limit[last])  # it closed, and was told with others
    eve = np.where(told | ready, last - 1, last)
    held, enough = _held(running, area, first, eve), limit[np.maximum(eve, 0)]
    begun = eve >= first
    fewer = np.flatnonzero(begun & (held < enough))
    waited = np.flatnonzero(begun & (held >= enough) & told)
    value = np.concatenate([blocks.value, np.zeros(areas, dtype=np.int64)])
    return _Runs(
        area=np.concatenate([area[told], area[fewer], area[waited], area[ready]]),
        first=np.concatenate([first[told], first[fewer], first[waited], first[ready]]),
        last=np.concatenate([last[told], eve[fewer], eve[waited], last[ready]]),
        least=np.concatenate([value[told], np.zeros_like(fewer), enough[waited], limit[last[ready]]]),
        most=np.concatenate(
            [value[told], enough[fewer] - 1, *(np.full_like(area[one], NO_BOUND) for one in (waited, ready))]
        ),
    )


def _held(running: Integers, area: Integers, first: Integers, last: Integers) -> Integers:
    """What each run of days holds; 0 where it has not begun."""
    return running[np.maximum(last, first - 1) + 1, area] - running[first, area]


def _cut(runs: _Runs, running: Integers, *, since: int) -> _Runs:
    """The runs from `since` on, what lies before taken off; those that ended before are done with."""
    live = runs.last >= since
    area, first, last = runs.area[live], runs.first[live], runs.last[live]
    begin = np.maximum(first, since)
    gone = running[begin, area] - running[first, area]
    most = runs.most[live]
    return _Runs(area, begin, last, runs.least[live] - gone, np.where(most >= NO_BOUND, most, most - gone))


def _pools(blocks: Blocks, running: Integers, *, since: int, areas: int) -> tuple[Integers, Integers, Integers]:
    """Rows of the sums of windows that closed together: row and atom of each entry, and what each row adds up to."""
    pools = blocks.pools[blocks.pools[:, 0] >= since]
    rows: list[Integers] = []
    atoms: list[Integers] = []
    values = pools[:, 1].copy()
    for at, last in enumerate(pools[:, 0]):
        mine = (blocks.value == UNTOLD) & (blocks.last == last)
        area, first = blocks.area[mine], blocks.first[mine]
        begin = np.maximum(first, since)
        values[at] -= int((running[begin, area] - running[first, area]).sum())
        which, day = _spread(begin, np.full_like(begin, last + 1))
        rows.append(np.full_like(day, at))
        atoms.append((day - since) * areas + area[which])
    none = np.empty(0, dtype=np.int64)
    return np.concatenate([none, *rows]), np.concatenate([none, *atoms]), values


def _totals(blocks: Blocks, counts: Integers, *, since: int, frozen: bool) -> Integers:
    totals = blocks.totals[blocks.totals[:, 1] >= since]
    if len(totals) and totals[0, 0] < since:
        raise LedgerBroken("An attack must begin on the first day of one of the district's own windows.")
    begun = int(blocks.totals[-1, 1]) + 1 if len(blocks.totals) else 0
    if not frozen or begun >= len(counts):
        return totals
    return np.vstack([totals, [[begun, len(counts) - 1, int(counts[begun:].sum())]]])


def _eves(blocks: Blocks, counts: Integers, *, k: int | Integers, since: int) -> Integers:
    """(rows, 3) first day, last day and most persons: while the district's own window was open it held fewer than k.

    One that ended in a wide pool, told with other districts, stayed open to its last day. As for the areas, nobody
    knows it of a window that had reached k and waited.
    """
    wide = np.unique(blocks.last[(blocks.value == UNTOLD) & ~np.isin(blocks.last, blocks.pools[:, 0])])
    shut = np.unique(np.concatenate([blocks.totals[:, 1], wide]))
    begun = np.concatenate([[0], shut + 1])
    spans = np.vstack(
        [
            np.stack([blocks.totals[:, 0], blocks.totals[:, 1] - 1], axis=1),
            np.stack([begun[np.searchsorted(shut, wide)], wide], axis=1),
            [[begun[-1], len(counts) - 1]],
        ]
    )
    spans = spans[(spans[:, 0] <= spans[:, 1]) & (spans[:, 1] >= since)]
    held = np.concatenate([[0], np.cumsum(counts.sum(axis=1))])
    limit = np.full(len(counts), k, dtype=np.int64)[spans[:, 1]]
    fewer = held[spans[:, 1] + 1] - held[spans[:, 0]] < limit
    first = np.maximum(spans[:, 0], since)
    gone = held[first] - held[spans[:, 0]]
    return np.stack([first, spans[:, 1], limit - 1 - gone], axis=1)[fewer]


def _spread(starts: Integers, ends: Integers) -> tuple[Integers, Integers]:
    """Each whole number of each half-open range [start, end), and which range it is of."""
    lengths = ends - starts
    which = np.repeat(np.arange(len(starts), dtype=np.int64), lengths)
    offset = np.cumsum(lengths) - lengths
    return which, np.arange(int(lengths.sum()), dtype=np.int64) - offset[which] + starts[which]
