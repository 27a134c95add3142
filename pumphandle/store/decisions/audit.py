"""What was done, by whom, when: rows that are only ever added, each holding the hash of the one before."""

from dataclasses import dataclass
from datetime import date, datetime

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from pumphandle.governance.audit import check_subject
from pumphandle.governance.digest import Look
from pumphandle.store.engine import Transaction
from pumphandle.vocabulary.errors import Broken
from pumphandle.vocabulary.people import Actor


@dataclass(frozen=True)
class AuditEntry:
    """One remembered deed."""

    audit_id: int
    at: datetime
    by_name: str
    by_role: str
    authority: str | None
    deed: str
    subject: dict[str, object]
    purpose: str | None


def add(tx: Transaction, *, deed: str, subject: dict[str, object], by: Actor, at: datetime) -> None:
    """One row, in the transaction of the deed itself. The database numbers and chains it.

    subject : flat; codes, counts and opaque keys, never a person's data (Broken if a key says otherwise)
    """
    check_subject(subject)
    tx.execute(
        "insert into decisions.audit (at, by_name, by_role, authority, deed, subject, purpose) "
        "values (%s, %s, %s, %s, %s, %s, %s)",
        [at, by.name, by.role, by.authority, deed, Jsonb(subject), by.purpose],
    )


def verify(tx: Transaction) -> int:
    """Recompute the chain from its first row; how many rows it has.

    Raises Broken naming the first row that was changed, moved, or follows a removed one. Rows removed from the end are
    not seen from inside: compare the count and last hash with a copy kept elsewhere.
    """
    bad = tx.execute(
        """
        select place, audit_id from (
            select row_number() over chain as place, a.audit_id, a.previous_hash, a.hash,
                   lag(a.hash, 1, '') over chain as hash_before, decisions.audit_hash(a) as recomputed
            from decisions.audit a window chain as (order by a.audit_id)
        ) link
        where audit_id <> place or previous_hash <> hash_before or hash <> recomputed
        order by audit_id limit 1
        """
    ).fetchone()
    if bad is not None:
        place, audit_id = bad
        raise Broken(
            f"The audit chain does not hold at row {audit_id}."
            if place == audit_id
            else f"The audit chain does not hold: a row before {audit_id} is missing."
        )
    row = tx.execute("select count(*) from decisions.audit").fetchone()
    return 0 if row is None else int(row[0])


def last(tx: Transaction) -> tuple[int, str]:
    """Number and hash of the newest row: who holds them can tell later whether the chain was rewritten."""
    row = tx.execute("select audit_id, hash from decisions.audit order by audit_id desc limit 1").fetchone()
    return (0, "") if row is None else (int(row[0]), str(row[1]))


def looks_since(tx: Transaction, since: datetime, *, authority: str | None) -> list[Look]:
    """Every look at records by this authority's accounts, or, without one, by all; oldest first."""
    with tx.cursor(row_factory=class_row(Look)) as cursor:
        return cursor.execute(
            "select at, by_name, by_role, purpose, "
            "array(select jsonb_array_elements_text(subject -> 'records')) as records, "
            "case when deed = 'look_record' then subject ->> 'record_key' end as opened from decisions.audit "
            "where at > %(since)s and subject ? 'records' "
            "and (%(authority)s::text is null or authority = %(authority)s) order by audit_id",
            {"since": since, "authority": authority},
        ).fetchall()


def looked_since(tx: Transaction, since: datetime) -> frozenset[str]:
    """Authorities of which somebody looked at a record."""
    rows = tx.execute(
        "select distinct authority from decisions.audit where at > %s and subject ? 'records'"
        " and authority is not null",
        [since],
    ).fetchall()
    return frozenset(str(row[0]) for row in rows)


def last_looked(tx: Transaction, by_name: str, *, before: datetime) -> tuple[datetime, date | None] | None:
    """(when, newest day shown then) of this person's last look at the page of the day before a moment; None: never."""
    found = tx.execute("select at, day from decisions.last_looked(%s, %s)", [by_name, before]).fetchone()
    return None if found is None or found[0] is None else (found[0], found[1])


def latest(tx: Transaction, *, largest: int = 100) -> list[AuditEntry]:
    """Newest first."""
    with tx.cursor(row_factory=class_row(AuditEntry)) as cursor:
        return cursor.execute(
            "select audit_id, at, by_name, by_role, authority, deed, subject, purpose from decisions.audit "
            "order by audit_id desc limit %s",
            [largest],
        ).fetchall()
