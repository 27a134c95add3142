"""Records without a small area: the queue, what people decided, and what a new vintage of postcodes moves."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

import polars as pl
from psycopg.rows import class_row

from pumphandle.geography.postcode_tables import PostcodeTable
from pumphandle.store.engine import Transaction, copy_frame, read_frame

OWNER: Final = "steward"
DAYS_TO_PLACE: Final = 3


@dataclass(frozen=True)
class Unplaced:
    """One record of the queue. due_on : until when its owner should have placed it"""

    record_key: UUID
    laboratory: str
    placement: str
    since: date
    due_on: date
    owner: str
    district: str | None
    postcode: str | None = field(repr=False)
    address: str | None = field(repr=False)


def queue(tx: Transaction, *, largest: int = 200) -> list[Unplaced]:
    """The longest waiting first."""
    with tx.cursor(row_factory=class_row(Unplaced)) as cursor:
        return cursor.execute(
            "select record_key, laboratory, placement, linked_on as since, linked_on + %s as due_on, %s as owner,"
            " district, postcode, address from identified.record where small_area is null and kind <> 'retracted'"
            " order by linked_on, record_key limit %s",
            [DAYS_TO_PLACE, OWNER, largest],
        ).fetchall()


def counts(tx: Transaction, today: date) -> list[tuple[str, int, int]]:
    """(placement, waiting, of these overdue): the only thing that is told of the queue outside."""
    return tx.execute(
        "select placement, count(*)::int, count(*) filter (where linked_on < %s)::int from identified.record"
        " where small_area is null and kind <> 'retracted' group by 1 order by 1",
        [today - timedelta(days=DAYS_TO_PLACE)],
    ).fetchall()


def add_decision(tx: Transaction, record_key: str, small_area: str, *, reason: str, by: str, at: datetime) -> bool:
    """False: there is no such standing record."""
    return (
        tx.execute(
            "insert into identified.place_decision select record_key, %s, %s, %s, %s from identified.record"
            " where record_key = %s::uuid and kind <> 'retracted'",
            [at, small_area, by, reason, record_key],
        ).rowcount
        == 1
    )


def recode(tx: Transaction, table: PostcodeTable, *, vintage: str) -> pl.DataFrame:
    """Put a new vintage of postcodes in the place of the loaded one.

    Returns postcode, was, becomes where a result could be placed otherwise: another area, others beside it, or another
    last day.
    """
    tx.execute("create temporary table fresh (like reference.postcode) on commit drop")
    tx.execute("create temporary table fresh_share (like reference.postcode_share) on commit drop")
    copy_frame(tx, "fresh", table.postcodes.with_columns(vintage=pl.lit(vintage)))
    copy_frame(tx, "fresh_share", table.shares)
    tx.execute("create index on fresh (postcode)")
    tx.execute("analyze fresh, fresh_share")
    moved = read_frame(
        tx,
        "with before as (select postcode, string_agg(small_area, ' ' order by small_area) as areas"
        "  from reference.postcode_share group by 1), after as (select postcode,"
        "  string_agg(small_area, ' ' order by small_area) as areas from fresh_share group by 1)"
        " select coalesce(f.postcode, p.postcode), p.small_area, f.small_area from reference.postcode p"
        " full join fresh f using (postcode) left join before using (postcode) left join after using (postcode)"
        " where p.small_area is distinct from f.small_area or p.valid_to is distinct from f.valid_to"
        " or before.areas is distinct from after.areas",
        [],
        {"postcode": pl.String, "was": pl.String, "becomes": pl.String},
    )
    for name in ("postcode_share", "postcode"):
        tx.execute(f"delete from reference.{name}".encode())
    tx.execute("insert into reference.postcode select * from fresh")
    tx.execute("insert into reference.postcode_share select * from fresh_share")
    tx.execute("update reference.nation set vintage = %s", [vintage])
    return moved


def records_at(tx: Transaction, postcodes: pl.Series) -> pl.Series:
    """Standing records with one of these postcodes that no person placed."""
    tx.execute("create temporary table moved (postcode text primary key) on commit drop")
    copy_frame(tx, "moved", postcodes.unique().to_frame("postcode"))
    frame = read_frame(
        tx,
        "select record_key from identified.record join moved using (postcode)"
        " where kind <> 'retracted' and place_given is null",
        [],
        {"record_key": pl.String},
    )
    return frame["record_key"]
