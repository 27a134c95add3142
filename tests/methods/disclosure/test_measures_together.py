"""Cases and tests of a district, attacked together from nothing: still no small count is narrow."""

import numpy as np
import pytest

from pumphandle.disclosure.attack.ledger import Side, attack_together
from pumphandle.disclosure.attack.windows import UNTOLD, Blocks
from pumphandle.disclosure.gate import Arrivals, Gate, decide_together, watch

K = 5
KNOWN = ((0, 1),)  # the first measure is within the second


def told(counts: list[np.ndarray], gate: Gate) -> list[Blocks]:
    """Both ledgers as they are published."""
    sides = [watch(counts[0].shape[1], k=K) for _ in counts]
    rows: list[list[tuple[int, int, int, int]]] = [[], []]
    totals: list[list[tuple[int, int, int]]] = [[], []]
    pools: list[list[tuple[int, int]]] = [[], []]
    for day in range(len(counts[0])):
        done = decide_together(sides, [Arrivals(one[day]) for one in counts], day=day, gate=gate)
        sides = [side.watched for side in done.sides]
        for at, side in enumerate(done.sides):
            closing = side.closing
            for area in np.flatnonzero(closing.areas | closing.pool):
                value = UNTOLD if closing.pool[area] else int(closing.value[area])
                rows[at].append((int(area), int(closing.first[area]), day, value))
            pools[at] += [(day, closing.pooled)] if closing.pool.any() else []
            totals[at] += [(closing.district[0], day, closing.district[1])] if closing.district else []
    return [
        Blocks(
            *np.array(mine, dtype=np.int64).reshape(-1, 4).T,
            totals=np.array(whole, dtype=np.int64).reshape(-1, 3),
            pools=np.array(pooled, dtype=np.int64).reshape(-1, 2),
        )
        for mine, whole, pooled in zip(rows, totals, pools, strict=True)
    ]


def made_up(tests: float, positive: float, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    tested = rng.poisson(tests, (20, 8)).astype(np.int64)
    return [rng.binomial(tested, positive).astype(np.int64), tested]


@pytest.mark.parametrize(("tests", "positive"), [(5.0, 0.06), (8.0, 0.3)])
def test_who_knows_that_cases_were_tested_places_no_small_count(tests: float, positive: float) -> None:
    counts = made_up(tests, positive, 3)
    ledgers = told(counts, Gate(within=KNOWN, pool_after=14))
    sides = [Side(blocks, one) for blocks, one in zip(ledgers, counts, strict=True)]
    seen = attack_together(sides, k=K, within=KNOWN)
    assert sum(int(one.cells.sum()) for one in seen) > 40
    assert [(one.narrow, one.waiting_narrow) for one in seen] == [(0, 0), (0, 0)]
    assert all(len(blocks.totals) and len(blocks.area) for blocks in ledgers)


def test_measures_decided_apart_give_counts_away() -> None:
    counts = made_up(8.0, 0.3, 3)
    ledgers = told(counts, Gate())
    sides = [Side(blocks, one) for blocks, one in zip(ledgers, counts, strict=True)]
    assert sum(one.narrow for one in attack_together(sides, k=K, within=KNOWN, seconds=1.0)) > 0
