"""Records that are not of one's own: sent on from the record's page; tombstones, and for the centre incidents."""

from typing import Final

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from pumphandle.actions import send_on
from pumphandle.governance import policy
from pumphandle.web.console.house import TheHouse, render
from pumphandle.web.console.laboratories import laboratory_names
from pumphandle.web.console.visits import TheCaller


@post("/lines/{record_key:str}/not-ours", sync_to_thread=True, status_code=303)
def not_ours(record_key: FromPath[str], caller: TheCaller, house: TheHouse) -> Redirect:
    form = caller.form
    send_on.not_ours(
        house.database, record_key, to=form.get("to", ""), postcode=form.get("postcode", ""),
        reason=form.get("reason", ""), by=caller.actor, at=caller.at,
    )  # fmt: skip
    return Redirect("/misroutes", status_code=303)


@post("/misroutes/{record_key:str}/taken", sync_to_thread=True, status_code=303)
def taken(record_key: FromPath[str], caller: TheCaller, house: TheHouse) -> Redirect:
    send_on.take_record(house.database, record_key, by=caller.actor, at=caller.at)
    return Redirect("/misroutes", status_code=303)


@get("/misroutes", sync_to_thread=True)
def misroutes(caller: TheCaller, house: TheHouse) -> Response[str]:
    seen = send_on.misroutes_seen(house.database, by=caller.actor, at=caller.at)
    laboratories = laboratory_names(house, caller)
    own = caller.actor.authority
    may_take = policy.can(policy.check_can_send_on, caller.actor, authority=own)
    return render(
        house, "misroutes.html", visit=caller.visit, page=seen, own=own, may_take=may_take, laboratories=laboratories
    )


PAGES: Final[tuple[HTTPRouteHandler, ...]] = (not_ours, taken, misroutes)
