"""pumphandle run: a day, or a range of days, with progress and a one-screen summary."""

from datetime import date, datetime, timedelta
from time import perf_counter, sleep
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from pumphandle.actions import release
from pumphandle.actions.doorstep import Doorstep
from pumphandle.actions.run_day import Premises, run_day
from pumphandle.cli.files import bring
from pumphandle.cli.opening import deeds, moment_of, now, premises
from pumphandle.cli.screen import ERR
from pumphandle.cli.totals import Totals
from pumphandle.store.decisions import thresholds
from pumphandle.store.engine import Database
from pumphandle.store.reference import nation
from pumphandle.vocabulary.errors import NotUnderstood
from pumphandle.vocabulary.people import THE_TIMER


def run(
    date_: Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="One day.")] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day of a range.")
    ] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day of a range.")] = None,
) -> None:
    """Receive, link, deliver, detect and publish. A step that is done is not repeated, so run again after a stop."""
    days = _days(date_, first, last)
    with deeds() as (house, database):
        where = premises(house, database)
        _take_from_the_door(where, days[-1])
        total = run_days(days, where, time_zone=_time_zone(database))
        bring(house.settings.files, database)
    total.show()


def _take_from_the_door(where: Premises, day: date) -> None:
    """Whole files that lie in the inbox itself, where nobody took them in as they came, join the last of the days."""
    doorstep = Doorstep(where.inbox)
    if not doorstep.anything():
        return
    doorstep.whole(day)
    sleep(1)
    for path in doorstep.whole(day):
        doorstep.take(path, day)


def _days(one: datetime | None, first: datetime | None, last: datetime | None) -> list[date]:
    if one is not None and first is None and last is None:
        return [one.date()]
    if one is None and first is not None and last is not None and first <= last:
        return [first.date() + timedelta(days=step) for step in range((last - first).days + 1)]
    raise NotUnderstood("Say which day: --date 2020-03-01, or --from 2020-03-01 --to 2020-03-31.")


def _time_zone(database: Database) -> str:
    with database.transaction() as tx:
        return nation.nation(tx).time_zone


def run_days(days: list[date], where: Premises, *, time_zone: str) -> Totals:
    """Every day in order, with progress on the terminal."""
    totals = Totals()
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=ERR, transient=True) as progress:
        bar = progress.add_task("", total=len(days))
        for day in days:
            at = moment_of(day, time_zone, present=now())

            def tell(step: str, day: date = day) -> None:
                progress.update(bar, description=f"{day} {step}")

            totals.add(run_day(day, premises=where, by=THE_TIMER, at=at, stopwatch=perf_counter, tell=tell))
            progress.advance(bar)
        if days:
            progress.update(bar, description="notice")
            end_of_notice(where, after=moment_of(days[-1], time_zone, present=now()), totals=totals)
    return totals


def end_of_notice(where: Premises, *, after: datetime, totals: Totals) -> None:
    """A replay's clock goes on until the notice of its last day is over, but never beyond the present."""
    with where.database.transaction() as tx:
        hours = int(thresholds.current(tx, "notice_hours").value)
    over = after + timedelta(hours=hours)
    at = min(over, now())
    done = release.finish_notice(
        where.database, lake=where.lake, folder=where.releases, signer=where.keys.signer, by=THE_TIMER, at=at
    )
    totals.add_published([one.release_id for one in done])
