"""What changed between any two releases, and why: as a page and as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from litestar import Response, get
from litestar.di import NamedDependency

from pumphandle.publication.changes import WORDS, Change, Reason, changes, counted
from pumphandle.publication.edition import Edition
from pumphandle.publication.records import envelope, release_record
from pumphandle.vocabulary.errors import BadParameter
from pumphandle.web.errors import WebRequest
from pumphandle.web.public.answers import HTML, JSON
from pumphandle.web.public.api import links_of, page_of
from pumphandle.web.public.asking import Asked
from pumphandle.web.public.desk import Desk
from pumphandle.web.public.parameters import AREA, CODE, CURSOR, LIMIT, Given, Parameter, given, release_name
from pumphandle.web.public.visit import Visit

EVERYWHERE: Final = (Reason.NEW_DAY, Reason.RULE_CHANGED, Reason.AREAS_CHANGED)
"""Reasons that hold for all areas at once: told once."""
LISTED: Final = 200
"""Changes that the page lists; the data has all."""


def _release(name: str, meaning: str) -> Parameter:
    schema = {"type": "string", "pattern": f"^{CODE}$"}
    return Parameter(name, meaning, "the name of a release, such as 2020-06-30", schema, release_name)


FROM: Final = _release("from", "The earlier release; default the one before `to`")
TO: Final = _release("to", "The later release; default the newest")
PARAMETERS: Final = (FROM, TO, AREA, LIMIT, CURSOR)


@dataclass(frozen=True)
class Pair:
    """Two releases of one visit, and what lies between them."""

    visit: Visit
    earlier: Edition
    later: Edition
    area: str | None

    @property
    def given(self) -> list[Change]:
        nodes = None if self.area is None else self.later.atlas.nodes_under(self.area)
        return changes(self.earlier, self.later, nodes)

    def everywhere(self, found: list[Change]) -> list[Change]:
        """One of each reason that holds everywhere."""
        return list({one.reason: one for one in found if one.reason in EVERYWHERE}.values())


def _pair(desk: Desk, asked: Given) -> Pair:
    visit = desk.visit(Asked())
    shelf = visit.shelf
    later = shelf.release(asked["to"]) if "to" in asked else shelf.latest()
    before = shelf.releases[max(0, later.sequence - 2)]
    earlier = shelf.release(asked["from"]) if "from" in asked else before
    if earlier.sequence > later.sequence:
        raise BadParameter("from", "a release before that of `to`")
    if "area" in asked:
        shelf.atlas.place(asked["area"])
    editions = (desk.holdings.edition(shelf, one) for one in (earlier, later))
    return Pair(visit, *editions, area=asked.get("area"))


def _record(pair: Pair, one: Change) -> dict[str, Any]:
    told: dict[str, Any] = {
        "area_code": pair.later.atlas.nodes[one.node],
        "measure": one.measure.value,
        "reason": one.reason.value,
        "first_day": one.first,
        "last_day": one.last,
    }
    if one.reason is Reason.WINDOW_CLOSED:
        told["window"] = {
            "first_day": one.window_first,
            "last_day": one.window_last,
            "value": one.value,
            "release_id": one.release_id,
        }
    return told


@get("/changes.json", sync_to_thread=True)
def changes_json(request: WebRequest, desk: NamedDependency[Desk]) -> Response[bytes]:
    """Every reason for which a seven-day figure differs between two releases, with the days that it reaches."""
    asked = given(request, PARAMETERS)
    pair = _pair(desk, asked)

    def make() -> bytes:
        found = pair.given
        listed = [one for one in found if one.reason not in EVERYWHERE]
        begin, size = page_of(asked)
        data = {
            "from": release_record(pair.earlier.release),
            "to": release_record(pair.later.release),
            "cells": {reason.value: number for reason, number in counted(pair.earlier, pair.later, found).items()},
            "everywhere": [
                {"reason": one.reason.value, "first_day": one.first, "last_day": one.last}
                for one in pair.everywhere(found)
            ],
            "changes": [_record(pair, one) for one in listed[begin : begin + size]],
            "total": len(listed),
            "reasons": {reason.value: words for reason, words in WORDS.items()},
        }
        rest = dict(asked) | {"from": pair.earlier.release.release_id, "to": pair.later.release.release_id}
        links = links_of("/changes.json", rest, pair.later.release.release_id, begin, size, len(listed))
        return envelope(pair.later.release, data, links)

    return desk.answer(request, pair.visit, asked, make, media_type=JSON)


@get("/changes", sync_to_thread=True)
def changes_page(request: WebRequest, desk: NamedDependency[Desk], wish: NamedDependency[Asked]) -> Response[bytes]:
    """The same for people: choose two releases, read what changed and why."""
    known = {one.name: one for one in (FROM, TO, AREA)}
    chosen = {name: value for name, value in request.query_params.items() if name in known and value}
    asked = {name: known[name].read_or_refuse(value) for name, value in chosen.items()}
    pair = _pair(desk, asked)

    def make() -> bytes:
        return desk.render("changes.html", visit=pair.visit, asked=wish, path="/changes", **_context(pair))

    return desk.answers.send(
        request,
        make,
        address=f"/changes {sorted(asked.items())} {wish.query()}",
        standing_on=desk.standing_on(pair.visit),
        settled=False,
        media_type=HTML,
    )


def _context(pair: Pair) -> Mapping[str, Any]:
    found = pair.given
    listed = [one for one in found if one.reason not in EVERYWHERE]
    cells = counted(pair.earlier, pair.later, found)
    atlas = pair.later.atlas
    return {
        "pair": pair,
        "cells": [(WORDS[reason], number) for reason, number in cells.items()],
        "differing": sum(cells.values()),
        "rows": [(atlas.places[atlas.nodes[one.node]], one, WORDS[one.reason]) for one in listed[:LISTED]],
        "total": len(listed),
    }
