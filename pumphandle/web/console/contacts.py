"""Whom to call: the team's list, one contact with the call's questions, and naming a contact of a case."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from pumphandle.actions import follow_up, look_tracing
from pumphandle.actions.follow_up import FollowUpView
from pumphandle.actions.hand_over_contact import hand_over_contact, receive_contact
from pumphandle.actions.look_tracing import Entry
from pumphandle.actions.name_contact import name_contact
from pumphandle.tracing.follow_up import Named
from pumphandle.tracing.script import Question, call_script
from pumphandle.vocabulary.errors import NotFound, NotPermitted, NotUnderstood, Refused
from pumphandle.vocabulary.tracing import ContactKind
from pumphandle.web.console.house import House, TheHouse, render
from pumphandle.web.console.visits import Caller, TheCaller

WITHOUT_A_CALL: Final[Mapping[str, str]] = {
    "check": "Asked again, nothing new",
    "lose": "Give up: not to be reached",
    "close": "Close",
    "reopen": "Open again",
}
"""Steps that are a button of their own, and what stands on it; every other step comes out of a call."""
CALLED_IN: Final = frozenset({"to_reach", "lost", "reached", "isolating", "symptomatic", "tested"})


@dataclass(frozen=True)
class ContactPage:
    """sent : what was typed and not taken, with the sentence that says why, so that nothing is lost"""

    view: FollowUpView
    questions: tuple[Question, ...]
    buttons: Mapping[str, str]
    may_call: bool
    sent: Mapping[str, str]
    sentence: str | None
    may_hand_over: bool
    names: Mapping[str, str]
    handover_id: str
    taken_id: str


@dataclass(frozen=True)
class NamingPage:
    """contact_id : drawn with the empty form, so that a form sent twice names one contact"""

    record_key: str
    contact_id: str
    settings: list[Entry]
    sent: Mapping[str, str]
    sentence: str | None


@get("/contacts", sync_to_thread=True)
def work(caller: TheCaller, house: TheHouse) -> Response[str]:
    seen = look_tracing.work(house.database, by=caller.actor, at=caller.at)
    return render(house, "contacts.html", visit=caller.visit, page=seen, at=caller.at)


@post("/contacts/next", sync_to_thread=True)
def next_contact(caller: TheCaller, house: TheHouse) -> Response[str]:
    taken = follow_up.take_next(house.database, by=caller.actor, at=caller.at)
    return _to("/contacts" if taken is None else f"/contacts/{taken.contact.contact_id}")


@get("/contacts/{contact_id:str}", sync_to_thread=True)
def contact(contact_id: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[str]:
    return _contact_page(contact_id, caller, house)


@post("/contacts/{contact_id:str}/said", sync_to_thread=True)
def said(contact_id: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[str]:
    """A call's answers, or one of the buttons. What is refused comes back with everything that was typed."""
    version = int(caller.form["version"]) if caller.form.get("version", "").isdecimal() else 0
    event = caller.form.get("event", "")
    key = _key(contact_id)
    try:
        if event in WITHOUT_A_CALL:
            follow_up.say(house.database, key, event, version=version, by=caller.actor, at=caller.at)
        else:
            follow_up.call(house.database, key, version=version, sent=caller.form, by=caller.actor, at=caller.at)
    except NotPermitted:
        raise
    except (NotUnderstood, Refused) as refused:
        return _contact_page(contact_id, caller, house, sent=caller.form, sentence=str(refused))
    return _to("/contacts")


@post("/contacts/{contact_id:str}/handed", sync_to_thread=True)
def handed(contact_id: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[str]:
    """What is refused comes back with what was typed. The form brings the ids: sent twice, it is done once."""
    form, key = caller.form, _key(contact_id)
    version = int(form["version"]) if form.get("version", "").isdecimal() else 0
    new_ids = (UUID(_key(form.get("handover_id", ""))), UUID(_key(form.get("taken_id", ""))))
    receiver, reason = form.get("receiver", ""), form.get("reason", "")
    try:
        hand_over_contact(
            house.database, key, receiver, reason=reason, version=version, new_ids=new_ids, by=caller.actor,
            at=caller.at,
        )  # fmt: skip
    except NotPermitted:
        raise
    except (NotUnderstood, Refused) as refused:
        return _contact_page(contact_id, caller, house, sent=form, sentence=str(refused))
    return _to(f"/contacts/{key}")


@post("/contacts/{contact_id:str}/received", sync_to_thread=True)
def received(contact_id: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[str]:
    key = _key(contact_id)
    receive_contact(house.database, key, by=caller.actor, at=caller.at)
    return _to(f"/contacts/{key}")


@get("/lines/{record_key:str}/contact", sync_to_thread=True)
def naming(record_key: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[str]:
    return _naming_page(_key(record_key), str(uuid4()), caller, house)


@post("/lines/{record_key:str}/contact/named", sync_to_thread=True)
def named(record_key: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[str]:
    form, key = caller.form, _key(record_key)
    contact_id = _key(form.get("contact_id", ""))
    try:
        made = name_contact(
            house.database, key, _named(form), contact_id=UUID(contact_id), by=caller.actor, at=caller.at
        )
    except NotUnderstood as refused:
        return _naming_page(key, contact_id, caller, house, sent=form, sentence=str(refused))
    return _to(f"/contacts/{made}")


def _contact_page(
    contact_id: str, caller: Caller, house: House, *, sent: Mapping[str, str] | None = None, sentence: str | None = None
) -> Response[str]:
    view = follow_up.see(house.database, _key(contact_id), by=caller.actor, at=caller.at)
    shown = ContactPage(
        view=view,
        questions=call_script().questions,
        buttons={event: text for event, text in WITHOUT_A_CALL.items() if event in view.events},
        may_call=view.contact.state in CALLED_IN,
        sent=sent or {},
        sentence=sentence,
        may_hand_over="hand_over" in view.events and view.contact.case_authority == view.contact.authority,
        names=dict(view.others) | {view.contact.authority: caller.visit.authority_name or view.contact.authority},
        handover_id=str(uuid4()),
        taken_id=str(uuid4()),
    )
    return render(house, "contact.html", visit=caller.visit, status=400 if sentence else 200, page=shown, at=caller.at)


def _naming_page(
    record_key: str,
    contact_id: str,
    caller: Caller,
    house: House,
    *,
    sent: Mapping[str, str] | None = None,
    sentence: str | None = None,
) -> Response[str]:
    settings = look_tracing.register(house.database, by=caller.actor, at=caller.at, case_key=record_key)
    shown = NamingPage(record_key, contact_id, settings, sent or {}, sentence)
    return render(house, "naming.html", visit=caller.visit, status=400 if sentence else 200, page=shown)


def _named(form: Mapping[str, str]) -> Named:
    def text(name: str) -> str | None:
        return form.get(name, "").strip() or None

    try:
        born = text("date_of_birth")
        return Named(
            family_name=text("family_name"),
            given_name=text("given_name"),
            date_of_birth=date.fromisoformat(born) if born else None,
            phone=text("phone"),
            email=text("email"),
            address=text("address"),
            postcode=text("postcode"),
            kind=ContactKind(form.get("kind", "")),
            exposure_day=date.fromisoformat(form.get("exposure_day", "")),
            setting=int(form["setting"]) if form.get("setting", "").isdecimal() else None,
        )
    except ValueError:
        raise NotUnderstood("Choose where they met, and give the day of the contact.") from None


def _key(text: str) -> str:
    """A key as it stands in an address. Raises NotFound for anything else: it came from a typed address."""
    try:
        return str(UUID(text))
    except ValueError:
        raise NotFound("There is nothing at this address.") from None


def _to(address: str) -> Response[str]:
    return Response("", status_code=303, headers={"Location": address})


PAGES: Final[tuple[HTTPRouteHandler, ...]] = (
    work, next_contact, contact, said, handed, received, naming, named,
)  # fmt: skip
