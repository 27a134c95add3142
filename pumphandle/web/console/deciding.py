"""What the national centre decides of what is public: longer holds, recalls, single institutions, the status rule."""

from datetime import date, timedelta
from typing import Final

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from pumphandle.actions import choose_rule, hold, recall
from pumphandle.governance import policy
from pumphandle.governance.concerns import ConcernKind
from pumphandle.governance.holds import REVIEW_DAYS
from pumphandle.publication.status.rules import read_rule, shipped
from pumphandle.store.published import status_rules
from pumphandle.vocabulary.errors import NotUnderstood
from pumphandle.web.console.house import TheHouse, render
from pumphandle.web.console.visits import Caller, TheCaller

LONGEST_RULE: Final = 20_000
"""Characters of a rule's text."""


@get("/decisions/public", sync_to_thread=True)
def public(caller: TheCaller, house: TheHouse) -> Response[str]:
    """Forms for what is out already."""
    policy.check_can_decide_releases(caller.actor)
    with house.database.transaction(authority=caller.actor.authority, role=caller.actor.role) as tx:
        chosen = status_rules.versions(tx)
    rules = {name: read_rule(text) for name, text in shipped().items()}
    return render(
        house, "decisions_public.html", visit=caller.visit, kinds=list(ConcernKind), rules=rules,
        in_force=chosen[0] if chosen else None, longest=LONGEST_RULE,
    )  # fmt: skip


@post("/decisions/holds/{number:int}/extend", sync_to_thread=True, status_code=303)
def extend(number: FromPath[int], caller: TheCaller, house: TheHouse) -> Redirect:
    end = caller.at + timedelta(hours=_whole(caller, "hours"))
    review = min(end, caller.at + timedelta(days=REVIEW_DAYS))
    hold.extend(house.database, number, review_at=review, expires_at=end, by=caller.actor, at=caller.at)
    return Redirect("/decisions", status_code=303)


@post("/decisions/public/recall", sync_to_thread=True, status_code=303)
def take_back(caller: TheCaller, house: TheHouse) -> Redirect:
    """Of one area; without an area the whole release."""
    form = caller.form
    try:
        kind = ConcernKind(form.get("category", ""))
    except ValueError:
        raise NotUnderstood(f"Choose one of: {', '.join(ConcernKind)}.") from None
    day = _day(caller, "release")
    recall.recall(
        house.database, day.isoformat(), form.get("area", "").strip() or None, category=kind,
        reason=form.get("reason", ""), by=caller.actor, at=caller.at,
    )  # fmt: skip
    return Redirect("/decisions/public", status_code=303)


@post("/decisions/public/exclude", sync_to_thread=True, status_code=303)
def exclude(caller: TheCaller, house: TheHouse) -> Redirect:
    first, last = _day(caller, "first"), _day(caller, "last")
    recall.exclude(
        house.database, caller.form.get("area", "").strip(), first, last, reason=caller.form.get("reason", ""),
        by=caller.actor, at=caller.at,
    )  # fmt: skip
    return Redirect("/decisions/public", status_code=303)


@post("/decisions/public/rule", sync_to_thread=True, status_code=303)
def rule(caller: TheCaller, house: TheHouse) -> Redirect:
    """A shipped example by its name, or the text of a rule of one's own."""
    form = caller.form
    text, named = form.get("text", "").strip(), form.get("name", "")
    if len(text) > LONGEST_RULE:
        raise NotUnderstood(f"A rule's text has at most {LONGEST_RULE:,} characters.")
    if not text and named not in shipped():
        raise NotUnderstood("Choose one of the rules that come with the house, or paste the text of your own.")
    choose_rule.choose(
        house.database, text or shipped()[named], reason=form.get("reason", ""), by=caller.actor, at=caller.at
    )
    return Redirect("/decisions/public", status_code=303)


def _day(caller: Caller, name: str) -> date:
    try:
        return date.fromisoformat(caller.form.get(name, ""))
    except ValueError:
        raise NotUnderstood(f"The day in {name!r} could not be understood; write YYYY-MM-DD.") from None


def _whole(caller: Caller, name: str) -> int:
    try:
        return int(caller.form.get(name, ""))
    except ValueError:
        raise NotUnderstood(f"{name.capitalize()} is a whole number.") from None
