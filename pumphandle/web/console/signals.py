"""Signals of a day, one signal with its cluster, map, curve and records, and what people decide about it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from pumphandle.actions import look_signals
from pumphandle.actions.decide import decide
from pumphandle.actions.look_signals import SignalView
from pumphandle.store.identified.line_list import LineQuestion
from pumphandle.vocabulary.errors import NotUnderstood
from pumphandle.web.console.asking import address_of
from pumphandle.web.console.house import TheHouse, render
from pumphandle.web.console.maps import Map, draw
from pumphandle.web.console.signal_curves import Curve, NowcastBars, curve, nowcast_bars
from pumphandle.web.console.visits import TheCaller

EVENTS: Final = {
    "take up": ("Take up", "Somebody looks into it. The clock stops."),
    "declare": ("Declare an outbreak", "People say that it is one. It gets a number and a name."),
    "dismiss": ("Dismiss", "Nothing to act on. It is raised again only if it grows."),
    "close": ("Close the outbreak", "It is over."),
}
"""Event -> its button, and what it means."""


@dataclass(frozen=True)
class SignalPage:
    """lines_address : positives of the first area and these days in the line list; overdue : the clock has run out
    may : (event, button, meaning) of what the reader may do; command : repeats the look and compares it
    """

    view: SignalView
    lines_address: str
    map: Map | None
    curve: Curve
    nowcast: NowcastBars | None
    overdue: bool
    may: list[tuple[str, str, str]]
    command: str


@get("/signals", sync_to_thread=True)
def signals(caller: TheCaller, house: TheHouse, day: FromQuery[str | None] = None) -> Response[str]:
    seen = look_signals.signals_of_day(house.database, _day(day), by=caller.actor, at=caller.at)
    return render(house, "signals.html", visit=caller.visit, page=seen, now=caller.at)


@get("/signals/{signal_id:path}", sync_to_thread=True)
def signal(signal_id: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[str]:
    seen = look_signals.signal(house.database, signal_id.removeprefix("/"), by=caller.actor, at=caller.at)
    return render(house, "signal.html", visit=caller.visit, page=_page(seen, caller.at), now=caller.at)


@get("/clusters/{cluster_id:path}", sync_to_thread=True)
def cluster(cluster_id: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[str]:
    """The newest signal of a cluster: its page shows them both."""
    seen = look_signals.cluster(house.database, cluster_id.removeprefix("/"), by=caller.actor, at=caller.at)
    return render(house, "signal.html", visit=caller.visit, page=_page(seen, caller.at), now=caller.at)


@post("/signals/decide", sync_to_thread=True, status_code=303)
def decided(caller: TheCaller, house: TheHouse) -> Response[str]:
    """Back to the signal, so that what was decided stands on the page and a reload sends nothing again."""
    sent = caller.form
    decide(
        house.database,
        sent.get("cluster_id", ""),
        sent.get("event", ""),
        reason=sent.get("reason", ""),
        name=sent.get("name", ""),
        lessons=sent.get("lessons", ""),
        by=caller.actor,
        at=caller.at,
    )
    back = sent.get("signal_id", "")
    return Response("", status_code=303, headers={"Location": f"/signals/{_plain(back)}"})


def _page(seen: SignalView, now: datetime) -> SignalPage:
    found = seen.signal
    one_area = found.areas[0] if len(found.areas) == 1 else None
    question = LineQuestion(result="positive", first=found.first_day, last=found.last_day, small_area=one_area)
    return SignalPage(
        view=seen,
        lines_address=address_of(question),
        map=draw(seen.ground, found.areas),
        curve=curve(found),
        nowcast=nowcast_bars(seen.nowcast),
        overdue=seen.cluster.act_by is not None and seen.cluster.act_by <= now,
        may=[(event, *EVENTS[event]) for event in seen.events],
        command=f"pumphandle signals repeat {found.run_date} {found.pathogen}",
    )


def _plain(signal_id: str) -> str:
    """Only what an identifier of ours is made of may stand in an address that we send somebody to."""
    return "".join(letter for letter in signal_id if letter.isalnum() or letter in "/-_.")


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise NotUnderstood("The day could not be understood.") from None
