"""One's own passkeys: see, add, remove."""

import secrets
from typing import Final

from litestar import Response, get, post

from pumphandle.actions import passkeys
from pumphandle.actions.passkeys import Place
from pumphandle.web.console.house import TheHouse, render
from pumphandle.web.console.sign_in import as_json
from pumphandle.web.console.visits import TheCaller


@get("/passkeys", sync_to_thread=True)
def page(caller: TheCaller, house: TheHouse) -> Response[str]:
    found = passkeys.listed(house.database, caller.actor)
    return render(
        house,
        "passkeys.html",
        visit=caller.visit,
        passkeys=[(passkeys.text_of(one.credential_id), one) for one in found],
        recent=caller.at - caller.visit.begun_at < passkeys.RECENT,
        origin=house.origin,
    )


@post("/passkeys/asked", sync_to_thread=True, status_code=200)
def asked(caller: TheCaller, house: TheHouse) -> Response[bytes]:
    passkeys.check_recent(caller.visit.begun_at, at=caller.at)
    told = passkeys.to_register(
        house.database,
        Place(house.origin),
        caller.actor.name,
        full_name=caller.visit.full_name,
        holder=caller.visit.token_hash,
        chance=secrets.token_bytes(32),
        at=caller.at,
    )
    return as_json(told)


@post("/passkeys/added", sync_to_thread=True, status_code=303)
def added(caller: TheCaller, house: TheHouse) -> Response[str]:
    passkeys.add(
        house.database,
        Place(house.origin),
        caller.form.get("answer", ""),
        name=caller.form.get("name", ""),
        holder=caller.visit.token_hash,
        begun_at=caller.visit.begun_at,
        by=caller.actor,
        at=caller.at,
    )
    return Response("", status_code=303, headers={"Location": "/passkeys"})


@post("/passkeys/removed", sync_to_thread=True, status_code=303)
def removed(caller: TheCaller, house: TheHouse) -> Response[str]:
    credential = caller.form.get("passkey", "")
    passkeys.remove(house.database, credential, begun_at=caller.visit.begun_at, by=caller.actor, at=caller.at)
    return Response("", status_code=303, headers={"Location": "/passkeys"})


PAGES: Final = (page, asked, added, removed)
