"""The ledger's rows, district by district, in the form that the attacker reads."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np

from pumphandle.disclosure.attack.windows import UNTOLD, Blocks
from pumphandle.disclosure.attacker import LedgerRow
from pumphandle.vocabulary.errors import LedgerBroken


def blocks_by_district(
    rows: Iterable[LedgerRow], *, measure: str, district_of: Mapping[str, str], start: date
) -> dict[str, tuple[list[str], Blocks]]:
    """For each district its nodes in order of code, and its windows with days counted from `start`.

    rows        : of any order; rows of other measures and of groups of people are left out
    district_of : district by publication node; a row whose node is a district itself is one of its totals

    Raises LedgerBroken for a node outside the tree.
    """
    nodes: dict[str, list[str]] = defaultdict(list)
    for node in sorted(district_of):
        nodes[district_of[node]].append(node)
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
        elif row.level == "pool" and row.node in nodes and all(node in place for node, _ in row.members):
            pools[row.node].append((last, row.value))
            windows[row.node] += [(place[node], (begun - start).days, last, UNTOLD) for node, begun in row.members]
        else:
            raise LedgerBroken(f"Node {row.node} of the ledger lies outside the publication nodes.")
    return {
        district: (members, _blocks(windows[district], totals[district], pools[district]))
        for district, members in nodes.items()
    }


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
