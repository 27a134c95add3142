"""Rows of smallest counts, one a circle, for expectations that do not separate into place and day."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from pumphandle.detection.kernels import likelihood, uneven
from pumphandle.detection.layout import Layout, Values
from pumphandle.detection.models import Model, Null
from pumphandle.detection.packing import WORDS, Draws, add_words, lane_bits, narrow, top_bits

MARGIN: Final = 3.0  # below the pilot's lowest maximum; a replicate that stays below is scanned without rows
MOST_ENTRIES: Final = 20_000_000  # 64 bytes each: above 1.3 GB the exact loop serves


@dataclass(frozen=True)
class Rows:
    """Everything that uneven_maxima reads besides the replicate. floor : ratio for which the rows are made."""

    layout: Layout
    bits: int
    add: npt.NDArray[np.uint64]
    member: npt.NDArray[np.uint32] | npt.NDArray[np.uint16]
    reach: Values
    limit: Values
    rows: npt.NDArray[np.uint64]
    floor: float

    def maxima(self, draws: Draws, out: Values) -> None:
        """Highest ratios above `floor`; `floor` itself where there is none."""
        layout, zones = self.layout, self.layout.zones
        uneven.uneven_maxima(
            *draws, self.add, zones.rank, zones.start, self.member, zones.closes, layout.by_case, self.reach,
            self.limit, self.rows, self.floor, top_bits(self.bits), self.bits, layout.kind, layout.window_cases[0],
            layout.window_base[0], int(np.diff(zones.start).max(initial=0)), zones.places, out,
        )  # fmt: skip


def rows_for(layout: Layout, most: int, pilot: Callable[[Layout], Values]) -> Rows | None:
    """Rows for a prospective or spatial scan whose baseline does not separate; None where the exact loop must serve.

    pilot : highest ratios of some replicates of a layout that separates: those of the nearest one tell where to begin
    """
    zones, windows = layout.zones, len(layout.weight)
    if layout.separable or (layout.window_from > 0).any() or len(zones.member) > MOST_ENTRIES:
        return None
    bits = lane_bits(zones, layout.by_age.sum(axis=1) / max(float(layout.by_age.sum()), 1e-300), most)
    if windows > WORDS * (64 // bits):
        return None
    floor = max(0.1, float(pilot(separated(layout)).min()) - MARGIN)
    reach = np.ascontiguousarray(np.cumsum(layout.by_age, axis=1)[zones.centre][:, layout.window_to - 1])
    limit = np.zeros(min(most, 1 << (bits - 1)) + 1)
    member = narrow(zones)
    with_list = zones.start[:-1][np.diff(zones.start) > 0]
    widest = np.add.reduceat(reach[:, -1][member], with_list).max() if len(with_list) else 0.0
    last = uneven.largest_baselines(
        layout.kind, layout.window_cases[0], layout.window_base[0], layout.fewest, floor, float(widest), limit
    )
    rows = np.zeros((len(zones.member), WORDS), dtype=np.uint64)
    uneven.entry_rows(zones.start, member, zones.closes, reach, limit[: last + 1], bits, 1 << (bits - 1), rows)
    return Rows(layout, bits, add_words(layout, bits), member, reach, limit[: last + 1], rows, floor)


def separated(layout: Layout) -> Layout:
    """The nearest layout whose baseline separates: for a pilot, never for a result."""
    model = layout.model
    table = layout.by_age if model.cells is None else model.cells
    base = model.base if layout.kind != likelihood.FORECAST else float(max(model.cases.total, 1))
    near = Model(
        cases=model.cases,
        likelihood=model.likelihood,
        null=Null.FREE,
        base=base,
        share=table.sum(axis=1) / table.sum(),
        day_weight=table.sum(axis=0) * (base / table.sum()),
    )
    reach = np.concatenate(([0.0], np.cumsum(near.day_weight[::-1])))
    weight = reach[layout.window_to] - reach[layout.window_from]
    return replace(
        layout,
        model=near,
        weight=weight,
        window_base=np.full(len(weight), base),
        by_age=np.zeros((0, layout.ages)),
    )
