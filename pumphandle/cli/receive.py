"""pumphandle receive: one laboratory file, in earnest or as a rehearsal."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from pumphandle.actions import receive as deed
from pumphandle.actions.mend import next_day
from pumphandle.cli.opening import deeds, now, premises
from pumphandle.cli.screen import OUT
from pumphandle.linelist.feeds import contract_for
from pumphandle.vocabulary.people import THE_TIMER

SHOWN = 20


def receive(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="say what would happen, by the same way, and keep nothing")
    ] = False,
    date_: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="day on which it came; else the next to run")
    ] = None,
) -> None:
    """Read one file by its laboratory's contract: good lines in, bad lines held with their remedy."""
    with deeds() as (house, database):
        where = premises(house, database)
        contract = contract_for(file.name, where.contracts)
        at = now()
        with database.transaction() as tx:
            day = date_.date() if date_ else next_day(tx, at)
        if dry_run:
            outcome, held = deed.rehearse(file, contract, received_on=day, database=database, by=THE_TIMER, at=at)
        else:
            held = ()
            outcome = deed.receive(file, contract, received_on=day, database=database, by=THE_TIMER, at=at)
    account = outcome.account
    OUT.print(
        f"{'Would be' if dry_run else 'Is'} {outcome.outcome.replace('_', ' ')}: {account.lines_in:,} lines = "
        f"{account.accepted:,} accepted + {account.quarantined:,} quarantined + {account.duplicates:,} duplicates + "
        f"{account.superseded:,} superseded."
    )
    if outcome.refusal:
        OUT.print(escape(outcome.refusal))
    for one in sorted(held, key=lambda one: one.line)[:SHOWN]:
        OUT.print(f"  line {one.line}, field {one.field}: {one.code}. {one.remedy}", markup=False)
    if len(held) > SHOWN:
        OUT.print(f"  and {len(held) - SHOWN:,} more")
