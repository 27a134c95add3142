"""The page of the day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, cast

from litestar import Response, get
from litestar.params import FromQuery

from pumphandle.actions import look_today
from pumphandle.actions.look_today import LOUD, Today
from pumphandle.governance import policy
from pumphandle.store.decisions.runs import STEPS, RunStep
from pumphandle.store.decisions.watch import Watched
from pumphandle.vocabulary.errors import NotUnderstood
from pumphandle.web.console.house import TheHouse, render
from pumphandle.web.console.pictures import Bars, bars
from pumphandle.web.console.visits import TheCaller

WORKED: Final[Mapping[str, str]] = {
    "reach": "contacts reached",
    "try": "contacts called in vain",
    "isolate": "contacts stay at home",
    "fall_ill": "contacts fell ill",
    "test": "contacts tested",
    "check": "contacts asked again",
    "close": "follow-ups or outbreaks closed",
    "lose": "contacts given up",
    "reopen": "follow-ups opened again",
    "take up": "clusters taken up",
    "dismiss": "clusters dismissed",
    "declare": "outbreaks declared",
    "name": "contacts named",
}
"""Event -> what became of the work, in this order."""
WEEK: Final = 7


@dataclass(frozen=True)
class TodayPage:
    """asked : whether the reader chose the days; spans : (address, name) of what else they can choose
    late : laboratories that sent fewer lines than agreed, or None if the run did not say
    unplaced : results in the nation whose postcode led to no area, or None
    to_act_on, late_to_act : signals that wait for somebody, and those whose clock has run out
    worked : (how many, what), as far as there is any
    days_old : days since the newest run
    unfinished : steps of the newest run that are still to come
    """

    today: Today
    asked: bool
    spans: list[tuple[str, str]]
    late: list[str] | None
    silent: list[Watched]
    unplaced: int | None
    sees_signals: bool
    to_act_on: int
    late_to_act: int
    worked: list[tuple[int, str]]
    days_old: int
    unfinished: list[str]
    may_acknowledge: bool
    history: Bars | None


@get("/today", sync_to_thread=True)
def today(caller: TheCaller, house: TheHouse, since: FromQuery[str | None] = None) -> Response[str]:
    by, at = caller.actor, caller.at
    asked = _day(since)
    seen = look_today.today(house.database, begun_at=caller.visit.begun_at, since=asked, by=by, at=at)
    steps = seen.steps.values()
    waiting = [one for one in seen.clusters.values() if one.status in LOUD]
    shown = TodayPage(
        today=seen,
        asked=asked is not None,
        spans=_spans(seen.run_date, asked),
        late=_late(steps),
        silent=[one for one in seen.watched if one.kind == "silent"],
        unplaced=_number(steps, "unplaced_waiting"),
        sees_signals=policy.can(policy.check_can_see_signals, by, authority=by.authority),
        to_act_on=len(waiting),
        late_to_act=sum(one.act_by is not None and one.act_by <= at for one in waiting),
        worked=[(seen.worked[event], what) for event, what in WORKED.items() if event in seen.worked],
        days_old=_days_old(seen.run_date, at.date()),
        unfinished=[step for step in STEPS if step not in seen.steps],
        may_acknowledge=policy.can(policy.check_can_collect, by, authority=by.authority),
        history=bars(seen.home.history) if seen.home and seen.home.history else None,
    )
    return render(house, "today.html", visit=caller.visit, page=shown, now=at)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise NotUnderstood("The day could not be understood.") from None


def _spans(run_date: date | None, asked: date | None) -> list[tuple[str, str]]:
    """What else can be chosen: the newest day alone, a week, or what is new to the reader."""
    if run_date is None:
        return []
    week = run_date - timedelta(days=WEEK - 1)
    spans = [(f"/today?since={run_date}", "this day"), (f"/today?since={week}", "a week")]
    return [*spans, ("/today", "since my last look")] if asked else spans


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
