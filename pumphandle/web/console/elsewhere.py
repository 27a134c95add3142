"""Sign in through an identity provider, and end the visit there too."""

import secrets
from typing import Final

from litestar import Response, get
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from pumphandle.actions import sign_in_elsewhere
from pumphandle.actions.sign_in import TO_FINISH
from pumphandle.actions.sign_in_elsewhere import Answer, Outcome
from pumphandle.store.providers.asked import Door, ProviderSilent
from pumphandle.vocabulary.errors import NotFound
from pumphandle.web.console.house import House, TheHouse, render
from pumphandle.web.console.sign_in import sign_in_form
from pumphandle.web.console.visits import ELSEWHERE, SESSION, cookie, returning_cookie
from pumphandle.web.errors import WebRequest

SAID: Final = {
    "silent": "{title} does not answer just now. Try again in a minute, or use an account of the console, if you have "
    "one.",
    "not confirmed": "{title} did not confirm who you are, or the sign-in took too long. Please begin again.",
    "unknown": "{title} knows you, but no account of this console is bound to you. Ask your steward to bind yours, and "
    "tell them how {title} calls you: {subject}",
    "closed": "Your account of this console is closed. Ask your steward.",
    "locked": "There were too many attempts for your account. Wait 15 minutes.",
    "no second factor": "{title} did not say that it checked a second factor, and without one no record is shown. "
    "Sign in there with a second factor.",
}
"""Why nobody was let in; what a provider or an address said is never repeated, but for the holder's own identifier."""


@get("/sign-in/with/{provider:str}")
async def leave(provider: FromPath[str], house: TheHouse) -> Response[str]:
    """To the provider. Nothing of the address but the provider's name is read, so it leads nowhere else."""
    door = _door(house, provider)
    secret = secrets.token_urlsafe(32)
    try:
        address = await sync_to_thread(
            lambda: sign_in_elsewhere.ask(house.database, door, origin=house.origin, secret=secret, at=house.clock())
        )
    except ProviderSilent:
        return _not_in(house, door, Outcome("silent"))
    answer = Response("", status_code=303, headers={"Location": address})
    answer.set_cookie(returning_cookie(secret, house, seconds=int(TO_FINISH.total_seconds())))
    return answer


@get("/sign-in/from/{provider:str}")
async def back(provider: FromPath[str], request: WebRequest, house: TheHouse) -> Response[str]:
    """A page that goes on by itself: browsers send the session's cookie only from a page of our own."""
    door = _door(house, provider)
    told = request.query_params
    answer = Answer(
        state=told.get("state", ""), code=told.get("code", ""), issuer=told.get("iss"), error="error" in told
    )
    token, csrf_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    outcome = await sync_to_thread(
        lambda: sign_in_elsewhere.come_back(
            house.database,
            door,
            answer,
            origin=house.origin,
            secret=request.cookies.get(ELSEWHERE, ""),
            token=token,
            csrf_token=csrf_token,
            at=house.clock(),
        )
    )
    if outcome.why is not None:
        page = _not_in(house, door, outcome)
    else:
        page = _going_on(house, "/sign-in/code", f"{door.provider.title} has confirmed who you are.")
        page.set_cookie(cookie(SESSION, token, house, seconds=int(TO_FINISH.total_seconds())))
    page.set_cookie(returning_cookie("", house, seconds=0))
    return page


@get("/sign-in/left/{provider:str}")
async def left(provider: FromPath[str], house: TheHouse) -> Response[str]:
    """Signed out here; the page goes on to where the visit ends at the provider."""
    door = _door(house, provider)
    try:
        there = await sync_to_thread(lambda: door.goodbye(f"{house.origin}/sign-in", at=house.clock()))
    except ProviderSilent:
        there = None
    title = door.provider.title
    if there is None:
        return _going_on(house, None, f"You are signed out here. You may still be signed in at {title}.")
    return _going_on(house, there, f"You are signed out here; now {title} signs you out too.")


PAGES: Final = (leave, back, left)


def _door(house: House, name: str) -> Door:
    try:
        return house.doors[name]
    except KeyError:
        raise NotFound("There is no such identity provider.") from None


def _not_in(house: House, door: Door, outcome: Outcome) -> Response[str]:
    sentence = SAID[str(outcome.why)].format(title=door.provider.title, subject=outcome.subject)
    return sign_in_form(house, refusal=sentence, status=503 if outcome.why == "silent" else 403)


def _going_on(house: House, to: str | None, sentence: str) -> Response[str]:
    return render(house, "going_on.html", visit=None, to=to, sentence=sentence)
