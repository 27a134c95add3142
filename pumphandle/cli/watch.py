"""pumphandle watch: which laboratories are silent, by the clock."""

from pumphandle.actions.watch import watch_clock
from pumphandle.cli.opening import deeds, now, premises
from pumphandle.cli.screen import OUT
from pumphandle.vocabulary.people import THE_TIMER


def watch() -> None:
    """Alarm for every laboratory whose hour has passed and of which nothing has come today. For a timer, each hour."""
    with deeds() as (house, database):
        where = premises(house, database)
        said = watch_clock(database, where.contracts, inbox=where.inbox, by=THE_TIMER, at=now())
    for one in said:
        OUT.print(f"{one.severity}: {one.with_concerned()}", markup=False)
    if not said:
        OUT.print("Every laboratory is within its hours.")
