"""Open an account for the console."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from pumphandle.governance import policy
from pumphandle.governance.passwords import USUAL, Cost, hash_password, one_time_password
from pumphandle.store.decisions import accounts, audit
from pumphandle.store.decisions.accounts import Account
from pumphandle.store.engine import Database
from pumphandle.store.reference import areas
from pumphandle.vocabulary.errors import NotFound, Refused
from pumphandle.vocabulary.people import Actor, Role
from pumphandle.vocabulary.places import AreaCode, AreaLevel

_USER_NAME: Final = re.compile(r"[a-z][a-z0-9._-]{2,39}")


@dataclass(frozen=True)
class Granted:
    """The only time that the password can be seen: it is kept as a hash."""

    account: Account
    password: str = field(repr=False)


def grant(
    database: Database,
    *,
    user_name: str,
    full_name: str,
    role: Role,
    authority: AreaCode | None,
    chance: bytes,
    by: Actor,
    at: datetime,
    same_person_as: str | None = None,
    cost: Cost = USUAL,
) -> Granted:
    """An account with a generated password.

    chance : 48 random bytes, for password and salt
    same_person_as : another account of the same human: the two are one where a rule asks for two people
    Raises Refused for a name that is taken or malformed, or a role without its authority; NotFound for an unknown one.
    """
    policy.check_can_grant(by, role=role, authority=authority)
    if not _USER_NAME.fullmatch(user_name):
        raise Refused("A user name has 3 to 40 small letters, digits, dots, dashes or underlines, a letter first.")
    if not full_name.strip():
        raise Refused("An account needs the full name of its holder.")
    password = one_time_password(chance[:32])
    account = Account(
        user_name=user_name,
        full_name=full_name.strip(),
        role=role,
        authority=authority,
        password_hash=hash_password(password, salt=chance[32:48], cost=cost),
    )
    with database.transaction() as tx:
        if authority is not None and areas.area(tx, authority).level is not AreaLevel.DISTRICT:
            raise Refused(f"{authority} is no district: only a district has residents of its own.")
        if same_person_as is not None:
            first = accounts.find(tx, same_person_as)
            if first is None:
                raise NotFound(f"There is no account named {same_person_as}.")
            account = replace(account, person=first.person)
        accounts.add(tx, account, by=by, at=at)
        subject: dict[str, object] = {"user_name": user_name, "role": role, "authority": authority}
        audit.add(tx, deed="grant", subject=subject, by=by, at=at)
    return Granted(account, password)
