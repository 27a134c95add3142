"""pumphandle verify: the whole history, from nothing."""

from pumphandle.actions import verify as deed
from pumphandle.actions.rebuild import rebuild
from pumphandle.cli.opening import deeds, now
from pumphandle.cli.screen import OUT
from pumphandle.store.events.lake import Lake
from pumphandle.vocabulary.people import THE_TIMER


def verify() -> None:
    """Recompute every hash and attack every window ever published. Says the first fault, or that there is none."""
    with deeds() as (_, database), OUT.status("Going through every release and every audit row."):
        found = deed.verify(database=database)
    OUT.print(
        f"No fault: {found.releases:,} releases in one chain, {found.blocks:,} windows that withstand the attacker, "
        f"{found.audit_rows:,} audit rows in one chain. Last release {found.last_hash[:16]}"
    )


def triangle() -> None:
    """Tell the reporting triangle anew from events and from records, and compare it with the one that is kept."""
    with deeds() as (house, database), OUT.status("Adding up every contribution."):
        found = rebuild(database, Lake(house.settings.lake), by=THE_TIMER, at=now())
    OUT.print(f"No difference: {found.cells:,} cells, {found.records:,} records.")
