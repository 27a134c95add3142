"""Who is calling: the session cookie, and the token that every form must carry."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from litestar.concurrency import sync_to_thread
from litestar.datastructures import Cookie
from litestar.di import NamedDependency

from pumphandle.actions import sign_in
from pumphandle.actions.sign_in import Visit
from pumphandle.vocabulary.errors import NotPermitted
from pumphandle.vocabulary.people import Actor
from pumphandle.web.console.house import House, TheHouse
from pumphandle.web.errors import WebRequest

SESSION: Final = "pumphandle_session"
SIGN_IN_FORM: Final = "pumphandle_sign_in"
ELSEWHERE: Final = "pumphandle_elsewhere"
READS: Final = frozenset({"GET", "HEAD"})


class NotSignedIn(NotPermitted):
    """No visit, or it ended: the answer is the sign-in page."""


@dataclass(frozen=True)
class Caller:
    """A signed-in person's request. `form` is empty for reads; its token has been checked already."""

    visit: Visit
    form: Mapping[str, str]
    at: datetime

    @property
    def actor(self) -> Actor:
        return self.visit.actor


TheCaller = NamedDependency[Caller]
"""How a page asks who is calling; a page that does not ask is open to everyone."""


async def provide_caller(request: WebRequest, house: TheHouse) -> Caller:
    """For every page but the sign-in: no visit, no page; no token, no change.

    The token is checked here and not in the pages, so that no page can forget it.
    """
    at = house.clock()
    token = request.cookies.get(SESSION)
    visit = await sync_to_thread(lambda: sign_in.visit(house.database, token=token, at=at)) if token else None
    if visit is None:
        raise NotSignedIn("Please sign in.")
    if request.method in READS:
        return Caller(visit, {}, at)
    form = await form_of(request)
    if not hmac.compare_digest(form.get("csrf", "").encode(), visit.csrf_token.encode()):
        raise NotPermitted("The form has expired or came from elsewhere. Nothing was changed. Open the page again.")
    return Caller(visit, form, at)


async def form_of(request: WebRequest) -> dict[str, str]:
    """The text fields of a form; files are ignored."""
    sent = await request.form()
    return {name: value for name, value in sent.items() if isinstance(value, str)}


def cookie(name: str, value: str, house: House, *, seconds: int | None = None) -> Cookie:
    """A cookie that no script reads and no other site sends. Without `seconds` it ends with the browser."""
    return Cookie(
        key=name, value=value, path="/", httponly=True, secure=house.secure, samesite="strict", max_age=seconds
    )


def returning_cookie(value: str, house: House, *, seconds: int) -> Cookie:
    """One that comes along when another site sends the browser back by a link; it opens nothing by itself."""
    return Cookie(
        key=ELSEWHERE,
        value=value,
        path="/sign-in",
        httponly=True,
        secure=house.secure,
        samesite="lax",
        max_age=seconds,
    )


def no_cookie(name: str, house: House) -> Cookie:
    """Takes a cookie away."""
    return cookie(name, "", house, seconds=0)
