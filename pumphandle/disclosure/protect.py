"""The one way from a day's contributions to a table that may be said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from pumphandle.disclosure.rules import Rule
from pumphandle.disclosure.safe import SafeTable
from pumphandle.disclosure.seal import SEAL
from pumphandle.disclosure.windows import PENDING_SCHEMA, settle
from pumphandle.vocabulary.counts import Measure

PUBLISHED_MEASURES = (str(Measure.TESTS), str(Measure.CASES))


@dataclass(frozen=True)
class Protected:
    """table : what may be said today; pending : what waits (PENDING_SCHEMA), never to be shown."""

    table: SafeTable
    pending: pl.DataFrame = field(repr=False)


def protect(
    contributions: pl.DataFrame,
    pending: pl.DataFrame,
    *,
    nodes: Mapping[str, str],
    last_closed: Mapping[tuple[str, str], date],
    ledger_start: date,
    as_of: date,
    rule: Rule,
) -> Protected:
    """Close the windows that may close.

    contributions : a day's signed contributions (linelist.contributions); those without a place are not published
    pending       : what waited before (PENDING_SCHEMA)
    nodes         : publication node by small area
    last_closed   : last day of the last closed window by (node, measure); none yet: the window opened on ledger_start
    """
    counted = contributions.filter(pl.col("measure").is_in(PUBLISHED_MEASURES) & pl.col("small_area").is_not_null())
    told = counted.with_columns(
        node=pl.col("small_area").replace_strict(dict(nodes), return_dtype=pl.String), report_date=pl.lit(as_of)
    )
    net = told.with_columns(net=pl.col("sign").cast(pl.Int64).sum().over("node", "measure", "contribution"))
    columns = list(PENDING_SCHEMA)
    arrivals = net.filter((pl.col("net") > 0) & (pl.col("sign") > 0)).select(columns)
    removals = net.filter((pl.col("net") < 0) & (pl.col("sign") < 0)).select(*columns, "district")
    settled = settle(pending, arrivals, removals, rule=rule)
    first_days = [
        last_closed[node, measure] + timedelta(days=1) if (node, measure) in last_closed else ledger_start
        for node, measure in settled.closed.select("node", "measure").iter_rows()
    ]
    areas = set(nodes.values())
    blocks = settled.closed.with_columns(
        pl.Series("first_day", first_days, dtype=pl.Date),
        last_day=pl.lit(as_of),
        level=pl.when(pl.col("node").is_in(list(areas)) & ~pl.col("measure").str.ends_with("_withdrawn"))
        .then(pl.lit("small_area"))
        .otherwise(pl.lit("district")),
    ).select("node", "level", "measure", "first_day", "last_day", "value")
    return Protected(table=SafeTable(blocks=blocks, as_of=as_of, rule=rule, seal=SEAL), pending=settled.pending)
