"""The line list of one's own authority: filters, columns, order, views that are kept, and one record of it.

Filters that point at nobody stand in the address, so that a view can be kept. A searched name never does: it is sent
as a form, the answer is the page itself, and the next page is asked for by a form again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from pumphandle.actions import look
from pumphandle.actions.keep_view import drop_view, keep_view
from pumphandle.actions.look import LineListView
from pumphandle.actions.own_record import own_record
from pumphandle.governance import policy
from pumphandle.governance.misroutes import WhyNotOurs
from pumphandle.store.identified.line_list import COUNTED_TO, SORTED, LineQuestion
from pumphandle.vocabulary.counts import AGE_BANDS
from pumphandle.vocabulary.errors import NotUnderstood
from pumphandle.web.console.asking import (
    COLUMN_FIELDS,
    COLUMN_NAMES,
    address_of,
    columns_of,
    fields_of,
    question_of,
)
from pumphandle.web.console.exports import FORM_NAMES
from pumphandle.web.console.house import House, TheHouse, render
from pumphandle.web.console.maps import Map, draw
from pumphandle.web.console.pictures import Bars, bars
from pumphandle.web.console.visits import Caller, TheCaller
from pumphandle.web.errors import WebRequest

ORDER_NAMES: Final[Mapping[str, str]] = {
    "newest": "Newest first",
    "oldest": "Oldest first",
    "-arrived": "Last arrived",
    "name": "Name",
    "area": "Area",
    "household": "Household",
}
"""What can be chosen where no column heads are to be seen; every column sorts both ways."""


@dataclass(frozen=True)
class Head:
    """A column's head. address : where the list stands sorted by it; None while searching. way : "", up or down"""

    name: str
    text: str
    address: str | None
    way: str


@dataclass(frozen=True)
class KeptView:
    """A view as a link."""

    view_id: int
    name: str
    address: str
    own: bool
    shared: bool


@dataclass(frozen=True)
class LinesPage:
    """fields : the question as form fields, without search and place; next_address is None while searching
    beside : where the curve and the map of the same selection are
    """

    view: LineListView
    question: LineQuestion
    fields: dict[str, str]
    heads: list[Head]
    columns: tuple[str, ...]
    offered: list[tuple[str, str]]
    views: list[KeptView]
    next_address: str | None
    more_than: int | None
    beside: str
    forms: list[tuple[str, str]]
    age_bands: list[tuple[str, str]]


@dataclass(frozen=True)
class Beside:
    """The curve and the map of a selection; places : (postcode, positives, tests, households)"""

    curve: Bars | None
    map: Map | None
    places: list[tuple[str, int, int, int]]
    positives: int
    tests: int
    area_names: dict[str, str]


@get("/lines", sync_to_thread=True)
def lines(request: WebRequest, caller: TheCaller, house: TheHouse) -> Response[str]:
    asked = dict(request.query_params)
    if "search" in asked:
        raise NotUnderstood("A name or postcode must not stand in an address. Use the search field of the line list.")
    return _page(asked, caller, house)


@post("/lines/search", sync_to_thread=True, status_code=200)
def lines_searched(caller: TheCaller, house: TheHouse) -> Response[str]:
    return _page(caller.form, caller, house)


@get("/lines/beside", sync_to_thread=True)
def beside(request: WebRequest, caller: TheCaller, house: TheHouse) -> Response[str]:
    asked = dict(request.query_params)
    if "search" in asked:
        raise NotUnderstood("A name or postcode must not stand in an address. Use the search field of the line list.")
    return _beside(asked, caller, house)


@post("/lines/beside/searched", sync_to_thread=True, status_code=200)
def beside_searched(caller: TheCaller, house: TheHouse) -> Response[str]:
    return _beside(caller.form, caller, house)


@get("/lines/{record_key:str}", sync_to_thread=True)
def record(record_key: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[str]:
    seen = look.record(house.database, record_key, by=caller.actor, at=caller.at)
    may_give = policy.can(policy.check_can_export, caller.actor, authority=caller.actor.authority)
    return render(house, "record.html", visit=caller.visit, page=seen, may_give=may_give, reasons=list(WhyNotOurs))


@post("/lines/{record_key:str}/own", sync_to_thread=True, status_code=200)
def own(record_key: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[bytes]:
    """Everything held about the person, for the person."""
    checked = caller.form.get("identity_checked") == "yes"
    name, body = own_record(house.database, record_key, identity_checked=checked, by=caller.actor, at=caller.at)
    return Response(
        body, media_type="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@post("/lines/views/kept", sync_to_thread=True)
def view_kept(caller: TheCaller, house: TheHouse) -> Response[str]:
    form = caller.form
    question = fields_of(question_of(form), columns_of(form))
    keep_view(
        house.database, form.get("name", ""), question, shared=form.get("shared") == "yes", by=caller.actor,
        at=caller.at,
    )  # fmt: skip
    return _to("/lines?" + urlencode(question))


@post("/lines/views/dropped", sync_to_thread=True)
def view_dropped(caller: TheCaller, house: TheHouse) -> Response[str]:
    number = caller.form.get("view_id", "")
    if not number.isdecimal():
        raise NotUnderstood("Which view is meant could not be understood.")
    drop_view(house.database, int(number), by=caller.actor, at=caller.at)
    return _to("/lines")


def _page(asked: Mapping[str, str], caller: Caller, house: House) -> Response[str]:
    question, chosen = question_of(asked), columns_of(asked)
    view = look.lines(house.database, question, by=caller.actor, at=caller.at)
    allowed = [name for name, field in COLUMN_FIELDS.items() if field is None or field in view.fields]
    columns = tuple(name for name in chosen if name in allowed)
    after, searching = view.page.next_after, question.search is not None
    fields = fields_of(question, chosen)
    shown = LinesPage(
        view=view,
        question=question,
        fields=fields,
        heads=[_head(name, question, chosen, house) for name in columns],
        columns=columns,
        offered=[(name, _text(name, house)) for name in allowed],
        views=[
            KeptView(one.view_id, one.name, "/lines?" + urlencode(one.question), one.user_name == caller.actor.name,
                     one.shared)
            for one in view.views
        ],
        next_address=address_of(replace(question, after=after), chosen) if after and not searching else None,
        more_than=COUNTED_TO if view.page.total > COUNTED_TO else None,
        beside="/lines/beside/searched" if searching else "/lines/beside?" + urlencode(fields),
        forms=[(str(form), text) for form, text in FORM_NAMES.items()],
        age_bands=[(band, band) for band in AGE_BANDS],
    )  # fmt: skip
    return render(house, "lines.html", visit=caller.visit, page=shown, order_names=ORDER_NAMES)


def _beside(asked: Mapping[str, str], caller: Caller, house: House) -> Response[str]:
    seen = look.beside(house.database, question_of(asked), by=caller.actor, at=caller.at)
    shown = Beside(
        curve=bars(seen.days) if seen.days else None,
        map=draw(seen.ground, []),
        places=[(one.postcode, one.positives, one.tests, one.households) for one in seen.places[:12]],
        positives=sum(day.positives for day in seen.days),
        tests=sum(day.tests for day in seen.days),
        area_names=seen.area_names,
    )
    return render(house, "lines_beside.html", visit=caller.visit, page=shown)


def _head(name: str, question: LineQuestion, columns: tuple[str, ...], house: House) -> Head:
    """A click sorts upwards, a second one downwards; a search is sorted by the form's own field."""
    now = {"newest": "-specimen", "oldest": "specimen"}.get(question.order, question.order)
    way = {name: "up", f"-{name}": "down"}.get(now, "")
    text = _text(name, house)
    if name not in SORTED or question.search is not None:
        return Head(name, text, None, way)
    order = f"-{name}" if way == "up" else name
    return Head(name, text, address_of(replace(question, order=order, after=None), columns), way)


def _text(name: str, house: House) -> str:
    return house.words["small_area_name"] if name == "area" else COLUMN_NAMES.get(name, house.words["identifier_name"])


def _to(address: str) -> Response[str]:
    return Response("", status_code=303, headers={"Location": address})


PAGES: Final[tuple[HTTPRouteHandler, ...]] = (
    lines, lines_searched, beside, beside_searched, record, own, view_kept, view_dropped,
)  # fmt: skip
