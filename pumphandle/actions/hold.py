"""A hold: placed by a council on its own areas for a short time, or by a decision; extended, lifted; all in public."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from pumphandle.governance import policy
from pumphandle.governance.concerns import ConcernKind, Scope
from pumphandle.governance.holds import (
    HOLD,
    NATION,
    Answer,
    Hold,
    check_answer,
    check_own_hold,
    check_times,
    measures_held,
)
from pumphandle.governance.roles import MAY, Duty
from pumphandle.store.decisions import audit, holds, thresholds
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.published import register
from pumphandle.store.reference import areas
from pumphandle.vocabulary.errors import NotPermitted, Refused
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaCode, AreaLevel

LONGEST_NOTE: Final = 600


@dataclass(frozen=True)
class HoldWish:
    """What somebody asks for. `note`: the context where the answer is to publish with it; `reason` is not public."""

    answer: Answer
    reason: str
    review_at: datetime | None
    expires_at: datetime | None
    until_persons: int | None = None
    note: str = ""


def place(
    database: Database, scope: Scope, category: ConcernKind, wish: HoldWish, *, by: Actor, at: datetime
) -> int | None:
    """The hold's number; None where the answer holds nothing back. Raises Refused or NotPermitted with the reason."""
    with database.transaction(authority=by.authority, role=by.role) as tx:
        return place_in(tx, scope, category, wish, concern_id=None, by=by, at=at)


def place_in(
    tx: Transaction,
    scope: Scope,
    category: ConcernKind,
    wish: HoldWish,
    *,
    concern_id: int | None,
    by: Actor,
    at: datetime,
) -> int | None:
    """The same, inside a deed of somebody else's."""
    policy.check_can_hold(by, authority=authority_of(tx, scope.area_code))
    k_persons = int(thresholds.current(tx, "k_persons").value)
    check_answer(wish.answer, note=wish.note, until_persons=wish.until_persons, k_persons=k_persons)
    if wish.note.strip():
        _write_note(tx, scope.area_code, wish.note.strip(), by=by, at=at)
    if not measures_held(scope.product, wish.answer):
        return None
    check_times(at, wish.review_at, wish.expires_at)
    if wish.review_at is None or wish.expires_at is None or not wish.reason.strip():
        raise Refused("A hold needs its reason.")
    own = Duty.DECIDE_RELEASES not in MAY.get(by.role, frozenset())
    body = str(by.authority) if own else NATION
    if own:
        earlier = [row.hold for row in holds.holds(tx, body) if row.own and row.area_code == scope.area_code]
        hours = int(thresholds.current(tx, "council_hold_hours").value)
        check_own_hold(wish.expires_at, at=at, hours=hours, earlier=earlier)
    wanted = Hold(
        0, scope.area_code, scope.product, body, category, wish.answer, at, wish.review_at, wish.expires_at, None,
        wish.until_persons if wish.answer is Answer.WAIT else None,
    )  # fmt: skip
    number = holds.add(tx, wanted, concern_id=concern_id, reason=wish.reason.strip(), own=own, by=by.name)
    register.add_entry(tx, number, wanted, entry="placed", at=at)
    subject: dict[str, object] = {
        "hold": number, "area": scope.area_code, "category": category.value, "answer": wish.answer.value,
        "expires_at": wish.expires_at.isoformat(),
    }  # fmt: skip
    audit.add(tx, deed="hold", subject=subject, by=by, at=at)
    return number


def extend(
    database: Database,
    hold_id: int,
    *,
    review_at: datetime | None,
    expires_at: datetime | None,
    by: Actor,
    at: datetime,
) -> None:
    """A longer hold is a decision."""
    with database.transaction(authority=by.authority, role=by.role) as tx:
        policy.check_can_decide_releases(by)
        row = holds.hold(tx, hold_id)
        HOLD.check(row.hold.state(at), "extend")
        check_times(at, review_at, expires_at)
        if review_at is None or expires_at is None:
            raise Refused("A hold needs the days on which it is looked at again and ends.")
        holds.extend(tx, hold_id, review_at=review_at, expires_at=expires_at)
        longer = replace(row.hold, review_at=review_at, expires_at=expires_at)
        register.add_entry(tx, hold_id, longer, entry="extended", at=at)
        subject: dict[str, object] = {"hold": hold_id, "expires_at": expires_at.isoformat()}
        audit.add(tx, deed="extend_hold", subject=subject, by=by, at=at)


def lift(database: Database, hold_id: int, *, outcome: str, by: Actor, at: datetime) -> None:
    """By the body that placed it, or by decision; the outcome is public."""
    if not outcome.strip():
        raise Refused("Lifting a hold needs its outcome in a sentence that the public can read.")
    with database.transaction(authority=by.authority, role=by.role) as tx:
        row = holds.hold(tx, hold_id)
        if not policy.can(policy.check_can_decide_releases, by) and row.body != by.authority:
            raise NotPermitted("That hold was placed by another body.")
        policy.check_can_hold(by, authority=AreaCode(row.body))
        HOLD.check(row.hold.state(at), "lift")
        holds.end(tx, hold_id, at=at, outcome=outcome.strip())
        register.add_entry(tx, hold_id, replace(row.hold, ended_at=at), entry="lifted", at=at, outcome=outcome.strip())
        audit.add(tx, deed="lift_hold", subject={"hold": hold_id}, by=by, at=at)


def write_note(database: Database, area_code: str, note: str, *, by: Actor, at: datetime) -> None:
    """A council's words beside its area on the public site; empty words end the note."""
    with database.transaction(authority=by.authority, role=by.role) as tx:
        policy.check_can_raise_concern(by, authority=authority_of(tx, area_code))
        _write_note(tx, area_code, note.strip(), by=by, at=at)


def _write_note(tx: Transaction, area_code: str, note: str, *, by: Actor, at: datetime) -> None:
    if len(note) > LONGEST_NOTE:
        raise Refused(f"A note has at most {LONGEST_NOTE} characters.")
    register.add_note(tx, area_code, body=str(by.authority or NATION), note=note, at=at)
    audit.add(tx, deed="context_note", subject={"area": area_code, "length": len(note)}, by=by, at=at)


def authority_of(tx: Transaction, area_code: str) -> AreaCode | None:
    """The district that an area is or lies in; None for what is larger. Raises NotFound."""
    found = areas.area(tx, area_code)
    while found.level is AreaLevel.SMALL_AREA and found.parent is not None:
        found = areas.area(tx, found.parent)
    return found.area_code if found.level is AreaLevel.DISTRICT else None
