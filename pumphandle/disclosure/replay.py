"""What the records say to every published number: arrivals and withdrawals of each day, told again from the start.

Nothing here decides: which windows closed is read off the ledger, and what counts in a window follows from the days
on which records came and went (windows.move). So the numbers that were published can be held against the records,
and the attacker can be given the truth of every day.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

import polars as pl

from pumphandle.disclosure import windows
from pumphandle.disclosure.rules import Rule
from pumphandle.disclosure.windows import KEY, WAITING_SCHEMA, WITHDRAWN

COUNTED_SCHEMA: Final = {
    name: WAITING_SCHEMA[name] for name in (*KEY, "district", "report_date", "person_key", "household_key")
}


@dataclass(frozen=True)
class Tree:
    """nodes : publication node by small area; district : by node; start : first day of the ledger"""

    nodes: Mapping[str, str] = field(repr=False)
    district: Mapping[str, str] = field(repr=False)
    start: date


@dataclass(frozen=True)
class Replayed:
    """The records up to a day.

    waiting    : windows.WAITING_SCHEMA
    counted    : COUNTED_SCHEMA by day, of what counts or waits to count
    total_from : first day of the open district window, by (district, measure)
    """

    waiting: pl.DataFrame = field(repr=False)
    counted: tuple[pl.DataFrame, ...] = field(repr=False)
    total_from: Mapping[tuple[str, str], date] = field(repr=False)

    def records(self) -> pl.DataFrame:
        """COUNTED_SCHEMA: every record that a published number counts, or will."""
        return pl.concat([pl.DataFrame(schema=COUNTED_SCHEMA), *self.counted])


def before_the_first_day(tree: Tree) -> Replayed:
    """Nothing has come."""
    every = {(district, measure) for district in tree.district.values() for measure in windows.MEASURES}
    return Replayed(pl.DataFrame(schema=WAITING_SCHEMA), (), dict.fromkeys(sorted(every), tree.start))


def day_again(
    so_far: Replayed, contributions: pl.DataFrame, told: pl.DataFrame, *, tree: Tree, as_of: date, rule: Rule
) -> Replayed:
    """One more day.

    contributions : the day's, as `protect` had them
    told          : ledger rows of the day's release, empty where nothing went out

    Raises NotUnderstood for an area outside the tree.
    """
    arrivals, removals = windows.net(contributions, tree.nodes, tree.district, as_of=as_of)
    moved = windows.move(so_far.waiting, arrivals, removals, total_from=so_far.total_from, rule=rule)
    counted = list(so_far.counted)
    if moved.taken.height:
        gone = moved.taken.select(*KEY, "report_date")
        counted = [day.join(gone, on=[*KEY, "report_date"], how="anti") for day in counted]
    counted.append(moved.arrived.select(list(COUNTED_SCHEMA)))
    return replace(
        so_far,
        waiting=windows.after(moved.waiting, _closed(told), {}),
        counted=tuple(counted),
        total_from={**so_far.total_from, **_totals(told, as_of)},
    )


def _closed(told: pl.DataFrame) -> pl.DataFrame:
    """node, measure of every window that closed: by itself, in a pool, or of withdrawals."""
    everybody = told.filter(pl.col("group_code") == "all")
    alone = (pl.col("level") == "small_area") | pl.col("measure").str.ends_with(WITHDRAWN)
    pooled = (
        everybody.filter(pl.col("level") == "pool")
        .select("measure", pl.col("members").str.split(" "))
        .explode("members")
        .select(pl.col("members").str.split(":").list.first().alias("node"), "measure")
    )
    return pl.concat([everybody.filter(alone).select("node", "measure"), pooled])


def _totals(told: pl.DataFrame, as_of: date) -> dict[tuple[str, str], date]:
    closed = told.filter(
        (pl.col("level") == "district") & (pl.col("group_code") == "all") & pl.col("measure").is_in(windows.MEASURES)
    )
    return {
        (node, measure): as_of + timedelta(days=1) for node, measure in closed.select("node", "measure").iter_rows()
    }
