"""Run a day: receive, link, deliver, detect, trace, publish, purge; each step once, whatever happens between."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path

from pumphandle.actions.break_glass import escalate_glass
from pumphandle.actions.deliver import deliver
from pumphandle.actions.detect import detect
from pumphandle.actions.link import link
from pumphandle.actions.measure_usefulness import measure_usefulness
from pumphandle.actions.mend import do_requests
from pumphandle.actions.publish_deliveries import publish_deliveries
from pumphandle.actions.purge import purge
from pumphandle.actions.receive import receive
from pumphandle.actions.release import decide_day
from pumphandle.actions.send_canaries import send_canaries
from pumphandle.actions.send_on import send_waiting
from pumphandle.actions.trace import trace
from pumphandle.actions.watch import watch
from pumphandle.delivery.package import Laboratory
from pumphandle.linelist.feeds import FeedContract, contract_for
from pumphandle.store.at_rest import beside
from pumphandle.store.decisions import audit, runs, timers
from pumphandle.store.decisions.runs import STEPS
from pumphandle.store.engine import Database, Transaction, one_at_a_time
from pumphandle.store.events.lake import Lake
from pumphandle.store.identified import intake
from pumphandle.store.keys import Keys
from pumphandle.vocabulary.errors import Refused
from pumphandle.vocabulary.people import Actor


@dataclass(frozen=True)
class Premises:
    """Where a run finds and leaves things.

    inbox : a folder for each day, named YYYY-MM-DD; deliveries, releases : where packages and release files go
    canaries : whether a fictitious resident of every authority is sent with every day
    """

    database: Database
    lake: Lake
    inbox: Path
    deliveries: Path
    releases: Path
    keys: Keys = field(repr=False)
    contracts: tuple[FeedContract, ...] = field(repr=False)
    canaries: bool = False


@dataclass(frozen=True)
class StepDone:
    """seconds : wall time; summary : counts and codes; fresh : False if an earlier run had done it."""

    step: str
    seconds: float
    summary: dict[str, object]
    fresh: bool


def run_day(
    day: date,
    *,
    premises: Premises,
    by: Actor,
    at: datetime,
    stopwatch: Callable[[], float],
    tell: Callable[[str], None],
) -> list[StepDone]:
    """Do what is left to do of a day. Steps already done are told, not repeated.

    stopwatch : seconds from anywhere, for the account of time; tell : hears the name of each step as it begins
    Raises Refused for an unfinished day before the last one run, and whatever a step raises; the step then never was.
    """
    _refuse_going_back(day, premises.database)
    done: list[StepDone] = []
    for step in STEPS:
        tell(step)
        begun = stopwatch()
        if step == "receive":
            _receive_files(day, premises=premises, by=by, at=at)
        if step == "purge":
            _purge(day, premises=premises, by=by, at=at, stopwatch=stopwatch)
        with premises.database.transaction() as tx:
            one_at_a_time(tx)
            earlier = runs.finished(tx, day).get(step)
            if earlier is not None:
                done.append(StepDone(step, earlier.seconds, earlier.summary, fresh=False))
                continue
            summary = _do(step, day, tx=tx, premises=premises, by=by, at=at)
            seconds = stopwatch() - begun
            runs.finish(tx, day, step, seconds=seconds, summary=summary, at=at)
            kept = runs.finished(tx, day)[step].summary
        done.append(StepDone(step, seconds, kept, fresh=True))
    return done


def _refuse_going_back(day: date, database: Database) -> None:
    with database.transaction() as tx:
        last = runs.last_day(tx)
        if last is None:
            return
        if day < last and len(runs.finished(tx, day)) < len(STEPS):
            raise Refused(
                f"{day} lies before {last}, the last day that was run. Late results join the next day's files."
            )
        unfinished = [step for step in STEPS if step not in runs.finished(tx, last)]
    if day > last and unfinished:
        raise Refused(f"{last} is not finished ({', '.join(unfinished)}). Run that day first.")


def _receive_files(day: date, *, premises: Premises, by: Actor, at: datetime) -> None:
    """Each file in a transaction of its own: one bad file stops none of the others."""
    with premises.database.transaction() as tx:
        if "receive" in runs.finished(tx, day):
            return
    do_requests(premises.database, contracts=premises.contracts, received_on=day, at=at)
    send_waiting(premises.database, received_on=day, by=by, at=at)
    folder = premises.inbox / str(day)
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.is_file() and not path.name.startswith("."):
            contract = contract_for(path.name, premises.contracts)
            receive(path, contract, received_on=day, database=premises.database, by=by, at=at)


def _purge(day: date, *, premises: Premises, by: Actor, at: datetime, stopwatch: Callable[[], float]) -> None:
    """Each authority in a transaction of its own, and files after their rows; again, it finds nothing more to erase."""
    with premises.database.transaction() as tx:
        if "purge" in runs.finished(tx, day):
            return
    at_rest = beside(premises.deliveries)
    purge(premises.database, at_rest, day=day, dry_run=False, by=by, at=at, stopwatch=stopwatch)


def _do(step: str, day: date, *, tx: Transaction, premises: Premises, by: Actor, at: datetime) -> dict[str, object]:
    match step:
        case "receive":
            return _received(tx, day, premises, by=by, at=at)
        case "link":
            if premises.canaries:
                send_canaries(day, tx=tx, key=premises.keys.pseudonym, at=at)
            since = runs.last_day_of(tx, "link") or date.min
            waiting, key = _waiting(tx, since), premises.keys.pseudonym
            return asdict(link(day, since=since, waiting=waiting, tx=tx, lake=premises.lake, key=key, by=by, at=at))
        case "deliver":
            done = deliver(
                day,
                tx=tx,
                lake=premises.lake,
                folder=premises.deliveries,
                signer=premises.keys.signer,
                laboratories=_laboratories(tx, day, premises.contracts),
                unplaced=_waiting(tx, day),
                by=by,
                at=at,
            )
            return asdict(done)
        case "detect":
            return asdict(detect(day, tx=tx, lake=premises.lake, by=by, at=at))
        case "trace":
            return asdict(trace(day, tx=tx, by=by, at=at))
        case "publish":
            publish_deliveries(day, tx=tx, lake=premises.lake, by=by, at=at)
            escalate_glass(tx, by=by, at=at)
            decided = decide_day(
                day,
                tx=tx,
                lake=premises.lake,
                folder=premises.releases,
                signer=premises.keys.signer,
                by=by,
                at=at,
            )
            for release_id in decided.published:
                measure_usefulness(date.fromisoformat(release_id), tx=tx, lake=premises.lake, by=by, at=at)
            return asdict(decided)
        case "purge":
            done = timers.find(tx, "purge")
            return {} if done is None else done.summary
        case _:
            raise Refused(f"{step} is no step of a day.")


def _waiting(tx: Transaction, day: date) -> int:
    """Records without a place after that day's linking, as it said itself: counted on, never counted anew."""
    linked = runs.finished(tx, day).get("link")
    return int(str(linked.summary["unplaced_waiting"])) if linked else 0


def _received(tx: Transaction, day: date, premises: Premises, *, by: Actor, at: datetime) -> dict[str, object]:
    """The day's account over all its files; it must add up, and every accepted line must be on the shelf."""
    files = intake.outcomes(tx, day)
    totals = intake.total(files)
    totals.check(f"all files of {day}", kept=intake.events_received(tx, day))
    summary: dict[str, object] = {
        "files": len(files),
        "refused": [one.refusal for one in files if one.outcome == "refused"],
        "seen_before": [one.file_name for one in files if one.outcome == "seen_before"],
        **asdict(totals),
        "held": [list(row) for row in intake.held_by_code(tx, day)],
        "late_laboratories": [one.laboratory for one in _laboratories(tx, day, premises.contracts) if one.late],
        "watch": [[one.severity, one.with_concerned()] for one in watch(day, premises.contracts, tx=tx)],
    }
    audit.add(
        tx,
        deed="receive_day",
        subject={"day": str(day), "files": len(files), "lines_in": totals.lines_in},
        by=by,
        at=at,
    )
    return summary


def _laboratories(tx: Transaction, day: date, contracts: tuple[FeedContract, ...]) -> tuple[Laboratory, ...]:
    """What each contract expects of a day, and what came."""
    lines = intake.lines_by_laboratory(tx, day)
    return tuple(
        Laboratory(one.laboratory, one.rows.minimum, one.rows.maximum, lines.get(one.laboratory, 0))
        for one in contracts
    )
