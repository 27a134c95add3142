"""Tables found by exchange: never further than the programs prove, and near enough to save most of them."""

import numpy as np
import pytest

from pumphandle.disclosure.attack import exchange
from pumphandle.disclosure.attack.equations import NO_BOUND, System, incidence, system
from pumphandle.disclosure.attack.exchange import exchanged
from pumphandle.disclosure.attack.intervals import by_exchange, intervals
from pumphandle.vocabulary.errors import CertificateRefused


def laid_out(seed: int) -> tuple[System, np.ndarray]:
    """Areas by days with some runs of days, some sums of days and some bounds on runs told."""
    rng = np.random.default_rng(seed)
    days, areas = (int(one) for one in rng.integers(2, 7, 2))
    counts = rng.poisson(2.0, (days, areas))
    cell = np.arange(days * areas).reshape(days, areas)
    sets: list[np.ndarray] = []
    slack: list[tuple[int, int]] = []
    for area in range(areas):
        cut = int(rng.integers(1, days + 1))
        sets += [cell[:cut, area], cell[cut:, area]]
        slack += [(0, 0), (0, int(rng.integers(0, 4)))]
    for day in range(days):
        if rng.random() < 0.7:
            sets.append(cell[day])
            slack.append((0, 0))
    told = [at for at, one in enumerate(sets) if len(one)]
    sets, slack = [sets[at] for at in told], [slack[at] for at in told]
    row = np.concatenate([np.full(len(one), at) for at, one in enumerate(sets)])
    true = np.array([counts.ravel()[one].sum() for one in sets])
    low = true - np.array([some[0] for some in slack])
    high = true + np.array([some[1] for some in slack])
    none = np.zeros(days * areas, dtype=np.int64)
    made = incidence(row, np.concatenate(sets), row_low=low, row_high=high, low=none, high=none + NO_BOUND)
    return made, counts.ravel()


@pytest.mark.parametrize("seed", range(40))
def test_never_further_than_the_programs_prove(seed: int) -> None:
    made, truth = laid_out(seed)
    low, high = exchanged(made, truth=truth, targets=np.ones(made.atoms, dtype=np.bool_), enough=1_000)
    exact = intervals(made, truth=truth)
    assert (exact.low <= low).all()
    assert (low <= truth).all()
    assert (truth <= high).all()
    assert (high <= exact.high).all()


def test_most_of_what_is_wide_is_found() -> None:
    wide = found = 0
    for seed in range(40):
        made, truth = laid_out(seed)
        everyone = np.ones(made.atoms, dtype=np.bool_)
        exact = intervals(made, truth=truth)
        seen = by_exchange(made, targets=everyone, truth=truth, enough=4)
        assert not (seen.wide & (exact.width < 4)).any()
        wide += int((exact.width >= 4).sum())
        found += int(seen.wide.sum())
    assert wide > 100
    assert found > 0.95 * wide


def test_a_search_that_forgets_a_row_is_void(monkeypatch: pytest.MonkeyPatch) -> None:
    made, truth = laid_out(3)

    def careless(rows: object, columns: object, bounds: object, table: np.ndarray, *_: object) -> None:
        table[0] += 1_000

    monkeypatch.setattr(exchange, "_search", careless)
    with pytest.raises(CertificateRefused, match="does not fit"):
        exchanged(made, truth=truth, targets=np.ones(made.atoms, dtype=np.bool_), enough=4)


def test_coefficients_that_are_no_sums_are_left_to_the_programs() -> None:
    made = system([({0: 2, 1: 1}, 8, 8)], low=[0, 0], high=[9, 9])
    low, high = exchanged(made, truth=np.array([3, 2]), targets=np.array([True, True]), enough=4)
    assert low.tolist() == high.tolist() == [3, 2]
