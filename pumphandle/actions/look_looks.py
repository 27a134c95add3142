"""Who looked at whose residents: the week's digest on its page, and in the package of every Monday."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from pumphandle.actions.look import looking
from pumphandle.delivery.looks import as_looks, as_questions
from pumphandle.governance import policy
from pumphandle.governance.digest import LookedAt, Question, questions, summary
from pumphandle.store.decisions import audit
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.reference import nation
from pumphandle.vocabulary.people import Actor

MONDAY: Final = 1
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


def weekly(
    tx: Transaction, day: date, authorities: Collection[str], *, at: datetime
) -> dict[str, dict[str, pl.DataFrame]]:
    """Authority -> the tables `looks` and `questions` of the seven days up to now, to go out with a Monday's package;
    nothing on other days. Where nobody looked the tables are empty: that says so."""
    if day.isoweekday() != MONDAY:
        return {}
    zone = ZoneInfo(nation.nation(tx).time_zone)
    looked = audit.looked_since(tx, at - WEEK)
    made: dict[str, dict[str, pl.DataFrame]] = {}
    for code in sorted(authorities):
        looks = audit.looks_since(tx, at - WEEK, authority=code) if code in looked else []
        made[code] = {"looks": as_looks(summary(looks)), "questions": as_questions(questions(looks, zone=zone))}
    return made
