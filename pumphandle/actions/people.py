"""Merge two persons, part them again, decide a doubt: each with a report of what it changes, and each can be undone."""

from datetime import datetime
from uuid import UUID

from pumphandle.actions.look import looking
from pumphandle.actions.mend import next_day
from pumphandle.governance import policy
from pumphandle.identity.effects import Effect, of_merging, of_parting
from pumphandle.store.decisions import audit, thresholds
from pumphandle.store.engine import Database, Transaction, one_at_a_time
from pumphandle.store.identified import people
from pumphandle.store.identified.people import PossibleMatch
from pumphandle.vocabulary.errors import NotFound, NotUnderstood, Refused
from pumphandle.vocabulary.people import Actor


def doubts(database: Database, *, by: Actor, at: datetime) -> list[PossibleMatch]:
    """Pairs that wait for a decision. Looking at them leaves a mark."""
    with looking(database, "look_quarantine", by=by, at=at) as tx:
        policy.check_can_run(by)
        found = people.possible(tx)
        audit.add(tx, deed="look_quarantine", subject={"shown": 2 * len(found), "doubts": len(found)}, by=by, at=at)
        return found


def decide(
    database: Database, one: str, other: str, *, same: bool, reason: str, by: Actor, at: datetime
) -> Effect | None:
    """Whether two persons are one. The same: they are merged, and the effect is told. Raises NotFound, Refused."""
    policy.check_can_run(by)
    with database.transaction() as tx:
        one_at_a_time(tx)
        decision = "same" if same else "different"
        if not people.decide(tx, _key(one), _key(other), decision, reason=_said(reason), by=by.name, at=at):
            raise NotFound("No such pair waits for a decision.")
        audit.add(tx, deed="decide_match", subject={"one": one, "other": other, "same": same}, by=by, at=at)
        return _merge(tx, one, other, reason=reason, by=by, at=at)[1] if same else None


def merge(
    database: Database, kept: str, merged: str, *, reason: str, by: Actor, at: datetime, rehearse: bool = False
) -> tuple[int, Effect]:
    """Everything of `merged` becomes `kept`'s with the next day's linking. Returns the merge's number and its effect.

    rehearse : tell the effect and change nothing
    """
    policy.check_can_run(by)
    with database.transaction() as tx:
        one_at_a_time(tx)
        done = _merge(tx, _key(kept), _key(merged), reason=_said(reason), by=by, at=at)
        if rehearse:
            tx.rollback()
        return done


def split(database: Database, merge_id: int, *, reason: str, by: Actor, at: datetime, rehearse: bool = False) -> Effect:
    """Undo a merge: its records go back, and those that came later under the merged person's identifier with them."""
    policy.check_can_run(by)
    with database.transaction() as tx:
        one_at_a_time(tx)
        merge = people.standing_merge(tx, merge_id)
        if merge is None:
            raise NotFound(f"Merge {merge_id} does not stand: there is none, or it was undone.")
        moving = people.moved_by(tx, merge)
        days = thresholds.current(tx, "episode_days").value
        effect = of_parting(people.records_of(tx, str(merge.kept)), moving, days=int(days))
        people.split(tx, merge, reason=_said(reason), by=by.name, at=at)
        people.add_events(
            tx,
            moving,
            kind="split",
            reason=reason,
            received_on=next_day(tx, at),
            at=at,
            by=by.name,
            person_key=str(merge.merged),
        )
        audit.add(tx, deed="split", subject={"merge_id": merge_id, "records": effect.records}, by=by, at=at)
        if rehearse:
            tx.rollback()
        return effect


def _merge(tx: Transaction, kept: str, merged: str, *, reason: str, by: Actor, at: datetime) -> tuple[int, Effect]:
    if kept == merged:
        raise Refused("These are one person already.")
    for key in (kept, merged):
        if not people.stands(tx, key):
            raise Refused("One of the two is no person here, or was merged into another.")
    if people.identifier(tx, kept) and people.identifier(tx, merged):
        raise Refused("Both have a national identifier: two identifiers are never one person.")
    theirs = people.records_of(tx, merged)
    days = thresholds.current(tx, "episode_days").value
    effect = of_merging(people.records_of(tx, kept), theirs, days=int(days))
    told: dict[str, object] = {"records": effect.records, "cases": effect.cases}
    merge_id = people.merge(tx, kept=kept, merged=merged, reason=reason, by=by.name, at=at, effect=told)
    people.add_events(
        tx,
        theirs["record_key"],
        kind="merged",
        reason=reason,
        received_on=next_day(tx, at),
        at=at,
        by=by.name,
        person_key=kept,
    )
    audit.add(tx, deed="merge", subject={"merge_id": merge_id, "records": effect.records}, by=by, at=at)
    return merge_id, effect


def _key(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise NotUnderstood("A person key has the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx.") from None


def _said(reason: str) -> str:
    if not reason.strip():
        raise Refused("Say why, in a few words: it stands beside the decision from now on.")
    return reason
