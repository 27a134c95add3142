"""pumphandle verify: the whole history, from nothing."""

from pumphandle.actions import verify as deed
from pumphandle.cli.opening import deeds
from pumphandle.cli.screen import OUT


def verify() -> None:
    """Recompute every hash and attack every window ever published. Says the first fault, or that there is none."""
    with deeds() as (_, database), OUT.status("Going through every release and every audit row."):
        found = deed.verify(database=database)
    OUT.print(
        f"No fault: {found.releases:,} releases in one chain, {found.blocks:,} windows that withstand the attacker, "
        f"{found.audit_rows:,} audit rows in one chain. Last release {found.last_hash[:16]}"
    )
