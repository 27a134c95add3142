"""Holding a window and letting it go tells no small count, even to one who guesses why it was held."""

from collections import defaultdict
from itertools import product

import pytest

K = 3
DAYS = 5
MOST = 9
"""A day's largest count here; only transcripts well below it are judged, so that the bound narrows nothing."""

Told = tuple[tuple[int, int, int], ...]


def transcript(counts: tuple[int, ...], hold: int, length: int, *, doubled: bool) -> tuple[Told, int | None]:
    """Blocks (first, last, value) and the day of the hold, None where there was none.

    The council is as telling as can be: it holds exactly when its window would close on day `hold` or later, for
    `length` days. After a hold the window needs 2k people, as actions.release asks; not `doubled`: only k.
    """
    blocks: list[tuple[int, int, int]] = []
    first, value, held, until, touched = 0, 0, None, -1, False
    for day, came in enumerate(counts):
        value += came
        needs = 2 * K if touched and doubled else K
        if held is None and day >= hold and value >= K:
            held, until, touched = day, day + length - 1, True
        if day > until and value >= needs:
            blocks.append((first, day, value))
            first, value, touched = day + 1, 0, False
    return tuple(blocks), held


def narrowest(*, doubled: bool, length: int) -> int:
    """The narrowest interval that any small count of a held window is placed in, by exhaustion of every history."""
    seen: dict[tuple[Told, int | None], list[tuple[int, ...]]] = defaultdict(list)
    for counts in product(range(MOST + 1), repeat=DAYS):
        seen[transcript(counts, 1, length, doubled=doubled)].append(counts)
    narrow = MOST
    for (blocks, held), histories in seen.items():
        for first, last, value in blocks:
            if held is None or not first <= held <= last or value > MOST:
                continue
            for day in range(first, last + 1):
                possible = {counts[day] for counts in histories}
                if possible & set(range(1, K)):
                    narrow = min(narrow, max(possible) - min(possible))
    return narrow


@pytest.mark.parametrize("length", [1, 2])
def test_after_a_hold_every_small_count_stays_as_wide_as_the_rule_promises(length: int) -> None:
    assert narrowest(doubled=True, length=length) >= K - 1


def test_without_the_doubling_a_hold_would_tell() -> None:
    assert narrowest(doubled=False, length=1) < K - 1
