"""The map of one's own authority: areas by measure, postcodes as dots, clusters as outlines, and a strip of days."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery

from pumphandle.actions.look_map import MapView, look_map
from pumphandle.store.identified.line_list import LineQuestion
from pumphandle.store.identified.mapping import Counted
from pumphandle.store.reference.ground import Ground
from pumphandle.vocabulary.errors import NotUnderstood
from pumphandle.web.console.asking import address_of
from pumphandle.web.console.house import TheHouse, render
from pumphandle.web.console.maps import Map, draw
from pumphandle.web.console.pictures import Bars, bars
from pumphandle.web.console.visits import TheCaller

MEASURES: Final[Mapping[str, str]] = {
    "cases": "Cases",
    "tests": "Tests",
    "positivity": "Share positive",
    "households": "Households with a case",
}
WINDOWS: Final = (1, 7, 14, 28)
SHADES: Final = 5
SHARES: Final = (0.0, 0.02, 0.05, 0.1, 0.2)
"""Lower edges of the shades of positivity."""
FEWEST_TESTS: Final = 10
"""A share of fewer tests is not shaded: it says nothing."""


@dataclass(frozen=True)
class Place:
    """A row of the table. address : its cases in the line list"""

    code: str
    name: str
    cases: int
    tests: int
    households: int
    address: str


@dataclass(frozen=True)
class Outline:
    """A cluster that is drawn around."""

    cluster_id: str
    sentence: str
    state: str
    areas: Sequence[str]


@dataclass(frozen=True)
class MapPage:
    """shades : area -> 1 (least) to 5; legend : what each shade means; earlier, later : addresses, None: no more days
    strip : positives by day of the last months; window : where in it the shown days lie (x, width)
    """

    view: MapView
    measure: str
    days: int
    map: Map | None
    shades: dict[str, int]
    legend: list[str]
    places: list[Place]
    outlines: list[Outline]
    outlined: frozenset[str]
    earlier: str
    later: str | None
    strip: Bars
    window: tuple[float, float]


@get("/map", sync_to_thread=True)
def area_map(
    caller: TheCaller,
    house: TheHouse,
    measure: FromQuery[str | None] = None,
    until: FromQuery[str | None] = None,
    days: FromQuery[str | None] = None,
) -> Response[str]:
    chosen, length, last = _asked(measure, days, until)
    seen = look_map(house.database, until=last, days=length, measure=chosen, by=caller.actor, at=caller.at)
    shades, legend = shade(seen.areas, chosen)
    step = timedelta(days=length)
    outlines = [Outline(one.cluster_id, signal.sentence, one.state, signal.areas) for one, signal in seen.outlined]
    strip = bars(seen.strip)
    first_shown = seen.strip[0].specimen_date
    wide = strip.width / len(seen.strip)
    shown = MapPage(
        view=seen,
        measure=chosen,
        days=length,
        map=draw(Ground(seen.shapes, seen.spots, seen.barriers), {code for one in outlines for code in one.areas}),
        shades=shades,
        legend=legend,
        places=[_place(one, seen) for one in seen.areas],
        outlines=outlines,
        outlined=frozenset(code for one in outlines for code in one.areas),
        earlier=_address(chosen, seen.until - step, length),
        later=_address(chosen, min(seen.until + step, seen.newest), length) if seen.until < seen.newest else None,
        strip=strip,
        window=(round(max((seen.first - first_shown).days, 0) * wide, 1), round(length * wide, 1)),
    )
    return render(house, "map.html", visit=caller.visit, page=shown, measures=MEASURES, windows=WINDOWS)


def shade(counted: Sequence[Counted], measure: str) -> tuple[dict[str, int], list[str]]:
    """Shades of areas and their meaning, least first. Counts are cut at squares of their highest, shares at SHARES."""
    if measure == "positivity":
        shares = {one.place: one.cases / one.tests for one in counted if one.tests >= FEWEST_TESTS}
        legend = [f"{low:.0%} to {high:.0%}" for low, high in itertools.pairwise(SHARES)]
        return {code: sum(value >= edge for edge in SHARES) for code, value in shares.items()}, [
            *legend,
            "20% and more",
        ]
    values = {one.place: int(getattr(one, measure)) for one in counted}
    top = max(values.values(), default=0)
    edges = sorted({max(1, -(-top * step * step // SHADES**2)) for step in range(SHADES)})
    legend = [f"{low:,}" if low == high - 1 else f"{low:,} to {high - 1:,}" for low, high in itertools.pairwise(edges)]
    legend.append(f"{edges[-1]:,} and more" if top > edges[-1] else f"{edges[-1]:,}")
    return {code: sum(value >= edge for edge in edges) for code, value in values.items() if value > 0}, legend


def _place(one: Counted, seen: MapView) -> Place:
    question = LineQuestion(result="positive", first=seen.first, last=seen.until, small_area=one.place)
    name = seen.area_names.get(one.place, one.place)
    return Place(one.place, name, one.cases, one.tests, one.households, address_of(question))


def _address(measure: str, until: date, days: int) -> str:
    return f"/map?measure={measure}&until={until}&days={days}"


def _asked(measure: str | None, days: str | None, until: str | None) -> tuple[str, int, date | None]:
    try:
        length = int(days or 7)
        last = date.fromisoformat(until) if until else None
    except ValueError:
        raise NotUnderstood("The days of the map could not be understood.") from None
    chosen = measure or "cases"
    if chosen not in MEASURES or length not in WINDOWS:
        raise NotUnderstood("The map knows no such measure, or no such number of days.")
    return chosen, length, last


PAGES: Final[tuple[HTTPRouteHandler, ...]] = (area_map,)
