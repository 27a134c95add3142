"""Look at how useful the releases are: no person, but a look is remembered."""

from datetime import datetime
from typing import Final

from pumphandle.actions.look import looking
from pumphandle.governance import policy
from pumphandle.store.decisions import audit
from pumphandle.store.decisions import usefulness as shelf
from pumphandle.store.decisions.usefulness import ReleaseUsefulness
from pumphandle.store.engine import Database
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.people import Actor

RELEASES: Final = 60
"""The newest so many are shown."""


def look_usefulness(database: Database, measure: Measure, *, by: Actor, at: datetime) -> list[ReleaseUsefulness]:
    """The newest releases, oldest first. Raises NotPermitted."""
    with looking(database, "look_usefulness", by=by, at=at) as tx:
        policy.check_can_see_usefulness(by)
        found = shelf.history(tx, str(measure), releases=RELEASES)
        audit.add(tx, deed="look_usefulness", subject={"measure": str(measure), "releases": len(found)}, by=by, at=at)
    return found
