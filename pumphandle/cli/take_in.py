"""pumphandle take-in: what laboratories put down is taken in within seconds, as long as it runs."""

from datetime import date, datetime
from time import perf_counter, sleep
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from pumphandle.actions.take_in import Doorstep, open_day, take_in
from pumphandle.cli.opening import deeds, moment_of, now, premises
from pumphandle.cli.screen import OUT
from pumphandle.store.reference import nation
from pumphandle.vocabulary.people import THE_TIMER

PAUSE: Final = 1.0
"""Seconds between two looks at the inbox."""
RELOAD: Final = 60
"""Looks between two readings of the laboratories' contracts."""
Replay = Annotated[bool, typer.Option("--replay", help="the days are a replay's: arrivals count for the next one")]


def take_in_(
    replay: Replay = False,
    once: Annotated[bool, typer.Option("--once", help="two looks, a second apart, and what they find")] = False,
) -> None:
    """Take in what arrives in the inbox, until stopped with Ctrl-C. `serve` does this by itself."""
    with deeds() as (house, database):
        where = premises(house, database)
        with database.transaction() as tx:
            zone = nation.nation(tx).time_zone
        doorstep, looks = Doorstep(where.inbox), 0
        while not (once and looks == 2):
            if looks and looks % RELOAD == 0:  # a contract that was mended holds from the next minute on
                where = premises(house, database)
            day = open_day(database, today=now().astimezone(ZoneInfo(zone)).date(), replay=replay)
            if day is not None:

                def at(day: date = day) -> datetime:
                    return moment_of(day, zone, present=now())

                taken = take_in(doorstep, day, premises=where, by=THE_TIMER, at=at, stopwatch=perf_counter)
                if taken.files or taken.records:
                    OUT.print(f"{day}: {taken.files:,} files, {taken.records:,} records; {taken.left:,} files wait.")
            looks += 1
            sleep(PAUSE)
