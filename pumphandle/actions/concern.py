"""A concern: raised by a council about its own areas or by the centre, answered step by step, its outcome in public."""

from dataclasses import dataclass
from datetime import datetime

from pumphandle.actions.hold import HoldWish, authority_of, place_in
from pumphandle.governance import policy
from pumphandle.governance.concerns import (
    CONCERN,
    DESKS,
    ConcernKind,
    Hours,
    Scope,
    check_outcome,
    check_told,
    clock,
)
from pumphandle.governance.holds import NATION
from pumphandle.store.decisions import audit, concerns, thresholds
from pumphandle.store.decisions.concerns import ConcernRow
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.published import register
from pumphandle.store.published.register import Outcome
from pumphandle.vocabulary.people import Actor


@dataclass(frozen=True)
class Raised:
    """hold_id: None where no hold was asked for."""

    concern_id: int
    hold_id: int | None


def raise_concern(
    database: Database,
    scope: Scope,
    *,
    kind: ConcernKind,
    statement: str,
    evidence: str,
    hold: HoldWish | None,
    by: Actor,
    at: datetime,
) -> Raised:
    """A new case; with a hold on the same scope where one is asked for. All or nothing.

    Raises NotPermitted for areas of others, Refused without a reason, NotFound for an unknown area.
    """
    scope.check()
    check_told(statement, evidence)
    with database.transaction(authority=by.authority, role=by.role) as tx:
        policy.check_can_raise_concern(by, authority=authority_of(tx, scope.area_code))
        number = concerns.add(
            tx, scope, kind=kind, statement=statement.strip(), evidence=evidence.strip(), body=body_of(by),
            by=by.name, at=at,
        )  # fmt: skip
        subject: dict[str, object] = {"concern": number, "kind": kind.value, "area": scope.area_code}
        audit.add(tx, deed="raise_concern", subject=subject, by=by, at=at)
        placed = place_in(tx, scope, kind, hold, concern_id=number, by=by, at=at) if hold is not None else None
    return Raised(number, placed)


def answer(database: Database, concern_id: int, event: str, *, note: str, outcome: str, by: Actor, at: datetime) -> str:
    """One step; the state after it. The last one puts the outcome into the public register."""
    check_outcome(event, outcome)
    with database.transaction(authority=by.authority, role=by.role) as tx:
        policy.check_can_decide_releases(by)
        row = concerns.concern(tx, concern_id)
        after = CONCERN.check(row.state, event)
        concerns.move(tx, row, event=event, after=after, by=by.name, at=at, note=note.strip(), outcome=outcome.strip())
        if after in CONCERN.final:
            _publish(tx, row, at=at)
        audit.add(
            tx, deed="answer_concern", subject={"concern": concern_id, "event": event, "state": after}, by=by, at=at
        )
    return after


def escalate_overdue(*, tx: Transaction, by: Actor, at: datetime) -> int:
    """Every case whose deadline passed goes to the next desk; how many went."""
    hours = hours_chosen(tx)
    gone = 0
    for row in concerns.concerns(tx):
        reached = min(clock(row.state, row.since, hours, at=at).overdue, len(DESKS) - 1)
        if reached > row.desk:
            note = f"No step in time: {DESKS[reached]} has it now."
            concerns.escalate(tx, row, desk=reached, by=by.name, at=at, note=note)
            subject: dict[str, object] = {"concern": row.concern_id, "desk": reached}
            audit.add(tx, deed="escalate_concern", subject=subject, by=by, at=at)
            gone += 1
    return gone


def hours_chosen(tx: Transaction) -> Hours:
    """As people chose them."""
    return Hours(
        answer=int(thresholds.current(tx, "concern_answer_hours").value),
        decision=int(thresholds.current(tx, "concern_decision_hours").value),
    )


def body_of(by: Actor) -> str:
    """In whose name somebody acts: an authority's code, or the national centre."""
    return str(by.authority) if by.authority else NATION


def _publish(tx: Transaction, row: ConcernRow, *, at: datetime) -> None:
    """What the public reads: kind, area, numbers, who raised it, the decision and its sentence."""
    decided = [step.after for step in concerns.steps(tx, row.concern_id) if step.after in ("UPHELD", "NOT_UPHELD")]
    register.add_outcome(
        tx,
        Outcome(
            concern_id=row.concern_id,
            kind=row.kind,
            area_code=row.area_code,
            product=row.product,
            body=row.body,
            raised_on=row.raised_at.date(),
            decision=decided[-1],
            outcome=row.outcome,
            at=at,
        ),
    )
