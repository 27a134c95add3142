"""What was delivered to one's own authority: list, package, receipt."""

from datetime import date

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from pumphandle.actions import collect, look
from pumphandle.governance import policy
from pumphandle.vocabulary.errors import NotUnderstood
from pumphandle.web.console.house import TheHouse, render
from pumphandle.web.console.visits import TheCaller


@get("/deliveries", sync_to_thread=True)
def deliveries(caller: TheCaller, house: TheHouse) -> Response[str]:
    seen = look.deliveries(house.database, by=caller.actor, at=caller.at)
    may_collect = policy.can(policy.check_can_collect, caller.actor, authority=caller.actor.authority)
    return render(house, "deliveries.html", visit=caller.visit, deliveries=seen, may_collect=may_collect)


@post("/deliveries/{day:str}/package", sync_to_thread=True, status_code=200)
def package(day: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[bytes]:
    """A form and not a link: downloading changes the receipt."""
    sealed = collect.collect(house.database, house.home / "deliveries", _day(day), by=caller.actor, at=caller.at)
    return Response(
        sealed.content,
        media_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{sealed.file_name}"'},
    )


@post("/deliveries/{day:str}/acknowledge", sync_to_thread=True, status_code=303)
def acknowledge(day: FromPath[str], caller: TheCaller, house: TheHouse) -> Redirect:
    collect.acknowledge(house.database, _day(day), by=caller.actor, at=caller.at)
    return Redirect("/today" if caller.form.get("back") == "today" else "/deliveries", status_code=303)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotUnderstood("The day could not be understood.") from None
