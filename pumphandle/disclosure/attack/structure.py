"""How a system falls apart, and where linear programs are certain to give whole numbers."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from pumphandle.disclosure.attack.equations import NO_BOUND, Flags, Integers, System


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
    unknown = low < high
    matrix = sp.csc_array(system.matrix)
    shift = sp.csr_array(matrix[:, ~unknown]) @ low[~unknown]
    inner = sp.csr_array(matrix[:, unknown])
    inner.eliminate_zeros()
    held = np.diff(inner.indptr) > 0
    rows = np.flatnonzero(held)
    inner = inner[rows]
    atoms = np.flatnonzero(unknown)
    graph = sp.block_array([[None, inner], [sp.csr_array(inner.T), None]], format="csr")
    count, labels = connected_components(graph, directed=False) if len(atoms) else (0, np.empty(0, dtype=np.int64))
    of_row, of_column = labels[: len(rows)].astype(np.int64), labels[len(rows) :].astype(np.int64)
    by_row, by_column = np.argsort(of_row, kind="stable"), np.argsort(of_column, kind="stable")
    kept = rows[by_row]
    reduced = System(
        matrix=sp.csr_array(sp.csc_array(inner[by_row])[:, by_column]),
        row_low=np.where(system.row_low <= -NO_BOUND, -NO_BOUND, system.row_low - shift)[kept],
        row_high=np.where(system.row_high >= NO_BOUND, NO_BOUND, system.row_high - shift)[kept],
        low=low[atoms][by_column],
        high=high[atoms][by_column],
    )
    of_atom = np.full(system.atoms, -1, dtype=np.int64)
    of_atom[atoms] = of_column
    row_counts, atom_counts = np.bincount(of_row, minlength=count), np.bincount(of_column, minlength=count)
    edges = np.bincount(of_row, weights=np.diff(inner.indptr), minlength=count)
    spoiled = np.zeros(count, dtype=np.bool_)
    spoiled[of_row[broken[rows]]] = True
    return Components(
        reduced=reduced,
        atoms=atoms[by_column],
        of_atom=of_atom,
        broken=spoiled,
        tree=edges == row_counts + atom_counts - 1,
        row_starts=np.concatenate([[0], np.cumsum(row_counts)]),
        atom_starts=np.concatenate([[0], np.cumsum(atom_counts)]),
    )


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
