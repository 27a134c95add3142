"""Look at people's records: whoever reads them leaves a mark, in the transaction of the reading."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from pumphandle.governance import policy
from pumphandle.store.decisions import agreements, audit, runs, signals
from pumphandle.store.decisions.agreements import Agreement
from pumphandle.store.decisions.runs import RunStep
from pumphandle.store.decisions.signals import SignalRow
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.identified import collecting, reading
from pumphandle.store.identified.collecting import DeliveryRow
from pumphandle.store.identified.reading import DayCounts, Line, LinePage, LineQuestion, SpecimenDay
from pumphandle.store.reference import areas, names
from pumphandle.store.reference.areas import Area
from pumphandle.vocabulary.errors import NotFound, Refused
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaCode

HISTORY_DAYS: Final = 28
"""Specimen days drawn on the page of the day."""


@dataclass(frozen=True)
class DayAtHome:
    """One authority's day. `delivery` is None if no package was made."""

    counts: DayCounts
    delivery: DeliveryRow | None
    waiting: int
    history: list[SpecimenDay]


@dataclass(frozen=True)
class Today:
    """The newest day that was run. `home` is None for roles that see no records, `run_date` before the first run.

    agreement : of the reader's authority, None where there is none; without an active one no record is shown
    """

    run_date: date | None
    steps: dict[str, RunStep]
    signals: list[SignalRow]
    area_names: dict[str, str]
    home: DayAtHome | None
    agreement: Agreement | None


@dataclass(frozen=True)
class LineListView:
    """A page of lines, and the small areas that can be asked for."""

    page: LinePage
    small_areas: list[Area]


@dataclass(frozen=True)
class RecordView:
    """One record and what is linked to it within the authority."""

    line: Line
    same_person: list[Line]
    same_household: list[Line]


def today(database: Database, *, by: Actor, at: datetime) -> Today:
    """The page of the day: counts, receipt, signals, and how the run went."""
    with looking(database, "look_today", by=by, at=at) as tx:
        policy.check_can_see_runs(by)
        run_date = runs.last_day(tx)
        steps = runs.finished(tx, run_date) if run_date else {}
        found = _signals_of(tx, run_date, by) if run_date else []
        agreement = agreements.find(tx, by.authority) if by.authority else None
        home = _home(tx, run_date, by) if run_date else None
        told = {} if home is None else {"new": home.counts.new, "changed": home.counts.changed}
        audit.add(tx, deed="look_today", subject={"day": _iso(run_date), **told}, by=by, at=at)
        area_names = names.of_areas(tx, (code for signal in found for code in signal.areas))
    return Today(run_date=run_date, steps=steps, signals=found, area_names=area_names, home=home, agreement=agreement)


def lines(database: Database, question: LineQuestion, *, by: Actor, at: datetime) -> LineListView:
    """One page of the line list of the reader's own authority."""
    with looking(database, "look_lines", by=by, at=at) as tx:
        authority = _own(tx, by, at=at)
        page = reading.lines(tx, question)
        subject: dict[str, object] = {
            "shown": len(page.lines),
            "matching": page.total,
            "filters": question.filters,
            "order": question.order,
            "records": [line.record_key for line in page.lines],
        }
        audit.add(tx, deed="look_lines", subject=subject, by=by, at=at)
        return LineListView(page=page, small_areas=areas.children(tx, authority))


def record(database: Database, record_key: str, *, by: Actor, at: datetime) -> RecordView:
    """Raises NotFound for what does not exist and for what is another authority's: the reader cannot tell which."""
    key = _opaque(record_key)
    with looking(database, "look_record", by=by, at=at, record_key=key) as tx:
        _own(tx, by, at=at)
        found = reading.line(tx, key) if key else None
        if found is None:
            raise NotFound("There is no such record among your residents.")
        view = RecordView(
            line=found,
            same_person=reading.others_of_person(tx, found),
            same_household=reading.others_of_household(tx, found),
        )
        subject: dict[str, object] = {
            "record_key": found.record_key,
            "shown": 1 + len(view.same_person) + len(view.same_household),
            "records": [line.record_key for line in (found, *view.same_person, *view.same_household)],
        }
        audit.add(tx, deed="look_record", subject=subject, by=by, at=at)
        return view


def deliveries(database: Database, *, by: Actor, at: datetime) -> list[DeliveryRow]:
    """The authority's packages, newest first."""
    with looking(database, "look_deliveries", by=by, at=at) as tx:
        policy.check_can_see_deliveries(by, authority=by.authority)
        found = collecting.deliveries(tx)
        audit.add(tx, deed="look_deliveries", subject={"shown": len(found)}, by=by, at=at)
        return found


@contextmanager
def looking(
    database: Database, deed: str, *, by: Actor, at: datetime, record_key: str | None = None
) -> Generator[Transaction]:
    """A transaction that shows `by`'s authority only. A refusal rolls it back and is remembered in one of its own.

    record_key : an opaque key that was asked for, to be remembered with the refusal
    """
    try:
        with database.transaction(authority=by.authority, role=by.role) as tx:
            yield tx
    except (Refused, NotFound) as refusal:
        subject: dict[str, object] = {"asked": deed, "refusal": type(refusal).__name__}
        if record_key is not None:
            subject["record_key"] = record_key
        with database.transaction() as tx:
            audit.add(tx, deed="look_refused", subject=subject, by=by, at=at)
        raise


def _own(tx: Transaction, by: Actor, *, at: datetime) -> AreaCode:
    """The reader's authority, if its agreement lets records be shown."""
    policy.check_can_see_facts(by, authority=by.authority)
    if by.authority is None:
        raise Refused("Your role serves no authority.")
    agreement = agreements.find(tx, by.authority)
    if agreement is None or not agreement.shares_on(at.date()):
        raise Refused(
            "No agreement is active for your authority, so no record is shown. Counts reach you all the same; "
            "the page Agreement says which step comes next."
        )
    return by.authority


def _signals_of(tx: Transaction, day: date, by: Actor) -> list[SignalRow]:
    if not policy.can(policy.check_can_see_signals, by, authority=by.authority):
        return []
    return signals.of_day(tx, day, by.authority)


def _home(tx: Transaction, day: date, by: Actor) -> DayAtHome | None:
    if not policy.can(policy.check_can_see_facts, by, authority=by.authority):
        return None
    return DayAtHome(
        counts=reading.counts_of_day(tx, day),
        delivery=collecting.delivery(tx, day),
        waiting=collecting.unacknowledged(tx),
        history=reading.specimen_days(tx, day - timedelta(days=HISTORY_DAYS - 1), day),
    )


def _opaque(record_key: str) -> str | None:
    """The key if it has the form of one: anything else came from a typed address and may hold a name."""
    try:
        return str(UUID(record_key))
    except ValueError:
        return None


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
