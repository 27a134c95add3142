"""Records that were said not to be theirs: the tombstones, what waits to be sent on, and who was told before."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import polars as pl
from psycopg.rows import class_row

from pumphandle.store.engine import Transaction, read_frame

RECALL_SCHEMA: Final[dict[str, Any]] = {
    "authority": pl.String,
    "misroute_id": pl.Int64,
    "record_key": pl.String,
    "told_on": pl.Date,
    "said_at": pl.String,
    "why": pl.String,
}


@dataclass(frozen=True)
class Misroute:
    """A tombstone. sent_on : run that sent it on, None while it waits; arrived : False if it was no longer there.

    to_authority : None where it is with the national centre, because whoever it could go to had said so too
    taken_at, taken_by : the receiver's receipt, None until they gave it
    """

    misroute_id: int
    record_key: str
    from_authority: str
    to_authority: str | None
    postcode: str | None = field(repr=False)
    small_area: str | None
    reason: str
    laboratory: str
    by_name: str
    said_at: datetime
    sent_on: date | None
    arrived: bool | None
    taken_at: datetime | None
    taken_by: str | None


@dataclass(frozen=True)
class Counted:
    """Incidents of a time: how many went from one authority to another, by laboratory."""

    from_authority: str
    to_authority: str | None
    laboratory: str
    misroutes: int


_COLUMNS: Final = (
    "misroute_id, record_key::text, from_authority, to_authority, postcode, small_area, reason, laboratory, by_name, "
    "said_at, sent_on, arrived, taken_at, taken_by"
)


def add(
    tx: Transaction, record_key: str, *, to: str | None, postcode: str | None, small_area: str | None, reason: str,
    by: str, at: datetime,
) -> bool:  # fmt: skip
    """Whether there was such a record of the reader's authority, not said so before; from now on there is none."""
    added = tx.execute(
        "insert into identified.misroute (record_key, from_authority, to_authority, postcode, small_area, reason, "
        "laboratory, by_name, said_at) select record_key, district, %s, %s, %s, %s, laboratory, %s, %s "
        "from identified.record where record_key = %s::uuid and kind <> 'retracted' on conflict do nothing",
        [to, postcode, small_area, reason, by, at, record_key],
    )
    return added.rowcount == 1


def take(tx: Transaction, record_key: str, *, by: str, at: datetime) -> bool:
    """Whether a record had come to the reader's authority without their receipt; from now on it is given."""
    taken = tx.execute(
        "update identified.misroute set taken_at = %s, taken_by = %s "
        "where record_key = %s::uuid and arrived and taken_at is null "
        "and to_authority = (select decisions.own_authority())",
        [at, by, record_key],
    )
    return taken.rowcount > 0


def said_on(tx: Transaction, record_key: str, authority: str) -> datetime | None:
    """When this authority, the reader's own, said of the record that it is not theirs."""
    row = tx.execute(
        "select said_at from identified.misroute where record_key = %s::uuid and from_authority = %s",
        [record_key, authority],
    ).fetchone()
    return None if row is None else row[0]


def refused_by(tx: Transaction, record_key: str, authority: str) -> bool:
    """Whether any authority, not only one that the reader sees, said of the reader's record that it is not theirs."""
    row = tx.execute("select identified.refused_by(%s::uuid, %s)", [record_key, authority]).fetchone()
    return row is not None and row[0] is True


def waiting(tx: Transaction) -> list[Misroute]:
    """What the next linking is to send on, as it was said."""
    return _some(tx, "where sent_on is null and to_authority is not null order by misroute_id", [])


def at_the_centre(tx: Transaction, *, largest: int = 200) -> list[Misroute]:
    """What went in a circle and waits for a steward to place it; the longest waiting first."""
    return _some(tx, "where sent_on is null and to_authority is null order by said_at, misroute_id limit %s", [largest])


def placed_by_the_centre(tx: Transaction, record_key: str, small_area: str, *, on: date) -> None:
    """A steward said where it belongs, from the linking of that day on; back with who sent it, it never arrived."""
    tx.execute(
        "update identified.misroute m set sent_on = %(on)s, arrived = a.parent <> m.from_authority, "
        "to_authority = nullif(a.parent, m.from_authority), small_area = a.area_code from reference.area a "
        "where a.area_code = %(area)s and m.record_key = %(key)s::uuid and m.to_authority is null "
        "and m.sent_on is null",
        {"on": on, "area": small_area, "key": record_key},
    )


def stands_in(tx: Transaction, record_key: str, authority: str) -> bool:
    """Whether the record stands and is still that authority's."""
    row = tx.execute(
        "select exists (select from identified.record where record_key = %s::uuid and kind <> 'retracted' "
        "and district = %s)",
        [record_key, authority],
    ).fetchone()
    return row is not None and row[0] is True


def sent(tx: Transaction, misroute_id: int, *, on: date, arrived: bool) -> None:
    tx.execute(
        "update identified.misroute set sent_on = %s, arrived = %s where misroute_id = %s", [on, arrived, misroute_id]
    )


def tombstones(tx: Transaction, authority: str, *, largest: int = 200) -> list[Misroute]:
    """What this authority said is not theirs, and what came to them so; newest first."""
    return _some(
        tx,
        "where %s in (from_authority, to_authority) order by said_at desc, misroute_id desc limit %s",
        [authority, largest],
    )


def counted(tx: Transaction, *, since: datetime) -> list[Counted]:
    """Every misroute said since then is one incident; most first."""
    with tx.cursor(row_factory=class_row(Counted)) as cursor:
        return cursor.execute(
            "select from_authority, to_authority, laboratory, count(*)::int as misroutes from identified.misroute "
            "where said_at >= %s group by 1, 2, 3 order by 4 desc, 1, 2, 3",
            [since],
        ).fetchall()


def recalls_due(tx: Transaction, authorities: Sequence[str], *, day: date) -> pl.DataFrame:
    """RECALL_SCHEMA: whoever a package told of a record before it was sent on, and no receipt has reached yet."""
    return read_frame(
        tx,
        "select p.authority, m.misroute_id, m.record_key, min(d.delivery_date), "
        "to_char(m.said_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), m.reason "
        "from identified.misroute m cross join unnest(%s::text[]) as p(authority) "
        "join identified.change c on c.authority = p.authority and c.record_key = m.record_key "
        "join identified.delivery d on d.authority = p.authority and d.with_records "
        "and d.delivery_date >= c.linked_on and d.delivery_date < m.sent_on "
        "where m.arrived and m.sent_on <= %s and not exists (select from identified.recall_receipt r "
        "where r.authority = p.authority and r.misroute_id = m.misroute_id) "
        "group by 1, 2, 3, 5, 6 order by 1, 2",
        [list(authorities), day],
        RECALL_SCHEMA,
    )


def receipts_given(tx: Transaction, recalls: pl.DataFrame, *, on: date) -> None:
    """These recalls stand in the packages of that day."""
    with tx.cursor() as cursor:
        cursor.executemany(
            "insert into identified.recall_receipt (authority, misroute_id, told_on, delivery_date) "
            "values (%s, %s, %s, %s)",
            [(*row, on) for row in recalls.select("authority", "misroute_id", "told_on").iter_rows()],
        )


def _some(tx: Transaction, clause: str, values: list[Any]) -> list[Misroute]:
    with tx.cursor(row_factory=class_row(Misroute)) as cursor:
        return cursor.execute(f"select {_COLUMNS} from identified.misroute {clause}".encode(), values).fetchall()
