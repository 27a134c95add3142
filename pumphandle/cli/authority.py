"""pumphandle authority: the keys that packages are sealed to."""

from pathlib import Path
from typing import Annotated

import typer

from pumphandle.actions.register_key import make_keys, register_key
from pumphandle.cli.opening import deeds, now
from pumphandle.cli.screen import OUT
from pumphandle.vocabulary.people import THE_TIMER
from pumphandle.vocabulary.places import AreaCode

app = typer.Typer(no_args_is_help=True, help="The authorities that receive their residents' records.")


@app.command("add-key")
def add_key(authority: str, public_key: Annotated[str, typer.Argument(help="age1…, from age-keygen")]) -> None:
    """Register the public key that an authority's packages are sealed to, in place of the one before."""
    with deeds() as (_, database):
        mark = register_key(AreaCode(authority), public_key, database=database, by=THE_TIMER, at=now())
    OUT.print(f"Registered. Read the fingerprint to each other on the telephone: {mark}")


@app.command("make-keys")
def make_trial_keys(folder: Annotated[Path | None, typer.Argument(help="where the private halves go")] = None) -> None:
    """For a trial on one machine: a key pair for every authority that has none."""
    with deeds() as (house, database):
        where = folder or house.settings.keys / "authorities"
        made = make_keys(where, database=database, by=THE_TIMER, at=now())
    OUT.print(
        f"{made} key pairs made; private halves in {where.name}/<authority>.age-key. In service, never make them here."
    )
