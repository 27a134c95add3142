"""pumphandle signals: repeat what was found, from what it was pinned to."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from pumphandle.actions.reproduce import reproduce
from pumphandle.cli.opening import deeds
from pumphandle.cli.screen import OUT
from pumphandle.store.events.lake import Lake
from pumphandle.vocabulary.errors import Broken, Refused
from pumphandle.vocabulary.people import THE_TIMER

app = typer.Typer(help="Signals that were found.", no_args_is_help=True)


@app.callback()
def signals() -> None:
    """A word of its own, so that more may follow `repeat`."""


@app.command()
def repeat(
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The day that was looked at.")],
    pathogen: Annotated[str, typer.Argument(help="As the signal's page names it.")],
) -> None:
    """Repeat a day's look and compare every byte with what was found then. Exit code 0: equal."""
    with deeds() as (house, database), OUT.status("Looking again."):
        lake = Lake(house.settings.lake)
        done = reproduce(day.date(), pathogen, database=database, lake=lake, by=THE_TIMER, at=datetime.now(tz=UTC))
    for moved in done.moved:
        OUT.print(f"  moved since: {moved}")
    if done.why_not is not None:
        raise Refused(done.why_not)
    if not done.equal:
        raise Broken(f"What is found of {done.run_date} now is not what was found then.")
    OUT.print(f"Equal, byte for byte: {done.signals:,} signals of {done.pathogen} on {done.run_date}. {done.sha256}")
