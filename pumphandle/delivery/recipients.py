"""Which authority is told what about a record."""

from typing import Final

import polars as pl

from pumphandle.vocabulary.records import Change

MOVED_AWAY: Final = "address corrected: not a resident of this authority"
MOVED_HERE: Final = "address corrected: a resident of this authority"

NOT_OURS: Final = "not_ours"
"""Reason of the event that sends a record on because its authority said that it is not theirs."""
SENT_AWAY: Final = "sent on: your authority said that the person is no resident of it"
SENT_HERE: Final = "sent on: another authority said that the person is a resident of yours"


def changes(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """authority, record_key, version, change, reason: one row for each authority that a record's news concerns.

    before : record_key, kind, district of the records that were known
    after  : record_key, version, kind, reason, district as they stand now
    Unplaced records (district null) concern no authority until a place is found.
    """
    met = after.join(
        before.select("record_key", old_kind="kind", old_district="district"), on="record_key", how="left"
    ).with_columns(
        old=pl.when(pl.col("old_kind") != "retracted").then(pl.col("old_district")),
        new=pl.when(pl.col("kind") != "retracted").then(pl.col("district")),
    )
    stays = met.filter(pl.col("old") == pl.col("new"))
    leaves = met.filter(pl.col("old").is_not_null() & pl.col("old").ne_missing(pl.col("new")))
    comes = met.filter(pl.col("new").is_not_null() & pl.col("new").ne_missing(pl.col("old")))
    moved = pl.col("old").is_not_null() & pl.col("new").is_not_null()
    return pl.concat(
        [
            _told(stays, "new", Change.CHANGED, pl.col("reason")),
            _told(leaves, "old", Change.WITHDRAWN, _why(moved, SENT_AWAY, MOVED_AWAY)),
            _told(comes, "new", Change.NEW, _why(moved, SENT_HERE, MOVED_HERE)),
        ]
    ).sort("authority", "record_key", "change")


def _why(moved: pl.Expr, sent: str, corrected: str) -> pl.Expr:
    """The reason that a recipient reads: of a move, why it moved."""
    return (
        pl.when(moved & (pl.col("reason") == NOT_OURS))
        .then(pl.lit(sent))
        .when(moved)
        .then(pl.lit(corrected))
        .otherwise(pl.col("reason"))
    )


def _told(rows: pl.DataFrame, authority: str, change: Change, reason: pl.Expr) -> pl.DataFrame:
    return rows.select(
        pl.col(authority).alias("authority"),
        "record_key",
        "version",
        pl.lit(str(change)).alias("change"),
        reason.alias("reason"),
    )


def net(rows: pl.DataFrame) -> pl.DataFrame:
    """Several changes of one record since the last delivery become the one that the recipient needs.

    rows : authority, record_key, change, reason, change_id. Came and went in between: nothing is told.
    """
    ordered = rows.sort("change_id").group_by("authority", "record_key", maintain_order=True)
    both = ordered.agg(first=pl.col("change").first(), change=pl.col("change").last(), reason=pl.col("reason").last())
    new, withdrawn, changed = str(Change.NEW), str(Change.WITHDRAWN), str(Change.CHANGED)
    was_known = pl.col("first") != new
    return (
        both.filter(was_known | (pl.col("change") != withdrawn))
        .with_columns(
            change=pl.when(pl.col("change") == withdrawn)
            .then(pl.lit(withdrawn))
            .when(was_known)
            .then(pl.lit(changed))
            .otherwise(pl.lit(new))
        )
        .drop("first")
    )
