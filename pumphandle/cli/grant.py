"""pumphandle grant: accounts for the console."""

import os
import secrets
from typing import Annotated

import typer

from pumphandle.actions import grant as deed
from pumphandle.actions import second_factor
from pumphandle.cli.opening import deeds, now
from pumphandle.cli.screen import OUT
from pumphandle.config import read
from pumphandle.store.keys import second_factor_key
from pumphandle.vocabulary.people import THE_TIMER, Role
from pumphandle.vocabulary.places import AreaCode


def grant(
    user_name: str,
    role: Annotated[Role, typer.Argument(help="what they may do")],
    full_name: Annotated[str, typer.Option("--name", help="who it is, as colleagues know them")],
    authority: Annotated[str | None, typer.Option(help="code of the district that a local role serves")] = None,
    same_person_as: Annotated[str | None, typer.Option(help="another account of the same human")] = None,
    trial: Annotated[bool, typer.Option(help="keep the second factor here, for `pumphandle code`")] = False,
) -> None:
    """Open an account for the console. The password is shown once and kept as a hash only."""
    with deeds() as (house, database):
        granted = deed.grant(
            database,
            user_name=user_name,
            full_name=full_name,
            role=role,
            authority=AreaCode(authority) if authority else None,
            chance=secrets.token_bytes(48),
            by=THE_TIMER,
            at=now(),
            same_person_as=same_person_as,
        )
        if trial:
            second_factor.enrol_for_trial(
                database,
                house.settings.trial_factors,
                user_name=user_name,
                key=second_factor_key(house.settings.keys),
                chance=secrets.token_bytes(32),
                by=THE_TIMER,
                at=now(),
            )
    OUT.print(f"User name  {granted.account.user_name}")
    OUT.print(f"Password   {granted.password}")
    OUT.print("It is not shown again. Hand it over in person or on the telephone, never with the user name.")
    if trial:
        OUT.print(f"A trial's second factor is kept here: `pumphandle code {user_name}` tells the present code.")
    else:
        OUT.print("At the first sign-in the holder scans a picture with an authenticator app: the second factor.")


def code(user_name: Annotated[str, typer.Argument(help="an account opened with --trial")]) -> None:
    """The present six-digit code of a trial account. In service it is on its holder's telephone and nowhere else."""
    found, left = second_factor.trial_code(read(os.environ).trial_factors, user_name, at=now())
    OUT.print(f"{found[:3]} {found[3:]}   for {left} more seconds, once")


def reset_factor(user_name: str) -> None:
    """A telephone was lost: codes and passkeys are forgotten; the holder enrols anew at the next sign-in."""
    with deeds() as (_, database):
        second_factor.reset(database, user_name=user_name, by=THE_TIMER, at=now())
    OUT.print(f"{user_name} scans a new picture at the next sign-in.")
