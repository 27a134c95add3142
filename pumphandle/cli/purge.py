"""pumphandle purge, backup, open-backup: what is past its time is erased, also where nobody can reach it any more."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from pumphandle.actions import back_up
from pumphandle.actions import purge as deed
from pumphandle.cli.opening import deeds, now
from pumphandle.cli.screen import OUT
from pumphandle.store.at_rest import beside
from pumphandle.store.programs import find_binaries
from pumphandle.vocabulary.people import THE_TIMER


def purge(
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="as of this day; today without")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="tell what would be erased, and erase nothing")] = False,
    log: Annotated[bool, typer.Option("--log", help="what was erased until now, and nothing else")] = False,
) -> None:
    """Erase what the agreements no longer allow to be kept: records, packages, and the keys of older copies."""
    with deeds() as (house, database):
        if log:
            rows, backups, chosen = deed.purges(database, by=THE_TIMER), [], True
        else:
            at = now()
            on = day.date() if day is not None else at.date()
            at_rest = beside(house.settings.deliveries)
            done = deed.purge(database, at_rest, day=on, dry_run=dry_run, by=THE_TIMER, at=at)
            rows, backups, chosen = done.rows, done.backups, done.unplaced_days is not None
    table = Table("authority", "taken before", "records", "cases", "persons", "packages", "exports", "months closed")
    for one in rows:
        counts = (one.records, one.cases, one.persons, one.packages, one.exports, len(one.months_closed))
        table.add_row(one.authority, str(one.before), *(f"{count:,}" for count in counts))
    OUT.print(table)
    for month in backups:
        OUT.print(f"Backups of {month:%Y-%m} can be opened by nobody{' after a purge' if dry_run else ''}.")
    if not chosen:
        OUT.print("Records without a place are kept: the national centre has not chosen unplaced_keep_days.")
    if dry_run:
        OUT.print("Nothing was erased.")


def backup(target: Annotated[Path, typer.Argument(help="a new file")]) -> None:
    """A copy of the whole database under this month's key; it can be opened until five weeks after the month."""
    program = find_binaries().program("pg_dump")
    with deeds() as (house, database):
        at_rest = beside(house.settings.deliveries)
        size = back_up.back_up(database, at_rest, target, program=program, url=house.owner_url, by=THE_TIMER, at=now())
    OUT.print(f"{target}: {size:,} bytes. Keep it apart from the folder of keys, and never copy keys/resting with it.")


def open_backup(
    source: Annotated[Path, typer.Argument(help="what backup wrote", exists=True, dir_okay=False)],
    target: Annotated[Path, typer.Argument(help="a new file, for pg_restore")],
) -> None:
    """Open a backup whose month's key still is. That it was opened is remembered."""
    with deeds() as (house, database):
        back_up.open_backup(database, beside(house.settings.deliveries), source, target, by=THE_TIMER, at=now())
    OUT.print(f"{target} is a dump for pg_restore. It holds people's records in plain: remove it when you are done.")
