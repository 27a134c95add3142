"""Area windows beside district totals: no small count in a narrow interval, no derivable few, whoever planned them."""

import json
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from pumphandle.disclosure import gate, residual
from pumphandle.disclosure.attack.judging import Verdict
from pumphandle.disclosure.attack.ledger import attack_district
from pumphandle.disclosure.attack.programs import Program
from pumphandle.disclosure.attack.unions import Crossing, crossing, derived_unions, unions_of_runs
from pumphandle.disclosure.gate import decide, watch
from pumphandle.disclosure.keeping import as_data, from_data
from pumphandle.disclosure.residual import District, arrive, choose, close, opened
from pumphandle.vocabulary.errors import CertificateRefused, LedgerBroken, NotUnderstood
from tests.methods.disclosure.ledgers import K, Kept, audited, made_up


def planned(counts: np.ndarray) -> Kept:
    """The planner alone, without the audit."""
    kept, district = Kept(), opened(counts.shape[1], k=K)
    for day, arrivals in enumerate(counts):
        district = arrive(district, arrivals, day=day)
        closing = choose(district, may_close=district.pending[0] >= K)
        kept.add(closing, day)
        district = close(district, closing)
    return kept


@pytest.mark.parametrize("areas", [4, 8, 23])
@pytest.mark.parametrize("mean", [0.5, 1.0, 3.0, 6.0])
def test_no_small_count_is_narrow_and_no_few_are_derivable(areas: int, mean: float) -> None:
    counts = made_up(mean, areas, 35, seed=areas)
    kept = audited(counts)
    seen = attack_district(kept.blocks, counts, k=K)
    assert seen.cells.sum() > 20
    assert (seen.narrow, seen.waiting_narrow) == (0, 0)
    assert not seen.result.integer_programs
    assert derived_unions(kept.crossing(counts), k=K).few == 0
    assert kept.totals
    assert kept.rows


@pytest.mark.parametrize("areas", [4, 8, 23])
def test_windows_that_waited_for_a_second_household_open_nothing(areas: int) -> None:
    for seed in range(4):
        counts = made_up(3.0, areas, 35, seed=seed)
        kept = audited(counts, np.random.default_rng(seed))
        seen = attack_district(kept.blocks, counts, k=K)
        assert (seen.narrow, seen.waiting_narrow) == (0, 0)
        assert derived_unions(kept.crossing(counts), k=K).few == 0


@pytest.mark.parametrize("seed", range(3))
def test_no_total_waits_for_ever(seed: int) -> None:
    kept = audited(made_up(0.5, 8, 60, seed))
    assert max(last - first for first, last, _ in kept.totals) < 21
    assert kept.totals[-1][1] > 50


def test_without_a_solver_nothing_goes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Program, "_solve", lambda _: None)
    with pytest.raises(CertificateRefused, match="no table that fits"):
        audited(made_up(3.0, 8, 20, 1))


def test_every_person_is_in_exactly_one_block_and_one_total() -> None:
    counts = made_up(2.0, 6, 40, seed=3)
    kept = audited(counts)
    for area in range(6):
        mine = [row for row in kept.rows if row[0] == area]
        assert [row[1] for row in mine] == [0, *(row[2] + 1 for row in mine[:-1])]
        assert all(counts[first : last + 1, area].sum() == value >= K for _, first, last, value in mine)
    assert [one[0] for one in kept.totals] == [0, *(one[1] + 1 for one in kept.totals[:-1])]
    assert all(counts[first : last + 1].sum() == value >= K for first, last, value in kept.totals)


def test_days_that_are_sealed_leave_the_problem() -> None:
    watched = watch(8, k=K)
    sizes: list[int] = []
    for day, arrivals in enumerate(made_up(3.0, 8, 150, seed=5)):
        watched = decide(watched, arrivals, day=day).watched
        sizes.append(len(watched.live.counts))
    assert max(sizes) < 60
    assert np.mean(sizes[-50:]) < 1.5 * np.mean(sizes[20:70])


def test_what_is_kept_between_days_is_the_whole_state() -> None:
    counts = made_up(3.0, 6, 40, seed=2)
    one = other = watch(6, k=K)
    for day, arrivals in enumerate(counts):
        first = decide(one, arrivals, day=day)
        second = decide(from_data(json.loads(json.dumps(as_data(other)))), arrivals, day=day)
        one, other = first.watched, second.watched
        assert as_data(one) == as_data(other)
        assert first.closing.district == second.closing.district


def test_the_brute_force_attacker_agrees() -> None:
    """Every pair of area histories with the same ledger and the same knowledge of the rule, enumerated."""
    k = 3
    checked = 0
    for seed in range(4):
        rng = np.random.default_rng(seed)
        counts = rng.poisson(1.1, (4, 2)).clip(max=3).astype(np.int64)
        kept, district = Kept(), opened(2, k=k)
        for day, arrivals in enumerate(counts):
            district = arrive(district, arrivals, day=day)
            closing = choose(district, may_close=district.pending[0] >= k)
            kept.add(closing, day)
            district = close(district, closing)
        seen = attack_district(kept.blocks, counts, k=k, width=99)
        every = np.array(list(product(range(6), repeat=8))).reshape(-1, 4, 2)
        fits = np.ones(len(every), dtype=bool)
        for area in range(2):
            mine = [row for row in kept.rows if row[0] == area]
            spans = [(first, last) for _, first, last, _ in mine] + [(mine[-1][2] + 1 if mine else 0, 4)]
            for at, (first, last) in enumerate(spans):
                if at < len(mine):
                    fits &= every[:, first : last + 1, area].sum(axis=1) == mine[at][3]
                fits &= _rule(every[:, first:last, area], counts[first:last, area], k, closed=at < len(mine))
        for first, last, value in kept.totals:
            fits &= every[:, first : last + 1].sum(axis=(1, 2)) == value
            fits &= _open_total(every[:, first:last], counts[first:last], k)
        begun = kept.totals[-1][1] + 1 if kept.totals else 0
        fits &= _open_total(every[:, begun:], counts[begun:], k)
        low, high = every[fits].min(axis=0), every[fits].max(axis=0)
        inside = seen.cells & (high < 5)  # 5 is where our enumeration ends
        assert (seen.low[inside] == low[inside]).all()
        assert (seen.high[inside] == high[inside]).all()
        checked += inside.sum()
    assert checked > 8


def _rule(histories: np.ndarray, truth: np.ndarray, k: int, *, closed: bool) -> np.ndarray:
    """Fewer than k before the last day, or k where the ledger says that it waited; of an open one, nothing then."""
    held = histories.sum(axis=1)
    return held < k if truth.sum() < k else (held >= k) | (not closed)


def _open_total(histories: np.ndarray, truth: np.ndarray, k: int) -> np.ndarray:
    """The district held fewer than k while its own window was open; where it held more, nobody knows it."""
    return (histories.sum(axis=(1, 2)) < k) | (truth.sum() >= k)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_areas_does_not_matter(seed: int) -> None:
    counts = made_up(3.0, 8, 30, seed)
    turned = np.random.default_rng(seed).permutation(8)
    one, other = audited(counts), audited(counts[:, turned])
    assert one.totals == other.totals
    assert sorted(one.rows) == sorted((int(turned[row[0]]), *row[1:]) for row in other.rows)


def test_unions_are_those_of_all_subsets_tried_one_by_one() -> None:
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(60):
        areas, days = int(rng.integers(1, 3)), int(rng.integers(2, 6))
        counts = rng.poisson(1.5, (days, areas)).astype(np.int64)
        blocks = [(area, *span) for area in range(areas) for span in _spans(rng, days, 3)][:6]
        cross = crossing(counts, np.array(blocks).reshape(-1, 3), np.array(_spans(rng, days, 2)).reshape(-1, 2))
        expected = _smallest(cross)
        hits += expected is not None
        assert derived_unions(cross, k=K).smallest == expected
    assert hits > 20


def test_looking_at_runs_of_days_finds_what_cuts_find(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(residual, "_total_safe", lambda *_: True)
    monkeypatch.setattr(residual, "_offence", lambda *_: None)
    hits = 0
    for areas, seed in product((2, 3, 4, 8), range(5)):
        counts = made_up(2.0, areas, 20, seed)
        kept = planned(counts)
        blocks = np.stack([kept.blocks.area, kept.blocks.first, kept.blocks.last], axis=1)
        smallest = unions_of_runs(counts, blocks, kept.blocks.totals[:, :2], k=K)
        assert smallest == derived_unions(kept.crossing(counts), k=K).smallest
        hits += smallest is not None
    assert hits > 10


def _spans(rng: np.random.Generator, days: int, longest: int) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    first = 0
    while (last := first + int(rng.integers(0, longest))) < days:
        out.append((first, last))
        first = last + 1
    return out


def _smallest(cross: Crossing) -> int | None:
    few: set[int] = set()
    for persons, touch in ((cross.persons, cross.touch), (cross.persons.T, cross.touch.T)):
        inner, outer = persons.shape[0] - 1, persons.shape[1] - 1
        for chosen in product([False, True], repeat=outer):
            totals = np.array([*chosen, False])
            for taken in product([False, True], repeat=inner):
                blocks = np.array([*taken, False])
                if not touch[blocks][:, ~totals].any():
                    few.add(int(persons[:, totals].sum() - persons[blocks].sum()))
    return min((value for value in few if 1 <= value < K), default=None)


# Faults planted in the planner, one at a time: the attacker shares no code with it and finds each.


def test_caught_a_planner_that_skips_the_residual_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(residual, "_total_safe", lambda *_: True)
    monkeypatch.setattr(residual, "_offence", lambda *_: None)
    few = sum(
        derived_unions(planned(counts).crossing(counts), k=K).few for counts in (made_up(3, 4, 40, s) for s in range(4))
    )
    assert few > 0


def test_caught_a_gate_that_does_not_ask_the_attacker(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = made_up(3, 4, 40, 1)
    assert attack_district(audited(counts).blocks, counts, k=K).narrow == 0
    seen = attack_district(audited(counts).blocks, counts, k=K)
    passes = Verdict(
        (replace(seen, thin=np.zeros_like(seen.thin), thin_waiting=np.zeros_like(seen.thin_waiting)),), (None,)
    )
    monkeypatch.setattr(gate, "judge", lambda *_, **__: passes)
    assert attack_district(audited(counts).blocks, counts, k=K).narrow > 0


def test_caught_a_planner_that_publishes_single_persons() -> None:
    counts = made_up(1, 4, 20, 1)
    kept, district = Kept(), opened(4, k=1)
    for day, arrivals in enumerate(counts):
        district = arrive(district, arrivals, day=day)
        closing = choose(district, may_close=district.pending[0] >= 1)
        kept.add(closing, day)
        district = close(district, closing)
    assert derived_unions(kept.crossing(counts), k=K).few > 0
    seen = attack_district(kept.blocks, counts, k=K)
    assert seen.narrowest == 0


def test_caught_a_planner_that_opens_a_sealed_block_again() -> None:
    """The same days told twice, a late person added to a closed window: the two numbers contradict each other."""
    counts = made_up(3, 4, 20, 1)
    kept = audited(counts)
    area, first, last, value = kept.rows[0]
    kept.rows.append((area, first, last, value + 1))
    with pytest.raises(NotUnderstood, match="does not fit"):
        attack_district(kept.blocks, counts, k=K)


def test_a_day_that_is_sealed_is_refused() -> None:
    watched = decide(watch(3, k=K), np.array([9, 0, 0]), day=0).watched
    with pytest.raises(LedgerBroken, match="sealed"):
        decide(watched, np.array([1, 0, 0]), day=0)


def test_a_negative_day_is_refused() -> None:
    with pytest.raises(NotUnderstood, match="0 or more"):
        decide(watch(3, k=K), np.array([9, -1, 0]), day=0)


def test_an_area_outside_the_district_is_refused() -> None:
    with pytest.raises(NotUnderstood, match="each area of the district"):
        decide(watch(3, k=K), np.array([9, 1, 0, 4]), day=0)


def test_publishing_nothing_is_always_possible() -> None:
    district: District = arrive(opened(3, k=K), np.array([9, 1, 0]), day=0)
    closing = choose(district, may_close=np.zeros(3, dtype=bool), district_may_close=False)
    assert not closing.areas.any()
    assert closing.district is None


def test_a_family_waits_although_it_counts_six() -> None:
    decided = decide(watch(3, k=K), np.array([6, 6, 0]), day=0, may_close=np.array([False, True, True]))
    assert decided.closing.areas.tolist() == [False, True, False]


def test_days_leave_the_problem_where_a_count_could_not_be_sealed_at_first() -> None:
    """A count that needs more days to be seen wide stayed in question for ever, and every later day with it."""
    rng = np.random.default_rng(2)
    watched = watch(23, k=5)
    for day, arrivals in enumerate(rng.poisson(3.0 * rng.gamma(4, 0.25, 23), (150, 23))):
        watched = decide(watched, arrivals, day=day).watched
    assert len(watched.live.counts) < 70
