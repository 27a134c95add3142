"""Break-glass: open it, read through it, end it, review it. It shows, and can neither grant nor hand anything over."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from pumphandle.actions.look import looking, opaque, remember_refusal
from pumphandle.governance import policy
from pumphandle.governance.break_glass import GLASS, MACHINES, check_asked, check_verdict, review_due, state_at
from pumphandle.store.decisions import accounts, agreements, audit, break_glass, thresholds
from pumphandle.store.decisions.break_glass import GlassRow
from pumphandle.store.engine import Database, Through, Transaction
from pumphandle.store.identified import line_list, reading
from pumphandle.store.identified.line_list import LinePage, LineQuestion
from pumphandle.store.identified.reading import Line
from pumphandle.store.reference import areas, names
from pumphandle.vocabulary.errors import NotFound, NotPermitted, Refused
from pumphandle.vocabulary.people import Actor, Role
from pumphandle.vocabulary.places import AreaCode, AreaLevel

NOTHING_SUCH = "There is no such break-glass."


@dataclass(frozen=True)
class GlassView:
    """One as it stands now; may_read, may_end, may_review : by the reader of the list"""

    row: GlassRow
    state: str
    may_read: bool
    may_end: bool
    may_review: bool


@dataclass(frozen=True)
class GlassList:
    """others : authorities that the reader can open one on, none for who may not; purposes : code -> sentence

    longest_hours, review_days : None where nobody has chosen them: then none can be opened
    """

    known: list[GlassView]
    purposes: dict[str, str]
    others: list[areas.Area]
    longest_hours: int | None
    review_days: int | None
    area_names: dict[str, str]


@dataclass(frozen=True)
class SeenThrough:
    """What was read, and through what."""

    row: GlassRow
    authority_name: str
    page: LinePage


@dataclass(frozen=True)
class RecordThrough:
    """One record, and what is linked to it within its authority."""

    row: GlassRow
    authority_name: str
    line: Line
    same_person: list[Line]
    same_household: list[Line]


def open_glass(
    database: Database, authority: AreaCode, *, purpose: str, hours: int, glass_id: str, by: Actor, at: datetime
) -> None:
    """From now on `by` reads that authority's records, for so many hours; its own directors see it at once.

    glass_id : a new one. Raises NotUnderstood for a purpose that is not in the list, NotPermitted, Refused, NotFound.
    """
    with looking(database, "break_glass", by=by, at=at) as tx:
        policy.check_can_break_glass(by, authority=authority)
        if by.authority is None:
            raise NotPermitted("Your role serves no authority.")
        longest, days = (thresholds.current(tx, name).value for name in ("glass_hours", "glass_review_days"))
        check_asked(purpose, hours, known=frozenset(break_glass.purposes(tx)), longest=longest)
        if areas.area(tx, authority).level is not AreaLevel.DISTRICT:
            raise Refused(f"{authority} is no district: only a district has residents of its own.")
        break_glass.add(
            tx,
            glass_id,
            authority=authority,
            user_name=by.name,
            user_authority=by.authority,
            purpose=purpose,
            opened_at=at,
            ends_at=at + timedelta(hours=hours),
            review_due=review_due(at, days=days),
        )
        subject: dict[str, object] = {"glass": glass_id, "of": authority, "why": purpose, "hours": hours}
        audit.add(tx, deed="break_glass", subject=subject, by=by, at=at)


def refuse_machine(database: Database, *, by: Actor, at: datetime) -> None:
    """A machine asked for it: always refused, in one sentence, and remembered. Raises NotPermitted."""
    with looking(database, "break_glass", by=by, at=at):
        raise NotPermitted(MACHINES)


def known_glass(database: Database, *, by: Actor, at: datetime) -> GlassList:
    """Those of the reader's authority, on either side; for who oversees all, every one."""
    with looking(database, "look_glass", by=by, at=at) as tx:
        policy.check_can_see_glass(by)
        found = [_view(tx, row, by, at) for row in break_glass.every(tx, of=by.authority)]
        codes = {code for one in found for code in (one.row.authority, one.row.user_authority)}
        others = [
            one
            for one in areas.areas(tx)
            if one.level is AreaLevel.DISTRICT and policy.can(policy.check_can_break_glass, by, authority=one.area_code)
        ]
        audit.add(tx, deed="look_glass", subject={"shown": len(found)}, by=by, at=at)
        longest, days = (thresholds.find(tx, name) for name in ("glass_hours", "glass_review_days"))
        return GlassList(
            found,
            break_glass.purposes(tx),
            others,
            None if longest is None else longest.value,
            None if days is None else days.value,
            names.of_areas(tx, codes),
        )


def lines(database: Database, glass_id: str, question: LineQuestion, *, by: Actor, at: datetime) -> SeenThrough:
    """A page of that authority's line list. Raises Refused once it is over, NotPermitted for anybody else."""
    row, named = _to_read(database, "look_glass_lines", glass_id, by=by, at=at)
    with _reading(database, "look_glass_lines", row, by=by, at=at) as (tx, fields):
        page = line_list.lines(tx, question, fields=fields)
        subject: dict[str, object] = {
            "glass": glass_id,
            "shown": len(page.lines),
            "filters": question.filters,
            "records": [line.record_key for line in page.lines],
        }
        audit.add(tx, deed="look_glass_lines", subject=subject, by=_through(row, by), at=at)
    return SeenThrough(row, named, page)


def record(database: Database, glass_id: str, record_key: str, *, by: Actor, at: datetime) -> RecordThrough:
    """Raises NotFound for what does not exist and for what is not of that authority."""
    row, named = _to_read(database, "look_glass_record", glass_id, by=by, at=at)
    key = opaque(record_key)
    with _reading(database, "look_glass_record", row, by=by, at=at, record_key=key) as (tx, _):
        found = reading.line(tx, key) if key else None
        if found is None:
            raise NotFound("There is no such record among that authority's residents.")
        view = RecordThrough(
            row=row,
            authority_name=named,
            line=found,
            same_person=reading.others_of_person(tx, found),
            same_household=reading.others_of_household(tx, found),
        )
        keys = [line.record_key for line in (found, *view.same_person, *view.same_household)]
        subject: dict[str, object] = {"glass": glass_id, "record_key": found.record_key, "records": keys}
        audit.add(tx, deed="look_glass_record", subject=subject, by=_through(row, by), at=at)
    return view


def end_glass(database: Database, glass_id: str, *, by: Actor, at: datetime) -> None:
    """Before its time: by who reads, or at once by a director of the authority. Raises NotFound, Refused."""
    with looking(database, "end_glass", by=by, at=at) as tx:
        policy.check_can_see_glass(by)
        row = _found(tx, glass_id, by)
        if not _may_end(row, by):
            raise NotPermitted("Who reads ends it, or a director of the authority whose records are read.")
        GLASS.check(_state(row, at), "end")
        break_glass.end(tx, glass_id, by_name=by.name, at=at)
        audit.add(tx, deed="end_glass", subject={"glass": glass_id}, by=by, at=at)


def review_glass(database: Database, glass_id: str, *, verdict: str, note: str, by: Actor, at: datetime) -> None:
    """Say whether it was justified: somebody else than who read. Raises NotFound, Refused, NotUnderstood."""
    with looking(database, "review_glass", by=by, at=at) as tx:
        row = _found(tx, glass_id, by)
        policy.check_can_review_glass(by, authority=AreaCode(row.authority), own=_own(tx, row, by))
        said, why = check_verdict(verdict, note)
        GLASS.check(_state(row, at), "review")
        break_glass.review(tx, glass_id, verdict=said, note=why, by_name=by.name, at=at)
        subject: dict[str, object] = {"glass": glass_id, "verdict": str(said)}
        audit.add(tx, deed="review_glass", subject=subject, by=by, at=at)


def escalate_glass(tx: Transaction, *, by: Actor, at: datetime) -> int:
    """Whose review is overdue goes to the national centre, once; how many."""
    late = break_glass.escalate(tx, at=at)
    for row in late:
        subject: dict[str, object] = {"glass": row.glass_id, "of": row.authority}
        audit.add(tx, deed="escalate_glass", subject=subject, by=by, at=at)
    return len(late)


def _to_read(database: Database, deed: str, glass_id: str, *, by: Actor, at: datetime) -> tuple[GlassRow, str]:
    """What is read through, and whose records; a refusal is remembered."""
    with looking(database, deed, by=by, at=at) as tx:
        row = _found(tx, glass_id, by)
        policy.check_can_break_glass(by, authority=AreaCode(row.authority))
        if row.user_name != by.name:
            raise NotPermitted("Break-glass is for the person who opened it.")
        state = _state(row, at)
        if state != GLASS.first:
            raise Refused(f"This break-glass is {state}: {GLASS.states[state]}")
        return row, names.of_areas(tx, [row.authority]).get(row.authority, row.authority)


@contextmanager
def _reading(
    database: Database, deed: str, row: GlassRow, *, by: Actor, at: datetime, record_key: str | None = None
) -> Generator[tuple[Transaction, frozenset[str]]]:
    """A transaction that shows that authority's records and takes nothing but its mark in the audit; and the fields of
    the owner's own agreement: nobody sees more through break-glass than the owner does."""
    try:
        with database.transaction(role=Role.BREAK_GLASS, through=Through(row.glass_id, by.name, at)) as tx:
            agreement = agreements.find(tx, AreaCode(row.authority))
            if agreement is None or not agreement.in_force_on(at.date()):
                raise Refused("That authority is shown no record itself just now: its agreement is not active.")
            yield tx, frozenset(agreement.fields)
    except (Refused, NotFound) as refusal:
        remember_refusal(database, deed, refusal, by=by, at=at, record_key=record_key)
        raise


def _through(row: GlassRow, by: Actor) -> Actor:
    """Who reads, as the owner's part of the audit names them."""
    return Actor(by.name, Role.BREAK_GLASS, AreaCode(row.authority), by.purpose)


def _found(tx: Transaction, glass_id: str, by: Actor) -> GlassRow:
    """One of the actor's authority, on either side; for who serves none, any."""
    row = break_glass.find(tx, glass_id)
    if row is None or (by.authority and by.authority not in (row.authority, row.user_authority)):
        raise NotFound(NOTHING_SUCH)
    return row


def _state(row: GlassRow, at: datetime) -> str:
    return state_at(ends_at=row.ends_at, ended_at=row.ended_at, due=row.review_due, reviewed_at=row.reviewed_at, at=at)


def _may_end(row: GlassRow, by: Actor) -> bool:
    return by.role is Role.DIRECTOR and (by.name == row.user_name or by.authority == row.authority)


def _own(tx: Transaction, row: GlassRow, by: Actor) -> bool:
    return accounts.person_of(tx, row.user_name) == accounts.person_of(tx, by.name)


def _view(tx: Transaction, row: GlassRow, by: Actor, at: datetime) -> GlassView:
    state = _state(row, at)
    mine = row.user_name == by.name
    can_review = policy.can(policy.check_can_review_glass, by, authority=AreaCode(row.authority), own=_own(tx, row, by))
    return GlassView(
        row,
        state,
        may_read=state == "open" and mine,
        may_end="end" in GLASS.events(state) and _may_end(row, by),
        may_review="review" in GLASS.events(state) and can_review,
    )
