"""For stewards: what is wrong with the laboratories' files, and the lines that wait for somebody to mend them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from litestar import Response, get, post
from litestar.params import FromPath

from pumphandle.actions import mend
from pumphandle.actions.look_watch import look_watch
from pumphandle.linelist.feeds import FeedContract
from pumphandle.store.decisions.watch import Watched
from pumphandle.store.identified.quarantine import HeldCase, Waiting
from pumphandle.vocabulary.errors import NotFound, Refused
from pumphandle.web.console.house import House, TheHouse, render
from pumphandle.web.console.laboratories import contracts_of
from pumphandle.web.console.visits import Caller, TheCaller

DISMISS = "dismiss"


@dataclass(frozen=True)
class IntakePage:
    """watched : alarms and warnings, newest day first; waiting : held lines, by file and reason"""

    watched: list[Watched]
    waiting: list[Waiting]


@dataclass(frozen=True)
class LinePage:
    """fields : our field -> what the laboratory wrote, or what was typed; refusal : why it is still held"""

    case: HeldCase
    fields: Mapping[str, str] = field(repr=False)
    marked: frozenset[str]
    refusal: str | None = None
    reason: str = ""


@get("/intake", sync_to_thread=True)
def intake(caller: TheCaller, house: TheHouse) -> Response[str]:
    watched = look_watch(house.database, by=caller.actor, at=caller.at)
    waiting = mend.waiting(house.database, by=caller.actor, at=caller.at)
    return render(house, "intake.html", visit=caller.visit, page=IntakePage(watched, waiting))


@get("/intake/{file_id:str}/{line:str}", sync_to_thread=True)
def held_line(file_id: FromPath[str], line: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[str]:
    case = mend.show(house.database, _number(file_id), _number(line), by=caller.actor, at=caller.at)
    return _form(case, mend.fields_of(case, _contract(house, caller, case)), caller, house)


@post("/intake/{file_id:str}/{line:str}/mend", sync_to_thread=True, status_code=303)
def mend_line(file_id: FromPath[str], line: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[str]:
    """Mended or dismissed with the next files; a line that would still be held comes back with what is wrong."""
    case = mend.show(house.database, _number(file_id), _number(line), by=caller.actor, at=caller.at)
    contract = _contract(house, caller, case)
    fields = {name: caller.form.get(f"field-{name}", "") for name in mend.fields_of(case, contract)}
    reason = caller.form.get("reason", "")
    try:
        mend.ask(
            house.database,
            case.file_id,
            case.line,
            None if caller.form.get("what") == DISMISS else fields,
            contracts=[contract],
            reason=reason,
            by=caller.actor,
            at=caller.at,
        )
    except Refused as refusal:
        if type(refusal) is not Refused:
            raise
        return _form(case, fields, caller, house, refusal=str(refusal), reason=reason)
    return Response("", status_code=303, headers={"Location": "/intake"})


def _form(
    case: HeldCase,
    fields: Mapping[str, str],
    caller: Caller,
    house: House,
    *,
    refusal: str | None = None,
    reason: str = "",
) -> Response[str]:
    shown = LinePage(case, fields, frozenset(name for name, *_ in case.faults), refusal, reason)
    return render(house, "held_line.html", visit=caller.visit, status=422 if refusal else 200, page=shown)


def _contract(house: House, caller: Caller, case: HeldCase) -> FeedContract:
    for contract in contracts_of(house, caller):
        if contract.laboratory == case.laboratory:
            return contract
    raise NotFound("There is no feed contract of this laboratory any more.")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise NotFound(mend.GONE)
    return int(text)
