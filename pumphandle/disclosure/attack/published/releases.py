"""One release less another: what came in between is public to the person."""

from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pumphandle.disclosure.attack.layout import require
from pumphandle.disclosure.attack.published.finding import AREA, PERIOD, RELEASE, VALUE, Finding

SMALL = (1, 4)
CELLS_AT_ONCE = 4_000_000  # numbers held at once when every pair of releases is tried


def attack_releases(
    history: pl.DataFrame, *, small: tuple[int, int] = SMALL, longest_gap: timedelta | None = None
) -> Finding:
    """Each release less the one before it.

    history     : area, release (date or time), value (null = hidden), and period where a cell is revised
    small       : the increments that the publisher would hide if they stood in a table
    longest_gap : leave out pairs of releases further apart

    With a period, an increment is a batch of late records: they belong to days that had been told before.
    """
    require(history, AREA, RELEASE, VALUE)
    keys = _keys(history)
    ordered = (
        _told(history)
        .sort(*keys, RELEASE)
        .with_columns(
            change=(pl.col(VALUE) - pl.col(VALUE).shift(1).over(keys)).cast(pl.Int64),
            gap=pl.col(RELEASE) - pl.col(RELEASE).shift(1).over(keys),
        )
    )
    pairs = ordered.filter(pl.col("change").is_not_null())
    if longest_gap is not None:
        pairs = pairs.filter(pl.col("gap") <= longest_gap)
    change = pairs["change"].to_numpy()
    few = int(((change >= small[0]) & (change <= small[1])).sum())
    late = PERIOD in history.columns
    return Finding(
        attack="late records: each release less the one before" if late else "each release less the one before",
        figures=(
            ("areas", history[AREA].n_unique()),
            ("releases", history[RELEASE].n_unique()),
            ("increments", len(change)),
            ("small and exact", few),
            ("of one person", int((change == 1).sum())),
            ("zero", int((change == 0).sum())),
            ("negative", int((change < 0).sum())),
            ("negative and small", int(((-change >= small[0]) & (-change <= small[1])).sum())),
        ),
        sentence=f"{few:,} of {len(change):,} increments between releases count {small[0]} to {small[1]}, exactly."
        + (" They are records that came late." if late else ""),
    )


def attack_any_two(history: pl.DataFrame, *, small: tuple[int, int] = SMALL) -> Finding:
    """Any release less any earlier one, not only the next: hidden numbers and corrections in between do not matter.

    history, small : as in attack_releases. Every pair is tried: work grows with cells x releases squared.
    """
    require(history, AREA, RELEASE, VALUE)
    keys = _keys(history)
    told = _told(history).with_columns(at=pl.col(RELEASE).rank("dense").cast(pl.Int64) - 1)
    cell = told.select(pl.struct(keys).rank("dense").cast(pl.Int64) - 1).to_series().to_numpy()
    grid = np.full((int(cell.max(initial=-1)) + 1, told[RELEASE].n_unique()), np.nan)
    grid[cell, told["at"].to_numpy()] = told[VALUE].cast(pl.Float64).to_numpy()
    told_cells = few_cells = opened = 0
    step = max(CELLS_AT_ONCE // max(grid.shape[1], 1), 1)
    for start in range(0, len(grid), step):
        part = grid[start : start + step]
        next_door, any_two = _small_steps(part, small)
        told_cells += int((~np.isnan(part[:, 1:])).sum())
        few_cells += int(any_two.sum())
        opened += int((any_two & ~next_door).sum())
    return Finding(
        attack="each release less any one before",
        figures=(
            ("cells", len(grid)),
            ("releases", grid.shape[1]),
            ("numbers with an earlier release", told_cells),
            ("small and exact beside some earlier release", few_cells),
            ("of them, not beside the one before", opened),
        ),
        sentence=f"{few_cells:,} of {told_cells:,} numbers differ from one released earlier by {small[0]} to "
        f"{small[1]} persons, exactly.",
    )


def _small_steps(grid: NDArray[np.float64], small: tuple[int, int]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """For each number but the first: whether it exceeds its neighbour, or any earlier one, by a small count."""
    shape = (len(grid), max(grid.shape[1] - 1, 0))
    next_door, any_two = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    for lag in range(1, grid.shape[1]):
        change = grid[:, lag:] - grid[:, :-lag]
        few = (change >= small[0]) & (change <= small[1])  # false where either is hidden: NaN compares so
        any_two[:, lag - 1 :] |= few
        if lag == 1:
            next_door |= few
    return next_door, any_two


def _keys(history: pl.DataFrame) -> list[str]:
    return [AREA, PERIOD] if PERIOD in history.columns else [AREA]


def _told(history: pl.DataFrame) -> pl.DataFrame:
    keys = [*_keys(history), RELEASE]
    return history.drop_nulls(keys).unique(keys, keep="last", maintain_order=True)
