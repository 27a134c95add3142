"""Accounts' identities at other houses' providers, and questions to those providers that wait for their answer."""

from dataclasses import dataclass, field
from datetime import datetime

from psycopg import errors
from psycopg.rows import class_row

from pumphandle.store.engine import Transaction
from pumphandle.vocabulary.errors import Refused
from pumphandle.vocabulary.people import Actor


@dataclass(frozen=True)
class Identity:
    """Who an account's holder is at one provider."""

    issuer: str
    subject: str = field(repr=False)
    user_name: str
    bound_at: datetime
    bound_by: str


def bind(tx: Transaction, *, issuer: str, subject: str, user_name: str, by: Actor, at: datetime) -> None:
    """Raises Refused where the person there, or the account here, is bound already: the first binding stands."""
    try:
        tx.execute(
            "insert into decisions.outside_identity (issuer, subject, user_name, bound_at, bound_by) "
            "values (%s, %s, %s, %s, %s)",
            [issuer, subject, user_name, at, by.name],
        )
    except errors.UniqueViolation:
        raise Refused(
            "This person of the provider, or this account, is bound already. Take that binding away first."
        ) from None


def unbind(tx: Transaction, *, issuer: str, user_name: str) -> bool:
    """Whether there was one."""
    done = tx.execute(
        "delete from decisions.outside_identity where issuer = %s and user_name = %s", [issuer, user_name]
    )
    return done.rowcount == 1


def account_of(tx: Transaction, *, issuer: str, subject: str) -> str | None:
    """The account that this person of the provider is bound to."""
    row = tx.execute(
        "select user_name from decisions.outside_identity where issuer = %s and subject = %s", [issuer, subject]
    ).fetchone()
    return None if row is None else str(row[0])


def bindings(tx: Transaction) -> list[Identity]:
    with tx.cursor(row_factory=class_row(Identity)) as cursor:
        return cursor.execute(
            "select issuer, subject, user_name, bound_at, bound_by from decisions.outside_identity "
            "order by issuer, user_name"
        ).fetchall()


def ask(tx: Transaction, state_hash: str, *, provider: str, expires_at: datetime, at: datetime) -> None:
    """A question that waits for its answer; those that waited too long go."""
    tx.execute("delete from decisions.outside_question where expires_at <= %s", [at])
    tx.execute(
        "insert into decisions.outside_question (state_hash, provider, expires_at) values (%s, %s, %s)",
        [state_hash, provider, expires_at],
    )


def take(tx: Transaction, state_hash: str, *, provider: str, at: datetime) -> bool:
    """Whether this question waited, at this provider; it does no longer: an answer counts once."""
    done = tx.execute(
        "delete from decisions.outside_question where state_hash = %s and provider = %s and expires_at > %s",
        [state_hash, provider, at],
    )
    return done.rowcount == 1
