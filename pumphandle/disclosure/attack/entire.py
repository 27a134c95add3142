"""A district's whole history under attack, from nothing: what every number ever published gives away together.

Districts that were ever in one wide pool are attacked as one.

Reads the ledger's rows and the records; shares no code with the planner.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl

from pumphandle.disclosure.attack.blocks import attack_blocks
from pumphandle.disclosure.attack.equations import Integers
from pumphandle.disclosure.attack.ledger import Side, attack
from pumphandle.disclosure.attack.rows import WidePoolRow
from pumphandle.disclosure.attack.sums import Sum
from pumphandle.disclosure.attack.unions import unions_of_runs
from pumphandle.disclosure.attack.wide import Span, pool_sums
from pumphandle.disclosure.attack.windows import UNTOLD, Blocks

Window = tuple[str, int, int, int]  # place, first and last day, value


@dataclass(frozen=True)
class History:
    """nodes : in order of code; measures : the inner one (cases) first; blocks : by measure, days since `start`;
    records : measure, node, report_date, person_key, household_key; days : until the last release
    k_of : (days,) the rule's k on each day; None: it never changed"""

    district: str
    nodes: Sequence[str]
    measures: Sequence[str]
    blocks: Sequence[Blocks] = field(repr=False)
    records: pl.DataFrame = field(repr=False)
    start: date
    days: int
    k_of: Integers | None = field(repr=False, default=None)


@dataclass(frozen=True)
class Group:
    """Districts that share wide pools, or one by itself. pools : by measure"""

    histories: tuple[History, ...]
    pools: tuple[tuple[WidePoolRow, ...], ...]


@dataclass(frozen=True)
class Found:
    """What the attack on a group found. district : the first of it

    cells     : small area-days, small open windows and small sums inside pools that were asked for
    narrow    : of them, those in an interval narrower than k - 1; narrowest: of all; None: none was asked for
    few       : the smallest group of 1..k-1 that anyone can subtract; None: there is none
    faults    : windows that count too few persons or households, overlap, or say another number than the records
    """

    district: str
    windows: int
    cells: int
    narrow: int
    narrowest: int | None
    few: int | None
    faults: int
    linear_programs: int

    @property
    def stands(self) -> bool:
        return not (self.narrow or self.few or self.faults)


def groups_of(histories: Sequence[History], pools: Sequence[Sequence[WidePoolRow]]) -> list[Group]:
    """Districts by the wide pools that they share, in the order of `histories`."""
    leader = {one.district: one.district for one in histories}

    def first(district: str) -> str:
        while leader[district] != district:
            district = leader[district]
        return district

    for pool in (one for of_measure in pools for one in of_measure):
        heads = sorted({first(district) for district in pool.first})
        for other in heads[1:]:
            leader[other] = heads[0]
    members: dict[str, list[History]] = {}
    for one in histories:
        members.setdefault(first(one.district), []).append(one)
    return [
        Group(
            tuple(mine),
            tuple(tuple(pool for pool in row if first(next(iter(pool.first))) == name) for row in pools),
        )
        for name, mine in members.items()
    ]


def attack_entirely(group: Group, *, k: int, h: int, seconds: float = 10.0) -> Found:
    """Every small count, every derivable group and every window of a group of districts.

    Where the ledger's rule changed, k and h are the smallest that ever held: what they protect was protected always.
    Raises CertificateRefused where the solver fails.
    """
    histories = group.histories
    counts = [[_counts(one, measure) for measure in one.measures] for one in histories]
    faults = sum(_faults(one, at, k=k, h=h) for one in histories for at in range(len(one.measures)))
    faults += sum(_wide_faults(pool, group, at, k=k, h=h) for at, row in enumerate(group.pools) for pool in row)
    windows = sum(len(of.area) + len(of.totals) + len(of.pools) for one in histories for of in one.blocks)
    windows += sum(len(row) for row in group.pools)
    if faults:  # the truth does not fit the ledger: nothing further can be asked
        return Found(histories[0].district, windows, 0, 0, None, None, faults, 0)
    sides = [
        Side(blocks, truth, k_of=one.k_of)
        for one, mine in zip(histories, counts, strict=True)
        for blocks, truth in zip(one.blocks, mine, strict=True)
    ]
    each = len(histories[0].measures)
    within = [(each * at, each * at + 1) for at in range(len(histories))] if each > 1 else []
    sums = _sums(group, [side.counts for side in sides], k=k)
    seen, asked = attack(sides, k=k, within=within, sums=sums, seconds=seconds)
    derived = [
        _few(blocks, truth, k=k)
        for one, mine in zip(histories, counts, strict=True)
        for blocks, truth in zip(one.blocks, mine, strict=True)
    ]
    widths = [one.narrowest for one in (*seen, asked) if one.narrowest is not None]
    return Found(
        district=histories[0].district,
        windows=windows,
        cells=sum(int(one.cells.sum()) + int(one.waiting.sum()) for one in seen) + len(asked.width),
        narrow=sum(one.narrow + one.waiting_narrow for one in seen) + int(asked.thin.sum()),
        narrowest=min(widths, default=None),
        few=min((one for one in derived if one), default=None),
        faults=0,
        linear_programs=seen[0].result.linear_programs,
    )


def _sums(group: Group, counts: Sequence[Integers], *, k: int) -> list[Sum]:
    """What wide pools tell, and the small sums of windows that were only told together with others.

    counts : by district and measure
    """
    each = len(group.histories[0].measures)
    found: list[Sum] = []
    for at, history in enumerate(group.histories):
        for measure, blocks in enumerate(history.blocks):
            side = each * at + measure
            pooled = np.flatnonzero((blocks.value == UNTOLD) & np.isin(blocks.last, blocks.pools[:, 0]))
            for one in pooled:
                part = side, int(blocks.first[one]), int(blocks.last[one]), int(blocks.area[one])
                found.append(Sum((part,), ask=True))
    found = [one for one in found if one.small(counts, k=k)]
    for measure, row in enumerate(group.pools):
        for pool in row:
            mine = [(at, one) for at, one in enumerate(group.histories) if one.district in pool.first]
            spans = [_span(pool, one, each * at + measure, one.blocks[measure]) for at, one in mine]
            place = {one.district: number for number, (_, one) in enumerate(mine)}
            lower = [[place[district] for district in nearer] for nearer in pool.lower]
            now = k if mine[0][1].k_of is None else int(mine[0][1].k_of[pool.last])
            found += pool_sums(spans, counts, lower=lower, k=now)
    return found


def _span(pool: WidePoolRow, history: History, side: int, blocks: Blocks) -> Span:
    begun = np.full(len(history.nodes), pool.first[history.district], dtype=np.int64)
    ending = (blocks.value == UNTOLD) & (blocks.last == pool.last)
    begun[blocks.area[ending]] = blocks.first[ending]
    return Span(side, pool.first[history.district], pool.last, begun, history.district in pool.eve)


def _wide_faults(pool: WidePoolRow, group: Group, measure: int, *, k: int, h: int) -> int:
    """Whether a wide pool counts too few persons or households, or another number than the records."""
    inside = pl.concat(
        _records(one, one.measures[measure])
        .filter(pl.col("day").is_between(_day(one, pool.first[one.district]), _day(one, pool.last)))
        .with_columns(place=pl.lit("pool"))
        for one in group.histories
        if one.district in pool.first
    )
    wrong = attack_blocks(_frame(group.histories[0], [("pool", 0, pool.last, pool.value)]), inside, k=k, h=h)
    return wrong.few + wrong.one_family + wrong.untrue


def _records(history: History, measure: str) -> pl.DataFrame:
    return history.records.filter(pl.col("measure") == measure).select(
        place="node", day="report_date", person="person_key", household="household_key"
    )


def _counts(history: History, measure: str) -> Integers:
    """(days, areas) what came and was not taken back before a number held it."""
    grid = np.zeros((history.days, len(history.nodes)), dtype=np.int64)
    place = {node: at for at, node in enumerate(history.nodes)}
    mine = history.records.filter(pl.col("measure") == measure)
    for node, came, count in mine.group_by("node", "report_date").len().iter_rows():
        grid[(came - history.start).days, place[node]] = count
    return grid


def _faults(history: History, at: int, *, k: int, h: int) -> int:
    """Windows, totals and pools that are not what the rule allows or the records say."""
    blocks, records = history.blocks[at], _records(history, history.measures[at])
    told = blocks.value != UNTOLD
    spans = np.stack([blocks.area, blocks.first, blocks.last, blocks.value], axis=1)[told]
    alone: list[Window] = [(history.nodes[int(one[0])], int(one[1]), int(one[2]), int(one[3])) for one in spans]
    totals: list[Window] = [(history.district, first, last, value) for first, last, value in blocks.totals]
    pools: list[Window] = []
    pooled: list[pl.DataFrame] = []
    for last, value in blocks.pools:
        name = f"{history.district} pool {last}"
        pools.append((name, 0, int(last), int(value)))
        for area, first in zip(
            blocks.area[~told & (blocks.last == last)], blocks.first[~told & (blocks.last == last)], strict=True
        ):
            inside = pl.col("day").is_between(_day(history, first), _day(history, last))
            mine = records.filter((pl.col("place") == history.nodes[area]) & inside)
            pooled.append(mine.with_columns(place=pl.lit(name)))
    every = pl.concat([records, records.with_columns(place=pl.lit(history.district)), *pooled])
    wrong = [attack_blocks(_frame(history, one), every, k=k, h=h) for one in (alone, totals, pools) if one]
    return sum(one.few + one.one_family + one.reopened + one.untrue for one in wrong)


def _frame(history: History, rows: list[Window]) -> pl.DataFrame:
    return pl.DataFrame(
        [(place, _day(history, first), _day(history, last), int(value)) for place, first, last, value in rows],
        schema={"place": pl.String, "first_day": pl.Date, "last_day": pl.Date, "value": pl.Int64},
        orient="row",
    )


def _day(history: History, number: int) -> date:
    return history.start + timedelta(days=int(number))


def _few(blocks: Blocks, counts: Integers, *, k: int) -> int | None:
    spans = np.stack([blocks.area, blocks.first, blocks.last], axis=1)
    known = (blocks.value != UNTOLD) | np.isin(blocks.last, blocks.pools[:, 0])
    pooled = np.where(blocks.value == UNTOLD, blocks.last, -1)[known]
    return unions_of_runs(counts, spans[known], blocks.totals[:, :2], k=k, together=pooled)
