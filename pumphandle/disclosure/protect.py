"""The one way from a day's contributions to a table that may be said."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from pumphandle.disclosure import districts, margins, windows
from pumphandle.disclosure.attack.wide import PoolAttacked
from pumphandle.disclosure.districts import MEASURES, NOTHING_MERGED, Day, Ground, Memory, Merged
from pumphandle.disclosure.gate import Outcome
from pumphandle.disclosure.margins import Margins
from pumphandle.disclosure.rules import Rule
from pumphandle.disclosure.safe import BLOCK_SCHEMA, SafeTable
from pumphandle.disclosure.seal import SEAL
from pumphandle.disclosure.wide import WidePool, wide_pools
from pumphandle.disclosure.windows import WAITING_SCHEMA, WITHDRAWN

PUBLISHED_MEASURES: Final = MEASURES

Row = tuple[str, str, str, str, date, date, int, bool, str | None]


@dataclass(frozen=True)
class Protected:
    """A day, decided.

    table    : what may be said today
    waiting  : what waits (windows.WAITING_SCHEMA), never to be shown
    memory   : of every district, never to be shown
    outcomes : by district, for the certificate; empty where everything waits
    wide     : of today's wide pools, for the certificate
    """

    table: SafeTable
    waiting: pl.DataFrame = field(repr=False)
    memory: Mapping[str, Memory] = field(repr=False)
    outcomes: Mapping[str, Outcome] = field(repr=False)
    wide: tuple[PoolAttacked, ...] = field(repr=False, default=())


def protect(
    contributions: pl.DataFrame,
    waiting: pl.DataFrame,
    *,
    ground: Ground,
    memory: Mapping[str, Memory],
    last_closed: Mapping[tuple[str, str], date],
    as_of: date,
    rule: Rule,
    held: frozenset[tuple[str, str]] = frozenset(),
    merged: Merged = NOTHING_MERGED,
    lots: bytes = b"",
    deciding: bool = True,
) -> Protected:
    """Close the windows that may close.

    contributions : a day's signed contributions (linelist.contributions); those without a place are not published
    waiting       : what waited before (WAITING_SCHEMA)
    memory        : districts as `protect` left them; a district that is not there begins
    last_closed   : last day of the last pool of withdrawals by (district, measure); none yet: open since the first day
    held          : (node, measure) whose window must stay open, and for whose sake the district's waits
    merged        : (node, measure) that is told only with neighbours -> which; see residual.choose
    lots          : secret that lots are drawn with; none: the rule must let no window rest
    deciding      : False: nothing closes and everything waits, for a day on which nothing can be certified

    The same input gives the same output. Raises NotUnderstood for an area outside the tree, LedgerBroken for a
    day that is sealed or nodes that have changed, CertificateRefused where the attacker cannot do its work.
    """
    before = districts.remembered(ground, memory, rule=rule)
    if any(one.rule != memory[district].rule for district, one in before.items() if district in memory):
        waiting = waiting.with_columns(heads=pl.lit(0, pl.Int64))
    arrivals, removals = windows.net(contributions, ground.nodes, ground.district, as_of=as_of)
    total_from = {
        (district, measure): ground.date(side.district.first)
        for district, one in before.items()
        for measure, side in zip(MEASURES, one.sides, strict=True)
    }
    moved = windows.move(waiting, arrivals, removals, total_from=total_from, rule=rule)
    standing = windows.standing(moved.waiting)
    moves = districts.movements(moved, standing, ground, rule=rule)
    today = ground.day(as_of)
    days = {
        district: districts.day_of(
            district,
            one,
            moves,
            day=today,
            at=as_of,
            rule=rule,
            held=held,
            merged=merged,
            lots=lots,
            deciding=deciding,
        )
        for district, one in before.items()
    }
    rows = list(_withdrawals(standing, last_closed, ground, as_of, rule)) if deciding else []
    kept, wide = _wide(days, moved.waiting, ground=ground, rule=rule, today=today, held=held, deciding=deciding)
    pooled = [(place, pool.measure) for pool in wide for place in pool.first]
    rows += [_wide_row(pool, ground, as_of) for pool in wide]
    after: dict[str, Memory] = {}
    for district, one in days.items():
        after[district], told = _margins(district, replace(one, memory=kept[district]), ground, as_of, rule)
        rows += [*_rows(district, one, ground, as_of), *told]
        pooled += _pooled(one)
    blocks = pl.DataFrame(rows, schema=BLOCK_SCHEMA, orient="row").sort("level", "node", "measure", "group_code")
    edges = {
        (district, measure): ground.date(int(side.district.edges[0]))
        for district, one in after.items()
        for measure, side in zip(MEASURES, one.sides, strict=True)
        if len(side.district.edges)
    }
    closed = pl.concat(
        [
            blocks.filter((pl.col("level") == "small_area") | pl.col("measure").str.ends_with(WITHDRAWN)).select(
                "node", "measure"
            ),
            pl.DataFrame(pooled, schema={"node": pl.String, "measure": pl.String}, orient="row"),
        ]
    )
    return Protected(
        table=SafeTable(blocks=blocks, as_of=as_of, rule=rule, seal=SEAL),
        waiting=windows.after(moved.waiting, closed, edges),
        memory=after,
        outcomes={district: one.outcome for district, one in days.items() if one.outcome is not None},
        wide=tuple(one.attacked for one in wide),
    )


def nothing_waits() -> pl.DataFrame:
    """What waits before the first day."""
    return pl.DataFrame(schema=WAITING_SCHEMA)


def _rows(district: str, one: Day, ground: Ground, as_of: date) -> Iterator[Row]:
    """Windows, pools and totals of a district."""
    if one.outcome is None:
        return
    for measure, side in zip(MEASURES, one.outcome.sides, strict=True):
        closing = side.closing
        for at in np.flatnonzero(closing.alone):
            first, node = ground.date(int(closing.first[at])), one.memory.nodes[at]
            yield node, "small_area", measure, "all", first, as_of, int(closing.value[at]), bool(side.waited[at]), None
        if closing.district is not None:
            first, value = closing.district
            yield district, "district", measure, "all", ground.date(first), as_of, value, False, None
        if closing.together.any():
            shut = np.flatnonzero(closing.together)
            begun = {one.memory.nodes[at]: ground.date(int(closing.first[at])) for at in shut}
            members = " ".join(f"{node}:{day}" for node, day in begun.items())
            yield district, "pool", measure, "all", min(begun.values()), as_of, closing.pooled, False, members


def _wide(
    days: Mapping[str, Day],
    waiting: pl.DataFrame,
    *,
    ground: Ground,
    rule: Rule,
    today: int,
    held: frozenset[tuple[str, str]],
    deciding: bool,
) -> tuple[Mapping[str, Memory], list[WidePool]]:
    if not deciding:
        return {district: one.memory for district, one in days.items()}, []
    return wide_pools(days, waiting, ground=ground, rule=rule, today=today, held=held)


def _wide_row(pool: WidePool, ground: Ground, as_of: date) -> Row:
    begun = {place: ground.date(day) for place, day in pool.first.items()}
    members = " ".join(f"{place}:{day}" for place, day in begun.items())
    return pool.place, "pool", pool.measure, "all", ground.date(pool.begun), as_of, pool.value, False, members


def _pooled(one: Day) -> Iterator[tuple[str, str]]:
    """node, measure of windows that close in a pool."""
    if one.outcome is None:
        return
    for measure, side in zip(MEASURES, one.outcome.sides, strict=True):
        for at in np.flatnonzero(side.closing.together):
            yield one.memory.nodes[at], measure


def _margins(district: str, one: Day, ground: Ground, as_of: date, rule: Rule) -> tuple[Memory, list[Row]]:
    """Margins end with a total, at or after the end of the ISO week in which they began."""
    rows: list[Row] = []
    marginal: list[Margins] = []
    closed = (
        [side.closing.district is not None for side in one.outcome.sides] if one.outcome else [False] * len(MEASURES)
    )
    for measure, margin, over in zip(MEASURES, one.memory.margins, closed, strict=True):
        first = ground.date(margin.first)
        if not over or (as_of - first).days < 6 - first.weekday():
            marginal.append(margin)
            continue
        rows += [
            (district, "district", measure, group.code, first, as_of, group.value, False, None)
            for group in margins.groups(margin, rule=rule)
        ]
        marginal.append(Margins(ground.day(as_of) + 1, {}))
    return replace(one.memory, margins=tuple(marginal)), rows


def _withdrawals(
    standing: pl.DataFrame, last_closed: Mapping[tuple[str, str], date], ground: Ground, as_of: date, rule: Rule
) -> Iterator[Row]:
    """Pools of withdrawals that hold enough."""
    enough = standing.filter(
        pl.col("measure").str.ends_with(WITHDRAWN)
        & (pl.col("persons") >= rule.k_persons)
        & (pl.col("households") >= rule.h_households)
    )
    for node, measure, value in enough.select("node", "measure", "value").iter_rows():
        last = last_closed.get((node, measure))
        first = ground.start if last is None else ground.date(ground.day(last) + 1)
        yield node, "district", measure, "all", first, as_of, value, False, None
