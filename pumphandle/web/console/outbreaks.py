"""An outbreak: its situation as a page and as a PDF, what is done about it, and its closing."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from pumphandle.actions.control import add_measure, end_measure
from pumphandle.actions.decide import decide
from pumphandle.actions.look import NO_TRACING
from pumphandle.actions.look_outbreak import OutbreakView, look_outbreak, report_outbreak
from pumphandle.store.identified.line_list import LineQuestion
from pumphandle.vocabulary.errors import NotPermitted, NotUnderstood, Refused
from pumphandle.web.console.asking import address_of
from pumphandle.web.console.house import House, TheHouse, render
from pumphandle.web.console.visits import Caller, TheCaller


@dataclass(frozen=True)
class OutbreakPage:
    """sent : what was typed and refused, with the sentence that says why

    lines, lines_of_week : its cases in the line list, all and those of the last seven days
    """

    view: OutbreakView
    lines: str
    lines_of_week: str
    sent: dict[str, str]
    sentence: str | None


@get("/outbreaks/{outbreak_id:str}", sync_to_thread=True)
def outbreak(outbreak_id: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[str]:
    return _page(outbreak_id, caller, house)


@get("/outbreaks/{outbreak_id:str}/report.pdf", sync_to_thread=True)
def report(outbreak_id: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[bytes]:
    name, made = report_outbreak(house.database, outbreak_id, by=caller.actor, at=caller.at)
    return Response(
        made, media_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{_plain(name)}"'}
    )


@post("/outbreaks/{outbreak_id:str}/measures", sync_to_thread=True)
def measure(outbreak_id: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[str]:
    form = caller.form
    try:
        first = _day(form.get("first_day", ""))
        add_measure(house.database, outbreak_id, form.get("what", ""), first, by=caller.actor, at=caller.at)
    except NotPermitted:
        raise
    except (NotUnderstood, Refused) as refused:
        return _page(outbreak_id, caller, house, sent=dict(form), sentence=str(refused))
    return _back(outbreak_id)


@post("/outbreaks/{outbreak_id:str}/measures/{number:int}/ended", sync_to_thread=True)
def measure_ended(
    outbreak_id: FromPath[str], number: FromPath[int], caller: TheCaller, house: TheHouse
) -> Response[str]:
    try:
        last = _day(caller.form.get("last_day", ""))
        end_measure(house.database, outbreak_id, number, last, by=caller.actor, at=caller.at)
    except NotPermitted:
        raise
    except (NotUnderstood, Refused) as refused:
        return _page(outbreak_id, caller, house, sent=dict(caller.form), sentence=str(refused))
    return _back(outbreak_id)


@post("/outbreaks/{outbreak_id:str}/closed", sync_to_thread=True)
def closed(outbreak_id: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[str]:
    form = caller.form
    seen = look_outbreak(house.database, outbreak_id, by=caller.actor, at=caller.at)
    try:
        decide(
            house.database,
            seen.outbreak.cluster_id,
            "close",
            reason=form.get("reason", ""),
            lessons=form.get("lessons", ""),
            by=caller.actor,
            at=caller.at,
        )
    except NotPermitted:
        raise
    except Refused as refused:
        return _page(outbreak_id, caller, house, sent=dict(form), sentence=str(refused))
    return _back(outbreak_id)


def _page(
    outbreak_id: str, caller: Caller, house: House, *, sent: dict[str, str] | None = None, sentence: str | None = None
) -> Response[str]:
    seen = look_outbreak(house.database, outbreak_id, by=caller.actor, at=caller.at)
    all_of_it = LineQuestion(cluster=seen.outbreak.cluster_id)
    first, last = seen.situation.week if seen.situation else (None, None)
    shown = OutbreakPage(
        view=seen,
        lines=address_of(all_of_it),
        lines_of_week=address_of(replace(all_of_it, first=first, last=last)),
        sent=sent or {},
        sentence=sentence,
    )
    status = 400 if sentence else 200
    return render(
        house,
        "outbreak.html",
        visit=caller.visit,
        status=status,
        page=shown,
        today=caller.at.date(),
        no_tracing=NO_TRACING,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotUnderstood("Give the day.") from None


def _plain(text: str) -> str:
    """Only what an identifier of ours is made of may stand in a header or an address that we send somebody to."""
    return "".join(letter for letter in text if letter.isascii() and (letter.isalnum() or letter in "-_."))


def _back(outbreak_id: str) -> Response[str]:
    return Response("", status_code=303, headers={"Location": f"/outbreaks/{_plain(outbreak_id)}"})


PAGES: Final[tuple[HTTPRouteHandler, ...]] = (outbreak, report, measure, measure_ended, closed)
