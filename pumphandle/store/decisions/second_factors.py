"""What proves, beside the password, that an account's holder is there."""

from dataclasses import dataclass, field
from datetime import datetime

from psycopg.rows import class_row

from pumphandle.store.engine import Transaction


@dataclass(frozen=True)
class SecondFactor:
    """sealed_secret : under the house's key; confirmed_at None : shown, not yet proved; last_step : last code used."""

    user_name: str
    sealed_secret: bytes = field(repr=False)
    confirmed_at: datetime | None
    last_step: int | None


def find(tx: Transaction, user_name: str) -> SecondFactor | None:
    with tx.cursor(row_factory=class_row(SecondFactor)) as cursor:
        return cursor.execute(
            "select user_name, sealed_secret, confirmed_at, last_step from decisions.second_factor "
            "where user_name = %s for update",
            [user_name],
        ).fetchone()


def offer(tx: Transaction, user_name: str, sealed_secret: bytes, *, at: datetime) -> None:
    """A secret to be proved. One that was proved stays as it is."""
    tx.execute(
        "insert into decisions.second_factor (user_name, sealed_secret, added_at) values (%s, %s, %s) "
        "on conflict (user_name) do update set sealed_secret = excluded.sealed_secret, added_at = excluded.added_at "
        "where second_factor.confirmed_at is null",
        [user_name, sealed_secret, at],
    )


def used(tx: Transaction, user_name: str, *, step: int, at: datetime) -> None:
    """A code was right: the factor is proved, and this code is spent."""
    tx.execute(
        "update decisions.second_factor set last_step = %s, confirmed_at = coalesce(confirmed_at, %s) "
        "where user_name = %s",
        [step, at, user_name],
    )


def remove(tx: Transaction, user_name: str) -> bool:
    """Whether there was one: its holder enrols anew at the next sign-in."""
    return tx.execute("delete from decisions.second_factor where user_name = %s", [user_name]).rowcount == 1


def confirm(tx: Transaction, user_name: str, *, at: datetime) -> None:
    """Proved by the way in which it was given, as for a trial."""
    tx.execute("update decisions.second_factor set confirmed_at = %s where user_name = %s", [at, user_name])
