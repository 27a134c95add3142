"""The highest ratio of many replicates: prospective and spatial windows, 32 of them in one row of eight words.

Counts of up to 32 windows of one place lie side by side in lanes of 16 bits (or 16 windows in lanes of 32), so one
addition serves all. A lane's top bit then says that the count reached the smallest one that could still matter;
only there are logarithms taken.
"""

import numpy as np
import numpy.typing as npt

from pumphandle.compiled import compiled
from pumphandle.detection.kernels.aligned import lines
from pumphandle.detection.kernels.chance import SHUFFLED, draw
from pumphandle.detection.kernels.lanes import next_hit
from pumphandle.detection.kernels.likelihood import FORECAST, llr

F8 = npt.NDArray[np.float64]
I8 = npt.NDArray[np.int64]
I4 = npt.NDArray[np.int32]
U8 = npt.NDArray[np.uint64]
U4 = npt.NDArray[np.uint32]
U2 = npt.NDArray[np.uint16]
U1 = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.uint32] | npt.NDArray[np.uint16]


@compiled
def buckets(start: I8, member: I4, closes: Flags, share: F8, edges: F8, out: U2) -> int:
    """For each entry the bucket (largest edge not above) of its circle's share; returns the highest one used."""
    highest = 0
    for centre in range(len(start) - 1):
        inside = 0.0
        q = 0
        opened = start[centre]
        for k in range(start[centre], start[centre + 1]):
            inside += share[member[k]]
            if not closes[k]:
                continue
            while q + 1 < len(edges) and edges[q + 1] <= inside:
                q += 1
            out[opened : k + 1] = q
            opened = k + 1
        highest = max(highest, q)
    return highest


@compiled
def widest(start: I8, member: I4, share: F8) -> float:
    """The largest share of a whole list."""
    largest = 0.0
    for centre in range(len(start) - 1):
        inside = 0.0
        for k in range(start[centre], start[centre + 1]):
            inside += float(share[member[k]])
        largest = max(largest, inside)
    return largest


@compiled
def pack(found: int, place: I4, age: I4, add: U8, rank: I4, row_of: U4, here: U1, rows: U8) -> None:
    """Lay the cases of a replicate into lanes. Places go by their rank along the curve: near ones get near rows."""
    here[:] = np.uint8(0)
    for one in range(found):
        here[rank[place[one]]] = np.uint8(1)
    used = 0
    for where in range(len(here)):
        row_of[where] = used
        used += here[where]
    rows[:used, :] = np.uint64(0)
    for one in range(found):
        row = row_of[rank[place[one]]]
        when = age[one]
        for word in range(rows.shape[1]):
            rows[row, word] += add[when, word]


@compiled
def occupied(near: Places, here: U1, buffer: U4) -> np.uint64:
    """Positions of the members with a case, without a branch (0.4 ns a member)."""
    found = np.uint64(0)
    for k in range(np.uint64(len(near))):
        buffer[found] = np.uint32(k)
        found += np.uint64(here[near[k]])
    return found


@compiled
def circle_share(first: int, k: int, member: Places, closes: Flags, share: F8) -> float:
    """Share of the circle that entry k belongs to, added up in the order of the exact loop."""
    inside = 0.0
    end = first
    while True:
        inside += float(share[member[end]])
        if end >= k and closes[end]:
            return inside
        end += 1


@compiled
def best_packed(
    start: I8,
    member: Places,
    closes: Flags,
    bucket: U2,
    here: U1,
    row_of: U4,
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
) -> float:
    """The highest ratio of one replicate, or levels[begin] where none is higher.

    table : (levels, buckets, 8 words) top bit minus the smallest count that reaches the level, in each lane
    """
    level = begin
    best = float(levels[begin])
    per_word = 64 // bits
    lane_mask = np.uint64((1 << bits) - 1)
    top = np.uint64(1 << (bits - 1))
    sums = np.zeros(8, dtype=np.uint64)
    stride = table.shape[1]
    for centre in range(len(start) - 1):
        first = start[centre]
        visits = occupied(member[first : start[centre + 1]], here, buffer)
        sums[:] = np.uint64(0)
        visit = np.uint64(0)
        while True:
            visit = next_hit(
                rows, row_of, member, bucket, table, buffer, sums, visit, visits, first, level * stride, tops
            )
            if visit >= visits:
                break
            k = first + np.int64(buffer[visit])
            inside = circle_share(first, k, member, closes, share)
            for lane in range(len(weight)):
                word = lane // per_word
                shift = np.uint64((lane % per_word) * bits)
                if ((sums[word] + table[level, bucket[k], word]) >> shift) & top == np.uint64(0):
                    continue
                b = inside * weight[lane]
                if b < base[lane] or kind == FORECAST:
                    best = max(best, llr(kind, float((sums[word] >> shift) & lane_mask), b, cases[lane], base[lane]))
            while level + 1 < len(levels) and levels[level + 1] <= best:
                level += 1
            visit += np.uint64(1)
    return best


@compiled
def packed_maxima(
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
    """The highest ratio of each of a block of replicates, one state a replicate; levels[begin] where none is higher.

    member and share know places by their rank: the centre in position i is the place of rank i
    """
    order = np.arange(len(kept) if null == SHUFFLED else 0).astype(np.int32)
    drawn = np.zeros(max(len(low), cells), dtype=np.int32)
    case_place = np.empty(most, dtype=np.int32)
    case_age = np.empty(most, dtype=np.int32)
    here = np.zeros(places, dtype=np.uint8)
    row_of = np.zeros(places, dtype=np.uint32)
    rows = lines(min(most, places) + 1)
    buffer = np.empty(longest + 1, dtype=np.uint32)
    state = np.empty(1, dtype=np.uint64)
    for one in range(len(states)):
        state[0] = states[one]
        found = draw(
            null, state, wanted[one], place_cut, place_other, age_cut, age_other, kept, low, ages, stratum, order,
            drawn, case_place, case_age,
        )  # fmt: skip
        pack(found, case_place, case_age, add, rank, row_of, here, rows)
        out[one] = best_packed(
            start, member, closes, bucket, here, row_of, rows, share, weight, levels, table, begin, tops, bits, kind,
            cases, base, buffer,
        )  # fmt: skip
