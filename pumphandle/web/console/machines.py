"""The machine interface of deliveries: OAuth 2.0 client credentials with a signed assertion (RFC 6749, 7521, 7523)."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import FromPath

from pumphandle.actions import break_glass, collect, look, machine
from pumphandle.vocabulary.errors import NotPermitted, NotUnderstood
from pumphandle.vocabulary.people import Actor
from pumphandle.web.console.house import TheHouse
from pumphandle.web.console.visits import form_of
from pumphandle.web.errors import WebRequest

ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN_PATH: Final = "/machine/token"


@dataclass(frozen=True)
class MachineCaller:
    """A machine that showed a token that holds."""

    actor: Actor
    at: datetime


TheMachine = NamedDependency[MachineCaller]


async def provide_machine(request: WebRequest, house: TheHouse) -> MachineCaller:
    """No token, no answer. Browsers never send this header by themselves, so no form token is needed."""
    at = house.clock()
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    actor = None
    if kind.lower() == "bearer" and token:
        actor = await sync_to_thread(lambda: machine.actor_of(house.database, token, at=at))
    if actor is None:
        raise NotPermitted("A token that holds is needed: ask for one with a signed assertion.")
    return MachineCaller(actor, at)


@post(TOKEN_PATH, status_code=200)
async def token(request: WebRequest, house: TheHouse) -> Response[dict[str, str | int]]:
    form = await form_of(request)
    if form.get("grant_type") != "client_credentials" or form.get("client_assertion_type") != ASSERTION:
        return Response({"error": "unsupported_grant_type"}, status_code=400)
    fresh = secrets.token_urlsafe(32)
    audience = f"{str(request.base_url).rstrip('/')}{TOKEN_PATH}"
    try:
        lasts = await sync_to_thread(
            lambda: machine.let_in(
                house.database,
                assertion=form.get("client_assertion", ""),
                audience=audience,
                token=fresh,
                at=house.clock(),
            )
        )
    except NotPermitted:
        return Response({"error": "invalid_client"}, status_code=401)
    return Response({"access_token": fresh, "token_type": "Bearer", "expires_in": lasts})


@get("/machine/deliveries", sync_to_thread=True)
def machine_deliveries(machine_caller: TheMachine, house: TheHouse) -> Response[dict[str, object]]:
    """Newest first; what a person sees on the page Deliveries."""
    found = look.deliveries(house.database, by=machine_caller.actor, at=machine_caller.at)
    told = [
        {
            "day": str(one.delivery_date),
            "new": one.new_count,
            "changed": one.changed_count,
            "withdrawn": one.withdrawn_count,
            "stage": one.stage,
            "sealed_sha256": one.sealed_sha256,
            "sealed_bytes": one.sealed_bytes,
            "package": f"/machine/deliveries/{one.delivery_date}/package",
        }
        for one in found
    ]
    return Response({"deliveries": told})


@get("/machine/deliveries/{day:str}/package", sync_to_thread=True)
def machine_package(day: FromPath[str], machine_caller: TheMachine, house: TheHouse) -> Response[bytes]:
    sealed = collect.collect(
        house.database, house.home / "deliveries", _day(day), by=machine_caller.actor, at=machine_caller.at
    )
    return Response(sealed.content, media_type="application/octet-stream")


@post("/machine/deliveries/{day:str}/receipt", sync_to_thread=True, status_code=200)
def machine_receipt(day: FromPath[str], machine_caller: TheMachine, house: TheHouse) -> Response[dict[str, str]]:
    """The authority's system has it whole."""
    collect.acknowledge(house.database, _day(day), by=machine_caller.actor, at=machine_caller.at)
    return Response({"stage": "acknowledged"})


@post("/machine/break-glass", sync_to_thread=True)
def machine_break_glass(machine_caller: TheMachine, house: TheHouse) -> Response[None]:
    """Whoever looks for it here is told that there is none, and why; that a machine asked is remembered."""
    break_glass.refuse_machine(house.database, by=machine_caller.actor, at=machine_caller.at)
    return Response(None)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotUnderstood("The day could not be understood.") from None
