"""Machines that fetch for an authority: their public keys, their short tokens, and assertions that were used."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from pumphandle.store.engine import Transaction
from pumphandle.vocabulary.people import Actor


@dataclass(frozen=True)
class Machine:
    """One client of the machine interface."""

    client_id: str
    authority: str
    public_jwk: dict[str, Any]
    disabled_at: datetime | None


def find(tx: Transaction, client_id: str) -> Machine | None:
    with tx.cursor(row_factory=class_row(Machine)) as cursor:
        return cursor.execute(
            "select client_id, authority, public_jwk, disabled_at from decisions.machine where client_id = %s",
            [client_id],
        ).fetchone()


def of_token(tx: Transaction, token_hash: str, *, at: datetime) -> Machine | None:
    with tx.cursor(row_factory=class_row(Machine)) as cursor:
        return cursor.execute(
            "select m.client_id, m.authority, m.public_jwk, m.disabled_at from decisions.machine_token t "
            "join decisions.machine m using (client_id) where t.token_hash = %s and t.expires_at > %s",
            [token_hash, at],
        ).fetchone()


def add(tx: Transaction, machine: Machine, *, by: Actor, at: datetime) -> bool:
    """Whether the name was free."""
    added = tx.execute(
        "insert into decisions.machine (client_id, authority, public_jwk, added_at, added_by) "
        "values (%s, %s, %s, %s, %s) on conflict do nothing",
        [machine.client_id, machine.authority, Jsonb(machine.public_jwk), at, by.name],
    )
    return added.rowcount == 1


def spend(tx: Transaction, client_id: str, jti: str, *, expires_at: datetime, at: datetime) -> bool:
    """Whether this assertion was not used before. Forgets those that are too old to be tried again."""
    tx.execute("delete from decisions.machine_assertion where expires_at <= %s", [at])
    tx.execute("delete from decisions.machine_token where expires_at <= %s", [at])
    spent = tx.execute(
        "insert into decisions.machine_assertion (client_id, jti, expires_at) values (%s, %s, %s) "
        "on conflict do nothing",
        [client_id, jti, expires_at],
    )
    return spent.rowcount == 1


def add_token(tx: Transaction, client_id: str, token_hash: str, *, expires_at: datetime) -> None:
    tx.execute(
        "insert into decisions.machine_token (token_hash, client_id, expires_at) values (%s, %s, %s)",
        [token_hash, client_id, expires_at],
    )
