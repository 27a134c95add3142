"""That a district's own window did not close is news: it held fewer than k until then. The attacker knows it."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pytest

from pumphandle.disclosure.attack import judging, windows
from pumphandle.disclosure.attack.equations import Integers
from pumphandle.disclosure.attack.ledger import Side, attack, attack_district
from pumphandle.disclosure.attack.memory import Live
from pumphandle.disclosure.attack.sums import EVERY_AREA, Sum
from pumphandle.disclosure.attack.windows import UNTOLD, Blocks
from pumphandle.disclosure.gate import decide, watch
from pumphandle.disclosure.lots import rests
from tests.methods.disclosure.ledgers import Kept, audited, made_up

K = 5
NONE = np.empty(0, dtype=np.int64)
NO_TOTALS = np.empty((0, 3), dtype=np.int64)


def width_of(days: tuple[int, int], counts: Integers, blocks: Blocks, *, k_of: Integers | None = None) -> int:
    """Of the sum of the whole district over these days."""
    asked = Sum(((0, *days, EVERY_AREA),), ask=True)
    _, seen = attack([Side(blocks, counts, k_of=k_of)], k=K, width=99, sums=[asked])
    return int(seen.width[0])


def test_before_a_total_closed_and_while_one_is_open_the_district_held_fewer_than_k() -> None:
    counts = np.array([[1, 2], [3, 2], [1, 0], [0, 2]])
    blocks = Blocks(NONE, NONE, NONE, NONE, np.array([[0, 1, 8]]))
    assert width_of((0, 0), counts, blocks) == K - 1
    assert width_of((2, 3), counts, blocks) == K - 1
    waited = np.array([[2, 2, 1], [1, 1, 1]])  # it held 5 on the first day: nobody knows why it waited
    assert width_of((0, 0), waited, Blocks(NONE, NONE, NONE, NONE, np.array([[0, 1, 8]]))) == 8


def test_a_window_that_ended_in_a_wide_pool_stayed_open_to_its_last_day() -> None:
    counts = np.array([[2, 0], [1, 1], [1, 1], [1, 0]])
    areas = np.arange(2)
    wide = Blocks(areas, 0 * areas, 0 * areas + 1, 0 * areas + UNTOLD, NO_TOTALS)
    assert width_of((0, 1), counts, wide) == K - 1
    assert width_of((2, 3), counts, wide) == K - 1


def test_the_rule_of_the_day_says_how_few() -> None:
    counts = np.array([[1, 1], [0, 1], [2, 1], [1, 1]])
    blocks = Blocks(NONE, NONE, NONE, NONE, np.array([[0, 1, 3]]))
    assert width_of((2, 3), counts, blocks, k_of=np.array([3, 3, 7, 7])) == 7 - 1


def test_days_that_stand_are_taken_off() -> None:
    counts = np.array([[1, 1], [1, 0], [1, 0]])
    asked = Sum(((0, 1, 2, EVERY_AREA),), ask=True)
    _, seen = attack([Side(Blocks(NONE, NONE, NONE, NONE, NO_TOTALS), counts, 1)], k=K, width=99, sums=[asked])
    assert seen.width.tolist() == [K - 1 - 2]


@pytest.mark.parametrize(("mean", "areas"), [(0.2, 4), (0.5, 4), (0.5, 23)])
def test_caught_a_gate_that_does_not_know_it(monkeypatch: pytest.MonkeyPatch, mean: float, areas: int) -> None:
    """Sparse districts: one small count in eight was narrow to who knows it, as long as the gate did not."""
    histories = [made_up(mean, areas, 40, seed) for seed in range(3)]
    kept = [audited(counts) for counts in histories]
    assert narrow(histories, kept) == 0
    assert all(one.totals for one in kept)
    with monkeypatch.context() as patch:
        patch.setattr(windows, "_eves", lambda *_, **__: NO_TOTALS)
        ignorant = [audited(counts) for counts in histories]
    assert narrow(histories, ignorant) > 0


def narrow(histories: Sequence[Integers], kept: Sequence[Kept]) -> int:
    seen = [attack_district(one.blocks, counts, k=K) for counts, one in zip(histories, kept, strict=True)]
    return sum(one.narrow + one.waiting_narrow for one in seen)


def day_by_day(counts: Integers) -> int:
    """What was narrow on any day, those on which nothing closed among them."""
    kept, watched, found = Kept(), watch(counts.shape[1], k=K), 0
    for day, arrivals in enumerate(counts):
        decided = decide(watched, arrivals, day=day)
        watched = decided.watched
        kept.add(decided.closing, day)
        seen = attack_district(kept.blocks, counts[: day + 1], k=K)
        found += seen.narrow + seen.waiting_narrow
    return found


@pytest.mark.parametrize(("mean", "areas"), [(0.2, 4), (0.5, 4), (1.0, 8)])
def test_nothing_is_narrow_on_any_day(mean: float, areas: int) -> None:
    assert day_by_day(made_up(mean, areas, 45, seed=3)) == 0


def test_caught_a_gate_that_does_not_ask_for_the_day_to_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """A window that closes while the district's stays open may bound, by that silence, what comes next elsewhere."""

    def only_today(lives: Sequence[Live], *, k: int) -> tuple[bool, Sequence[Live]]:
        return False, lives

    monkeypatch.setattr(judging, "with_tomorrow", only_today)
    assert day_by_day(made_up(0.2, 4, 45, seed=3)) > 0


@pytest.mark.parametrize(("mean", "areas", "seed", "days"), [(0.5, 8, 0, 175), (1.0, 4, 2, 140), (0.5, 4, 3, 165)])
def test_what_the_gate_forgets_does_not_stop_a_district(mean: float, areas: int, seed: int, days: int) -> None:
    """Days that left its memory stand still: three districts in which nothing could close any more on that account."""
    counts = made_up(mean, areas, 365, seed)
    watched, closed = watch(areas, k=K), [0]
    for day in range(days):
        resting = rests(
            bytes(16),
            f"{areas} areas, {int(counts.sum())} records",
            "cases",
            date(2020, 1, 1) + timedelta(days=day),
            percent=10,
        )
        decided = decide(watched, counts[day], day=day, total_may_close=not resting)
        watched = decided.watched
        if not decided.closing.nothing:
            closed.append(day)
    assert max(np.diff([*closed, days])) <= 12
