"""Bound propagation: what each row alone says about each of its atoms, again and again until nothing moves.

Every tightening is a valid deduction, so the bounds are always outer bounds. In a component without circles
whose coefficients are +1 and -1 they are exact: an interval of whole numbers stays an interval through a sum.
"""

from dataclasses import dataclass, field

import numpy as np

from pumphandle.disclosure.attack.equations import NO_BOUND, Flags, Integers, System

ROUNDS = 200  # enough for every real history tried (5-40); ending early loses sharpness, never truth


@dataclass(frozen=True)
class Propagated:
    """low, high : (atoms,) outer bounds; settled : nothing moved in the last round; broken : (rows,) cannot hold."""

    low: Integers = field(repr=False)
    high: Integers = field(repr=False)
    settled: bool
    broken: Flags = field(repr=False)


def propagate(system: System, *, rounds: int = ROUNDS) -> Propagated:
    """Tighten every atom's bounds by every row, all rows at once, rounding to whole numbers."""
    entries = system.matrix.tocoo()
    rows = entries.row.astype(np.int64)
    atoms = entries.col.astype(np.int64)
    values = entries.data.astype(np.int64)
    low, high = system.low.copy(), system.high.copy()
    broken = np.zeros(system.rows, dtype=np.bool_)
    row_low = np.maximum(system.row_low, -NO_BOUND)
    row_high = np.minimum(system.row_high, NO_BOUND)
    settled = not len(rows)
    for _ in range(rounds if len(rows) else 0):
        least, most = _ends(values, low[atoms], high[atoms])
        rest_low, all_low = _rest(rows, least, system.rows)
        rest_high, all_high = _rest(rows, most, system.rows)
        broken |= (all_low > row_high) | (all_high < row_low)
        new_low, new_high = _deduce(values, row_low[rows] - rest_high, row_high[rows] - rest_low)
        usable = ~broken[rows]
        next_low, next_high = low.copy(), high.copy()
        np.maximum.at(next_low, atoms[usable], new_low[usable])
        np.minimum.at(next_high, atoms[usable], new_high[usable])
        crossed = next_low > next_high
        if crossed.any():
            broken[rows[crossed[atoms]]] = True
            next_low[crossed], next_high[crossed] = low[crossed], high[crossed]
        if np.array_equal(next_low, low) and np.array_equal(next_high, high):
            settled = True
            break
        low, high = next_low, next_high
    return Propagated(low=low, high=high, settled=settled, broken=broken)


def _ends(values: Integers, low: Integers, high: Integers) -> tuple[Integers, Integers]:
    """The least and most that each entry can add to its row."""
    up, down = values * np.where(values > 0, high, low), values * np.where(values > 0, low, high)
    return np.where(high >= NO_BOUND, np.where(values > 0, down, -NO_BOUND), down), np.where(
        high >= NO_BOUND, np.where(values > 0, NO_BOUND, up), up
    )


def _rest(rows: Integers, ends: Integers, count: int) -> tuple[Integers, Integers]:
    """For each entry the sum of the others of its row, and for each row the sum of all; unbounded stays unbounded."""
    open_end = np.abs(ends) >= NO_BOUND
    finite = np.where(open_end, 0, ends)
    total = np.zeros(count, dtype=np.int64)
    np.add.at(total, rows, finite)
    sign = -1 if bool((ends <= -NO_BOUND).any()) else 1
    opens = np.bincount(rows, weights=open_end, minlength=count).astype(np.int64)
    rest = np.where(opens[rows] - open_end > 0, sign * 2 * NO_BOUND, total[rows] - finite)
    return rest, np.where(opens > 0, sign * 2 * NO_BOUND, total)


def _deduce(values: Integers, floor: Integers, ceiling: Integers) -> tuple[Integers, Integers]:
    """Bounds of x from floor <= value * x <= ceiling, rounded inward; -a // b rounds up."""
    positive = values > 0
    size = np.abs(values)
    low = np.where(positive, -(-floor // size), -(ceiling // size))
    high = np.where(positive, ceiling // size, -floor // size)
    unbounded_low = np.where(positive, floor, -ceiling) <= -(NO_BOUND // 2)
    unbounded_high = np.where(positive, ceiling, -floor) >= NO_BOUND // 2
    return np.where(unbounded_low, 0, low), np.where(unbounded_high, NO_BOUND, high)
