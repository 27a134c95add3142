"""Hand a contact over to the authority where they live: one transaction, two receipts."""

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from pumphandle.actions.follow_up import check_free
from pumphandle.actions.look import looking
from pumphandle.actions.name_contact import clocks_of
from pumphandle.governance import policy
from pumphandle.store.decisions import audit
from pumphandle.store.engine import Database
from pumphandle.store.identified import contacts, handovers
from pumphandle.store.identified.contacts import Step
from pumphandle.store.reference.whose import districts
from pumphandle.tracing.follow_up import FOLLOW_UP, due
from pumphandle.vocabulary.errors import NotFound, NotUnderstood, Refused
from pumphandle.vocabulary.people import Actor

LONGEST_REASON: Final = 300


def hand_over_contact(
    database: Database,
    contact_id: str,
    receiver: str,
    *,
    reason: str,
    version: int,
    new_ids: tuple[UUID, UUID],
    by: Actor,
    at: datetime,
) -> None:
    """The giver's follow-up ends, the receiver's begins with its own clock, and the giver's receipt is written.

    The receiver learns whom to call, when and in what kind of place they met a case, and which authority says so; the
    case stays an opaque key. The giver is told how far the receiver has come, and nothing else.
    new_ids : of the hand-over and of the receiver's contact
    Raises NotFound, Overtaken (another caller wrote about them or has them), Refused (closed or erased already, or the
    same authority), NotUnderstood (no reason).
    """
    with looking(database, "hand_over_contact", by=by, at=at) as tx:
        authority = policy.own_authority(policy.check_can_trace, by)
        known = contacts.contact(tx, contact_id, for_change=True)
        if known is None:
            raise NotFound("There is no such contact in your authority.")
        check_free(known, version, by=by, at=at)
        given = " ".join(reason.split())
        if not given or len(given) > LONGEST_REASON:
            raise NotUnderstood(f"Say why they are handed over, in at most {LONGEST_REASON} characters.")
        if receiver not in dict(districts(tx, but=authority)):
            raise NotUnderstood("Choose the authority that is to follow this contact up.")
        if known.case_authority != authority:
            raise Refused(
                "This contact was handed over to you. Ask the authority that gave them to choose again; "
                "a contact who is passed on twice is lost."
            )
        state = FOLLOW_UP.check(known.state, "hand_over")
        first = FOLLOW_UP.first
        wait = due(first, at, exposure_day=known.exposure_day, clocks=clocks_of(tx))
        handovers.give(
            tx, known, receiver=receiver, new_ids=new_ids, reason=given, state=first, due=wait, by_name=by.name, at=at
        )
        ended = replace(
            known, state=state, since=at, due=None, claimed_by=None, claimed_until=None, version=known.version + 1
        )
        contacts.add_step(tx, contact_id, Step(ended.version, "hand_over", state, at, by.name, {}))
        contacts.put(tx, ended)
        subject: dict[str, object] = {"contact": contact_id, "receiver": receiver, "handover": str(new_ids[0])}
        audit.add(tx, deed="hand_over_contact", subject=subject, by=by, at=at)


def receive_contact(database: Database, contact_id: str, *, by: Actor, at: datetime) -> None:
    """The receiver's receipt. Raises NotFound for what was not handed over to the reader's authority."""
    with looking(database, "receive_contact", by=by, at=at) as tx:
        policy.own_authority(policy.check_can_trace, by)
        known = contacts.contact(tx, contact_id, for_change=True)
        if known is None or not handovers.receive(tx, contact_id, by_name=by.name, at=at):
            raise NotFound("There is no contact here that waits for your receipt.")
        audit.add(tx, deed="receive_contact", subject={"contact": contact_id}, by=by, at=at)
