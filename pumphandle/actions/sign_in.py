"""Begin, continue and end a visit to the console."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from pumphandle.governance.passwords import NOBODY, matches
from pumphandle.store.decisions import accounts, audit, sessions
from pumphandle.store.decisions.accounts import Account
from pumphandle.store.decisions.sessions import Session
from pumphandle.store.engine import Database
from pumphandle.store.reference import names
from pumphandle.vocabulary.people import Actor

IDLE: Final = timedelta(minutes=30)
ABSOLUTE: Final = timedelta(hours=12)
LOCKED_AFTER: Final = 5
LOCKED_FOR: Final = timedelta(minutes=15)
_NOTED_EVERY: Final = timedelta(seconds=30)
"""A visit's last request is written down at most this often: pages would otherwise wait for each other's row."""


@dataclass(frozen=True)
class Visit:
    """Somebody who has signed in."""

    actor: Actor
    full_name: str
    authority_name: str | None
    csrf_token: str = field(repr=False)
    token_hash: str = field(repr=False)


def sign_in(database: Database, *, user_name: str, password: str, token: str, csrf_token: str, at: datetime) -> bool:
    """Whether a session for `token` was opened.

    1. The attempt is written down as failed, under a lock for the name, before anything is compared.
    2. The password is compared outside any transaction, at the same cost if there is no such account.
    3. A success is written down and ends the count of failures.
    Unknown, wrong, disabled and locked are one answer. Attempts while locked are not counted: else it would never end.
    """
    with database.transaction() as tx:
        account = accounts.find(tx, user_name)
        name = user_name if account else _unknown(user_name)
        sessions.wait_for_turn(tx, name)
        locked = sessions.failures_since(tx, name, since=at - LOCKED_FOR) >= LOCKED_AFTER
        if not locked:
            sessions.add_attempt(tx, name, succeeded=False, at=at)
    right = matches(password, account.password_hash if account else NOBODY)
    if account is None:
        return False
    if locked or not right or account.disabled_at is not None:
        with database.transaction() as tx:
            audit.add(tx, deed="sign_in_refused", subject={"locked": locked}, by=account.actor, at=at)
        return False
    _open(database, account, token=token, csrf_token=csrf_token, at=at)
    return True


def visit(database: Database, *, token: str, at: datetime) -> Visit | None:
    """Whose visit this is; None if it ended, was never begun, or the account was closed."""
    token_hash = hash_token(token)
    with database.transaction() as tx:
        session = sessions.find(tx, token_hash)
        if session is None:
            return None
        account = accounts.find(tx, session.user_name)
        idle = at - session.last_seen_at
        if account is None or account.disabled_at is not None or idle >= IDLE or at >= session.expires_at:
            sessions.remove(tx, token_hash)
            return None
        if idle >= _NOTED_EVERY:
            sessions.seen(tx, token_hash, at=at)
        named = names.of_areas(tx, [account.authority]) if account.authority else {}
    return Visit(
        actor=account.actor,
        full_name=account.full_name,
        authority_name=named.get(account.authority, account.authority) if account.authority else None,
        csrf_token=session.csrf_token,
        token_hash=token_hash,
    )


def sign_out(database: Database, ended: Visit, *, at: datetime) -> None:
    with database.transaction() as tx:
        sessions.remove(tx, ended.token_hash)
        audit.add(tx, deed="sign_out", subject={}, by=ended.actor, at=at)


def hash_token(token: str) -> str:
    """What is kept of a session's token: a stolen table opens no session."""
    return sha256(token.encode()).hexdigest()


def _open(database: Database, account: Account, *, token: str, csrf_token: str, at: datetime) -> None:
    session = Session(
        token_hash=hash_token(token),
        user_name=account.user_name,
        csrf_token=csrf_token,
        created_at=at,
        last_seen_at=at,
        expires_at=at + ABSOLUTE,
    )
    with database.transaction() as tx:
        sessions.remove_ended(tx, at=at)
        sessions.add_attempt(tx, account.user_name, succeeded=True, at=at)
        sessions.add(tx, session)
        audit.add(tx, deed="sign_in", subject={}, by=account.actor, at=at)


def _unknown(user_name: str) -> str:
    """Counted like any other name, but not kept: people type passwords into the wrong field."""
    return "unknown:" + sha256(user_name.encode()).hexdigest()[:32]
