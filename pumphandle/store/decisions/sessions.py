"""Open visits to the console, and attempts to begin one. Tokens are kept as hashes only."""

from dataclasses import dataclass, field
from datetime import datetime

from psycopg.rows import class_row

from pumphandle.store.engine import Transaction


@dataclass(frozen=True)
class Session:
    """One visit. `expires_at` is the absolute end; idleness is judged from `last_seen_at`.

    stage : code (the second factor is to come), purpose (only the purpose is), open; only an open one shows anything
    provider : name of the identity provider that said who it is; None for a sign-in with the house's own means
    """

    token_hash: str = field(repr=False)
    user_name: str
    csrf_token: str = field(repr=False)
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    stage: str
    purpose: str | None
    provider: str | None = None


def add(tx: Transaction, session: Session) -> None:
    tx.execute(
        "insert into decisions.session "
        "(token_hash, user_name, csrf_token, created_at, last_seen_at, expires_at, stage, purpose, provider) "
        "values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            session.token_hash,
            session.user_name,
            session.csrf_token,
            session.created_at,
            session.last_seen_at,
            session.expires_at,
            session.stage,
            session.purpose,
            session.provider,
        ],
    )


def find(tx: Transaction, token_hash: str) -> Session | None:
    with tx.cursor(row_factory=class_row(Session)) as cursor:
        return cursor.execute(
            "select token_hash, user_name, csrf_token, created_at, last_seen_at, expires_at, stage, purpose, "
            "provider from decisions.session where token_hash = %s",
            [token_hash],
        ).fetchone()


def seen(tx: Transaction, token_hash: str, *, at: datetime) -> None:
    tx.execute("update decisions.session set last_seen_at = %s where token_hash = %s", [at, token_hash])


def remove(tx: Transaction, token_hash: str) -> None:
    tx.execute("delete from decisions.session where token_hash = %s", [token_hash])


def remove_of(tx: Transaction, user_name: str, *, provider: str) -> None:
    """All that somebody opened through a provider, finished or not."""
    tx.execute("delete from decisions.session where user_name = %s and provider = %s", [user_name, provider])


def remove_ended(tx: Transaction, *, at: datetime) -> None:
    tx.execute("delete from decisions.session where expires_at <= %s", [at])


def wait_for_turn(tx: Transaction, user_name: str) -> None:
    """One attempt after the other for each name, so that attempts made at once are all counted."""
    tx.execute("select pg_advisory_xact_lock(hashtextextended('sign in ' || %s, 0))", [user_name])


def add_attempt(tx: Transaction, user_name: str, *, step: str, succeeded: bool, at: datetime) -> None:
    """step : password, provider, passkey or code; `code` is the last one, whatever was asked in it"""
    tx.execute(
        "insert into decisions.sign_in_attempt (user_name, at, succeeded, step) values (%s, %s, %s, %s)",
        [user_name, at, succeeded, step],
    )


def failures_since(tx: Transaction, user_name: str, *, since: datetime) -> int:
    """Failed attempts after `since` and after the last whole success.

    Every attempt is first written as failed. A right password takes its own back and no other: who knows the password
    and guesses codes does not begin anew with each try.
    """
    row = tx.execute(
        "select count(*) filter (where not a.succeeded) - count(*) filter (where a.succeeded) "
        "from decisions.sign_in_attempt a where a.user_name = %(name)s and not (a.succeeded and a.step = 'code') "
        "and a.at > greatest(%(since)s, coalesce((select max(s.at) from decisions.sign_in_attempt s "
        "where s.user_name = %(name)s and s.succeeded and s.step = 'code'), '-infinity'))",
        {"name": user_name, "since": since},
    ).fetchone()
    return 0 if row is None else int(row[0])
