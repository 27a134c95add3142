"""Bound propagation: what each row alone says about each of its atoms, again and again until nothing moves.

Every tightening is a valid deduction, so the bounds are always outer bounds. In a component without circles
whose coefficients are +1 and -1 they are exact: an interval of whole numbers stays an interval through a sum.
"""

from dataclasses import dataclass, field

import numpy as np

from pumphandle.compiled import compiled
from pumphandle.disclosure.attack.equations import NO_BOUND, Flags, Integers, System
from pumphandle.disclosure.attack.lines import Lines, lines

ROUNDS = 200  # enough for every real history tried (5-40); ending early loses sharpness, never truth


@dataclass(frozen=True)
class Propagated:
    """low, high : (atoms,) outer bounds; settled : nothing moved in the last round; broken : (rows,) cannot hold."""

    low: Integers = field(repr=False)
    high: Integers = field(repr=False)
    settled: bool
    broken: Flags = field(repr=False)


def propagate(system: System, *, rounds: int = ROUNDS) -> Propagated:
    """Tighten every atom's bounds by every row, rounding to whole numbers."""
    low, high = system.low.copy(), system.high.copy()
    broken = np.zeros(system.rows, dtype=np.bool_)
    settled = _propagate(lines(system.matrix), system.row_low, system.row_high, low, high, broken, rounds)
    return Propagated(low=low, high=high, settled=settled, broken=broken)


@compiled
def _propagate(
    rows: Lines,
    row_low: Integers,
    row_high: Integers,
    low: Integers,
    high: Integers,
    broken: Flags,
    rounds: int,
) -> bool:
    """Row after row, each with what the rows before it found; True: the last round moved nothing."""
    starts, places, values = rows
    for _ in range(rounds):
        moved = False
        for row in range(len(row_low)):
            if broken[row]:
                continue
            begin, end = starts[row], starts[row + 1]
            least, most, open_least, open_most = 0, 0, 0, 0
            for at in range(begin, end):
                atom, value = places[at], values[at]
                unbounded = high[atom] >= NO_BOUND
                if value > 0:
                    least += value * low[atom]
                    most += 0 if unbounded else value * high[atom]
                    open_most += unbounded
                else:
                    most += value * low[atom]
                    least += 0 if unbounded else value * high[atom]
                    open_least += unbounded
            floor, ceiling = row_low[row] > -NO_BOUND, row_high[row] < NO_BOUND
            if (ceiling and not open_least and least > row_high[row]) or (
                floor and not open_most and most < row_low[row]
            ):
                broken[row] = True
                continue
            for at in range(begin, end):
                atom, value = places[at], values[at]
                if value == 0:
                    continue
                unbounded = high[atom] >= NO_BOUND
                own_least = value * low[atom] if value > 0 else (0 if unbounded else value * high[atom])
                own_most = value * low[atom] if value < 0 else (0 if unbounded else value * high[atom])
                # the bounds of value * n that the others of the row leave
                told_low = floor and open_most - (unbounded and value > 0) == 0
                told_high = ceiling and open_least - (unbounded and value < 0) == 0
                under, over = row_low[row] - (most - own_most), row_high[row] - (least - own_least)
                new_low, new_high = low[atom], high[atom]
                if value > 0:
                    if told_low:
                        new_low = max(new_low, -(-under // value))
                    if told_high:
                        new_high = min(new_high, over // value)
                else:
                    if told_high:
                        new_low = max(new_low, -(over // -value))
                    if told_low:
                        new_high = min(new_high, -under // -value)
                if new_low > new_high:
                    broken[row] = True
                    break
                if new_low > low[atom] or new_high < high[atom]:
                    moved = True
                    # the row's sums follow, so that its next entries see the tighter bounds
                    after_unbounded = new_high >= NO_BOUND
                    if value > 0:
                        least += value * (new_low - low[atom])
                        most += (0 if after_unbounded else value * new_high) - own_most
                        open_most += int(after_unbounded) - int(unbounded)
                    else:
                        most += value * (new_low - low[atom])
                        least += (0 if after_unbounded else value * new_high) - own_least
                        open_least += int(after_unbounded) - int(unbounded)
                    low[atom], high[atom] = new_low, new_high
        if not moved:
            return True
    return not len(values)
