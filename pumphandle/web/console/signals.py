"""Signals of a day, and one signal with the records behind it."""

from dataclasses import dataclass
from datetime import date

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from pumphandle.actions import look
from pumphandle.actions.look import SignalView
from pumphandle.store.identified.reading import LineQuestion
from pumphandle.vocabulary.errors import NotUnderstood
from pumphandle.web.console.house import TheHouse, render
from pumphandle.web.console.line_list import address_of
from pumphandle.web.console.visits import TheCaller


@dataclass(frozen=True)
class SignalPage:
    """lines_address : the same area and days in the line list; households : how many are among the records"""

    view: SignalView
    lines_address: str
    households: int
    persons: int


@get("/signals", sync_to_thread=True)
def signals(caller: TheCaller, house: TheHouse, day: FromQuery[str | None] = None) -> Response[str]:
    seen = look.signals_of_day(house.database, _day(day), by=caller.actor, at=caller.at)
    return render(house, "signals.html", visit=caller.visit, page=seen)


@get("/signals/{signal_id:path}", sync_to_thread=True)
def signal(signal_id: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[str]:
    seen = look.signal(house.database, signal_id.removeprefix("/"), by=caller.actor, at=caller.at)
    question = LineQuestion(result="positive", first=seen.first, last=seen.last, small_area=seen.small_area)
    shown = SignalPage(
        view=seen,
        lines_address=address_of(question),
        households=len({line.household_key for line in seen.records or []}),
        persons=len({line.person_key for line in seen.records or []}),
    )
    return render(house, "signal.html", visit=caller.visit, page=shown)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise NotUnderstood("The day could not be understood.") from None
