"""Take in what arrives, as it arrives: files that are whole are received and linked; every authority sees its own."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from pumphandle.actions.doorstep import Doorstep
from pumphandle.actions.link import link_round
from pumphandle.actions.mend import do_requests
from pumphandle.actions.receive import receive
from pumphandle.actions.run_day import Premises
from pumphandle.actions.send_on import send_waiting
from pumphandle.linelist.feeds import contract_for
from pumphandle.store.decisions import runs, timers
from pumphandle.store.engine import Database, one_at_a_time
from pumphandle.vocabulary.people import Actor

RECEIVE_FOR: Final = 10.0
"""Seconds of receiving after which what came is linked, so that a long queue is seen piece by piece."""

STILL_THERE: Final = timedelta(minutes=1)
"""How often it is written down that somebody is at the door although nothing came."""


@dataclass(frozen=True)
class Taken:
    """files : received; records : linked; left : files that wait for the next round"""

    files: int
    records: int
    left: int


def open_day(database: Database, *, today: date, replay: bool) -> date | None:
    """The day that arrivals count for: today, or the next one once today was run. None while a day is being run.

    replay : days are those of a replay, and not the calendar's: the next one to be run
    """
    with database.transaction() as tx:
        last, linked = runs.last_day(tx), runs.last_day_of(tx, "link")
        if last is not None and "link" not in (done := runs.finished(tx, last)) and "receive" in done:
            return None
    following = today if linked is None else linked + timedelta(days=1)
    return following if replay else max(following, today)


def take_in(
    doorstep: Doorstep,
    day: date,
    *,
    premises: Premises,
    by: Actor,
    at: Callable[[], datetime],
    stopwatch: Callable[[], float],
) -> Taken:
    """One round: what is whole is received, each file in a transaction of its own; then all of it is linked in one.

    What stewards and authorities asked for at the console since the last round (mended lines, records that are not
    theirs) is done with it. Idempotent: killed at any moment, the next round ends as this one would have.
    """
    database = premises.database
    do_requests(database, contracts=premises.contracts, received_on=day, at=at())
    send_waiting(database, received_on=day, by=by, at=at())
    files = _receive(doorstep, doorstep.whole(day), day, premises=premises, by=by, at=at, stopwatch=stopwatch)
    with database.transaction() as tx:
        one_at_a_time(tx)
        if "receive" in runs.finished(tx, day):  # a run began meanwhile: it links the day
            return Taken(files[0], 0, files[1])
        done = link_round(day, tx=tx, key=premises.keys.pseudonym, by=by, at=at())
        taken = Taken(files[0], done.records if done else 0, files[1])
        last = timers.find(tx, "take_in")
        if done or last is None or at() - last.done_at > STILL_THERE:
            timers.done(tx, "take_in", asdict(taken) | {"day": str(day)}, at=at())
    return taken


def _receive(
    doorstep: Doorstep,
    whole: Sequence[Path],
    day: date,
    *,
    premises: Premises,
    by: Actor,
    at: Callable[[], datetime],
    stopwatch: Callable[[], float],
) -> tuple[int, int]:
    """(received, left for the next round)."""
    begun = stopwatch()
    for done, path in enumerate(whole):
        if done and stopwatch() - begun > RECEIVE_FOR:
            return done, len(whole) - done
        kept = doorstep.take(path, day)
        if kept is None:
            continue
        contract = contract_for(kept.name, premises.contracts)
        receive(kept, contract, received_on=day, database=premises.database, by=by, at=at())
    return len(whole), 0
