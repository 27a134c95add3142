"""Cases that hang together: sets and flare-ups, and one of them as pictures with its tables."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from pumphandle.actions import look_sets
from pumphandle.actions.look_sets import SetView
from pumphandle.store.identified.sets import FLARE_UPS, SETS, Shelf
from pumphandle.web.console.house import House, TheHouse, render
from pumphandle.web.console.network import network
from pumphandle.web.console.visits import Caller, TheCaller

WIDTH: Final = 720
ROW: Final = 22
MARGIN: Final = 40


@dataclass(frozen=True)
class Dot:
    """A case in the picture; `own` False: another authority's, without a name."""

    case_key: str
    x: float
    y: float
    own: bool


@dataclass(frozen=True)
class Line:
    """A link in the picture, from the earlier case to the later one."""

    x1: float
    y1: float
    x2: float
    y2: float
    kind: str
    strength: str


@dataclass(frozen=True)
class Picture:
    """Time runs to the right; one row a case; lines are links."""

    dots: list[Dot]
    lines: list[Line]
    days: list[tuple[float, date]]
    height: int
    width: int = WIDTH


@get("/links", sync_to_thread=True)
def linked(caller: TheCaller, house: TheHouse) -> Response[str]:
    found, joined = (
        look_sets.of_authority(house.database, shelf, by=caller.actor, at=caller.at) for shelf in (SETS, FLARE_UPS)
    )
    return render(house, "links.html", visit=caller.visit, sets=found, flare_ups=joined)


@get("/links/{set_id:path}", sync_to_thread=True)
def one_set(set_id: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[str]:
    return _one(SETS, set_id, caller, house)


@get("/flare-ups/{flare_id:path}", sync_to_thread=True)
def one_flare_up(flare_id: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[str]:
    return _one(FLARE_UPS, flare_id, caller, house)


def _one(shelf: Shelf, set_id: str, caller: Caller, house: House) -> Response[str]:
    seen = look_sets.one(house.database, shelf, set_id.removeprefix("/"), by=caller.actor, at=caller.at)
    return render(
        house, "linked_set.html", visit=caller.visit, page=seen, flare=shelf is FLARE_UPS, network=network(seen),
        picture=picture(seen),
    )  # fmt: skip


def picture(view: SetView) -> Picture:
    """Rows in order of time, households kept together; another authority's case takes its day from its link."""
    day_of = {case.case_key: case.day for case in view.cases}
    for link in view.links:
        day_of.setdefault(link.later, link.day)
        day_of.setdefault(link.earlier, date.fromordinal(link.day.toordinal() - link.days_apart))
    home = {case.case_key: case.household_key for case in view.cases}
    begun: dict[str, date] = {}
    for key, day in day_of.items():
        group = home.get(key, key)
        begun[group] = min(day, begun.get(group, day))
    order = sorted(day_of, key=lambda key: (begun[home.get(key, key)], home.get(key, key), day_of[key], key))
    first, last = min(day_of.values()), max(day_of.values())
    span = max(1, (last - first).days)

    def across(day: date) -> float:
        return round(MARGIN + (WIDTH - 2 * MARGIN) * (day - first).days / span, 1)

    place = {key: (across(day_of[key]), MARGIN + ROW * at) for at, key in enumerate(order)}
    marks = [date.fromordinal(first.toordinal() + at) for at in range(0, span + 1, max(1, span // 8))]
    return Picture(
        dots=[Dot(key, *place[key], own=key in home) for key in order],
        lines=[Line(*place[each.earlier], *place[each.later], each.kind, each.strength) for each in view.links],
        days=[(across(day), day) for day in marks],
        height=2 * MARGIN + ROW * len(order),
    )


PAGES: Final[tuple[HTTPRouteHandler, ...]] = (linked, one_set, one_flare_up)
