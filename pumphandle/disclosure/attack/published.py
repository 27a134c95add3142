"""Attacks on what others published, reported in aggregate only: no area, no day and no value leaves this room."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from pumphandle.disclosure.attack.equations import NO_BOUND, Integers, incidence
from pumphandle.disclosure.attack.intervals import intervals
from pumphandle.disclosure.attack.layout import require
from pumphandle.vocabulary.errors import NotUnderstood

AREA, PERIOD, VALUE, PARENT, RELEASE = "area", "period", "value", "parent", "release"
FAR = 1 << 29  # no arc; two of them still fit 32 bits


@dataclass(frozen=True)
class Finding:
    """One attack and what it found: figures in reading order, and one sentence."""

    attack: str
    figures: tuple[tuple[str, int], ...]
    sentence: str

    def as_data(self) -> dict[str, object]:
        return {"attack": self.attack, "figures": dict(self.figures), "sentence": self.sentence}

    def __getitem__(self, name: str) -> int:
        return dict(self.figures)[name]


def attack_totals(cells: pl.DataFrame, totals: pl.DataFrame, *, hidden: tuple[int, int]) -> Finding:
    """Hidden cells of small areas against published totals of larger ones.

    cells  : area, parent, period, value (null = hidden), one line per area and period
    totals : parent, period, value
    hidden : the least and most that the publisher's rule lets a hidden cell be

    A total that no table fits (another release, another rule) determines nothing and is counted as contradicted.
    """
    require(cells, AREA, PARENT, PERIOD, VALUE)
    require(totals, PARENT, PERIOD, VALUE)
    if totals.select(pl.struct(PARENT, PERIOD).is_duplicated().any()).item():
        raise NotUnderstood("The totals hold one area and period twice. Give the totals of one release.")
    groups = cells.group_by(PARENT, PERIOD).agg(
        hidden=pl.col(VALUE).is_null().sum().cast(pl.Int64), shown=pl.col(VALUE).sum().cast(pl.Int64)
    )
    told = totals.select(PARENT, PERIOD, total=pl.col(VALUE).cast(pl.Int64)).drop_nulls()
    met = groups.join(told, on=[PARENT, PERIOD]).sort(PARENT, PERIOD).with_row_index("row")
    lines = cells.filter(pl.col(VALUE).is_null()).join(met, on=[PARENT, PERIOD])
    residual = (met["total"] - met["shown"]).to_numpy()
    size = lines.height
    found = intervals(
        incidence(
            lines["row"].cast(pl.Int64).to_numpy(),
            np.arange(size),
            row_low=residual,
            row_high=residual,
            low=np.full(size, hidden[0], dtype=np.int64),
            high=np.full(size, hidden[1], dtype=np.int64),
        )
    )
    complete = met.filter(pl.col("hidden") == 0)
    alone = (lines["hidden"] == 1).to_numpy() & found.exact
    exact = int(found.exact.sum())
    fitting = int((~found.contradicted).sum())
    narrowed = int((found.width[~found.contradicted] < hidden[1] - hidden[0]).sum()) - exact
    return Finding(
        attack="hidden cells against totals",
        figures=(
            ("cells", cells.height),
            ("hidden", int(cells[VALUE].is_null().sum())),
            ("hidden beside a total that fits", fitting),
            ("determined exactly", exact),
            ("determined because alone", int(alone.sum())),
            ("narrowed", narrowed),
            ("hidden beside a total that cannot hold", size - fitting),
            ("complete sums", complete.height),
            ("complete sums that agree", complete.filter(pl.col("total") == pl.col("shown")).height),
        ),
        sentence=f"{exact:,} of {fitting:,} hidden cells beside a total that fits are determined exactly.",
    )


def attack_releases(
    history: pl.DataFrame, *, small: tuple[int, int] = (1, 4), longest_gap: timedelta | None = None
) -> Finding:
    """Each release less the one before it: what came in between is public to the person.

    history     : area, release (date or time), value (null = hidden), and period where a cell is revised
    small       : the increments that the publisher would hide if they stood in a table
    longest_gap : leave out pairs of releases further apart
    """
    require(history, AREA, RELEASE, VALUE)
    keys = [AREA, PERIOD] if PERIOD in history.columns else [AREA]
    told = history.drop_nulls([*keys, RELEASE]).unique([*keys, RELEASE], keep="last", maintain_order=True)
    ordered = told.sort(*keys, RELEASE).with_columns(
        change=(pl.col(VALUE) - pl.col(VALUE).shift(1).over(keys)).cast(pl.Int64),
        gap=pl.col(RELEASE) - pl.col(RELEASE).shift(1).over(keys),
    )
    pairs = ordered.filter(pl.col("change").is_not_null())
    if longest_gap is not None:
        pairs = pairs.filter(pl.col("gap") <= longest_gap)
    change = pairs["change"].to_numpy()
    few = int(((change >= small[0]) & (change <= small[1])).sum())
    return Finding(
        attack="each release less the one before",
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
        sentence=f"{few:,} of {len(change):,} increments between releases count {small[0]} to {small[1]}, exactly.",
    )


def attack_windows(
    series: pl.DataFrame,
    *,
    length: int,
    hidden: tuple[int, int],
    small: tuple[int, int] = (1, 4),
    areas: int | None = None,
) -> Finding:
    """Rolling sums published day after day: differences of windows bound every single day.

    series : area, period (day), value of the `length` days that end on it (null = hidden), and `told`, false where
             nothing was said; without the column a null is hidden
    areas  : attack only so many, evenly spaced by code; None: all (about 20 ms each at 250 days)

    Cumulative counts as nodes and windows as arcs: shortest paths are the exact whole-number bounds of every day
    (an interval matrix is totally unimodular). Source: docs/methods/attack.md.
    """
    require(series, AREA, PERIOD, VALUE)
    told = series if "told" in series.columns else series.with_columns(told=pl.lit(True))
    codes = told[AREA].unique().sort()
    chosen = codes
    if areas is not None and areas < len(codes):
        chosen = codes.gather(np.linspace(0, len(codes) - 1, areas).astype(np.int64))
    placed = told.filter(pl.col(AREA).is_in(chosen.implode()), pl.col("told")).with_columns(
        at=(pl.col(PERIOD) - pl.col(PERIOD).min()).dt.total_days(),
        least=pl.col(VALUE).fill_null(hidden[0]).cast(pl.Int64),
        most=pl.col(VALUE).fill_null(hidden[1]).cast(pl.Int64),
    )
    days = 0 if placed.is_empty() else int(placed["at"].to_numpy().max()) + length
    lows: list[Integers] = []
    highs: list[Integers] = []
    broken = 0
    for one in placed.partition_by(AREA):
        bounds = _days(one["at"].to_numpy(), one["least"].to_numpy(), one["most"].to_numpy(), length=length, days=days)
        if bounds is None:
            broken += 1
            continue
        lows.append(bounds[0])
        highs.append(bounds[1])
    empty = np.empty(0, dtype=np.int64)
    low, high = np.concatenate([empty, *lows]), np.concatenate([empty, *highs])
    exact = low == high
    few = int((exact & (low >= small[0]) & (low <= small[1])).sum())
    return Finding(
        attack=f"rolling sums of {length} days",
        figures=(
            ("areas", len(codes)),
            ("areas attacked", len(chosen)),
            ("areas whose sums contradict each other", broken),
            ("days of the others", len(low)),
            ("determined exactly", int(exact.sum())),
            ("small and exact", few),
            ("zero and exact", int((exact & (low == 0)).sum())),
            ("within one", int((high - low == 1).sum())),
        ),
        sentence=f"{int(exact.sum()):,} of {len(low):,} single days are determined exactly, {few:,} of them counts of "
        f"{small[0]} to {small[1]}.",
    )


def _days(at: Integers, least: Integers, most: Integers, *, length: int, days: int) -> tuple[Integers, Integers] | None:
    """Sharp bounds of every day of one area; None where the sums contradict each other."""
    far = np.full((days + 1, days + 1), FAR, dtype=np.int32)  # scipy's own reads an arc of 0 as no arc
    step = np.arange(days)
    far[step + 1, step] = 0  # a day counts 0 or more: P[t] - P[t + 1] <= 0
    far[at, at + length] = most  # P[t + length] - P[t] <= most
    far[at + length, at] = np.minimum(far[at + length, at], -least)
    np.fill_diagonal(far, 0)
    for through in range(days + 1):
        np.minimum(far, far[:, through, None] + far[through], out=far)
    if (np.diagonal(far) < 0).any():
        return None
    high = far[step, step + 1].astype(np.int64)
    return -far[step + 1, step].astype(np.int64), np.where(high >= FAR // 2, NO_BOUND, high)
