"""The highest ratio of up to 64 replicates at once, where each looks only around places with a case of its own.

A word a place says which replicates have a case there, so one walk over a centre's list serves all replicates that look
around it. What they have there lies side by side, and near places lie near each other: it is read from near memory.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from pumphandle.compiled import compiled
from pumphandle.detection.kernels.aligned import lines
from pumphandle.detection.kernels.chance import SHUFFLED, draw
from pumphandle.detection.kernels.lanes import add_and_test, ones_in, zeros_below
from pumphandle.detection.kernels.likelihood import FORECAST, llr
from pumphandle.detection.kernels.packed import circle_share

F8 = npt.NDArray[np.float64]
I8 = npt.NDArray[np.int64]
I4 = npt.NDArray[np.int32]
U8 = npt.NDArray[np.uint64]
U4 = npt.NDArray[np.uint32]
U2 = npt.NDArray[np.uint16]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.uint32] | npt.NDArray[np.uint16]

CROWD: Final = 64  # bits of a word
ONE: Final = np.uint64(1)
NONE: Final = np.uint64(0)


@compiled
def crowd_maxima(
    states: U8,
    wanted: I8,
    null: int,
    place_cut: F8,
    place_other: I4,
    age_cut: F8,
    age_other: I4,
    kept: I4,
    low: I4,
    ages: int,
    stratum: int,
    most: int,
    cells: int,
    add: U8,
    rank: I4,
    start: I8,
    member: Places,
    closes: Flags,
    bucket: U2,
    share: F8,
    weight: F8,
    levels: F8,
    table: U8,
    begin: int,
    tops: int,
    bits: int,
    kind: int,
    cases: F8,
    base: F8,
    longest: int,
    places: int,
    out: F8,
) -> None:
    """As packed_maxima around places with cases. Each replicate is drawn twice: where it has cases, then which."""
    order = np.arange(len(kept) if null == SHUFFLED else 0).astype(np.int32)
    drawn = np.zeros(max(len(low), cells), dtype=np.int32)
    case_place = np.empty(most, dtype=np.int32)
    case_age = np.empty(most, dtype=np.int32)
    has = np.zeros(places, dtype=np.uint64)
    first_row = np.zeros(places, dtype=np.uint32)
    rows = lines(min(CROWD, len(states)) * min(most, places) + 1)
    buffer = np.empty(longest + 1, dtype=np.uint32)
    state = np.empty(1, dtype=np.uint64)
    for since in range(0, len(states), CROWD):
        many = min(CROWD, len(states) - since)
        has[:] = NONE
        used = 0
        for fill in range(2):
            for one in range(many):
                state[0] = states[since + one]
                found = draw(
                    null, state, wanted[since + one], place_cut, place_other, age_cut, age_other, kept, low, ages,
                    stratum, order, drawn, case_place, case_age,
                )  # fmt: skip
                bit = ONE << np.uint64(one)
                for case in range(found):
                    where = np.int64(rank[case_place[case]])
                    if fill == 0:
                        has[where] |= bit
                        continue
                    row = np.int64(first_row[where]) + np.int64(ones_in(np.uint64(has[where]) & (bit - ONE)))
                    for word in range(8):
                        rows[row, word] += add[case_age[case], word]
            if fill == 0:
                for where in range(places):
                    first_row[where] = used
                    used += np.int64(ones_in(has[where]))
                rows[:used, :] = NONE
        out[since : since + many] = levels[begin]
        _best_of_crowd(
            start, member, closes, bucket, has, first_row, rows, share, weight, levels, table, begin, tops, bits, kind,
            cases, base, buffer, out[since : since + many],
        )  # fmt: skip


@compiled
def _best_of_crowd(
    start: I8,
    member: Places,
    closes: Flags,
    bucket: U2,
    has: U8,
    first_row: U4,
    rows: U8,
    share: F8,
    weight: F8,
    levels: F8,
    table: U8,
    begin: int,
    tops: int,
    bits: int,
    kind: int,
    cases: F8,
    base: F8,
    buffer: U4,
    best: F8,
) -> None:
    """best : (replicates,) raised to the highest ratio of each."""
    per_word = 64 // bits
    lane_mask = np.uint64((1 << bits) - 1)
    top = np.uint64(1 << (bits - 1))
    stride = table.shape[1]
    sums = lines(CROWD)
    level_of = np.full(CROWD, begin, dtype=np.int64)
    for centre in range(len(start) - 1):
        here = has[centre]
        if here == NONE:
            continue
        first = start[centre]
        near = member[first : start[centre + 1]]
        visits = np.uint64(0)
        for k in range(np.uint64(len(near))):
            buffer[visits] = np.uint32(k)
            visits += np.uint64((has[near[k]] & here) != NONE)
        left = here
        while left != NONE:
            sums[np.int64(zeros_below(left)), :] = NONE
            left &= left - ONE
        for visit in range(visits):
            k = first + np.int64(buffer[visit])
            there = has[member[k]]
            row = np.int64(first_row[member[k]])
            entry = np.int64(bucket[k])
            inside = -1.0
            left = there & here
            while left != NONE:
                one = np.int64(zeros_below(left))
                mine = row + np.int64(ones_in(there & ((left & (NONE - left)) - ONE)))
                left &= left - ONE
                level = level_of[one]
                if add_and_test(rows, table, sums, mine, level * stride + entry, one, tops) == NONE:
                    continue
                if inside < 0.0:
                    inside = circle_share(first, k, member, closes, share)
                highest = best[one]
                for lane in range(len(weight)):
                    word = lane // per_word
                    shift = np.uint64((lane % per_word) * bits)
                    if ((sums[one, word] + table[level, entry, word]) >> shift) & top == NONE:
                        continue
                    b = inside * weight[lane]
                    if b < base[lane] or kind == FORECAST:
                        count = float((sums[one, word] >> shift) & lane_mask)
                        highest = max(highest, llr(kind, count, b, cases[lane], base[lane]))
                while level + 1 < len(levels) and levels[level + 1] <= highest:
                    level += 1
                level_of[one] = level
                best[one] = highest
