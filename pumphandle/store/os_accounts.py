"""The operating system's accounts: which one PostgreSQL runs as when we are root, which it refuses."""

import pwd
from dataclasses import dataclass

from pumphandle.vocabulary.errors import DatabaseMissing


@dataclass(frozen=True)
class Account:
    """An account that owns nothing of ours but the database's files."""

    name: str
    user: int
    group: int


def unprivileged() -> Account:
    """Debian's account of PostgreSQL's own, or nobody. No account is ever made."""
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, found.pw_uid, found.pw_gid)
    raise DatabaseMissing("PostgreSQL refuses to run as root, and there is no account postgres or nobody to run it as.")


def name_of(user: int) -> str:
    """PostgreSQL knows people by their account's name."""
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        raise DatabaseMissing(
            f"PostgreSQL needs an account with a name; user {user} has none on this machine."
        ) from None
