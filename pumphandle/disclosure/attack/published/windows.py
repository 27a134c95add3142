"""Sums over runs of days that overlap: their differences are sums that nobody published."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl
import scipy.sparse as sp
from scipy.sparse.csgraph import breadth_first_order, connected_components

from pumphandle.disclosure.attack.equations import NO_BOUND, Integers
from pumphandle.disclosure.attack.layout import require
from pumphandle.disclosure.attack.published.finding import AREA, PERIOD, VALUE, Finding
from pumphandle.vocabulary.errors import NotUnderstood

FIRST, TOLD = "first", "told"
SMALL = (1, 4)
FAR = 1 << 29  # no arc; two of them still fit 32 bits


@dataclass(frozen=True)
class Spans:
    """Sums of one area: from the day `at` up to but not including `end`, between `least` and `most`."""

    at: Integers = field(repr=False)
    end: Integers = field(repr=False)
    least: Integers = field(repr=False)
    most: Integers = field(repr=False)

    @property
    def days(self) -> int:
        return int(self.end.max(initial=0))


def attack_windows(
    series: pl.DataFrame,
    *,
    hidden: tuple[int, int],
    length: int | None = None,
    small: tuple[int, int] = SMALL,
    areas: int | None = None,
) -> Finding:
    """Sums of days published again and again: their differences bound every single day.

    series : area, period (last day), value (null = hidden), `first` (first day) unless all cover `length` days, and
             `told`, false where nothing was said; without the column a null is hidden
    areas  : attack only so many, evenly spaced by code; None: all (about 20 ms each at 250 days)

    Cumulative counts as nodes and windows as arcs: shortest paths are the exact whole-number bounds of every day
    (an interval matrix is totally unimodular). Source: docs/methods/attack.md.
    """
    codes = series[AREA].n_unique()
    lows: list[Integers] = []
    highs: list[Integers] = []
    attacked = broken = 0
    for one in spans_by_area(series, length=length, hidden=hidden, areas=areas):
        attacked += 1
        bounds = bounds_of_days(one)
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
        attack="sums of days" if length is None else f"rolling sums of {length} days",
        figures=(
            ("areas", codes),
            ("areas attacked", attacked),
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


def attack_chains(
    series: pl.DataFrame,
    *,
    length: int | None = None,
    small: tuple[int, int] = SMALL,
    areas: int | None = None,
) -> Finding:
    """Windows that share an end, chained: [1, 8) less [1, 5) is [5, 8), and so on from window to window.

    series, length, areas : as in attack_windows; only shown values are used

    Ends of windows that hang together by shown sums know each other's distance; between two neighbours of them lies
    an exact sum (Chin, Kossowski and Loh 1984). Linear in the number of windows.
    """
    codes = series[AREA].n_unique()
    attacked = broken = known = few = unpublished = 0
    for one in spans_by_area(series, length=length, hidden=(0, NO_BOUND), areas=areas):
        attacked += 1
        runs = _chained(one)
        if runs is None:
            broken += 1
            continue
        first, end, value = runs
        shown = set(zip(one.at.tolist(), one.end.tolist(), strict=True))
        fresh = np.array([pair not in shown for pair in zip(first.tolist(), end.tolist(), strict=True)], dtype=np.bool_)
        known += len(value)
        unpublished += int(fresh.sum())
        few += int((fresh & (value >= small[0]) & (value <= small[1])).sum())
    return Finding(
        attack="windows chained end to end",
        figures=(
            ("areas", codes),
            ("areas attacked", attacked),
            ("areas whose sums contradict each other", broken),
            ("shortest runs whose sum is exact", known),
            ("of them, never published", unpublished),
            ("small, exact and never published", few),
        ),
        sentence=f"{few:,} runs of days whose sum nobody published count {small[0]} to {small[1]}, exactly.",
    )


def spans_by_area(
    series: pl.DataFrame, *, length: int | None, hidden: tuple[int, int], areas: int | None
) -> Iterator[Spans]:
    """What was said of each area, days counted from the first of them all. Raises NotUnderstood without an extent."""
    require(series, AREA, PERIOD, VALUE)
    if length is None and FIRST not in series.columns:
        raise NotUnderstood("Say how many days each sum covers, or in which column its first day stands.")
    told = series if TOLD in series.columns else series.with_columns(told=pl.lit(True))
    if length is not None:
        told = told.with_columns(first=pl.col(PERIOD) - timedelta(days=length - 1))
    if not (told[PERIOD].dtype.is_temporal() and told[FIRST].dtype.is_temporal()):
        raise NotUnderstood("Windows need days written as YYYY-MM-DD, for the last day of each and for its first.")
    placed = told.filter(pl.col(AREA).is_in(_chosen(told, areas).implode()), pl.col(TOLD))
    start = placed[FIRST].cast(pl.Date).min()
    start = start if isinstance(start, date) else date.min
    placed = placed.with_columns(
        at=(pl.col(FIRST).cast(pl.Date) - start).dt.total_days(),
        end=(pl.col(PERIOD).cast(pl.Date) - start).dt.total_days() + 1,
        least=pl.col(VALUE).fill_null(hidden[0]).cast(pl.Int64),
        most=pl.col(VALUE).fill_null(hidden[1]).cast(pl.Int64),
    )
    if (placed["end"] <= placed["at"]).any():
        raise NotUnderstood("A window ends before it begins.")
    for one in placed.partition_by(AREA, maintain_order=True):
        yield Spans(*(one[name].to_numpy() for name in ("at", "end", "least", "most")))


def bounds_of_days(spans: Spans) -> tuple[Integers, Integers] | None:
    """Sharp bounds of every day of one area; None where the sums contradict each other."""
    days = spans.days
    far = np.full((days + 1, days + 1), FAR, dtype=np.int32)  # scipy's own reads an arc of 0 as no arc
    step = np.arange(days)
    far[step + 1, step] = 0  # a day counts 0 or more: P[t] - P[t + 1] <= 0
    np.minimum.at(far, (spans.at, spans.end), np.minimum(spans.most, FAR).astype(np.int32))
    np.minimum.at(far, (spans.end, spans.at), -spans.least.astype(np.int32))
    np.fill_diagonal(far, 0)
    for through in range(days + 1):
        np.minimum(far, far[:, through, None] + far[through], out=far)
    if (np.diagonal(far) < 0).any():
        return None
    high = far[step, step + 1].astype(np.int64)
    return -far[step + 1, step].astype(np.int64), np.where(high >= FAR // 2, NO_BOUND, high)


def _chosen(told: pl.DataFrame, areas: int | None) -> pl.Series:
    codes = told[AREA].unique().sort()
    if areas is None or areas >= len(codes):
        return codes
    return codes.gather(np.linspace(0, len(codes) - 1, areas).astype(np.int64))


def _chained(spans: Spans) -> tuple[Integers, Integers, Integers] | None:
    """first, end, sum of the shortest runs that shown sums give; None where they contradict each other."""
    shown = spans.least == spans.most
    tail, head, value = spans.at[shown], spans.end[shown], spans.least[shown]
    nodes = spans.days + 1
    graph = sp.csr_array(sp.coo_array((np.ones(len(tail)), (tail, head)), shape=(nodes, nodes)))
    label = connected_components(graph, directed=False)[1].astype(np.int64)
    height = _heights(graph, label, tail, head, value)
    if (height[head] - height[tail] != value).any():
        return None
    order = np.lexsort((np.arange(nodes), label))
    together = label[order][1:] == label[order][:-1]
    first, end = order[:-1][together], order[1:][together]
    gap = height[end] - height[first]
    return None if (gap < 0).any() else (first, end, gap)


def _heights(graph: sp.csr_array, label: Integers, tail: Integers, head: Integers, value: Integers) -> Integers:
    """Cumulative count at each end of a window, from the first end of its component on, along one tree of windows."""
    step = dict(zip(zip(tail.tolist(), head.tolist(), strict=True), value.tolist(), strict=True))
    height = np.zeros(len(label), dtype=np.int64)
    for root in np.unique(label, return_index=True)[1]:
        order, before = breadth_first_order(graph, root, directed=False)
        for node in order[1:].tolist():
            parent = int(before[node])
            up = step.get((parent, node))
            height[node] = height[parent] + (up if up is not None else -step[node, parent])
    return height
