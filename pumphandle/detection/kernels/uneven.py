"""As packed, where expected does not separate into place and day: every circle has its own row of smallest counts.

Zero-case places add to expected, but not differently from replicate to replicate: the rows are made once, for one
fixed ratio, and a block of replicates walks over them together, so that they come from memory once a block.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from pumphandle.compiled import compiled
from pumphandle.detection.kernels.chance import draw
from pumphandle.detection.kernels.lanes import next_entry_hit
from pumphandle.detection.kernels.likelihood import BERNOULLI, FORECAST, llr
from pumphandle.detection.kernels.packed import occupied, pack

F8 = npt.NDArray[np.float64]
I8 = npt.NDArray[np.int64]
I4 = npt.NDArray[np.int32]
U8 = npt.NDArray[np.uint64]
U4 = npt.NDArray[np.uint32]
U1 = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.uint32] | npt.NDArray[np.uint16]

CENTRES_TOGETHER: Final = 32  # their rows (0.7 MB at 350 members) stay near while a block of replicates walks over them


@compiled
def largest_baselines(kind: int, cases: float, base: float, fewest: int, floor: float, enough: float, out: F8) -> int:
    """out[c]: the largest baseline at which c cases still reach `floor`; returns the first c for which it is enough."""
    for c in range(len(out)):
        out[c] = 0.0
        if c < fewest or (kind != FORECAST and c > cases):
            continue
        low = float(c) if kind == BERNOULLI else 1e-12
        high = float(c) if kind == FORECAST else c * base / cases
        if high <= low or llr(kind, float(c), low, cases, base) < floor:
            continue
        for _ in range(60):
            middle = 0.5 * (low + high)
            if llr(kind, float(c), middle, cases, base) >= floor:
                low = middle
            else:
                high = middle
        out[c] = high
        if high >= enough:
            return c
    return len(out) - 1


@compiled
def entry_rows(start: I8, member: Places, closes: Flags, reach: F8, limit: F8, bits: int, beyond: int, out: U8) -> None:
    """For each entry the top bit minus the smallest count that matters, in each lane.

    reach : (places, lanes) baseline of a place in each window; limit : from largest_baselines
    beyond : a count that no circle holds, for circles that cannot matter
    """
    lanes = reach.shape[1]
    per_word = 64 // bits
    top = np.uint64(1) << np.uint64(bits - 1)
    words = np.zeros(lanes, dtype=np.int64)
    shifts = np.zeros(lanes, dtype=np.uint64)
    for lane in range(lanes):
        words[lane] = lane // per_word
        shifts[lane] = (lane % per_word) * bits
    held = np.zeros(lanes)
    smallest = np.zeros(lanes, dtype=np.int64)
    row = np.zeros(out.shape[1], dtype=np.uint64)
    for centre in range(len(start) - 1):
        held[:] = 0.0
        smallest[:] = 0
        opened = start[centre]
        for k in range(start[centre], start[centre + 1]):
            place = member[k]
            for lane in range(lanes):
                held[lane] += reach[place, lane]
            if not closes[k]:
                continue
            row[:] = np.uint64(0)
            for lane in range(lanes):
                c = smallest[lane]
                while c < len(limit) and limit[c] < held[lane] * 0.9999999999:
                    c += 1
                smallest[lane] = c
                count = max(c, 1) if c < len(limit) else beyond
                row[words[lane]] |= (top - np.uint64(count)) << shifts[lane]
            for entry in range(opened, k + 1):
                out[entry, :] = row
            opened = k + 1


@compiled
def circle_reach(first: int, k: int, lane: int, member: Places, closes: Flags, reach: F8) -> float:
    """Baseline in one window of the circle that entry k belongs to."""
    inside = 0.0
    end = first
    while True:
        inside += reach[member[end], lane]
        if end >= k and closes[end]:
            return inside
        end += 1


@compiled
def uneven_maxima(
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
    by_case: bool,
    reach: F8,
    limit: F8,
    rows_of_entries: U8,
    floor: float,
    tops: int,
    bits: int,
    kind: int,
    cases: float,
    base: float,
    longest: int,
    places: int,
    out: F8,
) -> None:
    """The highest ratio of each of a block of replicates, or `floor` where none lies above it."""
    block = len(states)
    order = np.zeros(0, dtype=np.int32)
    drawn = np.zeros(max(len(low), cells), dtype=np.int32)
    case_place = np.empty(most, dtype=np.int32)
    case_age = np.empty(most, dtype=np.int32)
    here = np.zeros((block, places), dtype=np.uint8)
    row_of = np.zeros((block, places), dtype=np.uint32)
    rows = np.zeros((block, min(most, places) + 1, 8), dtype=np.uint64)
    buffer = np.empty(longest + 1, dtype=np.uint32)
    state = np.empty(1, dtype=np.uint64)
    for one in range(block):
        state[0] = states[one]
        found = draw(
            null, state, wanted[one], place_cut, place_other, age_cut, age_other, kept, low, ages, stratum, order,
            drawn, case_place, case_age,
        )  # fmt: skip
        pack(found, case_place, case_age, add, rank, row_of[one], here[one], rows[one])
        out[one] = floor
    centres = len(start) - 1
    for since in range(0, centres, CENTRES_TOGETHER):
        until = min(since + CENTRES_TOGETHER, centres)
        for one in range(block):
            out[one] = _best_uneven(
                since, until, start, member, closes, by_case, here[one], row_of[one], rows[one], reach, limit,
                rows_of_entries, out[one], tops, bits, kind, cases, base, buffer,
            )  # fmt: skip


@compiled
def _best_uneven(
    since: int,
    until: int,
    start: I8,
    member: Places,
    closes: Flags,
    by_case: bool,
    here: U1,
    row_of: U4,
    rows: U8,
    reach: F8,
    limit: F8,
    rows_of_entries: U8,
    best: float,
    tops: int,
    bits: int,
    kind: int,
    cases: float,
    base: float,
    buffer: U4,
) -> float:
    per_word = 64 // bits
    lane_mask = np.uint64((1 << bits) - 1)
    top = np.uint64(1 << (bits - 1))
    sums = np.zeros(8, dtype=np.uint64)
    for centre in range(since, until):
        if by_case and here[centre] == 0:
            continue
        first = start[centre]
        visits = occupied(member[first : start[centre + 1]], here, buffer)
        sums[:] = np.uint64(0)
        visit = np.uint64(0)
        while True:
            visit = next_entry_hit(
                rows, row_of, member, buffer, rows_of_entries, buffer, sums, visit, visits, first, 0, tops
            )
            if visit >= visits:
                break
            k = first + np.int64(buffer[visit])
            for lane in range(reach.shape[1]):
                word = lane // per_word
                shift = np.uint64((lane % per_word) * bits)
                bias = (rows_of_entries[k, word] >> shift) & lane_mask
                c = (sums[word] >> shift) & lane_mask
                if (c + bias) & top == np.uint64(0):
                    continue
                smallest = np.int64(top) - np.int64(bias)
                nearest = limit[smallest - 1] if smallest > 0 else 0.0
                if nearest > 0.0 and llr(kind, float(c), nearest, cases, base) <= best:
                    continue
                b = circle_reach(first, k, lane, member, closes, reach)
                if b < base or kind == FORECAST:
                    best = max(best, llr(kind, float(c), b, cases, base))
            visit += np.uint64(1)
    return best
