"""A case names a contact: from now on their follow-up has a clock."""

from datetime import datetime
from uuid import UUID

from pumphandle.actions.look import looking
from pumphandle.governance import policy
from pumphandle.store.decisions import audit, thresholds
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.identified import contacts
from pumphandle.tracing.follow_up import FOLLOW_UP, Clocks, Named, check_named, due
from pumphandle.vocabulary.errors import NotFound
from pumphandle.vocabulary.people import Actor


def name_contact(database: Database, case_key: str, named: Named, *, contact_id: UUID, by: Actor, at: datetime) -> str:
    """Returns the contact's id. The same id again changes nothing: a form sent twice names one contact.

    contact_id : drawn by the door when it shows the empty form
    Raises NotFound for a case that is not the reader's, NotUnderstood with every fault of the form as a sentence.
    """
    with looking(database, "name_contact", by=by, at=at, record_key=case_key) as tx:
        authority = policy.own_authority(policy.check_can_trace, by)
        day = contacts.case_day(tx, case_key)
        if day is None:
            raise NotFound("There is no such case among your residents.")
        if contacts.contact(tx, str(contact_id)) is not None:
            return str(contact_id)
        clocks = clocks_of(tx)
        check_named(named, case_day=day, today=at.date(), clocks=clocks)
        state = FOLLOW_UP.first
        contacts.add(
            tx,
            contact_id,
            named,
            authority=authority,
            case_key=case_key,
            state=state,
            due=due(state, at, exposure_day=named.exposure_day, clocks=clocks),
            by_name=by.name,
            at=at,
        )
        subject: dict[str, object] = {"contact": str(contact_id), "case": case_key, "kind": str(named.kind)}
        audit.add(tx, deed="name_contact", subject=subject, by=by, at=at)
    return str(contact_id)


def clocks_of(tx: Transaction) -> Clocks:
    """The clocks that are in force."""
    return Clocks(
        reach_hours=int(thresholds.current(tx, "reach_hours").value),
        check_hours=int(thresholds.current(tx, "check_hours").value),
        isolation_days=int(thresholds.current(tx, "isolation_days").value),
    )
