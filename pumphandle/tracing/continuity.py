"""A set is the same set as yesterday as long as it holds yesterday's cases: names and states through time."""

from datetime import date
from enum import StrEnum
from typing import Final

import polars as pl

STATE_COLUMNS: Final = ("set_id", "run_date", "state", "cases", "added", "last_case", "became")
LIVING_DAYS: Final = 28
"""A set is carried on while one of its links is younger."""


class SetState(StrEnum):
    """What a set did since the run before."""

    NEW = "new"
    GROWING = "growing"
    STABLE = "stable"
    CLOSING = "closing"
    ENDED = "ended"


def carry(before: pl.DataFrame, now: pl.DataFrame, *, run_date: date) -> pl.DataFrame:
    """Give each set of today the name that most of its cases had yesterday: `case`, `set_id`, `since`.

    before : set_id, case, since, yesterday's; now : case, set, today's under any names
    Each old name goes on in one set only, the one that took most of its cases; where sets have joined, the name of the
    larger share goes on. What has no name left gets one of its own: its first case's. Ties go to the smaller name.
    `since` is the run in which the case came into the set that it is in.
    """
    shared = (
        now.join(before, on="case")
        .group_by("set", "set_id")
        .agg(shared=pl.len())
        .sort("shared", "set_id", "set", descending=[True, False, False])
        .unique("set", keep="first", maintain_order=True)
        .sort("shared", "set", "set_id", descending=[True, False, False])
        .unique("set_id", keep="first", maintain_order=True)
    )
    taken = before["set_id"].unique()
    named = (
        now.join(shared.select("set", "set_id"), on="set", how="left", maintain_order="left")
        # a set that split off must not take the name of the one it left
        .with_columns(
            set_id=pl.coalesce(
                "set_id",
                pl.when(pl.col("set").is_in(taken.implode()))
                .then(pl.format("{}/{}", "set", pl.lit(str(run_date))))
                .otherwise(pl.col("set")),
            )
        )
    )
    return (
        named.join(before.rename({"since": "known_since"}), on=["set_id", "case"], how="left", maintain_order="left")
        .select("case", "set_id", since=pl.col("known_since").fill_null(run_date))
        .sort("set_id", "case")
    )


def states(before: pl.DataFrame, now: pl.DataFrame, *, run_date: date, quiet_days: int) -> pl.DataFrame:
    """One row a set of today or yesterday (STATE_COLUMNS).

    before, now : set_id, case, since; now also `day`, the case's own
    quiet_days  : a set without a case in so many days is closing
    `added` counts cases that came in today; only a set that is new or growing is worth telling anybody about again.
    """
    standing = now.group_by("set_id").agg(
        cases=pl.len(), added=(pl.col("since") == run_date).sum(), last_case=pl.col("day").max()
    )
    old = before["set_id"].unique()
    quiet = (pl.lit(run_date) - pl.col("last_case")).dt.total_days() > quiet_days
    living = standing.with_columns(
        state=pl.when(~pl.col("set_id").is_in(old.implode()))
        .then(pl.lit(str(SetState.NEW)))
        .when(pl.col("added") > 0)
        .then(pl.lit(str(SetState.GROWING)))
        .when(quiet)
        .then(pl.lit(str(SetState.CLOSING)))
        .otherwise(pl.lit(str(SetState.STABLE))),
        became=pl.lit(None, pl.String),
    )
    gone = (
        before.filter(~pl.col("set_id").is_in(now["set_id"].unique().implode()))
        .join(now.select("case", became="set_id"), on="case", how="left")
        .group_by("set_id")
        .agg(became=pl.col("became").drop_nulls().mode().sort().first())
        .with_columns(
            cases=pl.lit(0, pl.UInt32),
            added=pl.lit(0, pl.UInt32),
            last_case=pl.lit(None, pl.Date),
            state=pl.lit(str(SetState.ENDED)),
        )
    )
    columns = [column for column in STATE_COLUMNS if column != "run_date"]
    return (
        pl.concat([living.select(columns), gone.select(columns)])
        .with_columns(run_date=pl.lit(run_date))
        .select(STATE_COLUMNS)
        .sort("set_id")
    )
