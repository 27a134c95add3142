"""The line list of one's own authority, and one record of it.

Filters that point at nobody stand in the address, so that a view can be kept. A searched name never does: it is sent
as a form, the answer is the page itself, and the next page is asked for by a form again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from pumphandle.actions import look
from pumphandle.actions.look import LineListView
from pumphandle.store.identified.reading import COUNTED_TO, ORDERS, LineQuestion
from pumphandle.vocabulary.errors import NotUnderstood
from pumphandle.vocabulary.pathogens import TestResult
from pumphandle.vocabulary.records import Change
from pumphandle.web.console.house import House, TheHouse, render
from pumphandle.web.console.visits import Caller, TheCaller
from pumphandle.web.errors import WebRequest

T = TypeVar("T")

ORDER_NAMES: Final[Mapping[str, str]] = {
    "newest": "Newest first",
    "oldest": "Oldest first",
    "arrived": "Last arrived",
    "name": "Name",
    "area": "Area",
}
_LONGEST_SEARCH: Final = 100


@dataclass(frozen=True)
class LinesPage:
    """fields : the question as form fields, without search and place; next_address is None while searching"""

    view: LineListView
    question: LineQuestion
    fields: dict[str, str]
    next_address: str | None
    more_than: int | None


@get("/lines", sync_to_thread=True)
def lines(request: WebRequest, caller: TheCaller, house: TheHouse) -> Response[str]:
    asked = dict(request.query_params)
    if "search" in asked:
        raise NotUnderstood("A name or postcode must not stand in an address. Use the search field of the line list.")
    return _page(question_of(asked), caller, house)


@post("/lines/search", sync_to_thread=True, status_code=200)
def lines_searched(caller: TheCaller, house: TheHouse) -> Response[str]:
    return _page(question_of(caller.form), caller, house)


@get("/lines/{record_key:str}", sync_to_thread=True)
def record(record_key: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[str]:
    seen = look.record(house.database, record_key, by=caller.actor, at=caller.at)
    return render(house, "record.html", visit=caller.visit, page=seen)


def question_of(asked: Mapping[str, str]) -> LineQuestion:
    """Raises NotUnderstood for what no field can send: a filter that is not understood must not be ignored."""
    return LineQuestion(
        result=_read(asked, "result", lambda text: TestResult(text).value),
        first=_read(asked, "first", date.fromisoformat),
        last=_read(asked, "last", date.fromisoformat),
        small_area=_read(asked, "small_area", _short),
        came=_read(asked, "came", date.fromisoformat),
        change=_read(asked, "change", lambda text: Change(text).value),
        search=_read(asked, "search", _short),
        order=_read(asked, "order", _order) or "newest",
        after=_read(asked, "after", lambda text: str(UUID(text))),
    )


def fields_of(question: LineQuestion) -> dict[str, str]:
    """The question as form fields, without search and place."""
    told = {
        "result": question.result,
        "first": question.first,
        "last": question.last,
        "small_area": question.small_area,
        "came": question.came,
        "change": question.change,
        "order": None if question.order == "newest" else question.order,
    }
    return {name: str(value) for name, value in told.items() if value is not None}


def address_of(question: LineQuestion) -> str:
    """Where a question without a search can be asked again."""
    place = {} if question.after is None else {"after": question.after}
    return "/lines?" + urlencode(fields_of(question) | place)


def _page(question: LineQuestion, caller: Caller, house: House) -> Response[str]:
    view = look.lines(house.database, question, by=caller.actor, at=caller.at)
    after = view.page.next_after
    shown = LinesPage(
        view=view,
        question=question,
        fields=fields_of(question),
        next_address=address_of(replace(question, after=after)) if after and question.search is None else None,
        more_than=COUNTED_TO if view.page.total > COUNTED_TO else None,
    )
    return render(house, "lines.html", visit=caller.visit, page=shown, order_names=ORDER_NAMES)


def _read(asked: Mapping[str, str], name: str, understand: Callable[[str], T]) -> T | None:
    text = asked.get(name, "").strip()
    if not text:
        return None
    try:
        return understand(text)
    except ValueError:
        raise NotUnderstood(f"The field {name.replace('_', ' ')} could not be understood.") from None


def _short(text: str) -> str:
    if len(text) > _LONGEST_SEARCH or "\x00" in text:
        raise ValueError(text[:0])
    return text


def _order(text: str) -> str:
    if text not in ORDERS:
        raise ValueError(text[:0])
    return text
