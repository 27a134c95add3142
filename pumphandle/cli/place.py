"""pumphandle place: records that no postcode places; and new vintages of postcodes."""

from pathlib import Path
from typing import Annotated

import typer

from pumphandle.actions import place as deed
from pumphandle.cli.opening import deeds, now
from pumphandle.cli.screen import OUT
from pumphandle.vocabulary.people import THE_TIMER

app = typer.Typer(no_args_is_help=True, help="Where records belong: the queue of the unplaced, and new postcodes.")


@app.command("queue")
def queue() -> None:
    """Records without a small area, the longest waiting first. Leaves a mark in the audit."""
    with deeds() as (_, database):
        found = deed.unplaced(database, by=THE_TIMER, at=now())
    for one in found:
        where = f"{one.postcode or '–'} {one.address or ''}"
        OUT.print(f"{one.record_key}  {one.placement}, {one.owner}, due {one.due_on}: {where}", markup=False)
    if not found:
        OUT.print("Every record is placed.")


@app.command("set")
def set_(
    record: str, small_area: str, reason: Annotated[str, typer.Option("--reason", help="why, in a few words")]
) -> None:
    """Say in which small area a record's person lives. It holds until the laboratory gives another postcode."""
    with deeds() as (_, database):
        deed.place(database, record, small_area, reason=reason, by=THE_TIMER, at=now())
    OUT.print("Noted; it is placed with the next day.")


@app.command("recode")
def recode(
    folder: Annotated[Path, typer.Argument(help="holds nation.toml with the new postcodes and vintage")],
) -> None:
    """Take in a new vintage of postcodes; records at postcodes that moved are placed anew, with the reason told."""
    with deeds() as (_, database):
        done = deed.recode(database, folder, by=THE_TIMER, at=now())
    OUT.print(f"{done.vintage}: {done.postcodes:,} postcodes lead elsewhere, {done.records:,} records are placed anew.")
