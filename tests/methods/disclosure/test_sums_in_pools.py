"""A number told of several windows together must not place any of them: 8 of two that hold at most 4 is 4 and 4."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from pumphandle.disclosure.attack.entire import Found, Group, History, attack_entirely
from pumphandle.disclosure.attack.equations import Integers
from pumphandle.disclosure.attack.judging import judge
from pumphandle.disclosure.attack.ledger import Side, attack
from pumphandle.disclosure.attack.memory import Live, Told, grown, nothing_yet, told
from pumphandle.disclosure.attack.rows import WidePoolRow
from pumphandle.disclosure.attack.sums import EVERY_AREA, Sum
from pumphandle.disclosure.attack.wide import Member, PoolAttacked, Span, attack_wide, pool_sums
from pumphandle.disclosure.attack.windows import UNTOLD, Blocks
from pumphandle.disclosure.gate import Arrivals, Gate, decide_together, watch

K = 5
START = date(2020, 6, 1)
NONE = np.empty(0, dtype=np.int64)


def lived(counts: Integers) -> Live:
    live = nothing_yet(counts.shape[1], day=0)
    for arrivals in counts:
        live = grown(live, arrivals)
    return live


def pooled(*, by_area: Sequence[int], days: int = 6) -> Integers:
    """Each area's people one by one on the first days."""
    counts = np.zeros((days, len(by_area)), dtype=np.int64)
    for area, people in enumerate(by_area):
        counts[:people, area] = 1
    return counts


@pytest.mark.parametrize(
    ("by_area", "stands"), [((4, 4), False), ((4, 3, 4), False), ((3, 2, 2), True), ((3, 2, 2, 3), True)]
)
def test_windows_that_close_together_in_a_district(by_area: tuple[int, ...], stands: bool) -> None:
    counts = pooled(by_area=by_area)
    areas, total = np.arange(len(by_area)), int(counts.sum())
    today = Told(NONE, NONE, NONE, (0, total), areas, np.zeros_like(areas), total)
    seen = judge([told(lived(counts), today)], k=K, width=None, within=(), seconds=1.0)
    assert seen.stands == stands
    assert seen.spoiled == (not stands,)
    found = entirely(counts, Blocks(areas, 0 * areas, 0 * areas + 5, 0 * areas + UNTOLD, np.array([[0, 5, total]]),
                                    np.array([[5, total]])))  # fmt: skip
    assert found.stands == stands
    assert not found.faults


def test_the_gate_lets_such_a_pool_wait() -> None:
    watched, gate = watch(2, k=K), Gate(pool_after=4)
    counts = pooled(by_area=(4, 4), days=12)
    for day, arrivals in enumerate(counts):
        outcome = decide_together([watched], [Arrivals(arrivals)], day=day, gate=gate)
        watched = outcome.sides[0].watched
        assert not outcome.sides[0].closing.together.any()
    more = decide_together([watched], [Arrivals(np.array([0, 3]))], day=12, gate=gate)
    assert not more.sides[0].closing.nothing


def entirely(counts: Integers, *blocks: Blocks, pools: tuple[WidePoolRow, ...] = (), several: bool = True) -> Found:
    """As many districts as blocks. several : each person in a household of their own"""
    each = counts.shape[1] // len(blocks)
    histories: list[History] = []
    for at, mine in enumerate(blocks):
        nodes = [f"W{at}{area}" for area in range(each)]
        rows: list[tuple[str, str, date, str, str]] = []
        for day, area in zip(*np.nonzero(counts[:, at * each : (at + 1) * each]), strict=True):
            who = f"{at}-{day}-{area}"
            rows.append(("cases", nodes[area], START + timedelta(days=int(day)), who, who if several else "one"))
        columns = ("measure", "node", "report_date", "person_key", "household_key")
        schema = dict.fromkeys(columns, pl.String) | {"report_date": pl.Date}
        records = pl.DataFrame(rows, schema=schema, orient="row")
        histories.append(History(f"D{at}", nodes, ("cases",), [mine], records, START, len(counts)))
    return attack_entirely(Group(tuple(histories), (pools,)), k=K, h=2)


def wide(counts: Integers, *, districts: int, lower: Sequence[Sequence[int]] = (), eve: bool = False) -> PoolAttacked:
    each = counts.shape[1] // districts
    members = [
        Member((lived(counts[:, at * each : (at + 1) * each]),), np.zeros(each, dtype=np.int64), 0, eve)
        for at in range(districts)
    ]
    return attack_wide(members, lower=lower, measure=0, k=K, within=(), seconds=1.0)


def wide_entirely(
    counts: Integers, *, districts: int, lower: tuple[tuple[str, ...], ...] = (), value: int = 0, several: bool = True
) -> Found:
    each, last = counts.shape[1] // districts, len(counts) - 1
    areas = np.arange(each)
    blocks = [
        Blocks(areas, 0 * areas, 0 * areas + last, 0 * areas + UNTOLD, np.empty((0, 3), dtype=np.int64))
        for _ in range(districts)
    ]
    first = {f"D{at}": 0 for at in range(districts)}
    pool = WidePoolRow(first, last, value or int(counts.sum()), frozenset(), lower)
    return entirely(counts, *blocks, pools=(pool,), several=several)


FOUR_AND_FOUR = np.array([[2, 0, 1, 1], [0, 2, 2, 0], [0, 0, 0, 0]])
REGIONS = np.array([[2, 0, 1, 1], [0, 2, 0, 0], [0, 0, 1, 1]])  # of two districts each, of one area each: 2 2 and 2 2
THREE_AND_TWO = np.array([[2, 0, 1, 1], [0, 1, 0, 0], [0, 0, 0, 0]])


def test_two_districts_of_four_do_not_pool() -> None:
    assert not wide(FOUR_AND_FOUR, districts=2).stands
    assert not wide_entirely(FOUR_AND_FOUR.clip(max=1) * 2, districts=2, value=8).stands
    seen = wide(THREE_AND_TWO, districts=2)
    assert not seen.stands  # 5 of two that hold at most 4 each: 1 to 4, not 0 to 4
    spread = wide(np.array([[1, 1, 1, 1, 1, 1]]), districts=3)
    assert spread.stands
    assert spread.narrowest == K - 1
    assert spread.cells > 9


def test_regions_that_could_not_pool_by_themselves_are_as_small() -> None:
    counts = np.array([[1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0]])
    assert wide(counts, districts=6).stands
    assert not wide(counts, districts=6, lower=[[0, 1, 2], [3, 4, 5]]).stands
    # Two never pool, so that they did not is no news: they may hold 4 and 4, or 8 and nothing.
    assert wide(np.ones((2, 4), dtype=np.int64), districts=4, lower=[[0, 1], [2, 3]]).stands
    assert wide_entirely(counts, districts=6).stands
    assert not wide_entirely(counts, districts=6, lower=(("D0", "D1", "D2"), ("D3", "D4", "D5"))).stands


def test_what_pooled_late_could_not_pool_the_day_before() -> None:
    counts = np.array([[1, 1, 1, 1], [0, 0, 0, 0], [0, 0, 1, 1]])
    spans = [Span(at, 0, 2, np.zeros(1, dtype=np.int64), eve=at != 0) for at in range(4)]
    sums = pool_sums(spans, [counts[:, [at]] for at in range(4)], lower=(), k=K)
    eve = [one for one in sums if all(part[2] == 1 for part in one.parts)]
    assert [(one.parts, one.most, one.ask) for one in eve] == [
        (((1, 0, 1, EVERY_AREA), (2, 0, 1, EVERY_AREA), (3, 0, 1, EVERY_AREA)), K - 1, False)
    ]


def test_a_wide_pool_of_one_family_or_of_another_number_is_a_fault() -> None:
    counts = np.array([[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]])
    assert not wide_entirely(counts, districts=4).faults
    assert wide_entirely(counts, districts=4, several=False).faults == 1
    assert wide_entirely(counts, districts=4, value=11).faults == 1
    assert wide_entirely(counts[:1], districts=4).faults == 1


def test_a_sum_that_is_asked_for_is_placed_as_enumeration_places_it() -> None:
    """Two areas of two days, their total known, each open window below k: the sum of the first day.

    The total did not close on that day: fewer than k came on it.
    """
    counts = np.array([[1, 0], [3, 2]])
    blocks = Blocks(NONE, NONE, NONE, NONE, np.array([[0, 1, 6]]))
    day = Sum(((0, 0, 0, EVERY_AREA),), ask=True)
    _, seen = attack([Side(blocks, counts)], k=K, width=99, sums=[day])
    tables = [(a, b, c, d) for a in range(7) for b in range(7) for c in range(7) for d in range(7)]
    fits = [a + b for a, b, c, d in tables if a + b + c + d == 6 and a + b < K and a + c < K and b + d < K]
    assert seen.width.tolist() == [max(fits) - min(fits)]


def test_days_of_one_measure_that_stand_bound_the_other() -> None:
    """Cases may move from the first day on, tests from the second: on the first, cases are at most its tests."""
    cases, tests = np.array([[1, 4], [4, 2]]), np.array([[1, 6], [6, 6]])
    none = Blocks(NONE, NONE, NONE, NONE, np.array([[0, 0, 5], [1, 1, 6]]))
    over = Blocks(NONE, NONE, NONE, NONE, np.array([[0, 0, 7], [1, 1, 12]]))
    (inner, _), _ = attack([Side(none, cases, 0), Side(over, tests, 1)], k=9, width=9, within=[(0, 1)])
    assert (inner.low[0].tolist(), inner.high[0].tolist()) == ([0, 4], [1, 5])
    (_, outer), _ = attack([Side(none, cases, 1), Side(over, tests, 0)], k=9, width=9, within=[(0, 1)])
    assert (outer.low[0].tolist(), outer.high[0].tolist()) == ([1, 4], [3, 6])


def test_days_that_stand_are_taken_off_a_sum() -> None:
    counts = np.array([[2, 1], [1, 1], [1, 0]])
    blocks = Blocks(NONE, NONE, NONE, NONE, np.array([[0, 0, 3], [1, 2, 3]]))
    first = Sum(((0, 0, 2, 0),), ask=True)
    _, seen = attack([Side(blocks, counts, 1)], k=9, width=9, sums=[first])
    assert seen.width.tolist() == [3]  # 2 that stand, and 0 to 3
    both = Sum(((0, 0, 1, EVERY_AREA),), least=5, most=5)
    (known,), _ = attack([Side(blocks, counts, 1)], k=9, width=9, sums=[both])
    assert known.high[1].tolist() == [2, 2]


def test_a_window_that_reached_k_and_was_told_with_others_grew_on_its_last_day() -> None:
    counts = np.array([[4, 4], [1, 1]])
    areas = np.arange(2)
    blocks = Blocks(
        areas, 0 * areas, 0 * areas + 1, 0 * areas + UNTOLD, np.empty((0, 3), np.int64), np.array([[1, 10]])
    )
    (seen,), _ = attack([Side(blocks, counts)], k=K, width=9)
    assert (seen.low[1].tolist(), seen.high[0].tolist()) == ([1, 1], [4, 4])


def test_what_is_wide_today_only_does_not_pool() -> None:
    """Nobody knows yet how many were tested in each area; once that is told, cases that equal it are placed."""
    counts = pooled(by_area=(3, 2, 2))
    areas, total = np.arange(3), int(counts.sum())
    today = Told(NONE, NONE, NONE, (0, total), areas, np.zeros_like(areas), total)
    silent = Told(NONE, NONE, NONE, None, NONE, NONE, 0)
    for tests, stands in ((counts, False), (2 * counts, True)):
        lives = [told(lived(counts), today), told(lived(tests), silent)]
        assert judge(lives, k=K, width=None, within=[(0, 1)], seconds=1.0).pooled == ((0, 0) if stands else (3, 0))
