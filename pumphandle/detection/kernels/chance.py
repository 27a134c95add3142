"""Random numbers, and the cases of a replicate."""

from typing import Final

import numpy as np
import numpy.typing as npt

from pumphandle.compiled import compiled

F8 = npt.NDArray[np.float64]
I8 = npt.NDArray[np.int64]
I4 = npt.NDArray[np.int32]
U8 = npt.NDArray[np.uint64]

FREE: Final = 0
DAYS_KEPT: Final = 1
PLACES_KEPT: Final = 2
SHUFFLED: Final = 3
CELLS: Final = 4
TESTS_KEPT: Final = 5


@compiled
def next_random(state: U8) -> float:
    """SplitMix64 (Steele et al. 2014): one 64-bit state a replicate; uniform in [0, 1)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    mixed = state[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed = mixed ^ (mixed >> np.uint64(31))
    return (mixed >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@compiled
def alias_table(weights: F8) -> tuple[F8, I4]:
    """Vose 1991: draws from any weights in constant time."""
    n = len(weights)
    cut = weights * (n / weights.sum())
    other = np.arange(n).astype(np.int32)
    small = np.empty(n, dtype=np.int32)
    large = np.empty(n, dtype=np.int32)
    smalls = 0
    larges = 0
    for one in range(n):
        if cut[one] < 1.0:
            small[smalls] = one
            smalls += 1
        else:
            large[larges] = one
            larges += 1
    while smalls > 0 and larges > 0:
        smalls -= 1
        low = small[smalls]
        high = large[larges - 1]
        other[low] = high
        cut[high] -= 1.0 - cut[low]
        if cut[high] < 1.0:
            larges -= 1
            small[smalls] = high
            smalls += 1
    for one in range(larges):
        cut[large[one]] = 1.0
    for one in range(smalls):
        cut[small[one]] = 1.0
    return cut, other


@compiled
def pick(state: U8, cut: F8, other: I4) -> int:
    """One draw from an alias table."""
    spot = next_random(state) * len(cut)
    where = int(spot)
    return where if spot - where < cut[where] else int(other[where])


@compiled
def draw(
    null: int,
    state: U8,
    wanted: int,
    place_cut: F8,
    place_other: I4,
    age_cut: F8,
    age_other: I4,
    kept: I4,
    low: I4,
    ages: int,
    stratum: int,
    order: I4,
    drawn: I4,
    out_place: I4,
    out_age: I4,
) -> int:
    """Cases of one replicate that fall inside the windows' ages; returns how many.

    kept : place of every case (places kept, shuffled) or tests of every cell (tests kept)
    low : first age of the stratum of every case that could fall inside (days kept)
    order, drawn : scratch, left as found
    """
    if null == FREE:
        for one in range(wanted):
            out_place[one] = pick(state, place_cut, place_other)
            out_age[one] = pick(state, age_cut, age_other)
        return wanted
    if null == CELLS:
        for one in range(wanted):
            cell = pick(state, place_cut, place_other)
            out_place[one] = cell // ages
            out_age[one] = cell % ages
        return wanted
    found = 0
    if null == TESTS_KEPT:
        while found < wanted:
            cell = pick(state, place_cut, place_other)
            if next_random(state) * kept[cell] < kept[cell] - drawn[cell]:
                drawn[cell] += 1
                out_place[found] = cell // ages
                out_age[found] = cell % ages
                found += 1
        for one in range(found):
            drawn[out_place[one] * ages + out_age[one]] = 0
        return found
    if null == DAYS_KEPT:
        for one in range(len(low)):
            age = low[one]
            if stratum > 1:
                age += int(next_random(state) * stratum)
            if age < ages:
                out_age[found] = age
                out_place[found] = pick(state, place_cut, place_other)
                found += 1
        return found
    if null == PLACES_KEPT:
        for one in range(len(kept)):
            age = pick(state, age_cut, age_other)
            if age < ages:
                out_age[found] = age
                out_place[found] = kept[one]
                found += 1
        return found
    for one in range(len(low)):
        other = one + int(next_random(state) * (len(order) - one))
        drawn[one] = other
        order[one], order[other] = order[other], order[one]
        out_place[one] = kept[order[one]]
        out_age[one] = low[one]
    for one in range(len(low) - 1, -1, -1):
        other = drawn[one]
        order[one], order[other] = order[other], order[one]
    return len(low)
