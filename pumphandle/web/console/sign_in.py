"""Sign in and out."""

import hmac
import secrets
from typing import Final

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.response import Redirect

from pumphandle.actions import sign_in
from pumphandle.actions.sign_in import ABSOLUTE
from pumphandle.web.console.house import House, TheHouse, render
from pumphandle.web.console.visits import SESSION, SIGN_IN_FORM, TheCaller, cookie, form_of, no_cookie
from pumphandle.web.errors import WebRequest

REFUSAL: Final = (
    "The user name or password is not right, or there were too many attempts. After five failures, wait 15 minutes."
)
"""One sentence for unknown, wrong, closed and locked: the answer tells nothing about who has an account."""


@get("/", sync_to_thread=False)
def front() -> Redirect:
    return Redirect("/today", status_code=303)


@get("/sign-in", sync_to_thread=False)
def sign_in_page(house: TheHouse) -> Response[str]:
    return _form(house)


@post("/sign-in", status_code=200)
async def sign_in_sent(request: WebRequest, house: TheHouse) -> Response[str]:
    """A new session always gets a new token, so that one planted beforehand is worth nothing."""
    form = await form_of(request)
    expected = request.cookies.get(SIGN_IN_FORM, "")
    if not expected or not hmac.compare_digest(form.get("csrf", "").encode(), expected.encode()):
        return _form(house, refusal="The form had expired. Please try again.", status=403)
    token, csrf_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    welcome = await sync_to_thread(
        lambda: sign_in.sign_in(
            house.database,
            user_name=form.get("user_name", "").strip().lower(),
            password=form.get("password", ""),
            token=token,
            csrf_token=csrf_token,
            at=house.clock(),
        )
    )
    if not welcome:
        return _form(house, refusal=REFUSAL, status=403)
    answer = Response("", status_code=303, headers={"Location": "/today"})
    answer.set_cookie(cookie(SESSION, token, house, seconds=int(ABSOLUTE.total_seconds())))
    answer.set_cookie(no_cookie(SIGN_IN_FORM, house))
    return answer


@post("/sign-out", sync_to_thread=True, status_code=303)
def sign_out(caller: TheCaller, house: TheHouse) -> Response[str]:
    sign_in.sign_out(house.database, caller.visit, at=caller.at)
    answer = Response("", status_code=303, headers={"Location": "/sign-in"})
    answer.set_cookie(no_cookie(SESSION, house))
    return answer


def _form(house: House, *, refusal: str | None = None, status: int = 200) -> Response[str]:
    csrf = secrets.token_urlsafe(32)
    answer = render(house, "sign_in.html", visit=None, status=status, refusal=refusal, csrf=csrf)
    answer.set_cookie(cookie(SIGN_IN_FORM, csrf, house))
    return answer
