"""Published numbers as equations and inequalities over whole, non-negative, unknown counts.

An atom is a count nobody published. A row says: low <= sum of (coefficient x atom) <= high; an equation has low = high.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from pumphandle.vocabulary.errors import NotUnderstood

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

NO_BOUND: Final = 1 << 40  # far above any count of persons, far below 2**53, where floats stop being whole


@dataclass(frozen=True)
class System:
    """row_low <= matrix @ n <= row_high and low <= n <= high, n whole.

    matrix            : (rows, atoms) sparse int64
    row_low, row_high : (rows,) int64; at or beyond +-NO_BOUND is no bound
    low, high         : (atoms,) int64; high at NO_BOUND is no bound
    """

    matrix: sp.csr_array
    row_low: Integers = field(repr=False)
    row_high: Integers = field(repr=False)
    low: Integers = field(repr=False)
    high: Integers = field(repr=False)

    def __post_init__(self) -> None:
        rows, atoms = self.matrix.shape
        if self.row_low.shape != (rows,) or self.row_high.shape != (rows,):
            raise NotUnderstood("Each row of a system needs one lower and one upper bound.")
        if self.low.shape != (atoms,) or self.high.shape != (atoms,):
            raise NotUnderstood("Each atom of a system needs one lower and one upper bound.")
        if (self.low < 0).any():
            raise NotUnderstood("A count cannot be negative: an atom's lower bound is 0 or more.")

    @property
    def atoms(self) -> int:
        return int(self.matrix.shape[1])

    @property
    def rows(self) -> int:
        return int(self.matrix.shape[0])

    def holds(self, n: Integers) -> bool:
        """Whether these whole numbers satisfy every row and bound, in integers."""
        activity = self.matrix @ n
        inside = (n >= self.low) & (n <= self.high)
        return bool(inside.all() and (activity >= self.row_low).all() and (activity <= self.row_high).all())

    def part(self, rows: Integers, atoms: Integers) -> "System":
        """The system of these rows and atoms alone; atoms outside must not occur in the rows."""
        return System(
            matrix=sp.csr_array(self.matrix[rows][:, atoms]),
            row_low=self.row_low[rows],
            row_high=self.row_high[rows],
            low=self.low[atoms],
            high=self.high[atoms],
        )

    def fixed(self, atoms: Integers, values: Integers) -> "System":
        """The same system for someone who knows these atoms, such as the one person that a 1 counts."""
        low, high = self.low.copy(), self.high.copy()
        low[atoms], high[atoms] = values, values
        return System(matrix=self.matrix, row_low=self.row_low, row_high=self.row_high, low=low, high=high)


def system(
    rows: Iterable[tuple[Mapping[int, int], int, int]], *, low: Sequence[int] | Integers, high: Sequence[int] | Integers
) -> System:
    """A system from rows ({atom: coefficient}, lowest sum, highest sum); for a caller with few of them."""
    at: list[int] = []
    atoms: list[int] = []
    values: list[int] = []
    bounds: list[tuple[int, int]] = []
    for coefficients, lowest, highest in rows:
        for atom, value in coefficients.items():
            at.append(len(bounds))
            atoms.append(atom)
            values.append(value)
        bounds.append((lowest, highest))
    held = np.array(bounds, dtype=np.int64).reshape(-1, 2)
    return incidence(
        np.array(at, dtype=np.int64),
        np.array(atoms, dtype=np.int64),
        row_low=held[:, 0],
        row_high=held[:, 1],
        low=np.asarray(low, dtype=np.int64),
        high=np.asarray(high, dtype=np.int64),
        values=np.array(values, dtype=np.int64),
    )


def incidence(
    rows: Integers,
    atoms: Integers,
    *,
    row_low: Integers,
    row_high: Integers,
    low: Integers,
    high: Integers,
    values: Integers | None = None,
) -> System:
    """A system from coordinates: entry i says that atom atoms[i] occurs in row rows[i], values[i] times (1 if None)."""
    entries = np.ones(len(rows), dtype=np.int64) if values is None else values
    matrix = sp.csr_array(sp.coo_array((entries, (rows, atoms)), shape=(len(row_low), len(low))))
    return System(matrix=matrix, row_low=row_low, row_high=row_high, low=low, high=high)
