"""Sign in, in two steps, and out."""

import hmac
import secrets
from typing import Final

import segno
from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.response import Redirect

from pumphandle.actions import passkeys, sign_in
from pumphandle.actions.passkeys import Place
from pumphandle.actions.sign_in import ABSOLUTE, TO_FINISH, Waiting
from pumphandle.governance.roles import SAID
from pumphandle.governance.second_factor import address
from pumphandle.vocabulary.errors import NotPermitted, NotUnderstood
from pumphandle.vocabulary.people import Purpose
from pumphandle.web.console.house import House, TheHouse, render
from pumphandle.web.console.visits import SESSION, SIGN_IN_FORM, TheCaller, cookie, form_of, no_cookie
from pumphandle.web.errors import WebRequest

REFUSAL: Final = (
    "The user name or password is not right, or there were too many attempts. After five failures, wait 15 minutes."
)
"""One sentence for unknown, wrong, closed and locked: the answer tells nothing about who has an account."""

CODE_REFUSAL: Final = (
    "The code is not right, was used already, or there were too many attempts. Wait for the next code and try again; "
    "after five failures, wait 15 minutes."
)
PASSKEY_REFUSAL: Final = (
    "The passkey did not open an account: it is not known here, was stopped, or there were too many attempts."
)
EXPIRED: Final = "The form had expired. Please try again."


@get("/", sync_to_thread=False)
def front() -> Redirect:
    return Redirect("/today", status_code=303)


@get("/sign-in", sync_to_thread=False)
def sign_in_page(house: TheHouse) -> Response[str]:
    return sign_in_form(house)


@post("/sign-in", status_code=200)
async def sign_in_sent(request: WebRequest, house: TheHouse) -> Response[str]:
    """A new session always gets a new token, so that one planted beforehand is worth nothing."""
    form, ours = await _own_form(request)
    if ours is None:
        return sign_in_form(house, refusal=EXPIRED, status=403)
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
        return sign_in_form(house, refusal=REFUSAL, status=403)
    return _to_second_step(token, house)


@get("/sign-in/code")
async def second_step(request: WebRequest, house: TheHouse) -> Response[str]:
    known = await sync_to_thread(lambda: _waiting(request, house))
    return _to_the_beginning() if known is None else _second_form(house, known)


@post("/sign-in/code", status_code=200)
async def second_step_sent(request: WebRequest, house: TheHouse) -> Response[str]:
    """The code and the purpose; the visit opens under a new token."""
    known = await sync_to_thread(lambda: _waiting(request, house))
    if known is None:
        return _to_the_beginning()
    form = await form_of(request)
    if not hmac.compare_digest(form.get("csrf", "").encode(), known.csrf_token.encode()):
        return _second_form(house, known, refusal=EXPIRED, status=403)
    purpose = _purpose(form.get("purpose", ""))
    token, csrf_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    welcome = await sync_to_thread(
        lambda: sign_in.complete(
            house.database,
            known,
            code=form.get("code", ""),
            answer=form.get("answer", ""),
            place=Place(house.origin),
            purpose=purpose,
            key=house.factor_key,
            token=token,
            csrf_token=csrf_token,
            at=house.clock(),
        )
    )
    if not welcome:
        return _second_form(house, known, refusal=CODE_REFUSAL, status=403)
    answer = Response("", status_code=303, headers={"Location": "/today"})
    answer.set_cookie(cookie(SESSION, token, house, seconds=int(ABSOLUTE.total_seconds())))
    return answer


@post("/sign-in/passkey/asked", status_code=200)
async def alone_asked(request: WebRequest, house: TheHouse) -> Response[bytes]:
    """What a passkey signs to sign in by itself; the form's token stands for the browser."""
    _, ours = await _own_form(request)
    if ours is None:
        raise NotPermitted(EXPIRED)
    chance, holder = secrets.token_bytes(32), sign_in.hash_token(ours)
    told = await sync_to_thread(
        lambda: passkeys.to_answer(
            house.database, Place(house.origin), None, holder=holder, chance=chance, at=house.clock()
        )
    )
    return as_json(told)


@post("/sign-in/passkey", status_code=200)
async def alone(request: WebRequest, house: TheHouse) -> Response[str]:
    """A passkey alone: it is held, and it asked its holder for a PIN, a finger or a face."""
    form, ours = await _own_form(request)
    if ours is None:
        return sign_in_form(house, refusal=EXPIRED, status=403)
    token, csrf_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    welcome = await sync_to_thread(
        lambda: sign_in.sign_in_alone(
            house.database,
            form.get("answer", ""),
            holder=sign_in.hash_token(ours),
            place=Place(house.origin),
            token=token,
            csrf_token=csrf_token,
            at=house.clock(),
        )
    )
    if not welcome:
        return sign_in_form(house, refusal=PASSKEY_REFUSAL, status=403)
    return _to_second_step(token, house)


@post("/sign-in/code/asked", status_code=200)
async def second_asked(request: WebRequest, house: TheHouse) -> Response[bytes]:
    """What a passkey signs as the second factor; one who enrols is asked to make one."""
    known = await sync_to_thread(lambda: _waiting(request, house))
    form = await form_of(request)
    if known is None or not hmac.compare_digest(form.get("csrf", "").encode(), known.csrf_token.encode()):
        raise NotPermitted(EXPIRED)
    place, holder, chance = Place(house.origin), known.token_hash, secrets.token_bytes(32)
    name, at = known.actor.name, house.clock()
    if known.enrolment is None:
        told = await sync_to_thread(
            lambda: passkeys.to_answer(house.database, place, name, holder=holder, chance=chance, at=at)
        )
    else:
        told = await sync_to_thread(
            lambda: passkeys.to_register(
                house.database, place, name, full_name=known.full_name, holder=holder, chance=chance, at=at
            )
        )
    return as_json(told)


@post("/sign-out", sync_to_thread=True, status_code=303)
def sign_out(caller: TheCaller, house: TheHouse) -> Response[str]:
    sign_in.sign_out(house.database, caller.visit, at=caller.at)
    through = caller.visit.provider
    to = f"/sign-in/left/{through}" if through in house.doors else "/sign-in"
    answer = Response("", status_code=303, headers={"Location": to})
    answer.set_cookie(no_cookie(SESSION, house))
    return answer


async def _own_form(request: WebRequest) -> tuple[dict[str, str], str | None]:
    """What was sent, and the chance of the sign-in form that this browser was shown; None if it was shown none."""
    form, ours = await form_of(request), request.cookies.get(SIGN_IN_FORM, "")
    return form, ours if ours and hmac.compare_digest(form.get("csrf", "").encode(), ours.encode()) else None


def _to_second_step(token: str, house: House) -> Response[str]:
    answer = Response("", status_code=303, headers={"Location": "/sign-in/code"})
    answer.set_cookie(cookie(SESSION, token, house, seconds=int(TO_FINISH.total_seconds())))
    answer.set_cookie(no_cookie(SIGN_IN_FORM, house))
    return answer


def as_json(told: str) -> Response[bytes]:
    """What is JSON already."""
    return Response(told.encode(), media_type="application/json")


def sign_in_form(house: House, *, refusal: str | None = None, status: int = 200) -> Response[str]:
    """The sign-in page, with every way in that there is."""
    csrf = secrets.token_urlsafe(32)
    doors = [door.provider for door in house.doors.values()]
    answer = render(
        house,
        "sign_in.html",
        visit=None,
        status=status,
        refusal=refusal,
        csrf=csrf,
        origin=house.origin,
        providers=doors,
    )
    answer.set_cookie(cookie(SIGN_IN_FORM, csrf, house))
    return answer


def _waiting(request: WebRequest, house: House) -> Waiting | None:
    token = request.cookies.get(SESSION)
    if not token:
        return None
    chance = secrets.token_bytes(32)
    return sign_in.waiting(house.database, token=token, key=house.factor_key, chance=chance, at=house.clock())


def _second_form(house: House, known: Waiting, *, refusal: str | None = None, status: int = 200) -> Response[str]:
    secret = known.enrolment
    picture = None
    door = None if known.provider is None else house.doors.get(known.provider)
    if secret is not None:
        issuer = f"Pumphandle {house.words['nation_name']}"
        told = address(secret, user_name=known.actor.name, issuer=issuer)
        picture = segno.make(told, error="m").svg_inline(scale=5, border=4, light="#fff", svgclass="qr", lineclass=None)
    return render(
        house,
        "second_step.html",
        visit=None,
        status=status,
        known=known,
        origin=house.origin,
        through=None if door is None else door.provider.title,
        picture=picture,
        secret=None if secret is None else " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        said=SAID,
        refusal=refusal,
    )


def _to_the_beginning() -> Response[str]:
    return Response("", status_code=303, headers={"Location": "/sign-in"})


def _purpose(text: str) -> Purpose:
    try:
        return Purpose(text)
    except ValueError:
        raise NotUnderstood("Say for what purpose you open the console.") from None
