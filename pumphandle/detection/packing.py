"""Tables for the packed loops: which count in which circle could still matter."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from pumphandle.detection.kernels import crowd, likelihood, packed
from pumphandle.detection.kernels.aligned import lines
from pumphandle.detection.layout import Indices, Layout, Longs, Values
from pumphandle.detection.zones import Zones

WORDS: Final = 8  # one cache line: 32 windows of 16 bits
STEP: Final = 0.4  # between the levels of ratio for which a table is kept
LEVELS: Final = 45
PARTS: Final = 16  # pieces that tables are made in
LOWEST: Final = 1e-9
Rank = TypeVar("Rank", np.uint16, np.uint32)
LOWEST_EXPECTED: Final = 1e-3  # circles that expect less share one bucket
MARGIN: Final = 2.5  # below the pilot's lowest maximum; a replicate that stays below starts again from the lowest level


# states, wanted, null, place alias (2), age alias (2), kept, low, ages, stratum, most, cells: see kernels.chance.draw
Draws = tuple[
    npt.NDArray[np.uint64], Longs, int, Values, Indices, Values, Indices, Indices, Indices, int, int, int, int
]  # fmt: skip


@dataclass(frozen=True)
class Packed:
    """Everything that best_packed reads besides the replicate."""

    layout: Layout
    bits: int
    add: npt.NDArray[np.uint64]
    member: npt.NDArray[np.uint32] | npt.NDArray[np.uint16]
    bucket: npt.NDArray[np.uint16]
    edges: Values
    levels: Values
    table: npt.NDArray[np.uint64]
    longest: int

    def from_pilot(self, pilot: Values) -> "Packed":
        """Start the search near where maxima lie."""
        start = max(LOWEST, float(pilot.min()) - MARGIN)
        levels = np.concatenate(([LOWEST], start + STEP * np.arange(LEVELS)))
        table = _table(self.layout, self.edges, levels, self.bits)
        return replace(self, levels=levels, table=table)

    def maxima(self, draws: Draws, out: Values, *, begin: int) -> None:
        """Highest ratios of the replicates drawn, or levels[begin] where none lies above it."""
        layout, zones = self.layout, self.layout.zones
        share = layout.model.share[zones.centre]
        if layout.by_case:
            crowd.crowd_maxima(
                *draws, self.add, zones.rank, zones.start, self.member, zones.closes, self.bucket, share, layout.weight,
                self.levels, self.table, begin, top_bits(self.bits), self.bits, layout.kind, layout.window_cases,
                layout.window_base, self.longest, zones.places, out,
            )  # fmt: skip
            return
        packed.packed_maxima(
            *draws, self.add, zones.rank, zones.start, self.member, zones.closes, self.bucket, share,
            layout.weight, self.levels, self.table, begin, top_bits(self.bits), self.bits, layout.kind,
            layout.window_cases, layout.window_base, self.longest, zones.places, out,
        )  # fmt: skip


def packed_for(layout: Layout, most: int, *, threads: int = 1) -> list[Packed]:
    """Tables for a prospective or spatial scan with separable baseline, so many windows at a time as fit a row.

    Empty where the exact loop must serve. The same for any number of threads.
    """
    if not layout.separable or (layout.window_from > 0).any():
        return []
    zones, share = layout.zones, layout.model.share
    bits = lane_bits(zones, share, most)
    edges = _edges(1.0, layout.weight.max())
    bucket = np.zeros(len(zones.member), dtype=np.uint16)
    with ThreadPoolExecutor(threads) as pool:
        used = pool.map(partial(_bucketed, zones, share, edges, bucket), _cut(zones))
        edges = edges[: max(used, default=0) + 1]
    levels = np.array([LOWEST, 4.0, 7.0, 9.0, 11.0, 13.0, 15.0, 20.0, 30.0])
    member, longest = narrow(zones, threads=threads), int(np.diff(zones.start).max(initial=0))
    return [
        Packed(
            part, bits, add_words(part, bits), member, bucket, edges, levels, _table(part, edges, levels, bits), longest
        )
        for part in _parts(layout, WORDS * (64 // bits))
    ]


def _parts(layout: Layout, lanes: int) -> list[Layout]:
    """The layout with `lanes` windows at a time."""
    cuts = [slice(at, at + lanes) for at in range(0, len(layout.weight), lanes)]
    return [
        replace(
            layout,
            window_from=layout.window_from[cut],
            window_to=layout.window_to[cut],
            weight=layout.weight[cut],
            window_cases=layout.window_cases[cut],
            window_base=layout.window_base[cut],
        )
        for cut in cuts
    ]


def lane_bits(zones: Zones, share: Values, cases: int) -> int:
    """16, or 32 where a circle could hold 32,768 of so many cases: its mean and 12 standard deviations (p < 1e-30)."""
    widest = packed.widest(zones.start, zones.member, share)
    mean = min(1.0, widest) * cases
    return 16 if min(float(cases), mean + 12.0 * np.sqrt(mean) + 100.0) < 1 << 15 else 32


def narrow(zones: Zones, *, threads: int = 1) -> npt.NDArray[np.uint32] | npt.NDArray[np.uint16]:
    """The members by rank, in the fewest bytes: lists are read from memory once a replicate."""
    if zones.places <= 1 << 16:
        return _gathered(zones.rank.astype(np.uint16), zones.member, threads)
    return _gathered(zones.rank.astype(np.uint32), zones.member, threads)


def _gathered(ranked: npt.NDArray[Rank], member: Indices, threads: int) -> npt.NDArray[Rank]:
    """ranked[member], in pieces."""
    found = np.empty(len(member), dtype=ranked.dtype)
    parts = np.linspace(0, len(found), PARTS + 1).astype(np.int64)

    def fill(part: tuple[np.int64, np.int64]) -> None:
        np.take(ranked, member[part[0] : part[1]], out=found[part[0] : part[1]])

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(fill, pairwise(parts)))
    return found


def _bucketed(zones: Zones, share: Values, edges: Values, bucket: npt.NDArray[np.uint16], start: Longs) -> int:
    return packed.buckets(start, zones.member, zones.closes, share, edges, bucket)


def _cut(zones: Zones) -> list[Longs]:
    """Stretches of `start`, each a piece of work."""
    ends = np.linspace(0, len(zones.centre), PARTS + 1).astype(np.int64)
    return [zones.start[first : last + 1] for first, last in pairwise(ends)]


def top_bits(bits: int) -> int:
    """The top bit of every lane of a word."""
    return sum(1 << (bits * (lane + 1) - 1) for lane in range(64 // bits))


def add_words(layout: Layout, bits: int) -> npt.NDArray[np.uint64]:
    """What a case of each age adds to the eight words of its place."""
    per_word = 64 // bits
    words = [[0] * WORDS for _ in range(layout.ages)]
    for lane, end in enumerate(layout.window_to):
        for age in range(int(end)):
            words[age][lane // per_word] |= 1 << (bits * (lane % per_word))
    return np.array(words, dtype=np.uint64)


def _edges(largest: float, weight: float) -> Values:
    """Lower edges of the buckets of share: 3 % apart while few cases are expected, then by 0.15 of 2 sqrt(expected)."""
    few = np.exp(np.arange(np.log(LOWEST_EXPECTED), np.log(25.0), 0.03))
    many = (np.arange(10.0, 2.0 * np.sqrt(max(largest * weight, 25.0)) + 0.15, 0.15) / 2.0) ** 2
    return np.concatenate(([0.0], few[few < 25.0], many)) / weight


def _table(layout: Layout, edges: Values, levels: Values, bits: int) -> npt.NDArray[np.uint64]:
    """(levels, buckets, words): in each lane the top bit minus the smallest count that reaches the level."""
    per_word = 64 // bits
    top = 1 << (bits - 1)
    table = lines(len(levels) * len(edges)).reshape(len(levels), len(edges), WORDS)
    table[:] = 0
    counts = np.zeros(len(edges), dtype=np.int64)
    for at, level in enumerate(levels):
        for lane, weight in enumerate(layout.weight):
            likelihood.smallest_counts(
                layout.kind, layout.window_cases[lane], layout.window_base[lane], layout.fewest, top, float(level),
                edges * weight, counts,
            )  # fmt: skip
            shift = np.uint64(bits * (lane % per_word))
            table[at, :, lane // per_word] |= (top - counts).astype(np.uint64) << shift
    return table
