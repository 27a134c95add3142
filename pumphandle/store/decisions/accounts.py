"""Who may sign in to the console."""

from dataclasses import dataclass, field
from datetime import datetime

from psycopg import errors
from psycopg.rows import class_row

from pumphandle.store.engine import Transaction
from pumphandle.vocabulary.errors import Refused
from pumphandle.vocabulary.people import Actor, Role
from pumphandle.vocabulary.places import AreaCode


@dataclass(frozen=True)
class Account:
    """One person with a duty. `disabled_at` set: no more sign-in, and open sessions end.

    person : whose account it is, the name of that human's first one; None for a new one: this is the first
    """

    user_name: str
    full_name: str
    role: str
    authority: str | None
    password_hash: str = field(repr=False)
    disabled_at: datetime | None = None
    person: str | None = None

    @property
    def actor(self) -> Actor:
        """Raises ValueError for a role the house does not know: absence refuses."""
        authority = None if self.authority is None else AreaCode(self.authority)
        return Actor(name=self.user_name, role=Role(self.role), authority=authority)


def find(tx: Transaction, user_name: str) -> Account | None:
    with tx.cursor(row_factory=class_row(Account)) as cursor:
        return cursor.execute(
            "select user_name, full_name, role, authority, password_hash, disabled_at, person "
            "from decisions.account where user_name = %s",
            [user_name],
        ).fetchone()


def add(tx: Transaction, account: Account, *, by: Actor, at: datetime) -> None:
    """Raises Refused if the name is taken."""
    try:
        tx.execute(
            "insert into decisions.account "
            "(user_name, full_name, role, authority, password_hash, created_at, created_by, person) "
            "values (%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                account.user_name,
                account.full_name,
                account.role,
                account.authority,
                account.password_hash,
                at,
                by.name,
                account.person,
            ],
        )
    except errors.UniqueViolation:
        raise Refused(f"There is already an account named {account.user_name}.") from None


def choose_password(tx: Transaction, user_name: str, password_hash: str) -> None:
    """Another password, or NOBODY's: then none opens the account."""
    tx.execute("update decisions.account set password_hash = %s where user_name = %s", [password_hash, user_name])


def person_of(tx: Transaction, user_name: str) -> str:
    """Whose account it is: what takes two people is judged by this, and not by the names of accounts."""
    row = tx.execute("select decisions.person_of(%s)", [user_name]).fetchone()
    return user_name if row is None else str(row[0])


def asked_alone(tx: Transaction, authority: str, user_name: str) -> bool:
    """Whether an authority has no director but the person of this account."""
    return tx.execute("select decisions.asked_alone(%s, %s)", [authority, user_name]).fetchone() == (True,)
