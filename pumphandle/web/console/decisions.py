"""What the public is about to see: a council's own part, concerns and holds, reviews, cases with their clocks."""

from datetime import date, datetime, timedelta
from typing import TypeVar

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from pumphandle.actions import concern, hold, look_decisions, release
from pumphandle.actions.hold import HoldWish
from pumphandle.governance import policy
from pumphandle.governance.concerns import ConcernKind, Product, Scope
from pumphandle.governance.holds import REVIEW_DAYS, Answer
from pumphandle.governance.releases import Vote
from pumphandle.vocabulary.errors import NotUnderstood
from pumphandle.web.console.house import TheHouse, render
from pumphandle.web.console.visits import Caller, TheCaller

T = TypeVar("T", ConcernKind, Product, Vote, Answer)


@get("/decisions", sync_to_thread=True)
def decisions(caller: TheCaller, house: TheHouse) -> Response[str]:
    by = caller.actor
    seen = look_decisions.decisions(house.database, by=by, at=caller.at)
    return render(
        house,
        "decisions.html",
        visit=caller.visit,
        page=seen,
        now=caller.at,
        council=by.authority is not None,
        reviews=policy.can(policy.check_can_review_releases, by),
        decides=policy.can(policy.check_can_decide_releases, by),
    )


@get("/decisions/areas/{code:str}", sync_to_thread=True)
def area(code: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[str]:
    """The effect of every answer, before the choice; then the form."""
    seen = look_decisions.effects_of(house.database, code, by=caller.actor, at=caller.at)
    return render(
        house, "decisions_area.html", visit=caller.visit, page=seen, kinds=list(ConcernKind), products=list(Product),
        answers=list(Answer),
    )  # fmt: skip


@post("/decisions/areas/{code:str}/concern", sync_to_thread=True, status_code=303)
def raise_concern(code: FromPath[str], caller: TheCaller, house: TheHouse) -> Redirect:
    form = caller.form
    scope = Scope(code, _one(Product, form.get("product", "")), caller.at.date(), None)
    concern.raise_concern(
        house.database, scope, kind=_one(ConcernKind, form.get("kind", "")), statement=form.get("statement", ""),
        evidence=form.get("evidence", ""), hold=_wish(caller), by=caller.actor, at=caller.at,
    )  # fmt: skip
    return Redirect("/decisions", status_code=303)


@post("/decisions/areas/{code:str}/note", sync_to_thread=True, status_code=303)
def note(code: FromPath[str], caller: TheCaller, house: TheHouse) -> Redirect:
    hold.write_note(house.database, code, caller.form.get("note", ""), by=caller.actor, at=caller.at)
    return Redirect("/decisions", status_code=303)


@post("/decisions/holds/{number:int}/lift", sync_to_thread=True, status_code=303)
def lift(number: FromPath[int], caller: TheCaller, house: TheHouse) -> Redirect:
    hold.lift(house.database, number, outcome=caller.form.get("outcome", ""), by=caller.actor, at=caller.at)
    return Redirect("/decisions", status_code=303)


@post("/decisions/concerns/{number:int}/answer", sync_to_thread=True, status_code=303)
def answer(number: FromPath[int], caller: TheCaller, house: TheHouse) -> Redirect:
    form = caller.form
    concern.answer(
        house.database, number, form.get("event", ""), note=form.get("note", ""), outcome=form.get("outcome", ""),
        by=caller.actor, at=caller.at,
    )  # fmt: skip
    return Redirect("/decisions", status_code=303)


@post("/decisions/releases/{day:str}/vote", sync_to_thread=True, status_code=303)
def vote(day: FromPath[str], caller: TheCaller, house: TheHouse) -> Redirect:
    try:
        about = date.fromisoformat(day)
    except ValueError:
        raise NotUnderstood("The day could not be understood.") from None
    given, reason = _one(Vote, caller.form.get("vote", "")), caller.form.get("reason", "")
    release.vote(house.database, about, given, reason=reason, by=caller.actor, at=caller.at)
    return Redirect("/decisions", status_code=303)


def _wish(caller: Caller) -> HoldWish | None:
    """The answer that was chosen; `none` raises the concern alone."""
    form = caller.form
    if form.get("answer", "none") == "none":
        return None
    try:
        hours = int(form.get("hours", ""))
        persons = int(form["until_persons"]) if form.get("until_persons") else None
    except ValueError:
        raise NotUnderstood("Hours and persons are whole numbers.") from None
    chosen = _one(Answer, form["answer"])
    end = caller.at + timedelta(hours=hours)
    return HoldWish(
        answer=chosen,
        reason=form.get("statement", ""),
        review_at=_review(caller.at, end),
        expires_at=end,
        until_persons=persons if chosen is Answer.WAIT else None,
        note=form.get("note", ""),
    )


def _review(begin: datetime, end: datetime) -> datetime:
    return min(end, begin + timedelta(days=REVIEW_DAYS))


def _one(kind: type[T], value: str) -> T:
    try:
        return kind(value)
    except ValueError:
        raise NotUnderstood(f"Choose one of: {', '.join(kind)}.") from None
