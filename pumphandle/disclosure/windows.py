"""Publish-once windows: what waits, what closes, and what a later removal does.

Each node keeps one open window for each measure. It is published, exactly and once, on the first day
on which it holds enough persons in enough households; closed blocks are sealed. Records count by the
day on which they came (arrival), so a late record joins the open window and never a closed one.
Source: docs/methods/publish-once.md, with the theorem and its proof.
"""

from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from pumphandle.disclosure.rules import Rule

PENDING_SCHEMA: Final[dict[str, Any]] = {
    "node": pl.String,
    "measure": pl.String,
    "contribution": pl.String,
    "person_key": pl.String,
    "household_key": pl.String,
    "report_date": pl.Date,
}
KEY: Final = ["node", "measure", "contribution"]
WITHDRAWN: Final = "_withdrawn"


@dataclass(frozen=True)
class Settled:
    """pending : what waits after the day; closed : node, measure, value of the windows that close today."""

    pending: pl.DataFrame
    closed: pl.DataFrame


def settle(pending: pl.DataFrame, arrivals: pl.DataFrame, removals: pl.DataFrame, *, rule: Rule) -> Settled:
    """One day of windows.

    pending, arrivals : PENDING_SCHEMA
    removals          : PENDING_SCHEMA and `district`, whose pool takes what was already published

    A removal of something that still waits never happened. A removal of something published is cancelled by an
    arrival of the same person, node and measure today (the record was only re-dated); what is left waits in
    the district's pool and is published, as any window, only once it holds enough persons.
    """
    waiting = pl.concat([pending, arrivals.select(*PENDING_SCHEMA)]).unique(KEY, keep="first", maintain_order=True)
    still, published = _split(waiting, removals)
    arrived_today = still.join(arrivals.select(KEY), on=KEY, how="semi")
    same = ["node", "measure", "person_key"]
    redated = _paired(arrived_today, published, same)
    still = still.join(redated.select(KEY), on=KEY, how="anti")
    pool = _unpaired(published, arrived_today, same).with_columns(
        node=pl.col("district"), measure=pl.col("measure") + WITHDRAWN
    )
    return _close(pl.concat([still, pool.select(*PENDING_SCHEMA)]).unique(KEY, keep="first", maintain_order=True), rule)


def _split(waiting: pl.DataFrame, removals: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What still waits once removals are taken out, and the removals that found nothing waiting."""
    return waiting.join(removals.select(KEY), on=KEY, how="anti"), removals.join(
        waiting.select(KEY), on=KEY, how="anti"
    )


def _numbered(rows: pl.DataFrame, same: list[str]) -> pl.DataFrame:
    """Pairing one to one: the first of a person with the first, the second with the second."""
    return rows.sort("contribution").with_columns(turn=pl.int_range(pl.len()).over(same))


def _paired(rows: pl.DataFrame, other: pl.DataFrame, same: list[str]) -> pl.DataFrame:
    return _numbered(rows, same).join(_numbered(other, same).select(*same, "turn"), on=[*same, "turn"], how="semi")


def _unpaired(rows: pl.DataFrame, other: pl.DataFrame, same: list[str]) -> pl.DataFrame:
    return _numbered(rows, same).join(_numbered(other, same).select(*same, "turn"), on=[*same, "turn"], how="anti")


def _close(waiting: pl.DataFrame, rule: Rule) -> Settled:
    held = waiting.group_by("node", "measure").agg(
        value=pl.len(), persons=pl.col("person_key").n_unique(), households=pl.col("household_key").n_unique()
    )
    closed = held.filter((pl.col("persons") >= rule.k_persons) & (pl.col("households") >= rule.h_households))
    return Settled(
        pending=waiting.join(closed, on=["node", "measure"], how="anti").sort(KEY),
        closed=closed.select("node", "measure", pl.col("value").cast(pl.Int64)).sort("node", "measure"),
    )
