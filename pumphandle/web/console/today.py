"""The page of the day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import cast

from litestar import Response, get

from pumphandle.actions import look
from pumphandle.actions.look import Today
from pumphandle.governance import policy
from pumphandle.store.decisions.runs import STEPS, RunStep
from pumphandle.web.console.house import TheHouse, render
from pumphandle.web.console.pictures import Bars, bars
from pumphandle.web.console.visits import TheCaller


@dataclass(frozen=True)
class TodayPage:
    """late : laboratories that sent fewer lines than agreed, or None if the run did not say
    unplaced : results in the nation whose postcode led to no area, or None
    days_old : days since the newest run
    unfinished : steps of the newest run that are still to come
    """

    today: Today
    late: list[str] | None
    unplaced: int | None
    days_old: int
    unfinished: list[str]
    may_acknowledge: bool
    history: Bars | None


@get("/today", sync_to_thread=True)
def today(caller: TheCaller, house: TheHouse) -> Response[str]:
    seen = look.today(house.database, by=caller.actor, at=caller.at)
    steps = seen.steps.values()
    shown = TodayPage(
        today=seen,
        late=_late(steps),
        unplaced=_number(steps, "unplaced_waiting"),
        days_old=_days_old(seen.run_date, caller.at.date()),
        unfinished=[step for step in STEPS if step not in seen.steps],
        may_acknowledge=policy.can(policy.check_can_collect, caller.actor, authority=caller.actor.authority),
        history=bars(seen.home.history) if seen.home else None,
    )
    return render(house, "today.html", visit=caller.visit, page=shown)


def _late(steps: Iterable[RunStep]) -> list[str] | None:
    for step in steps:
        named = step.summary.get("late_laboratories")
        if isinstance(named, list):
            return [str(name) for name in cast(list[object], named)]
    return None


def _number(steps: Iterable[RunStep], key: str) -> int | None:
    for step in steps:
        found = step.summary.get(key)
        if isinstance(found, int):
            return found
    return None


def _days_old(run_date: date | None, now: date) -> int:
    return 0 if run_date is None else (now - run_date).days
