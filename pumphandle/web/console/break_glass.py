"""Break-glass: who reads whose records, opened for a coded purpose, read in pages of its own, ended, reviewed.

Nothing on these pages can be handed on, exported or changed: they only show. A searched name is sent as a form.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode
from uuid import uuid4

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from pumphandle.actions import break_glass as deed
from pumphandle.governance.break_glass import Verdict
from pumphandle.store.identified.line_list import COUNTED_TO, LineQuestion
from pumphandle.vocabulary.errors import NotUnderstood
from pumphandle.vocabulary.places import AreaCode
from pumphandle.web.console.asking import fields_of, question_of
from pumphandle.web.console.house import House, TheHouse, render
from pumphandle.web.console.visits import Caller, TheCaller
from pumphandle.web.errors import WebRequest

ASKED: Final = ("result", "first", "last", "sex", "age_band", "search", "order", "after")
"""What can be asked of another authority's lines; the rest belongs to its own work."""


@dataclass(frozen=True)
class GlassLines:
    """next_address : None while searching, or on the last page"""

    seen: deed.SeenThrough
    question: LineQuestion
    next_address: str | None
    more_than: int | None


@get("/break-glass", sync_to_thread=True)
def glasses(caller: TheCaller, house: TheHouse) -> Response[str]:
    found = deed.known_glass(house.database, by=caller.actor, at=caller.at)
    return render(house, "break_glass.html", visit=caller.visit, page=found, verdicts=[str(one) for one in Verdict])


@post("/break-glass/opened", sync_to_thread=True)
def opened(caller: TheCaller, house: TheHouse) -> Response[str]:
    form = caller.form
    hours = form.get("hours", "")
    if not hours.isdecimal():
        raise NotUnderstood("Say for how many hours, as a whole number.")
    glass_id = f"G{uuid4().hex[:10].upper()}"
    deed.open_glass(
        house.database, AreaCode(form.get("authority", "")), purpose=form.get("purpose", ""), hours=int(hours),
        glass_id=glass_id, by=caller.actor, at=caller.at,
    )  # fmt: skip
    return _to(f"/break-glass/{glass_id}/lines")


@get("/break-glass/{glass_id:str}/lines", sync_to_thread=True)
def glass_lines(glass_id: FromPath[str], request: WebRequest, caller: TheCaller, house: TheHouse) -> Response[str]:
    asked = dict(request.query_params)
    if "search" in asked:
        raise NotUnderstood("A name or postcode must not stand in an address. Use the search field.")
    return _page(glass_id, asked, caller, house)


@post("/break-glass/{glass_id:str}/search", sync_to_thread=True, status_code=200)
def glass_searched(glass_id: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[str]:
    return _page(glass_id, caller.form, caller, house)


@get("/break-glass/{glass_id:str}/lines/{record_key:str}", sync_to_thread=True)
def glass_record(
    glass_id: FromPath[str], record_key: FromPath[str], caller: TheCaller, house: TheHouse
) -> Response[str]:
    seen = deed.record(house.database, glass_id, record_key, by=caller.actor, at=caller.at)
    return render(house, "glass_record.html", visit=caller.visit, page=seen)


@post("/break-glass/{glass_id:str}/ended", sync_to_thread=True)
def ended(glass_id: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[str]:
    deed.end_glass(house.database, glass_id, by=caller.actor, at=caller.at)
    return _to("/break-glass")


@post("/break-glass/{glass_id:str}/reviewed", sync_to_thread=True)
def reviewed(glass_id: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[str]:
    form = caller.form
    deed.review_glass(
        house.database, glass_id, verdict=form.get("verdict", ""), note=form.get("note", ""), by=caller.actor,
        at=caller.at,
    )  # fmt: skip
    return _to("/break-glass")


def _page(glass_id: str, asked: Mapping[str, str], caller: Caller, house: House) -> Response[str]:
    question = question_of({name: value for name, value in asked.items() if name in ASKED})
    seen = deed.lines(house.database, glass_id, question, by=caller.actor, at=caller.at)
    after = seen.page.next_after if question.search is None else None
    told = fields_of(replace(question, after=None)) | ({} if after is None else {"after": after})
    shown = GlassLines(
        seen=seen,
        question=question,
        next_address=f"/break-glass/{glass_id}/lines?{urlencode(told)}" if after is not None else None,
        more_than=COUNTED_TO if seen.page.total > COUNTED_TO else None,
    )
    return render(house, "glass_lines.html", visit=caller.visit, page=shown)


def _to(address: str) -> Response[str]:
    return Response("", status_code=303, headers={"Location": address})


PAGES: Final[tuple[HTTPRouteHandler, ...]] = (
    glasses, opened, glass_lines, glass_searched, glass_record, ended, reviewed,
)  # fmt: skip
