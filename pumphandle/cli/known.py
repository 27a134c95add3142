"""pumphandle known: what was known at a past moment."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Table

from pumphandle.actions import look_known
from pumphandle.cli.opening import deeds, now
from pumphandle.cli.screen import OUT
from pumphandle.store.reference import nation
from pumphandle.vocabulary.people import THE_TIMER

FORMS = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]


def known(
    moment: Annotated[
        datetime, typer.Argument(formats=FORMS, help="by the nation's clock; of a day, its first instant")
    ],
) -> None:
    """Records by laboratory as they were known at a past moment: before later corrections, withdrawals and news."""
    with deeds() as (_, database):
        with database.transaction() as tx:
            zone = ZoneInfo(nation.nation(tx).time_zone)
        found = look_known.known(database, moment.replace(tzinfo=zone), by=THE_TIMER, at=now())
    table = Table(box=None, pad_edge=False)
    for column in ("laboratory", "records", "positive", "negative", "void", "withdrawn"):
        table.add_column(column, justify="left" if column == "laboratory" else "right")
    for one in found:
        numbers = (one.records, one.positive, one.negative, one.void, one.withdrawn)
        table.add_row(escape(one.laboratory), *(f"{number:,}" for number in numbers))
    OUT.print(table if found else "Nothing was known then.")
