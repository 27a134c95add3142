"""Rates, percentages and percentage changes turned back into the counts behind them."""

import numpy as np
import polars as pl

from pumphandle.disclosure.attack.equations import NO_BOUND, System, system
from pumphandle.disclosure.attack.intervals import intervals
from pumphandle.disclosure.attack.layout import require
from pumphandle.disclosure.attack.published.finding import AREA, PERIOD, VALUE, Finding
from pumphandle.disclosure.attack.tables import change_row, counts_behind_rates

RATE, POPULATION, CHANGE = "rate", "population", "change"
SMALL = (1, 4)


def attack_rates(
    cells: pl.DataFrame, *, per: int = 100_000, decimals: int = 1, small: tuple[int, int] = SMALL
) -> Finding:
    """Printed rates times known denominators.

    cells : rate (null = not printed), population (residents, or tests for a percentage with per = 100), and value
            where counts are printed too (null = hidden)

    A rate to `decimals` places leaves one count only, as long as one person moves it by more than its rounding.
    """
    require(cells, RATE, POPULATION)
    lines = cells.filter(pl.col(RATE).is_not_null() & (pl.col(POPULATION) > 0))
    low, high = counts_behind_rates(
        lines[RATE].cast(pl.Float64).to_numpy(),
        lines[POPULATION].cast(pl.Int64).to_numpy(),
        per=per,
        decimals=decimals,
    )
    exact = low == high
    few = exact & (low >= small[0]) & (low <= small[1])
    told = lines[VALUE].is_not_null().to_numpy() if VALUE in lines.columns else np.zeros(len(low), dtype=np.bool_)
    shown = lines[VALUE].fill_null(-1).to_numpy() if VALUE in lines.columns else np.full(len(low), -1)
    return Finding(
        attack="rates times residents",
        figures=(
            ("rates", len(low)),
            ("that no count gives", int((low > high).sum())),
            ("that give their count away", int(exact.sum())),
            ("small and exact", int(few.sum())),
            ("of a count that was hidden, exact", int((exact & ~told).sum())),
            ("of a count that was shown, and right", int((told & (low <= shown) & (shown <= high)).sum())),
            ("of a count that was shown, and not that count", int((told & ((shown < low) | (shown > high))).sum())),
        ),
        sentence=f"{int(exact.sum()):,} of {len(low):,} rates give their count away, {int(few.sum()):,} of them counts "
        f"of {small[0]} to {small[1]}.",
    )


def attack_changes(
    cells: pl.DataFrame,
    *,
    hidden: tuple[int, int],
    days: int = 7,
    decimals: int = 1,
    small: tuple[int, int] = SMALL,
) -> Finding:
    """Printed percentage changes: two counts in a known proportion, each bound by the rule.

    cells : area, period (day), value (null = hidden), change in percent against `days` days before (null = not printed)

    A change can only be printed where the earlier count was not 0.
    """
    require(cells, AREA, PERIOD, VALUE, CHANGE)
    lines = cells.unique([AREA, PERIOD], keep="last", maintain_order=True).with_row_index("after")
    earlier = lines.select(AREA, pl.col("after").alias("before"), pl.col(PERIOD) + pl.duration(days=days))
    pairs = lines.join(earlier, on=[AREA, PERIOD]).filter(pl.col(CHANGE).is_not_null())
    found = intervals(_system(lines, pairs, hidden=hidden, decimals=decimals))
    unseen = lines[VALUE].is_null().to_numpy()
    beside = np.zeros(lines.height, dtype=np.bool_)
    beside[pairs["after"].to_numpy()] = beside[pairs["before"].to_numpy()] = True
    asked = unseen & beside & ~found.contradicted
    exact = asked & found.exact
    few = int((exact & (found.low >= small[0]) & (found.low <= small[1])).sum())
    return Finding(
        attack="percentage changes turned round",
        figures=(
            ("printed changes with both ends in the files", pairs.height),
            ("hidden counts at their ends", int((unseen & beside).sum())),
            ("hidden counts that no table fits", int((unseen & beside & found.contradicted).sum())),
            ("determined exactly", int(exact.sum())),
            ("small and exact", few),
            ("narrowed", int((asked & ~found.exact & (found.width < hidden[1] - hidden[0])).sum())),
        ),
        sentence=f"{int(exact.sum()):,} of {int((unseen & beside).sum()):,} hidden counts beside a printed change are "
        f"determined exactly, {few:,} of them counts of {small[0]} to {small[1]}.",
    )


def _system(lines: pl.DataFrame, pairs: pl.DataFrame, *, hidden: tuple[int, int], decimals: int) -> System:
    shown = lines[VALUE].cast(pl.Int64)
    low = shown.fill_null(hidden[0]).to_numpy().copy()
    high = shown.fill_null(min(hidden[1], NO_BOUND)).to_numpy().copy()
    before = pairs["before"].to_numpy()
    before = before[shown.is_null().to_numpy()[before] & (high[before] > 0)]
    low[before] = np.maximum(low[before], 1)  # no change is printed from 0
    rows = [
        row
        for after, earlier, percent in pairs.select("after", "before", CHANGE).iter_rows()
        for row in change_row(before=earlier, after=after, percent=percent, decimals=decimals)
    ]
    return system(rows, low=low, high=high)
