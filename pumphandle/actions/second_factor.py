"""Second factors: one for a trial, whose secret a file holds in place of a telephone; and taking one away."""

from datetime import datetime
from pathlib import Path

from pumphandle.governance import policy, second_factor
from pumphandle.store.decisions import accounts, audit, passkeys, second_factors
from pumphandle.store.engine import Database
from pumphandle.store.keys import keep_secret
from pumphandle.vocabulary.errors import NotFound
from pumphandle.vocabulary.people import Actor


def enrol_for_trial(
    database: Database, folder: Path, *, user_name: str, key: bytes, chance: bytes, by: Actor, at: datetime
) -> None:
    """The secret goes to `folder`/<user name>.totp, where `pumphandle code` finds it. In service people scan a picture.

    key : the house's second-factor key; chance : 32 random bytes
    """
    policy.check_can_reset_factor(by)
    secret = second_factor.new_secret(chance)
    with database.transaction() as tx:
        if accounts.find(tx, user_name) is None:
            raise NotFound(f"There is no account named {user_name}.")
        second_factors.remove(tx, user_name)
        kept = second_factor.sealed(secret, key=key, chance=chance[20:], user_name=user_name)
        second_factors.offer(tx, user_name, kept, at=at)
        second_factors.confirm(tx, user_name, at=at)
        audit.add(tx, deed="second_factor", subject={"user_name": user_name, "trial": True}, by=by, at=at)
    file = folder / f"{user_name}.totp"
    file.unlink(missing_ok=True)
    keep_secret(file, secret + "\n")


def trial_code(folder: Path, user_name: str, *, at: datetime) -> tuple[str, int]:
    """The present code of a trial account, and for how many seconds it lasts."""
    file = folder / f"{user_name}.totp"
    if not file.exists():
        raise NotFound(
            f"No second factor of {user_name} is kept here. Only an account opened with --trial has one in a file; "
            "all others are on their holder's telephone."
        )
    secret = file.read_text("ascii").strip()
    left = second_factor.STEP - int(at.timestamp()) % second_factor.STEP
    return second_factor.code_at(secret, at), left


def reset(database: Database, *, user_name: str, by: Actor, at: datetime) -> None:
    """A telephone was lost: its codes and every passkey are forgotten, its holder enrols anew at the next sign-in."""
    policy.check_can_reset_factor(by)
    with database.transaction() as tx:
        had = second_factors.remove(tx, user_name)
        if not passkeys.remove_all(tx, user_name) and not had:
            raise NotFound(f"No second factor is known for {user_name}.")
        audit.add(tx, deed="second_factor", subject={"user_name": user_name, "trial": False}, by=by, at=at)
