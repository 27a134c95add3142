"""pumphandle canaries: whether the fictitious resident of each authority arrived."""

from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from pumphandle.cli.opening import deeds
from pumphandle.cli.screen import OUT
from pumphandle.store.decisions import canaries as shelf


def canaries(day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="a day that was run")]) -> None:
    """How far the fictitious resident of each authority came on a day; those that are lost first."""
    with deeds() as (_, database), database.transaction() as tx:
        found = shelf.every(tx, day.date())
    table = Table("authority", "in the package of", "its receipt")
    for one in found:
        table.add_row(one.authority, str(one.packaged_on or "lost"), one.stage or "")
    OUT.print(table)
    OUT.print(f"{sum(one.packaged_on is None for one in found)} of {len(found)} lost.")
