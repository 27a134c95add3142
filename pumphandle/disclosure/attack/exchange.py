"""Other whole tables, found by exchange: move one person, and repair the rows that break, with few further moves.

Most small counts stand in tables that differ from the truth by a few such moves, so most need no linear program.
What is found is proved by being there; what is not found says nothing, and is asked of the programs.
"""

import numpy as np
import scipy.sparse as sp

from pumphandle.compiled import compiled
from pumphandle.disclosure.attack.equations import Flags, Integers, System
from pumphandle.disclosure.attack.lines import Lines, lines
from pumphandle.vocabulary.errors import CertificateRefused

MOVES = 10  # atoms changed at once; a circle through two areas and two days changes four
TRIES = 2_000  # single changes looked at for one step of one atom
WHOLE, HOPELESS = -1, -2  # instead of a row


def exchanged(system: System, *, truth: Integers, targets: Flags, enough: int) -> tuple[Integers, Integers]:
    """The least and the most of every atom among the whole tables that were found.

    truth   : (atoms,) a whole table that fits
    targets : (atoms,) whose two tables are looked for, until they lie `enough` apart

    Rows whose coefficients are not +1 and -1 are never moved against: such a system gives the truth back.
    Raises CertificateRefused where the table at the end of the search does not fit.
    """
    low, high = truth.copy(), truth.copy()
    matrix = system.matrix
    if not targets.any() or (np.abs(matrix.data) != 1).any():
        return low, high
    table = truth.copy()
    _search(
        lines(matrix),
        lines(sp.csc_array(matrix)),
        (system.row_low, system.row_high, system.low, system.high),
        table,
        np.flatnonzero(targets),
        enough,
        (low, high),
    )
    if not system.holds(table):
        raise CertificateRefused("The search by exchange ended at a table that does not fit: its findings are void.")
    return low, high


@compiled
def _search(
    rows: Lines,
    columns: Lines,
    bounds: tuple[Integers, Integers, Integers, Integers],
    table: Integers,
    targets: Integers,
    enough: int,
    seen: tuple[Integers, Integers],
) -> None:
    """Push every target down and up, wandering from table to table; `seen` widens on the way."""
    low, high = seen
    sums = np.zeros(len(rows[0]) - 1, dtype=np.int64)
    for row in range(len(sums)):
        for at in range(rows[0][row], rows[0][row + 1]):
            sums[row] += rows[2][at] * table[rows[1][at]]
    for target in targets:
        for sign in (-1, 1):
            while high[target] - low[target] < enough:
                if not _step(rows, columns, bounds, table, sums, target, sign, seen):
                    break


@compiled
def _step(
    rows: Lines,
    columns: Lines,
    bounds: tuple[Integers, Integers, Integers, Integers],
    table: Integers,
    sums: Integers,
    target: int,
    sign: int,
    seen: tuple[Integers, Integers],
) -> bool:
    """Change the target by one and repair. True: `table` is another that fits. False: it stands as it was."""
    if not bounds[2][target] <= table[target] + sign <= bounds[3][target]:
        return False
    moved, signs = np.zeros(MOVES, dtype=np.int64), np.zeros(MOVES, dtype=np.int64)
    for deepest in range(2, MOVES + 1, 2):
        moved[0], signs[0] = target, sign
        _change(columns, table, sums, target, sign)
        depth = _repair(rows, columns, bounds, table, sums, moved, signs, deepest)
        if depth > 0:
            for atom in moved[:depth]:
                seen[0][atom] = min(seen[0][atom], table[atom])
                seen[1][atom] = max(seen[1][atom], table[atom])
            return True
    return False


@compiled
def _repair(
    rows: Lines,
    columns: Lines,
    bounds: tuple[Integers, Integers, Integers, Integers],
    table: Integers,
    sums: Integers,
    moved: Integers,
    signs: Integers,
    deepest: int,
) -> int:
    """After the first move: depth first, by the atoms of the shortest broken row. Moves in all; 0: all undone."""
    broken, place = np.zeros(deepest + 1, dtype=np.int64), np.zeros(deepest + 1, dtype=np.int64)
    depth, tries = 1, 0
    broken[1] = _shortest_broken(rows, columns, bounds, sums, moved, depth, deepest)
    while depth > 0:
        row = broken[depth]
        if row == WHOLE:
            return depth
        deeper = False
        while row >= 0 and tries < TRIES and rows[0][row] + place[depth] < rows[0][row + 1]:
            entry = rows[0][row] + place[depth]
            place[depth] += 1
            atom = rows[1][entry]
            way = -rows[2][entry] if sums[row] > bounds[1][row] else rows[2][entry]
            if not bounds[2][atom] <= table[atom] + way <= bounds[3][atom]:
                continue
            if atom in moved[:depth]:
                continue
            tries += 1
            moved[depth], signs[depth] = atom, way
            _change(columns, table, sums, int(atom), int(way))
            depth += 1
            broken[depth] = _shortest_broken(rows, columns, bounds, sums, moved, depth, deepest)
            place[depth] = 0
            deeper = True
            break
        if not deeper:
            depth -= 1
            _change(columns, table, sums, int(moved[depth]), -int(signs[depth]))
    return 0


@compiled
def _change(columns: Lines, table: Integers, sums: Integers, atom: int, way: int) -> None:
    table[atom] += way
    for at in range(columns[0][atom], columns[0][atom + 1]):
        sums[columns[1][at]] += way * columns[2][at]


@compiled
def _shortest_broken(
    rows: Lines,
    columns: Lines,
    bounds: tuple[Integers, Integers, Integers, Integers],
    sums: Integers,
    moved: Integers,
    depth: int,
    deepest: int,
) -> int:
    """The row with the fewest atoms of those broken; WHOLE: none is; HOPELESS: no move is left to repair it."""
    best, length = WHOLE, 0
    for which in range(depth):
        atom = moved[which]
        for at in range(columns[0][atom], columns[0][atom + 1]):
            row = columns[1][at]
            if bounds[0][row] <= sums[row] <= bounds[1][row]:
                continue
            size = rows[0][row + 1] - rows[0][row]
            if best == WHOLE or size < length:
                best, length = row, size
    return HOPELESS if best != WHOLE and depth == deepest else best
