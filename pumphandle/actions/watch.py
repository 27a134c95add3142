"""Look at what every laboratory sends, and say what is not as it should be, before an authority notices."""

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pumphandle.governance import policy
from pumphandle.linelist.feeds import FeedContract, contract_for
from pumphandle.linelist.watching import Day, Notice, day_at, judge
from pumphandle.store.decisions import audit, runs
from pumphandle.store.decisions import watch as kept
from pumphandle.store.engine import Database, Transaction, one_at_a_time
from pumphandle.store.identified import intake
from pumphandle.store.reference import nation
from pumphandle.vocabulary.people import Actor


def watch(day: date, contracts: tuple[FeedContract, ...], *, tx: Transaction) -> list[kept.Watched]:
    """Counts the day, judges each laboratory by its contract and its own past, and keeps what is to be said."""
    intake.put_feed_day(tx, day)
    by_laboratory = _days(tx, contracts, last=day)
    refused = Counter(one.laboratory for one in intake.outcomes(tx, day) if one.outcome == "refused")
    notices: list[Notice] = []
    for contract in contracts:
        days = by_laboratory.get(contract.laboratory, [])
        came = next((one for one in days if one.day == day), None)
        past, none_taken = _past(contract, days, before=day), refused[contract.laboratory]
        notices += judge(contract, day, came, past, refused=none_taken)
    kept.put(tx, day, notices, kept.reached(tx, day - timedelta(days=1)))
    return kept.of_day(tx, day)


def watch_clock(
    database: Database, contracts: tuple[FeedContract, ...], *, inbox: Path, by: Actor, at: datetime
) -> list[kept.Watched]:
    """Raise an alarm for every laboratory whose hour has passed and of which nothing has come, while the day goes on.

    inbox : a file of the laboratory that lies in the day's folder has come, though it is not read yet
    A laboratory's hour and day are those of its own clock, wherever in the nation it lies. The alarms stand in that
    day's place until its run judges the day as a whole; a day that was run stays as judged.
    Returns what stands of every day that some laboratory is in just now.
    """
    policy.check_can_run(by)
    with database.transaction() as tx:
        one_at_a_time(tx)
        here_too = at.astimezone(ZoneInfo(nation.nation(tx).time_zone)).date()
        days = sorted({day_at(one, at) for one in contracts})
        open_days = [day for day in days if "receive" not in runs.finished(tx, day)]
        silent: list[str] = []
        for day in open_days:
            silent += _ask(tx, day, contracts, inbox=inbox, last=max(day, here_too), at=at)
        said = [one for day in days for one in kept.of_day(tx, day)]
        if open_days:
            asked = ", ".join(str(day) for day in open_days)
            audit.add(tx, deed="watch_clock", subject={"day": asked, "silent": sorted(silent)}, by=by, at=at)
    return said


def _ask(
    tx: Transaction, day: date, contracts: tuple[FeedContract, ...], *, inbox: Path, last: date, at: datetime
) -> list[str]:
    """Judges those whose day it is, and keeps what is said; what was said of others, on their own clock, stays.

    last : day of the nation, where that has begun already: what lies there has come
    """
    there = [one for one in contracts if day_at(one, at) == day]
    known = _days(tx, contracts, last=day)
    here: set[str] = set()
    for one in {day, last}:
        here |= {*_lying_in(inbox / str(one), contracts), *intake.lines_by_laboratory(tx, one)}
    found = [
        notice
        for one in there
        if one.laboratory not in here
        for notice in judge(one, day, None, _past(one, known.get(one.laboratory, []), before=day), now=at)
    ]
    kept.put(tx, day, found, kept.reached(tx, day - timedelta(days=1)), of=[one.laboratory for one in there])
    return [one.laboratory for one in found]


def _days(tx: Transaction, contracts: tuple[FeedContract, ...], *, last: date) -> dict[str, list[Day]]:
    """By laboratory, every day on which something came, as far back as any contract looks."""
    longest = max((contract.watch.days for contract in contracts), default=0)
    found: dict[str, list[Day]] = {}
    for one in intake.feed_days(tx, first=last - timedelta(days=longest), last=last):
        known = Day(one.received_on, one.lines, one.positives, one.missing, one.arrived_at)
        found.setdefault(one.laboratory, []).append(known)
    return found


def _past(contract: FeedContract, days: list[Day], *, before: date) -> list[Day]:
    since = before - timedelta(days=contract.watch.days)
    return [one for one in days if since <= one.day < before]


def _lying_in(folder: Path, contracts: tuple[FeedContract, ...]) -> list[str]:
    names = [path.name for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
    return [found.laboratory for name in names if (found := contract_for(name, contracts)) is not None]
