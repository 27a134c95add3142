"""Deliveries as their receiver sees them, and the receipts that the receiver gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from psycopg.rows import class_row
from psycopg.sql import SQL, Composable

from pumphandle.store.engine import Transaction
from pumphandle.store.identified.delivering import Delivery
from pumphandle.vocabulary.people import Actor


@dataclass(frozen=True)
class DeliveryRow(Delivery):
    """One day's package and how far its receipt has come."""

    opened_at: datetime | None
    opened_by: str | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    erased_on: date | None

    @property
    def stage(self) -> str:
        """available, opened or acknowledged"""
        if self.acknowledged_at is not None:
            return "acknowledged"
        return "available" if self.opened_at is None else "opened"


_SELECT: Final = SQL(
    "select d.authority, d.delivery_date, d.file_name, d.new_count, d.changed_count, d.withdrawn_count, "
    "d.content_sha256, d.sealed_sha256, d.sealed_bytes, d.fingerprint, d.made_at, d.with_records, "
    "o.at as opened_at, o.by_name as opened_by, k.at as acknowledged_at, k.by_name as acknowledged_by, d.erased_on "
    "from identified.delivery d "
    "left join identified.receipt o "
    "on (o.authority, o.delivery_date, o.stage) = (d.authority, d.delivery_date, 'opened') "
    "left join identified.receipt k "
    "on (k.authority, k.delivery_date, k.stage) = (d.authority, d.delivery_date, 'acknowledged') {rest}"
)


def deliveries(tx: Transaction, *, largest: int = 60) -> list[DeliveryRow]:
    """Newest first."""
    return _read(tx, SQL("order by d.delivery_date desc limit %(largest)s"), {"largest": largest})


def delivery(tx: Transaction, delivery_date: date) -> DeliveryRow | None:
    found = _read(tx, SQL("where d.delivery_date = %(day)s"), {"day": delivery_date})
    return found[0] if found else None


def unacknowledged(tx: Transaction) -> int:
    """Packages that nobody has acknowledged."""
    row = tx.execute(
        "select count(*) from identified.delivery d where not exists (select from identified.receipt r "
        "where (r.authority, r.delivery_date, r.stage) = (d.authority, d.delivery_date, 'acknowledged'))"
    ).fetchone()
    return 0 if row is None else int(row[0])


def add_receipt(tx: Transaction, package: DeliveryRow, stage: str, *, by: Actor, at: datetime) -> bool:
    """Whether this stage is new. Only the first of each is kept, and none once a later one stands: a package that was
    acknowledged is read again without a receipt. One at a time for each package, so that two cannot cross.
    """
    tx.execute(
        "select pg_advisory_xact_lock(hashtextextended('receipt ' || %s || ' ' || %s::date, 0))",
        [package.authority, package.delivery_date],
    )
    return (
        tx.execute(
            "insert into identified.receipt (authority, delivery_date, stage, at, by_name) "
            "select %(authority)s, %(day)s, %(stage)s, %(at)s, %(name)s where not exists ("
            "select from identified.receipt r where (r.authority, r.delivery_date) = (%(authority)s, %(day)s) "
            "and identified.stage_place(r.stage) >= identified.stage_place(%(stage)s)) on conflict do nothing",
            {"authority": package.authority, "day": package.delivery_date, "stage": stage, "at": at, "name": by.name},
        ).rowcount
        == 1
    )


def _read(tx: Transaction, rest: Composable, values: Mapping[str, object]) -> list[DeliveryRow]:
    with tx.cursor(row_factory=class_row(DeliveryRow)) as cursor:
        return cursor.execute(_SELECT.format(rest=rest), values).fetchall()
