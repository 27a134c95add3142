"""The best cylinders, one by one: any windows, any baseline."""

import numpy as np
import numpy.typing as npt

from pumphandle.compiled import compiled
from pumphandle.detection.kernels.chance import SHUFFLED, draw
from pumphandle.detection.kernels.likelihood import FORECAST, cannot_reach, llr

F8 = npt.NDArray[np.float64]
I8 = npt.NDArray[np.int64]
I4 = npt.NDArray[np.int32]
U8 = npt.NDArray[np.uint64]
U1 = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


@compiled
def best_by_centre(
    start: I8,
    member: I4,
    closes: Flags,
    size: F8,
    caps: F8,
    wanted: Flags,
    slot: I4,
    daily: I4,
    share: F8,
    by_age: F8,
    taken: U1,
    window_from: I8,
    window_to: I8,
    weight: F8,
    kind: int,
    cases: F8,
    base: F8,
    fewest: int,
    one_best: bool,
    out_llr: F8,
    out_count: I8,
    out_window: I8,
) -> float:
    """The best cylinder of every centre, exactly, under each cap; or only the best of all (one_best).

    slot, daily : row of a place in daily (-1: no case); (rows, ages) cases by age in days, 0 = last day
    by_age : (places, ages) baseline where it does not separate, else of length 0 in places
    taken : (places, ages) cells that no cylinder may hold, else of length 0 in places
    window_from, window_to : ages, first included, last not; weight : baseline of a window at share 1
    cases, base : (windows,) what a window is compared with
    """
    ages = daily.shape[1]
    separable = by_age.shape[0] == 0
    levels = len(caps)
    count = np.zeros(ages + 1)
    expected = np.zeros(ages + 1)
    blocked = np.zeros(ages + 1)
    counts = np.zeros(ages)
    expects = np.zeros(ages)
    blocks = np.zeros(ages)
    overall = 0.0
    for centre in range(len(start) - 1):
        if not wanted[centre]:
            continue
        counts[:] = 0.0
        expects[:] = 0.0
        blocks[:] = 0.0
        held = 0.0
        inside = 0.0
        best = overall if one_best else 0.0
        best_count = 0
        best_window = -1
        level = 0
        changed = False
        any_taken = False
        total = 0.0
        first = start[centre]
        for k in range(first, start[centre + 1]):
            place = member[k]
            held += size[place]
            if separable:
                inside += share[place]
            else:
                for age in range(ages):
                    expects[age] += by_age[place, age]
            row = slot[place]
            if row >= 0:
                changed = True
                for age in range(ages):
                    counts[age] += daily[row, age]
                    total += daily[row, age]
            if taken.shape[0] > 0:
                for age in range(ages):
                    if taken[place, age] > 0:
                        blocks[age] += 1.0
                        any_taken = True
            if not closes[k]:
                continue
            while level < levels and held > caps[level]:
                out_llr[level, centre] = best
                out_count[level, centre] = best_count
                out_window[level, centre] = best_window
                level += 1
            if level == levels:
                break
            if not changed or total < fewest:
                continue
            changed = False
            for age in range(ages):
                count[age + 1] = count[age] + counts[age]
                if not separable:
                    expected[age + 1] = expected[age] + expects[age]
                if any_taken:
                    blocked[age + 1] = blocked[age] + blocks[age]
            for window in range(len(window_from)):
                low = window_from[window]
                high = window_to[window]
                c = float(count[high] - count[low])
                if c < fewest:
                    continue
                b = float(inside * weight[window] if separable else expected[high] - expected[low])
                if b >= base[window] and kind != FORECAST:
                    continue
                if cannot_reach(kind, c, b, cases[window], base[window], best):
                    continue
                if any_taken and blocked[high] > blocked[low]:
                    continue
                value = llr(kind, c, b, cases[window], base[window])
                if value > best:
                    best = value
                    best_count = k + 1 - first
                    best_window = window
        while level < levels:
            out_llr[level, centre] = best
            out_count[level, centre] = best_count
            out_window[level, centre] = best_window
            level += 1
        overall = max(overall, best)
    return overall


@compiled
def exact_maxima(
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
    centre_at: I4,
    start: I8,
    member: I4,
    closes: Flags,
    size: F8,
    caps: F8,
    by_case: bool,
    share: F8,
    by_age: F8,
    window_from: I8,
    window_to: I8,
    weight: F8,
    kind: int,
    cases: F8,
    base: F8,
    fewest: int,
    places: int,
    out: F8,
) -> None:
    """As packed_maxima, for any windows and any baseline, without tables: slower, and what the others are held to."""
    order = np.arange(len(kept) if null == SHUFFLED else 0).astype(np.int32)
    drawn = np.zeros(max(len(low), cells), dtype=np.int32)
    case_place = np.empty(most, dtype=np.int32)
    case_age = np.empty(most, dtype=np.int32)
    slot = np.full(places, -1, dtype=np.int32)
    daily = np.zeros((min(most, places) + 1, ages), dtype=np.int32)
    every = np.ones(len(start) - 1, dtype=np.bool_)
    taken = np.zeros((0, ages), dtype=np.uint8)
    best = np.zeros((len(caps), len(start) - 1))
    count = np.zeros((len(caps), len(start) - 1), dtype=np.int64)
    window = np.zeros((len(caps), len(start) - 1), dtype=np.int64)
    state = np.empty(1, dtype=np.uint64)
    for one in range(len(states)):
        state[0] = states[one]
        found = draw(
            null, state, wanted[one], place_cut, place_other, age_cut, age_other, kept, low, ages, stratum, order,
            drawn, case_place, case_age,
        )  # fmt: skip
        used = 0
        for case in range(found):
            if slot[case_place[case]] < 0:
                slot[case_place[case]] = used
                daily[used, :] = 0
                used += 1
            daily[slot[case_place[case]], case_age[case]] += 1
        if by_case:
            for centre in range(len(every)):
                every[centre] = slot[centre_at[centre]] >= 0
        out[one] = best_by_centre(
            start, member, closes, size, caps, every, slot, daily, share, by_age, taken, window_from, window_to,
            weight, kind, cases, base, fewest, True, best, count, window,
        )  # fmt: skip
        for case in range(found):
            slot[case_place[case]] = -1
