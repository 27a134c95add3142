"""pumphandle verify: the whole history, from nothing."""

from typing import Annotated

import typer

from pumphandle.actions import verify as deed
from pumphandle.actions.attack_ledger import Withstood, attack_ledger
from pumphandle.actions.rebuild import rebuild
from pumphandle.cli.opening import deeds, now
from pumphandle.cli.screen import OUT
from pumphandle.store.engine import Database
from pumphandle.store.events.lake import Lake
from pumphandle.vocabulary.people import THE_TIMER


def verify(
    attack: Annotated[
        bool,
        typer.Option(
            help="Also tell every record's day again, hold each published number against them, and attack every small "
            "count of every day from nothing. Takes minutes."
        ),
    ] = False,
) -> None:
    """Recompute every hash and check every window ever published. Says the first fault, or that there is none."""
    with deeds() as (house, database):
        with OUT.status("Going through every release and every audit row."):
            found = deed.verify(database=database)
        OUT.print(
            f"No fault: {found.releases:,} releases in one chain, {found.blocks:,} windows in order, "
            f"{found.audit_rows:,} audit rows in one chain. Last release {found.last_hash[:16]}"
        )
        if attack:
            OUT.print(_told(_attacked(database, Lake(house.settings.lake))))


def _attacked(database: Database, lake: Lake) -> Withstood:
    with OUT.status("Reading the ledger.") as status:
        return attack_ledger(
            database=database,
            lake=lake,
            progress=lambda what, done, of: status.update(f"{done:,} of {of:,} {what}."),
        )


def _told(found: Withstood) -> str:
    if found.narrowest is None:
        return f"Nothing is given away: {found.windows:,} windows are those of the records; there was no small count."
    return (
        f"Nothing is given away: {found.windows:,} windows of {found.days:,} days in {found.districts:,} districts are "
        f"those of the records, and none of {found.cells:,} small counts can be placed in an interval narrower than "
        f"{found.narrowest} ({found.linear_programs:,} linear programs)."
    )


def triangle() -> None:
    """Tell the reporting triangle anew from events and from records, and compare it with the one that is kept."""
    with deeds() as (house, database), OUT.status("Adding up every contribution."):
        found = rebuild(database, Lake(house.settings.lake), by=THE_TIMER, at=now())
    OUT.print(f"No difference: {found.cells:,} cells, {found.records:,} records.")
