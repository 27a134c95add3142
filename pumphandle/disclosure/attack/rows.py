"""The ledger's rows, district by district, in the form that the attacker reads."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from pumphandle.disclosure.attack.windows import UNTOLD, Blocks
from pumphandle.disclosure.attacker import LedgerRow
from pumphandle.vocabulary.errors import LedgerBroken


def blocks_by_district(
    rows: Iterable[LedgerRow], *, measure: str, district_of: Mapping[str, str], start: date
) -> dict[str, tuple[list[str], Blocks]]:
    """For each district its nodes in order of code, and its windows with days counted from `start`.

    A window that ended in a wide pool is UNTOLD and in no pool of its district.

    rows        : of any order; rows of other measures and of groups of people are left out
    district_of : district by publication node; a row whose node is a district itself is one of its totals

    Raises LedgerBroken for a node outside the tree.
    """
    nodes = _nodes(district_of)
    place = {node: at for members in nodes.values() for at, node in enumerate(members)}
    windows: dict[str, list[tuple[int, int, int, int]]] = defaultdict(list)
    totals: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    pools: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        if row.measure != measure or row.group != "all":
            continue
        first, last = (row.first_day - start).days, (row.last_day - start).days
        if row.level == "small_area" and row.node in district_of:
            windows[district_of[row.node]].append((place[row.node], first, last, row.value))
        elif row.level == "district" and row.node in nodes:
            totals[row.node].append((first, last, row.value))
        elif row.level == "pool" and all(node in place or node in nodes for node, _ in row.members):
            if row.node in nodes:
                pools[row.node].append((last, row.value))
            for node, begun in row.members:
                if node in place:
                    windows[district_of[node]].append((place[node], (begun - start).days, last, UNTOLD))
        else:
            raise LedgerBroken(f"Node {row.node} of the ledger lies outside the publication nodes.")
    return {
        district: (members, _blocks(windows[district], totals[district], pools[district]))
        for district, members in nodes.items()
    }


@dataclass(frozen=True)
class WidePoolRow:
    """A pool of whole districts; days are counted from the ledger's start.

    first : first day of each district's window, by district; all end on `last`
    eve   : those that could have pooled the day before
    lower : groups that could have pooled nearer by on the same day
    """

    first: Mapping[str, int]
    last: int
    value: int
    eve: frozenset[str]
    lower: tuple[tuple[str, ...], ...]


def wide_pools(
    rows: Iterable[LedgerRow],
    *,
    measure: str,
    district_of: Mapping[str, str],
    above: Mapping[str, Sequence[str]],
    start: date,
    pool_days: int,
) -> list[WidePoolRow]:
    """Pools of whole districts, in the order of the rows.

    above : by district, the places it lies in, the nearest first; pool_days : of the rule
    """
    nodes = _nodes(district_of)
    return [
        _wide(row, nodes, above, start=start, pool_days=pool_days)
        for row in rows
        if row.measure == measure and row.level == "pool" and row.node not in nodes
    ]


def _wide(
    row: LedgerRow, nodes: Mapping[str, list[str]], above: Mapping[str, Sequence[str]], *, start: date, pool_days: int
) -> WidePoolRow:
    first = {node: (begun - start).days for node, begun in row.members if node in nodes}
    last = (row.last_day - start).days
    nearer: dict[str, list[str]] = defaultdict(list)
    for district in sorted(first):
        for place in above[district][: list(above[district]).index(row.node)]:
            nearer[place].append(district)
    return WidePoolRow(
        first,
        last,
        row.value,
        frozenset(district for district, begun in first.items() if last - begun >= pool_days),
        tuple(tuple(group) for group in nearer.values() if len(group) > 1),
    )


def _nodes(district_of: Mapping[str, str]) -> dict[str, list[str]]:
    nodes: dict[str, list[str]] = defaultdict(list)
    for node in sorted(district_of):
        nodes[district_of[node]].append(node)
    return nodes


def _blocks(
    windows: list[tuple[int, int, int, int]], totals: list[tuple[int, int, int]], pools: list[tuple[int, int]]
) -> Blocks:
    area, first, last, value = np.array(sorted(windows), dtype=np.int64).reshape(-1, 4).T
    return Blocks(
        area,
        first,
        last,
        value,
        np.array(sorted(totals), dtype=np.int64).reshape(-1, 3),
        np.array(sorted(pools), dtype=np.int64).reshape(-1, 2),
    )
