"""The agreement of one's own authority, or of all: both sides see the same steps with their times."""

from dataclasses import dataclass

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from pumphandle.actions import agree, look_agreement
from pumphandle.actions.look_agreement import AgreementView
from pumphandle.governance import policy
from pumphandle.vocabulary.errors import NotUnderstood
from pumphandle.vocabulary.places import AreaCode
from pumphandle.web.console.house import TheHouse, render
from pumphandle.web.console.visits import TheCaller


@dataclass(frozen=True)
class AgreementPage:
    """own : the reader is the authority's side; takes : steps that this reader can take now"""

    views: list[AgreementView]
    own: bool
    may_sign: bool
    may_offer: bool


@get("/agreement", sync_to_thread=True)
def agreement(caller: TheCaller, house: TheHouse) -> Response[str]:
    views = look_agreement.agreements_seen(house.database, by=caller.actor, at=caller.at)
    shown = AgreementPage(
        views=views,
        own=caller.actor.authority is not None,
        may_sign=caller.actor.authority is not None
        and policy.can(policy.check_can_step_agreement, caller.actor, authority=caller.actor.authority),
        may_offer=policy.can(policy.check_can_offer_agreement, caller.actor),
    )
    return render(house, "agreement.html", visit=caller.visit, page=shown)


@post("/agreement/{authority:str}/step", sync_to_thread=True, status_code=303)
def agreement_step(authority: FromPath[str], caller: TheCaller, house: TheHouse) -> Redirect:
    """One step; which ones are possible, the table of steps and the caller's side decide."""
    code, step, form = AreaCode(authority), caller.form.get("step", ""), caller.form
    by, at, database = caller.actor, caller.at, house.database
    match step:
        case "name_user":
            agree.name_user(code, form.get("user_name", "").strip().lower(), database=database, by=by, at=at)
        case "sign":
            agree.sign(code, database=database, by=by, at=at)
        case "activate":
            agree.activate(code, database=database, by=by, at=at)
        case "suspend":
            agree.suspend(code, reason=form.get("reason", ""), database=database, by=by, at=at)
        case "resume":
            agree.resume(code, reason=form.get("reason", ""), database=database, by=by, at=at)
        case "activate_in_emergency":
            notice = form.get("notice", "")
            agree.activate_in_emergency(code, notice=notice, days_to_sign=7, database=database, by=by, at=at)
        case _:
            raise NotUnderstood("An agreement has no such step here.")
    return Redirect("/agreement", status_code=303)
