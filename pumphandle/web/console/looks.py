"""Who looked at your residents: the week, and what should be asked about."""

from typing import Final

from litestar import Response, get

from pumphandle.actions import look_looks
from pumphandle.governance.roles import SAID
from pumphandle.web.console.house import TheHouse, render
from pumphandle.web.console.visits import TheCaller

RULES: Final = {
    "bulk": "many records on one day",
    "out_of_hours": "looks between 22:00 and 06:00",
    "repeated": "one record opened again and again",
}


@get("/looks", sync_to_thread=True)
def looks(caller: TheCaller, house: TheHouse) -> Response[str]:
    seen = look_looks.looks_seen(house.database, by=caller.actor, at=caller.at)
    return render(house, "looks.html", visit=caller.visit, page=seen, rules=RULES, said=SAID)
