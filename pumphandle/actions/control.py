"""Say what is done about an outbreak: a control measure from a day on, and its end."""

from datetime import date, datetime
from typing import Final

from pumphandle.actions.look import looking
from pumphandle.actions.look_signals import authority_in
from pumphandle.governance import policy
from pumphandle.store.decisions import audit, clusters, control
from pumphandle.store.decisions.clusters import Outbreak
from pumphandle.store.engine import Database, Transaction
from pumphandle.vocabulary.errors import NotFound, NotUnderstood, Refused
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaCode

LONGEST: Final = 200


def add_measure(database: Database, outbreak_id: str, what: str, first_day: date, *, by: Actor, at: datetime) -> None:
    """Raises NotUnderstood with a sentence for each fault, Refused once the outbreak is closed."""
    with looking(database, "control", by=by, at=at) as tx:
        found = _open(tx, outbreak_id, by)
        told = " ".join(what.split())
        faults = {
            "Say what was done.": not told,
            f"Say it in at most {LONGEST} characters.": len(told) > LONGEST,
            "A measure cannot begin more than a year before the outbreak was declared.": (
                (found.declared_at.date() - first_day).days > 365
            ),
            "A measure that is only planned is written down when it begins.": first_day > at.date(),
        }
        wrong = [sentence for sentence, fault in faults.items() if fault]
        if wrong:
            raise NotUnderstood(" ".join(wrong))
        control.add(tx, outbreak_id, authority=found.authority, what=told, first_day=first_day, by_name=by.name, at=at)
        subject: dict[str, object] = {"outbreak": outbreak_id, "first_day": first_day.isoformat()}
        audit.add(tx, deed="control", subject=subject, by=by, at=at)


def end_measure(
    database: Database, outbreak_id: str, measure_id: int, last_day: date, *, by: Actor, at: datetime
) -> None:
    """Raises Refused for one that has ended, or a day before it began or after today."""
    with looking(database, "control", by=by, at=at) as tx:
        _open(tx, outbreak_id, by)
        if last_day > at.date() or not control.end(
            tx, measure_id, outbreak_id=outbreak_id, last_day=last_day, by_name=by.name
        ):
            raise Refused("A measure ends once, not before it began and not in the future.")
        subject: dict[str, object] = {"outbreak": outbreak_id, "measure": measure_id, "last_day": last_day.isoformat()}
        audit.add(tx, deed="control", subject=subject, by=by, at=at)


def _open(tx: Transaction, outbreak_id: str, by: Actor) -> Outbreak:
    named = authority_in(tx, outbreak_id.rpartition("-")[0], what="outbreak")
    policy.check_can_decide(by, authority=named, escalated=False)
    found = clusters.outbreak(tx, outbreak_id)
    if found is None:
        raise NotFound("There is no such outbreak.")
    policy.check_can_decide(by, authority=AreaCode(found.authority), escalated=False)
    if found.closed_at is not None:
        raise Refused("This outbreak is closed; its measures stay as they were.")
    return found
