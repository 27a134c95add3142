"""Passkeys of accounts, and challenges that wait to be answered once."""

from dataclasses import dataclass, field
from datetime import datetime

from psycopg import errors
from psycopg.rows import class_row

from pumphandle.store.engine import Transaction
from pumphandle.vocabulary.errors import Refused


@dataclass(frozen=True)
class Passkey:
    """credential_id : as the authenticator calls it; stopped_at : its counter went back, and it opens nothing"""

    credential_id: bytes
    user_name: str
    name: str
    public_key: bytes = field(repr=False)
    sign_count: int
    added_at: datetime
    last_used_at: datetime | None = None
    stopped_at: datetime | None = None


def of_account(tx: Transaction, user_name: str) -> list[Passkey]:
    """The oldest first; those that were stopped too."""
    with tx.cursor(row_factory=class_row(Passkey)) as cursor:
        return cursor.execute(
            "select credential_id, user_name, name, public_key, sign_count, added_at, last_used_at, stopped_at "
            "from decisions.passkey where user_name = %s order by added_at, credential_id",
            [user_name],
        ).fetchall()


def find(tx: Transaction, credential_id: bytes) -> Passkey | None:
    """Held until the transaction ends, so that two answers at once do not both count from one counter."""
    with tx.cursor(row_factory=class_row(Passkey)) as cursor:
        return cursor.execute(
            "select credential_id, user_name, name, public_key, sign_count, added_at, last_used_at, stopped_at "
            "from decisions.passkey where credential_id = %s for update",
            [credential_id],
        ).fetchone()


def add(tx: Transaction, passkey: Passkey) -> None:
    """Raises Refused for one that is known already, whoever's it is."""
    try:
        tx.execute(
            "insert into decisions.passkey (credential_id, user_name, name, public_key, sign_count, added_at) "
            "values (%s, %s, %s, %s, %s, %s)",
            [
                passkey.credential_id,
                passkey.user_name,
                passkey.name,
                passkey.public_key,
                passkey.sign_count,
                passkey.added_at,
            ],
        )
    except errors.UniqueViolation:
        raise Refused("This passkey is known already.") from None


def used(tx: Transaction, credential_id: bytes, *, sign_count: int, at: datetime) -> None:
    tx.execute(
        "update decisions.passkey set sign_count = %s, last_used_at = %s where credential_id = %s",
        [sign_count, at, credential_id],
    )


def stop(tx: Transaction, credential_id: bytes, *, at: datetime) -> None:
    tx.execute(
        "update decisions.passkey set stopped_at = coalesce(stopped_at, %s) where credential_id = %s",
        [at, credential_id],
    )


def remove(tx: Transaction, user_name: str, credential_id: bytes) -> bool:
    """Whether it was theirs."""
    done = tx.execute(
        "delete from decisions.passkey where user_name = %s and credential_id = %s", [user_name, credential_id]
    )
    return done.rowcount == 1


def remove_all(tx: Transaction, user_name: str) -> int:
    """How many there were."""
    return tx.execute("delete from decisions.passkey where user_name = %s", [user_name]).rowcount


def challenge(
    tx: Transaction, challenge_hash: str, *, holder: str, kind: str, expires_at: datetime, at: datetime
) -> None:
    """kind : register, second or alone. What waited too long goes."""
    tx.execute("delete from decisions.passkey_challenge where expires_at <= %s", [at])
    tx.execute(
        "insert into decisions.passkey_challenge (challenge_hash, holder, kind, expires_at) values (%s, %s, %s, %s)",
        [challenge_hash, holder, kind, expires_at],
    )


def take(tx: Transaction, challenge_hash: str, *, holder: str, kind: str, at: datetime) -> bool:
    """Whether this challenge waited for this holder and this use; it does no longer."""
    done = tx.execute(
        "delete from decisions.passkey_challenge "
        "where challenge_hash = %s and holder = %s and kind = %s and expires_at > %s",
        [challenge_hash, holder, kind, at],
    )
    return done.rowcount == 1
