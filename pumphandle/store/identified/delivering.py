"""What each authority is to be told, and what it was sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, LiteralString

import polars as pl

from pumphandle.store.engine import Transaction, insert_frame, read_frame

_RECORD: Final[dict[str, Any]] = {
    "national_id": pl.String,
    "family_name": pl.String,
    "given_name": pl.String,
    "date_of_birth": pl.Date,
    "address": pl.String,
    "phone": pl.String,
    "workplace": pl.String,
    "workplace_postcode": pl.String,
    "specimen_id": pl.String,
    "laboratory": pl.String,
    "sex": pl.String,
    "postcode": pl.String,
    "small_area": pl.String,
    "test_site": pl.String,
    "test_site_postcode": pl.String,
    "setting_kind": pl.String,
    "specimen_date": pl.Date,
    "report_date": pl.Date,
    "pathogen": pl.String,
    "result": pl.String,
}
_COLUMNS: Final[LiteralString] = (
    "r.national_id, r.family_name, r.given_name, r.date_of_birth, r.address, r.phone, r.workplace,"
    " r.workplace_postcode, r.specimen_id, r.laboratory, r.sex, r.postcode, r.small_area, r.test_site,"
    " r.test_site_postcode, r.setting_kind, r.specimen_date, r.report_date, r.pathogen, r.result"
)
TOLD_SCHEMA: Final[dict[str, Any]] = {
    "authority": pl.String,
    "change_id": pl.Int64,
    "change": pl.String,
    "reason": pl.String,
    "record_key": pl.String,
    **_RECORD,
}
STATE_SCHEMA: Final[dict[str, Any]] = {
    "change": pl.String,
    "reason": pl.String,
    "record_key": pl.String,
    **_RECORD,
}


@dataclass(frozen=True)
class Delivery:
    """One row of identified.delivery. `with_records` is False where no agreement let records go out."""

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
    with_records: bool


@dataclass(frozen=True)
class Recipient:
    """Whom packages are sealed to, and in which formats."""

    authority: str
    public_key: str
    formats: tuple[str, ...]


def last_deliveries(tx: Transaction) -> dict[str, date]:
    """Authority -> day of its last package that held records; what came since then is still to be told."""
    return dict(
        tx.execute(
            "select authority, max(delivery_date) from identified.delivery where with_records group by authority"
        ).fetchall()
    )


def changes_since(tx: Transaction, authorities: Sequence[str], *, after: date, to: date) -> pl.DataFrame:
    """These authorities' changes linked after `after` up to `to`, with the record where it is still theirs.

    TOLD_SCHEMA; a record that has left the authority, or was retracted, has nulls.
    """
    return read_frame(
        tx,
        "select c.authority, c.change_id, c.change, c.reason, c.record_key, " + _COLUMNS + " from identified.change c"
        " left join identified.record r"
        "  on r.record_key = c.record_key and r.district = c.authority and r.kind <> 'retracted'"
        " where c.linked_on > %s and c.linked_on <= %s and c.authority = any(%s)",
        [after, to, list(authorities)],
        TOLD_SCHEMA,
    )


def waiting_counts(tx: Transaction, *, after: date, to: date) -> dict[str, int]:
    """Authority -> changes linked after `after` up to `to`: how much there is to read."""
    return dict(
        tx.execute(
            "select authority, count(*) from identified.change where linked_on > %s and linked_on <= %s group by 1",
            [after, to],
        ).fetchall()
    )


def full_state(tx: Transaction, authority: str, *, since: date) -> pl.DataFrame:
    """Every person's record of this authority that stands, with specimen dates from `since` on (STATE_SCHEMA)."""
    return read_frame(
        tx,
        "select 'standing', 'full state, as asked', r.record_key, " + _COLUMNS + " from identified.record r"
        " where r.district = %s and r.kind <> 'retracted' and r.specimen_date >= %s"
        " and not exists (select from decisions.canary f where f.record_key = r.record_key)",
        [authority, since],
        STATE_SCHEMA,
    )


def unplaced_by_region(tx: Transaction) -> dict[str, int]:
    """Region -> records that wait for a place although each area their postcode can mean lies in this region."""
    return dict(
        tx.execute(
            "select region, count(*) from (select r.record_key, min(d.parent) as region from identified.record r"
            " join reference.postcode_share s on s.postcode = r.postcode"
            " join reference.area a on a.area_code = s.small_area join reference.area d on d.area_code = a.parent"
            " where r.small_area is null and r.kind <> 'retracted'"
            " group by r.record_key having min(d.parent) = max(d.parent)) waits group by region"
        ).fetchall()
    )


def recipients(tx: Transaction) -> dict[str, Recipient]:
    """By authority."""
    rows = tx.execute("select authority, public_key, formats from decisions.recipient").fetchall()
    return {authority: Recipient(authority, key, tuple(formats)) for authority, key, formats in rows}


def choose_formats(tx: Transaction, authority: str, formats: Sequence[str]) -> bool:
    """Whether the authority has a key, so that packages are made for it."""
    changed = tx.execute("update decisions.recipient set formats = %s where authority = %s", [list(formats), authority])
    return changed.rowcount == 1


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
    insert_frame(tx, "identified.receipt", _first_legs(tx, deliveries, by=by))


_RECEIPT_SCHEMA: Final[dict[str, Any]] = {
    "authority": pl.String,
    "delivery_date": pl.Date,
    "stage": pl.String,
    "at": pl.Datetime("us", "UTC"),
    "by_name": pl.String,
}


def _first_legs(tx: Transaction, deliveries: Sequence[Delivery], *, by: str) -> pl.DataFrame:
    """When the last laboratory with results for each authority began to send, the day was linked, the package ready.

    Nothing was received where no laboratory had results for it. By the clock of the run: never later than the package.
    """
    came = dict(
        tx.execute(
            "select w.district, max(f.first_received_at) from decisions.feed_reach w join decisions.feed_day f "
            "on f.laboratory = w.laboratory and f.received_on = w.report_date where w.report_date = any(%s) "
            "group by w.district",
            [[one.delivery_date for one in deliveries[:1]]],
        ).fetchall()
    )
    linked = dict(
        tx.execute(
            "select run_date, finished_at from decisions.run_step where step = 'link' and run_date = any(%s)",
            [[one.delivery_date for one in deliveries[:1]]],
        ).fetchall()
    )
    rows: list[tuple[str, date, str, datetime, str]] = []
    for one in deliveries:
        routed = min(linked.get(one.delivery_date, one.made_at), one.made_at)
        if came.get(one.authority) is not None:
            received = min(came[one.authority], routed)
            rows.append((one.authority, one.delivery_date, "received", received, by))
        rows.append((one.authority, one.delivery_date, "routed", routed, by))
        rows.append((one.authority, one.delivery_date, "available", one.made_at, by))
    in_utc = [(*row[:3], row[3].astimezone(UTC), row[4]) for row in rows]
    return pl.DataFrame(in_utc, schema=_RECEIPT_SCHEMA, orient="row")


def ask_full_state(tx: Transaction, authority: str, *, by: str, at: datetime) -> bool:
    """Whether this is a new request; one that waits already stays as it is."""
    asked = tx.execute(
        "insert into identified.full_state_request (authority, asked_at, asked_by) values (%s, %s, %s) "
        "on conflict do nothing",
        [authority, at, by],
    )
    return asked.rowcount == 1


def full_state_requests(tx: Transaction) -> frozenset[str]:
    return frozenset(row[0] for row in tx.execute("select authority from identified.full_state_request").fetchall())


def full_states_given(tx: Transaction, authorities: Sequence[str]) -> None:
    tx.execute("delete from identified.full_state_request where authority = any(%s)", [list(authorities)])
