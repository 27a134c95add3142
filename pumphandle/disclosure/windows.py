"""What a day's contributions do to what waits: arrivals join open windows, withdrawals leave them or go to a pool.

Records count by the day on which they came (arrival), so a late record joins the open window and never a closed one.
What a published number holds stays in it: its withdrawal waits in its district's pool. A number holds it as soon as
its area's window or the district's window of that day is closed. Source: docs/methods/publish-once.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import polars as pl

from pumphandle.disclosure.heads import with_heads
from pumphandle.disclosure.rules import Rule
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.errors import NotUnderstood

MEASURES: Final = (str(Measure.CASES), str(Measure.TESTS))
WAITING_SCHEMA: Final[dict[str, Any]] = {
    "node": pl.String,
    "measure": pl.String,
    "contribution": pl.String,
    "person_key": pl.String,
    "household_key": pl.String,
    "report_date": pl.Date,
    "district": pl.String,
    "heads": pl.Int64,
    "closed": pl.Boolean,
}
"""`closed`: already in a block, and kept because a derivable group could still hold it."""
KEY: Final = ["node", "measure", "contribution"]
WITHDRAWN: Final = "_withdrawn"
BANDS: Final = ("age_band", "sex")


@dataclass(frozen=True)
class Moved:
    """A day's movements.

    waiting : WAITING_SCHEMA, today's arrivals among them
    arrived : node, measure, district, person_key, household_key, heads, age_band, sex of what counts from today on
    taken   : node, measure, district, person_key, report_date, heads, age_band, sex of what never counted
    """

    waiting: pl.DataFrame = field(repr=False)
    arrived: pl.DataFrame = field(repr=False)
    taken: pl.DataFrame = field(repr=False)


def net(
    contributions: pl.DataFrame, nodes: Mapping[str, str], districts: Mapping[str, str], *, as_of: date
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What came and what went on a day, net of what did both: arrivals and removals as `move` takes them.

    nodes : publication node by small area; districts : by node. Raises NotUnderstood for an area outside the tree.
    """
    placed = contributions.filter(pl.col("measure").is_in(MEASURES) & pl.col("small_area").is_not_null())
    strange = placed.filter(~pl.col("small_area").is_in(list(nodes)))
    if strange.height:
        raise NotUnderstood(
            f"Area {strange['small_area'][0]} lies outside the tree. Load the nation that has it, or leave it out."
        )
    told = (
        placed.with_columns(node=pl.col("small_area").replace_strict(dict(nodes), return_dtype=pl.String))
        .with_columns(
            district=pl.col("node").replace_strict(dict(districts), return_dtype=pl.String), report_date=pl.lit(as_of)
        )
        .with_columns(net=pl.col("sign").cast(pl.Int64).sum().over("node", "measure", "contribution"))
    )
    columns = [name for name in WAITING_SCHEMA if name not in ("heads", "closed")] + list(BANDS)
    sign, sum_of = pl.col("sign"), pl.col("net")
    came, went = told.filter((sum_of > 0) & (sign > 0)), told.filter((sum_of < 0) & (sign < 0))
    return came.select(columns).unique(KEY, keep="first", maintain_order=True), went.select(columns).unique(
        KEY, keep="first", maintain_order=True
    )


def move(
    waiting: pl.DataFrame,
    arrivals: pl.DataFrame,
    removals: pl.DataFrame,
    *,
    total_from: Mapping[tuple[str, str], date],
    rule: Rule,
) -> Moved:
    """One day.

    arrivals, removals : KEY, person_key, household_key, report_date, district, age_band, sex
    total_from         : first day of the open district window, by (district, measure)

    A removal of what no number holds never happened. A removal of something published is cancelled by an arrival of
    the same person, node and measure today (the record was only re-dated), or by its own return while it still waits
    in the pool; what is left waits in the district's pool.
    """
    back = waiting.select("contribution", "district", measure=pl.col("measure").str.strip_suffix(WITHDRAWN)).filter(
        waiting["measure"].str.ends_with(WITHDRAWN)
    )
    same_again = ["contribution", "district", "measure"]
    returned = arrivals.join(back, on=same_again, how="semi").select(same_again)
    arrivals = arrivals.join(returned, on=same_again, how="anti")
    arrivals = arrivals.join(waiting.filter(~pl.col("closed")).select(KEY), on=KEY, how="anti")
    free = _free(waiting, total_from)
    taken = removals.drop("report_date").join(free, on=KEY, how="inner")
    published = removals.join(free, on=KEY, how="anti")
    same = ["node", "measure", "person_key"]
    redated = _paired(arrivals, published, same)
    arrivals = arrivals.join(redated.select(KEY), on=KEY, how="anti").unique(KEY, keep="first", maintain_order=True)
    stays = waiting.join(taken.select(KEY), on=KEY, how="anti").join(
        returned.with_columns(node=pl.col("district"), measure=pl.col("measure") + WITHDRAWN), on=KEY, how="anti"
    )
    pool = _unpaired(published, redated, same).with_columns(
        node=pl.col("district"), measure=pl.col("measure") + WITHDRAWN, heads=pl.lit(0, pl.Int64)
    )
    arrived = with_heads(arrivals, stays, rule=rule)
    columns = [name for name in WAITING_SCHEMA if name != "closed"]
    fresh = pl.concat([arrived.select(columns), pool.select(columns)]).with_columns(closed=pl.lit(False))
    # A block's rows stay for their heads only: the same contribution may wait again beside them.
    now = pl.concat([stays, fresh.select(list(WAITING_SCHEMA))]).unique(
        [*KEY, "closed"], keep="first", maintain_order=True
    )
    return Moved(waiting=now, arrived=arrived, taken=taken)


def standing(waiting: pl.DataFrame) -> pl.DataFrame:
    """node, measure, district, value, persons, households of every open window that holds anything."""
    return (
        waiting.filter(~pl.col("closed"))
        .group_by("node", "measure", "district")
        .agg(
            value=pl.len().cast(pl.Int64),
            persons=pl.col("person_key").n_unique(),
            households=pl.col("household_key").n_unique(),
        )
        .sort("node", "measure")
    )


def after(waiting: pl.DataFrame, closed: pl.DataFrame, oldest_edge: Mapping[tuple[str, str], date]) -> pl.DataFrame:
    """What is kept once windows closed.

    closed      : node, measure
    oldest_edge : by (district, measure): groups of arrivals since then can still be derived; none: nothing is kept
    """
    edges = pl.DataFrame(
        [(district, measure, day) for (district, measure), day in sorted(oldest_edge.items())],
        schema={"district": pl.String, "measure": pl.String, "edge": pl.Date},
        orient="row",
    )
    shut = closed.select("node", "measure", shut=pl.lit(True))
    return (
        waiting.join(shut, on=["node", "measure"], how="left")
        .with_columns(closed=pl.col("closed") | pl.col("shut").fill_null(False))
        .join(edges, on=["district", "measure"], how="left")
        .filter(~pl.col("closed") | (pl.col("report_date") >= pl.col("edge")).fill_null(False))
        .select(list(WAITING_SCHEMA))
        .sort([*KEY, "closed"])
    )


def _free(waiting: pl.DataFrame, total_from: Mapping[tuple[str, str], date]) -> pl.DataFrame:
    """KEY, report_date and heads of what waits and is in no closed number."""
    begun = pl.DataFrame(
        [(district, measure, day) for (district, measure), day in sorted(total_from.items())],
        schema={"district": pl.String, "measure": pl.String, "begun": pl.Date},
        orient="row",
    )
    return (
        waiting.filter(~pl.col("closed"))
        .join(begun, on=["district", "measure"], how="inner")
        .filter(pl.col("report_date") >= pl.col("begun"))
        .select(*KEY, "report_date", "heads")
    )


def _numbered(rows: pl.DataFrame, same: list[str]) -> pl.DataFrame:
    """Pairing one to one: the first of a person with the first, the second with the second."""
    return rows.sort("contribution").with_columns(turn=pl.int_range(pl.len()).over(same))


def _paired(rows: pl.DataFrame, other: pl.DataFrame, same: list[str]) -> pl.DataFrame:
    return _numbered(rows, same).join(_numbered(other, same).select(*same, "turn"), on=[*same, "turn"], how="semi")


def _unpaired(rows: pl.DataFrame, other: pl.DataFrame, same: list[str]) -> pl.DataFrame:
    return _numbered(rows, same).join(_numbered(other, same).select(*same, "turn"), on=[*same, "turn"], how="anti")
