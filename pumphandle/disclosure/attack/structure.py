"""How a system falls apart, and where linear programs are certain to give whole numbers."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from pumphandle.compiled import compiled
from pumphandle.disclosure.attack.equations import NO_BOUND, Flags, Integers, System
from pumphandle.disclosure.attack.lines import Lines, lines


@dataclass(frozen=True)
class Part:
    """One component: a system of its own, and which atoms of the whole it holds."""

    atoms: Integers = field(repr=False)
    system: System = field(repr=False)


@dataclass(frozen=True)
class Components:
    """The system with known atoms moved to the other side, in parts that share nothing.

    reduced : rows and atoms in order of component; rows without an unknown atom are left out
    atoms   : atom of the whole system, by atom of `reduced`
    of_atom : component by atom of the whole system; -1 for a known one
    broken  : by component: holds a row that cannot hold
    tree    : by component: atoms and rows form no circle
    """

    reduced: System = field(repr=False)
    atoms: Integers = field(repr=False)
    of_atom: Integers = field(repr=False)
    broken: Flags = field(repr=False)
    tree: Flags = field(repr=False)
    row_starts: Integers = field(repr=False)
    atom_starts: Integers = field(repr=False)

    @property
    def count(self) -> int:
        return len(self.tree)

    def parts(self, chosen: Integers) -> Iterator[Part]:
        whole = self.reduced
        indptr, indices, data = whole.matrix.indptr, whole.matrix.indices, whole.matrix.data
        for one in chosen:
            rows = slice(self.row_starts[one], self.row_starts[one + 1])
            atoms = slice(self.atom_starts[one], self.atom_starts[one + 1])
            inside = slice(indptr[rows.start], indptr[rows.stop])
            matrix = sp.csr_array(
                (data[inside], indices[inside] - atoms.start, indptr[rows.start : rows.stop + 1] - inside.start),
                shape=(rows.stop - rows.start, atoms.stop - atoms.start),
            )
            yield Part(
                atoms=self.atoms[atoms],
                system=System(
                    matrix=matrix,
                    row_low=whole.row_low[rows],
                    row_high=whole.row_high[rows],
                    low=whole.low[atoms],
                    high=whole.high[atoms],
                ),
            )


def split(system: System, *, low: Integers, high: Integers, broken: Flags) -> Components:
    """Connected components of the atoms with low < high and the rows that hold them."""
    matrix = lines(system.matrix)
    of_row, of_atom, count = _labels(matrix, low < high)
    held, atoms = np.flatnonzero(of_row >= 0), np.flatnonzero(of_atom >= 0)
    kept = held[np.argsort(of_row[held], kind="stable")]
    atoms = atoms[np.argsort(of_atom[atoms], kind="stable")]
    column = np.full(system.atoms, -1, dtype=np.int64)
    column[atoms] = np.arange(len(atoms))
    starts, places, values, shift = _reduced(matrix, kept, column, low)
    reduced = System(
        matrix=sp.csr_array((values, places, starts), shape=(len(kept), len(atoms))),
        row_low=np.where(system.row_low[kept] <= -NO_BOUND, -NO_BOUND, system.row_low[kept] - shift),
        row_high=np.where(system.row_high[kept] >= NO_BOUND, NO_BOUND, system.row_high[kept] - shift),
        low=low[atoms],
        high=high[atoms],
    )
    row_counts = np.bincount(of_row[held], minlength=count)
    atom_counts = np.bincount(of_atom[atoms], minlength=count)
    edges = np.bincount(of_row[kept], weights=np.diff(starts), minlength=count)
    spoiled = np.zeros(count, dtype=np.bool_)
    spoiled[of_row[held[broken[held]]]] = True
    return Components(
        reduced=reduced,
        atoms=atoms,
        of_atom=of_atom,
        broken=spoiled,
        tree=edges == row_counts + atom_counts - 1,
        row_starts=np.concatenate([[0], np.cumsum(row_counts)]),
        atom_starts=np.concatenate([[0], np.cumsum(atom_counts)]),
    )


@compiled
def _labels(rows: Lines, unknown: Flags) -> tuple[Integers, Integers, int]:
    """Component of each row (-1: holds nothing unknown) and of each atom (-1: known), and how many there are."""
    starts, places, values = rows
    parent = np.arange(len(unknown))
    of_row = np.full(len(starts) - 1, -1)
    for row in range(len(of_row)):
        root = -1
        for at in range(starts[row], starts[row + 1]):
            atom = places[at]
            if not unknown[atom] or values[at] == 0:
                continue
            while parent[atom] != atom:
                parent[atom] = parent[parent[atom]]
                atom = parent[atom]
            if root < 0:
                root = atom
                of_row[row] = places[at]
            parent[atom] = root
    number = np.full(len(unknown), -1)
    of_atom = np.full(len(unknown), -1)
    count = 0
    for which in range(len(unknown)):
        if not unknown[which]:
            continue
        atom = which
        while parent[atom] != atom:
            atom = parent[atom]
        if number[atom] < 0:
            number[atom] = count
            count += 1
        of_atom[which] = number[atom]
    for row in range(len(of_row)):
        if of_row[row] >= 0:
            of_row[row] = of_atom[of_row[row]]
    return of_row, of_atom, count


@compiled
def _reduced(
    rows: Lines, kept: Integers, column: Integers, low: Integers
) -> tuple[Integers, Integers, Integers, Integers]:
    """The kept rows over the unknown atoms by their new places, and what the known ones add to each row."""
    starts, places, values = rows
    begins, shift = np.zeros(len(kept) + 1, dtype=np.int64), np.zeros(len(kept), dtype=np.int64)
    into, what = np.zeros(len(places), dtype=np.int64), np.zeros(len(places), dtype=np.int64)
    end = 0
    for at, row in enumerate(kept):
        for entry in range(starts[row], starts[row + 1]):
            atom = places[entry]
            if column[atom] < 0:
                shift[at] += values[entry] * low[atom]
            elif values[entry] != 0:
                into[end], what[end] = column[atom], values[entry]
                end += 1
        begins[at + 1] = end
    return begins, into[:end].copy(), what[:end].copy(), shift


def two_laminar_families(system: System) -> bool:
    """Whether the rows are sums of sets that make two laminar families: a network matrix, totally unimodular.

    Two rows cross when they share atoms and neither holds the other. They can be dealt to two families without
    crossings if and only if the graph of crossings has no odd circle. Every vertex of such a system is whole,
    so a linear program bounds each atom exactly.
    """
    by_atom = sp.csc_array(system.matrix)
    entries = np.diff(by_atom.indptr)
    leading = np.repeat(by_atom.data[by_atom.indptr[:-1][entries > 0]], entries[entries > 0])
    if (np.abs(by_atom.data) != 1).any() or (by_atom.data != leading).any():
        return False  # more than sets; turning an atom's sign round would change nothing, so that is allowed
    sets = abs(system.matrix)
    shared = (sets @ sets.T).tocoo()
    sizes = np.diff(system.matrix.indptr)
    crossing = shared.data < np.minimum(sizes[shared.row], sizes[shared.col])
    rows, others = shared.row[crossing], shared.col[crossing]
    # Each row twice, as dealt to the one family and to the other. An odd circle joins a row's two copies.
    count = system.rows
    ends = (np.concatenate([rows, rows + count]), np.concatenate([others + count, others]))
    double = sp.coo_array((np.ones(2 * len(rows), dtype=np.int8), ends), shape=(2 * count, 2 * count))
    _, labels = connected_components(double.tocsr(), directed=False)
    return bool((labels[:count] != labels[count:]).all())
