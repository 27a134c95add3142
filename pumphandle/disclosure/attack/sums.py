"""What is known, or asked, of several days, areas or districts together, as rows of a system."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import scipy.sparse as sp

from pumphandle.disclosure.attack.equations import NO_BOUND, Flags, Integers, System
from pumphandle.disclosure.attack.intervals import by_method

EVERY_AREA = -1
"""In a part of a Sum: the whole district."""

Part = tuple[int, int, int, int]
"""Side, first and last day (lines of its counts, both included), and area or EVERY_AREA."""


@dataclass(frozen=True)
class Sum:
    """What is known, or asked, of several days, areas or districts together: least <= what came in them <= most."""

    parts: tuple[Part, ...]
    least: int = 0
    most: int = NO_BOUND
    ask: bool = False

    def truth(self, counts: Sequence[Integers]) -> int:
        """What came. counts : of each side"""
        return sum(_part(counts[side], first, last, area) for side, first, last, area in self.parts)

    def small(self, counts: Sequence[Integers], *, k: int) -> bool:
        """Whether it is one of those that must not be placed."""
        return 1 <= self.truth(counts) < k


@dataclass(frozen=True)
class SumsAttacked:
    """The sums asked for, in their order: width of the interval of each, how it was found, whether it is too narrow."""

    width: Integers = field(repr=False)
    thin: Flags = field(repr=False)
    method: Integers = field(repr=False)

    @property
    def narrowest(self) -> int | None:
        return int(self.width.min()) if len(self.width) else None

    @property
    def methods(self) -> dict[str, int]:
        return by_method(self.method)


def with_sums(
    system: System, sums: Sequence[Sum], *, counts: Sequence[Integers], since: Sequence[int], begins: Sequence[int]
) -> System:
    """With a row for each of these sums, and for each that is asked for an atom that equals it.

    counts : of each side, its true (days, areas)
    since  : of each side; days before it stand as they are and are taken off
    begins : of each side, its first atom in the system
    """
    if not sums:
        return system
    rows: list[Integers] = []
    atoms: list[Integers] = []
    gone = np.zeros(len(sums), dtype=np.int64)
    for number, one in enumerate(sums):
        for at, first, last, area in one.parts:
            areas = counts[at].shape[1]
            begin = max(first, since[at])
            gone[number] += _part(counts[at], first, min(begin - 1, last), area)
            mine = np.arange((begin - since[at]) * areas, max(last + 1 - since[at], 0) * areas, dtype=np.int64)
            atoms.append((mine if area == EVERY_AREA else mine[area::areas]) + begins[at])
            rows.append(np.full_like(atoms[-1], number))
    ask = np.array([one.ask for one in sums], dtype=np.bool_)
    least, most = (np.array([getattr(one, name) for one in sums], dtype=np.int64) for name in ("least", "most"))
    own = system.atoms + np.arange(int(ask.sum()), dtype=np.int64)
    row = np.concatenate([*rows, np.flatnonzero(ask)])
    atom = np.concatenate([*atoms, own])
    sign = np.concatenate([*(np.ones_like(one) for one in rows), -np.ones_like(own)])
    more = sp.coo_array((sign, (row, atom)), shape=(len(sums), system.atoms + len(own)))
    wider = sp.csr_array(
        (system.matrix.data, system.matrix.indices, system.matrix.indptr),
        shape=(system.rows, system.atoms + len(own)),
    )
    return replace(
        system,
        matrix=sp.csr_array(sp.vstack([wider, more.tocsr()], format="csr")),
        row_low=np.concatenate([system.row_low, np.where(ask, 0, least) - gone]),
        row_high=np.concatenate([system.row_high, _less(np.where(ask, 0, most), gone)]),
        low=np.concatenate([system.low, least[ask]]),
        high=np.concatenate([system.high, most[ask]]),
    )


def _part(counts: Integers, first: int, last: int, area: int) -> int:
    inside = counts[max(first, 0) : max(last + 1, 0)]
    return int(inside.sum() if area == EVERY_AREA else inside[:, area].sum())


def _less(most: Integers, gone: Integers) -> Integers:
    return np.where(most >= NO_BOUND, most, most - gone)
