"""An area that is told only with its neighbours is in no number of its own, and no small count comes out of the sum."""

from collections import defaultdict
from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pumphandle.disclosure.gate import Arrivals, Gate, Outcome, decide_together, watch
from pumphandle.disclosure.residual import Closing

K = 3


def run(days: list[list[int]], *, beside: dict[int, list[bool]], k: int = K) -> list[tuple[Closing, Outcome]]:
    """Of one measure in one district, day by day."""
    watched = watch(len(days[0]), k=k)
    near = {area: np.array(flags, dtype=np.bool_) for area, flags in beside.items()}
    found: list[tuple[Closing, Outcome]] = []
    for day, counts in enumerate(days):
        today = Arrivals(np.array(counts, dtype=np.int64), beside=near)
        outcome = decide_together([watched], [today], day=day, gate=Gate())
        watched = outcome.sides[0].watched
        found.append((outcome.sides[0].closing, outcome))
    return found


def told(closing: Closing) -> tuple[object, ...]:
    """What the public reads of a day."""
    alone = tuple((at, int(closing.first[at]), int(closing.value[at])) for at in np.flatnonzero(closing.alone).tolist())
    members = tuple((at, int(closing.first[at])) for at in np.flatnonzero(closing.together).tolist())
    return alone, members, closing.pooled if members else None, closing.district


def test_it_closes_with_a_neighbour_and_waits_without_one() -> None:
    ((first, _), (second, _)) = run([[4, 1, 5], [0, 4, 0]], beside={0: [False, True, False]})
    assert told(first) == (((2, 0, 5),), (), None, None)  # the district's total would tell what waits
    assert told(second) == ((), ((0, 0), (1, 0)), 9, (0, 14))


def test_neighbours_that_wait_are_not_drawn_in() -> None:
    ((closing, _),) = run([[4, 1, 5]], beside={0: [False, True, True]})
    assert told(closing)[:3] == ((), ((0, 0), (2, 0)), 9)


def test_without_a_wish_nothing_is_joined() -> None:
    ((closing, _),) = run([[4, 4, 5]], beside={})
    assert not closing.together.any()


@given(st.lists(st.lists(st.integers(0, 7), min_size=4, max_size=4), min_size=1, max_size=7))
def test_every_arrival_is_told_once_and_the_area_never_alone(days: list[list[int]]) -> None:
    beside = {at: [True, False, True, False] for at in (1, 3)}
    came, out, waits = 0, 0, np.zeros(4, dtype=np.int64)
    for counts, (closing, _) in zip(days, run(days, beside=beside), strict=True):
        came += sum(counts)
        waits += counts
        assert not closing.alone[[1, 3]].any()
        if closing.together.any():
            assert closing.together.sum() >= 2
            assert closing.pooled == waits[closing.together].sum() >= 2 * K
            out += closing.pooled
        out += int(waits[closing.alone].sum())
        waits[closing.alone | closing.together] = 0
        assert out + waits.sum() == came


MOST = 9
"""Arrivals of a history here; only what told two thirds of them is judged, so that this bound narrows nothing."""


def narrowest(beside: dict[int, list[bool]]) -> tuple[int, int]:
    """The fewest values that a small count may have, by exhaustion of two days in two areas; and how many were judged.

    The attacker knows the rule, so that silence tells too.
    """
    seen: dict[tuple[object, ...], list[tuple[int, ...]]] = defaultdict(list)
    sums: dict[tuple[object, ...], int] = {}
    for counts in product(range(MOST + 1), repeat=4):
        if sum(counts) > MOST:
            continue
        closings = [closing for closing, _ in run([[*counts[:2]], [*counts[2:]]], beside=beside)]
        transcript = tuple(told(closing) for closing in closings)
        seen[transcript].append(counts)
        sums[transcript] = sum(int(one.value[one.areas].sum()) for one in closings)
    widths = [
        len({counts[at] for counts in histories})
        for transcript, histories in seen.items()
        if sums[transcript] <= 2 * MOST // 3
        for at in range(4)
        if {counts[at] for counts in histories} & set(range(1, K))
    ]
    return min(widths), len(widths)


def test_silence_and_sums_leave_a_small_count_as_wide_as_without_merging() -> None:
    plain, _ = narrowest({})
    merged, judged = narrowest({0: [False, True]})
    assert merged >= plain >= K - 1
    assert judged > 10
