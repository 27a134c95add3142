"""Follow a contact up: take the next one, say what happened, see how it stands. No two people call the same contact."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from pumphandle.actions.look import looking
from pumphandle.actions.name_contact import clocks_of
from pumphandle.governance import policy
from pumphandle.store.decisions import audit
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.identified import contacts, handovers
from pumphandle.store.identified.contacts import Contact, Step
from pumphandle.store.identified.handovers import Handover
from pumphandle.store.reference.whose import district_of, districts
from pumphandle.tracing.follow_up import FOLLOW_UP, MACHINE, Clocks, due, path
from pumphandle.tracing.script import call_script
from pumphandle.vocabulary.errors import NotFound, Refused
from pumphandle.vocabulary.people import Actor, Role

CLAIM: Final = timedelta(minutes=30)
"""A contact belongs to who took them for so long, then waits in the list again: a closed browser forgets nobody."""


@dataclass(frozen=True)
class FollowUpView:
    """A contact, what happened so far, and what may happen next by this person.

    handover : the two receipts, if another authority gave or took this contact
    home : the authority in which their postcode lies, if it is another one; others : those that could take them over
    """

    contact: Contact
    steps: list[Step]
    events: list[str]
    handover: Handover | None
    home: str | None
    others: list[tuple[str, str]]


class Overtaken(Refused):
    """Somebody else said something about this contact meanwhile; what was typed is still on the page."""


def check_free(known: Contact, version: int, *, by: Actor, at: datetime) -> None:
    """Raises Refused for a contact who was erased, Overtaken for one whom somebody else wrote about or has taken."""
    if known.erased_on is not None:
        raise Refused(f"Who this contact was has been erased on {known.erased_on}: the follow-up is over for good.")
    if known.version != version:
        raise Overtaken("Somebody else has written about this contact meanwhile. Read it, then send yours again.")
    if known.claimed_by not in (None, by.name) and known.claimed_until is not None and known.claimed_until > at:
        raise Overtaken(f"{known.claimed_by} has taken this contact until {known.claimed_until:%H:%M}.")


def take_next(database: Database, *, by: Actor, at: datetime) -> FollowUpView | None:
    """The most overdue contact whom nobody has taken; None when nobody waits."""
    with looking(database, "take_next", by=by, at=at) as tx:
        policy.own_authority(policy.check_can_trace, by)
        taken = contacts.claim_next(tx, at=at, until=at + CLAIM, by_name=by.name)
        if taken is None:
            return None
        audit.add(tx, deed="take_next", subject={"contact": taken}, by=by, at=at)
        return _view(tx, taken, by)


def see(database: Database, contact_id: str, *, by: Actor, at: datetime) -> FollowUpView:
    """Raises NotFound for what is not there or is another authority's."""
    with looking(database, "look_contact", by=by, at=at) as tx:
        policy.own_authority(policy.check_can_trace, by)
        view = _view(tx, contact_id, by)
        audit.add(tx, deed="look_contact", subject={"contact": view.contact.contact_id}, by=by, at=at)
        return view


def call(
    database: Database, contact_id: str, *, version: int, sent: Mapping[str, str], by: Actor, at: datetime
) -> Contact:
    """What a call came to: the script's answers say which step of the follow-up it was.

    version : of the contact that the person had before them
    Raises NotUnderstood with a sentence for every question that is not answered; else as `say`.
    """
    answers = call_script().answers(sent)
    return _happened(database, contact_id, call_script().event(answers), version, answers, by=by, at=at)


def say(database: Database, contact_id: str, event: str, *, version: int, by: Actor, at: datetime) -> Contact:
    """A step that needs no call: checked, closed, lost, reopened.

    Raises Overtaken if the contact has moved on since or somebody else has taken it; Refused for a step that its state
    has not, or that is a director's.
    """
    return _happened(database, contact_id, event, version, {}, by=by, at=at)


def _happened(
    database: Database,
    contact_id: str,
    event: str,
    version: int,
    answers: Mapping[str, str],
    *,
    by: Actor,
    at: datetime,
) -> Contact:
    """The claim ends with it."""
    with looking(database, "follow_up", by=by, at=at) as tx:
        policy.own_authority(policy.check_can_trace, by)
        known = contacts.contact(tx, contact_id, for_change=True)
        if known is None:
            raise NotFound("There is no such contact in your authority.")
        check_free(known, version, by=by, at=at)
        if event == "hand_over":
            raise Refused("A contact is handed over to an authority: choose which.")
        clocks = clocks_of(tx)
        changed = known
        for each in path(known.state, event):
            if each not in _events(changed.state, by):
                raise Refused("That step is a director's.")
            changed = _after(changed, each, clocks, at)
            contacts.add_step(tx, contact_id, Step(changed.version, each, changed.state, at, by.name, dict(answers)))
        contacts.put(tx, changed)
        handovers.tell(tx, changed, by_name=by.name, at=at)
        subject: dict[str, object] = {"contact": contact_id, "event": event, "state": changed.state}
        audit.add(tx, deed="follow_up", subject=subject, by=by, at=at)
        return changed


def _after(known: Contact, event: str, clocks: Clocks, at: datetime) -> Contact:
    state = FOLLOW_UP.check(known.state, event)
    return replace(
        known,
        state=state,
        since=at,
        due=due(state, at, exposure_day=known.exposure_day, clocks=clocks),
        reached_at=known.reached_at or (at if event == "reach" else None),
        claimed_by=None,
        claimed_until=None,
        version=known.version + 1,
    )


def _view(tx: Transaction, contact_id: str, by: Actor) -> FollowUpView:
    found = contacts.contact(tx, contact_id)
    if found is None:
        raise NotFound("There is no such contact in your authority.")
    elsewhere = districts(tx, but=found.authority)
    home = district_of(tx, found.postcode)
    return FollowUpView(
        contact=found,
        steps=contacts.steps(tx, contact_id),
        events=sorted(_events(found.state, by)) if found.erased_on is None else [],
        handover=handovers.of_contact(tx, contact_id),
        home=home if home in dict(elsewhere) else None,
        others=elsewhere,
    )


def _events(state: str, by: Actor) -> frozenset[str]:
    """What this person may say now: a director everything, a tracer what is the tracer's."""
    return frozenset(
        move.event
        for move in FOLLOW_UP.moves
        if move.before == state and move.by != MACHINE and (by.role is Role.DIRECTOR or move.by == "tracer")
    )
