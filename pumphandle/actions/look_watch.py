"""Look at the alarms and warnings about laboratories. They name no person."""

from datetime import datetime

from pumphandle.actions.look import looking
from pumphandle.governance import policy
from pumphandle.store.decisions import watch
from pumphandle.store.decisions.watch import Watched
from pumphandle.store.engine import Database
from pumphandle.vocabulary.people import Actor


def look_watch(database: Database, *, by: Actor, at: datetime) -> list[Watched]:
    """The newest day first. Raises NotPermitted for roles that do not run the house."""
    with looking(database, "look_quarantine", by=by, at=at) as tx:
        policy.check_can_run(by)
        return watch.latest(tx)
