"""Look at who looked: the week's digest of one's own authority, or, for the auditor, of every one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pumphandle.actions.look import looking
from pumphandle.governance import policy
from pumphandle.governance.digest import LookedAt, Question, questions, summary
from pumphandle.store.decisions import audit
from pumphandle.store.engine import Database
from pumphandle.store.reference import nation
from pumphandle.vocabulary.people import Actor

WEEK: Final = timedelta(days=7)


@dataclass(frozen=True)
class LooksView:
    """The seven days up to now."""

    since: datetime
    accounts: list[LookedAt]
    questions: list[Question]


def looks_seen(database: Database, *, by: Actor, at: datetime) -> LooksView:
    """Of the reader's authority; the auditor's is of all. Looking at the digest is itself remembered."""
    with looking(database, "look_looks", by=by, at=at) as tx:
        policy.check_can_see_looks(by, authority=by.authority)
        zone = ZoneInfo(nation.nation(tx).time_zone)
        looks = audit.looks_since(tx, at - WEEK, authority=by.authority)
        view = LooksView(at - WEEK, summary(looks), questions(looks, zone=zone))
        audit.add(tx, deed="look_looks", subject={"shown": len(looks)}, by=by, at=at)
    return view
