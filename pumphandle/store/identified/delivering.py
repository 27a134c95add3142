"""What each authority is to be told, and what it was sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import polars as pl

from pumphandle.store.engine import Transaction, insert_frame, read_frame

TOLD_SCHEMA: Final[dict[str, Any]] = {
    "authority": pl.String,
    "change_id": pl.Int64,
    "change": pl.String,
    "reason": pl.String,
    "record_key": pl.String,
    "specimen_id": pl.String,
    "laboratory": pl.String,
    "national_id": pl.String,
    "family_name": pl.String,
    "given_name": pl.String,
    "date_of_birth": pl.Date,
    "sex": pl.String,
    "address": pl.String,
    "postcode": pl.String,
    "phone": pl.String,
    "small_area": pl.String,
    "specimen_date": pl.Date,
    "report_date": pl.Date,
    "pathogen": pl.String,
    "result": pl.String,
}


@dataclass(frozen=True)
class Delivery:
    """One row of identified.delivery."""

    authority: str
    delivery_date: date
    file_name: str
    new_count: int
    changed_count: int
    withdrawn_count: int
    content_sha256: str
    sealed_sha256: str
    sealed_bytes: int
    fingerprint: str
    made_at: datetime


def last_delivery(tx: Transaction) -> date | None:
    """Every authority gets a delivery on the same days, so one date stands for all."""
    row = tx.execute("select max(delivery_date) from identified.delivery").fetchone()
    return row[0] if row else None


def changes_between(tx: Transaction, *, after: date, to: date) -> pl.DataFrame:
    """Changes linked after `after` up to `to`, with the record where it is still the authority's (TOLD_SCHEMA)."""
    return read_frame(
        tx,
        "select c.authority, c.change_id, c.change, c.reason, c.record_key, r.specimen_id, r.laboratory, r.national_id,"
        " r.family_name, r.given_name, r.date_of_birth, r.sex, r.address, r.postcode, r.phone, r.small_area,"
        " r.specimen_date, r.report_date, r.pathogen, r.result"
        " from identified.change c left join identified.record r"
        "  on r.record_key = c.record_key and r.district = c.authority and r.kind <> 'retracted'"
        " where c.linked_on > %s and c.linked_on <= %s",
        [after, to],
        TOLD_SCHEMA,
    )


def recipients(tx: Transaction) -> dict[str, str]:
    """Public key by authority."""
    return dict(tx.execute("select authority, public_key from decisions.recipient").fetchall())


def register_recipient(
    tx: Transaction, *, authority: str, public_key: str, fingerprint: str, by: str, at: datetime
) -> None:
    tx.execute(
        "insert into decisions.recipient (authority, public_key, fingerprint, added_at, added_by)"
        " values (%s, %s, %s, %s, %s)"
        " on conflict (authority) do update set public_key = excluded.public_key, fingerprint = excluded.fingerprint,"
        " added_at = excluded.added_at, added_by = excluded.added_by",
        [authority, public_key, fingerprint, at, by],
    )


def add_deliveries(tx: Transaction, deliveries: Sequence[Delivery], *, by: str) -> None:
    """Deliveries and the receipt that they are available."""
    rows = pl.DataFrame(
        [vars(one) for one in deliveries], schema=list(Delivery.__dataclass_fields__), infer_schema_length=None
    )
    insert_frame(tx, "identified.delivery", rows)
    receipts = rows.select(
        "authority", "delivery_date", pl.lit("available").alias("stage"), at="made_at", by_name=pl.lit(by)
    )
    insert_frame(tx, "identified.receipt", receipts)
