"""pumphandle grant: accounts for the console."""

import secrets
from typing import Annotated

import typer

from pumphandle.actions import grant as deed
from pumphandle.cli.opening import deeds, now
from pumphandle.cli.screen import OUT
from pumphandle.vocabulary.people import THE_TIMER, Role
from pumphandle.vocabulary.places import AreaCode


def grant(
    user_name: str,
    role: Annotated[Role, typer.Argument(help="director, analyst, tracer, steward or national")],
    full_name: Annotated[str, typer.Option("--name", help="who it is, as colleagues know them")],
    authority: Annotated[str | None, typer.Option(help="code of the district that a local role serves")] = None,
) -> None:
    """Open an account for the console. The password is shown once and kept as a hash only."""
    with deeds() as (_, database):
        granted = deed.grant(
            database,
            user_name=user_name,
            full_name=full_name,
            role=role,
            authority=AreaCode(authority) if authority else None,
            chance=secrets.token_bytes(48),
            by=THE_TIMER,
            at=now(),
        )
    OUT.print(f"User name  {granted.account.user_name}")
    OUT.print(f"Password   {granted.password}")
    OUT.print("It is not shown again. Hand it over in person or on the telephone, never with the user name.")
