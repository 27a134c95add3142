"""Look at what was known at a past moment: counts by laboratory, no person."""

from datetime import datetime

from pumphandle.actions.look import looking
from pumphandle.governance import policy
from pumphandle.store.decisions import audit
from pumphandle.store.engine import Database
from pumphandle.store.identified import history
from pumphandle.store.identified.history import Known
from pumphandle.vocabulary.errors import Refused
from pumphandle.vocabulary.people import Actor


def known(database: Database, moment: datetime, *, by: Actor, at: datetime) -> list[Known]:
    """Every record as its last event known at `moment` had it, counted. Raises Refused for a moment to come."""
    if moment > at:
        raise Refused("That moment lies ahead: nobody knows yet what will be known then. Name one that is past.")
    with looking(database, "look_known", by=by, at=at) as tx:
        policy.check_can_run(by)
        audit.add(tx, deed="look_known", subject={"moment": moment.isoformat()}, by=by, at=at)
        return history.counts_as_of(tx, moment)
