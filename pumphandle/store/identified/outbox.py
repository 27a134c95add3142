"""Packages that wait to be put where an authority receives them, and what became of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from pumphandle.store.engine import Transaction
from pumphandle.store.receivers.places import Place
from pumphandle.vocabulary.people import Actor


@dataclass(frozen=True)
class Letter:
    """One package on its way to one receiver. `attempts` were made before."""

    authority: str
    delivery_date: date
    receiver: str
    kind: str
    address: dict[str, str]
    file_name: str
    sealed_sha256: str
    attempts: int
    state: str
    fault: str | None

    @property
    def place(self) -> Place:
        return Place(self.authority, self.receiver, self.kind, self.address)


_SELECT = (
    "select o.authority, o.delivery_date, o.receiver, r.kind, r.address, d.file_name, d.sealed_sha256, o.attempts, "
    "o.state, o.fault from identified.outbox o "
    "join decisions.receiver r on (r.authority, r.name) = (o.authority, o.receiver) "
    "join identified.delivery d on (d.authority, d.delivery_date) = (o.authority, o.delivery_date) "
)


def enqueue(tx: Transaction, delivery_date: date, *, at: datetime) -> int:
    """A day's packages for every receiver of their authority, in the transaction that made them. Again: nothing."""
    return tx.execute(
        "insert into identified.outbox (authority, delivery_date, receiver, next_at) "
        "select d.authority, d.delivery_date, r.name, %s from identified.delivery d "
        "join decisions.receiver r using (authority) where d.delivery_date = %s on conflict do nothing",
        [at, delivery_date],
    ).rowcount


def take(tx: Transaction, *, at: datetime) -> Letter | None:
    """The next one that is due, locked until the transaction ends; another runner takes another."""
    with tx.cursor(row_factory=class_row(Letter)) as cursor:
        return cursor.execute(
            (
                _SELECT + "where o.state = 'waiting' and o.next_at <= %s order by o.next_at, o.authority, "
                "o.delivery_date, o.receiver limit 1 for update of o skip locked"
            ).encode(),
            [at],
        ).fetchone()


def sent(tx: Transaction, letter: Letter, *, at: datetime) -> None:
    _set(tx, letter, "state = 'sent', fault = null, attempts = attempts + 1, sent_at = %s", [at])


def failed(tx: Transaction, letter: Letter, *, fault: str, next_at: datetime | None) -> None:
    """next_at None: no more attempts, it is a dead letter."""
    if next_at is None:
        _set(tx, letter, "state = 'dead', attempts = attempts + 1, fault = %s", [fault])
    else:
        _set(tx, letter, "attempts = attempts + 1, fault = %s, next_at = %s", [fault, next_at])


def dead(tx: Transaction) -> list[Letter]:
    """Oldest first."""
    with tx.cursor(row_factory=class_row(Letter)) as cursor:
        query = _SELECT + "where o.state = 'dead' order by o.delivery_date, o.authority, o.receiver"
        return cursor.execute(query.encode()).fetchall()


def revive(tx: Transaction, authority: str, receiver: str, *, at: datetime) -> int:
    """Dead letters of this receiver wait again, with all their attempts. How many."""
    return tx.execute(
        "update identified.outbox set state = 'waiting', attempts = 0, next_at = %s "
        "where authority = %s and receiver = %s and state = 'dead'",
        [at, authority, receiver],
    ).rowcount


def place(tx: Transaction, authority: str, name: str) -> Place | None:
    row = tx.execute(
        "select authority, name, kind, address from decisions.receiver where authority = %s and name = %s",
        [authority, name],
    ).fetchone()
    return None if row is None else Place(*row)


def put_place(tx: Transaction, known: Place, address: Mapping[str, str], *, by: Actor, at: datetime) -> None:
    """A new receiver, or a new address of one."""
    tx.execute(
        "insert into decisions.receiver (authority, name, kind, address, added_at, added_by) "
        "values (%s, %s, %s, %s, %s, %s) on conflict (authority, name) do update set kind = excluded.kind, "
        "address = excluded.address, added_at = excluded.added_at, added_by = excluded.added_by",
        [known.authority, known.name, known.kind, Jsonb(dict(address)), at, by.name],
    )


def _set(tx: Transaction, letter: Letter, what: str, values: list[object]) -> None:
    tx.execute(
        f"update identified.outbox set {what} where authority = %s and delivery_date = %s and receiver = %s".encode(),
        [*values, letter.authority, letter.delivery_date, letter.receiver],
    )
