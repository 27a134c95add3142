"""Ledgers as they grow day by day, for tests of the attack on them."""

import numpy as np

from pumphandle.disclosure.attack.unions import Crossing, crossing
from pumphandle.disclosure.attack.windows import Blocks
from pumphandle.disclosure.gate import decide, watch
from pumphandle.disclosure.residual import Closing

K = 5


def made_up(mean: float, areas: int, days: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.poisson(mean * rng.gamma(4, 0.25, areas), (days, areas)).astype(np.int64)


class Kept:
    """A ledger as it grows."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, int, int, int]] = []
        self.totals: list[tuple[int, int, int]] = []

    def add(self, closing: Closing, day: int) -> None:
        for area in np.flatnonzero(closing.areas):
            self.rows.append((int(area), int(closing.first[area]), day, int(closing.value[area])))
        if closing.district is not None:
            self.totals.append((closing.district[0], day, closing.district[1]))

    @property
    def blocks(self) -> Blocks:
        rows = np.array(self.rows, dtype=np.int64).reshape(-1, 4)
        return Blocks(*rows.T, totals=np.array(self.totals, dtype=np.int64).reshape(-1, 3))

    def crossing(self, counts: np.ndarray) -> Crossing:
        blocks = self.blocks
        return crossing(counts, np.stack([blocks.area, blocks.first, blocks.last], axis=1), blocks.totals[:, :2])


def audited(counts: np.ndarray, families: np.random.Generator | None = None) -> Kept:
    """families: chance by which a tenth of the windows is found to hold one household, day by day."""
    kept, watched = Kept(), watch(counts.shape[1], k=K)
    for day, arrivals in enumerate(counts):
        several = None if families is None else families.random(len(arrivals)) > 0.1
        decided = decide(watched, arrivals, day=day, may_close=several)
        watched = decided.watched
        kept.add(decided.closing, day)
    return kept
