"""The receipt clock as a page: a board of authorities by days, what is late, and how long each leg takes."""

from typing import Final

from litestar import Response, get

from pumphandle.actions import look_receipts
from pumphandle.vocabulary.people import Role
from pumphandle.web.console.house import TheHouse, render
from pumphandle.web.console.visits import TheCaller

WHO: Final = {Role.STEWARD: "the steward", Role.DIRECTOR: "the director", Role.NATIONAL: "the national centre"}
"""As people say it."""


@get("/receipts", sync_to_thread=True)
def receipts(caller: TheCaller, house: TheHouse) -> Response[str]:
    seen = look_receipts.receipts_seen(house.database, by=caller.actor, at=caller.at)
    return render(house, "receipts.html", visit=caller.visit, page=seen, who=WHO)
