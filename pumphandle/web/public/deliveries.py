"""How long deliveries take, by authority and over all: as a page and as data. Packages are counted, never people."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from pumphandle.publication import deliveries as told
from pumphandle.publication.deliveries import Account
from pumphandle.web.errors import WebRequest
from pumphandle.web.public.answers import CSV, JSON
from pumphandle.web.public.asking import Asked
from pumphandle.web.public.desk import Desk
from pumphandle.web.public.parameters import STANDING
from pumphandle.web.public.visit import Visit

Answer = Response[bytes]


def _account(desk: Desk, visit: Visit) -> Account | None:
    """What was written with the run of the visit's release, or of the last day before it."""
    return told.account(desk.holdings.deliveries(visit.release.as_of), nation=visit.nation.code)


@get("/deliveries", sync_to_thread=True, include_in_schema=False)
def deliveries_page(request: WebRequest, desk: NamedDependency[Desk], wish: NamedDependency[Asked]) -> Answer:
    """Whether directors get their records the same day: legs over all, and each authority in order of name."""
    visit = desk.visit(wish)

    def context() -> dict[str, Any]:
        account, places = _account(desk, visit), visit.shelf.atlas.places
        named = [
            (places[code].name if code in places else code, legs)
            for code, legs in (account.authorities.items() if account else ())
        ]
        return {"account": account, "authorities": sorted(named, key=lambda one: one[0]), "within": told.within}

    return desk.page(request, visit, "deliveries.html", context, path="/deliveries")


@get("/deliveries.csv", sync_to_thread=True)
def deliveries_csv(request: WebRequest, desk: NamedDependency[Desk]) -> Answer:
    """One row for each area and leg, and one for the result time; empty where there is no number."""
    visit, asked = desk.ask(request, STANDING)

    def make() -> bytes:
        return told.deliveries_csv(_account(desk, visit), nation=visit.nation.code)

    name = f"deliveries-{visit.release.release_id}.csv"
    return desk.answer(request, visit, asked, make, media_type=CSV, file_name=name)


@get("/deliveries.json", sync_to_thread=True)
def deliveries_json(request: WebRequest, desk: NamedDependency[Desk]) -> Answer:
    """The same rows; a number that is not known is null."""
    visit, asked = desk.ask(request, STANDING)

    def make() -> bytes:
        return told.deliveries_json(_account(desk, visit), visit.release, nation=visit.nation.code)

    return desk.answer(request, visit, asked, make, media_type=JSON)
