"""Sign in through an identity provider: ask it who somebody is, take its answer once (OpenID Connect, code flow)."""

import hashlib
import hmac
import logging
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pumphandle.actions.sign_in import TO_FINISH, begin, hash_token, is_locked, remember_refusal
from pumphandle.governance.id_token import NotBelieved, Said, UnknownKey, said
from pumphandle.store.decisions import accounts, outside
from pumphandle.store.engine import Database
from pumphandle.store.providers.asked import CodeRefused, Door, ProviderSilent

BACK: Final = "/sign-in/from/"
"""Where a provider sends the browser back to, before its name: one address each, so that none answers for another."""
_LOG: Final = logging.getLogger("pumphandle.sign_in")


@dataclass(frozen=True)
class Answer:
    """What a provider sent the browser back with, as it stands in the address. `error` set: it says no."""

    state: str
    code: str
    issuer: str | None
    error: bool


@dataclass(frozen=True)
class Outcome:
    """What became of it: begun, or why not.

    why : silent, not confirmed, unknown, closed, locked, no second factor; None where the sign-in goes on
    subject : of one who is unknown here, for them to tell the steward
    """

    why: str | None
    subject: str | None = None


def ask(database: Database, door: Door, *, origin: str, secret: str, at: datetime) -> str:
    """The address at the provider to send the browser to. Raises ProviderSilent.

    origin : how people reach the console, as https://name
    secret : fresh chance that only this browser is told; state, nonce and verifier are made from it
    """
    address = door.address(
        redirect_of(origin, door),
        state=_made(secret, "state"),
        nonce=_made(secret, "nonce"),
        verifier=_made(secret, "verifier"),
        at=at,
    )
    with database.transaction() as tx:
        state_hash = hash_token(_made(secret, "state"))
        outside.ask(tx, state_hash, provider=door.provider.name, expires_at=at + TO_FINISH, at=at)
    return address


def come_back(
    database: Database,
    door: Door,
    answer: Answer,
    *,
    origin: str,
    secret: str,
    token: str,
    csrf_token: str,
    at: datetime,
) -> Outcome:
    """A session for `token` that waits for purpose (and second factor), or why there is none.

    1. The question is this browser's, waited at this very provider, and is taken away: an answer counts once.
    2. The code is exchanged and the ID token checked, outside any transaction.
    3. The person is bound to an account; the account is open and not locked.
    """
    name = door.provider.name
    if not _is_ours(database, answer, secret=secret, provider=name, at=at):
        _LOG.warning("a sign-in through %s was refused: state", name)
        return Outcome("not confirmed")
    try:
        known = _said(door, answer, origin=origin, secret=secret, at=at)
    except ProviderSilent as silence:
        _LOG.warning("the provider %s does not answer as a provider does: %s", name, silence)
        return Outcome("silent")
    except (NotBelieved, CodeRefused) as failure:
        _LOG.warning("a sign-in through %s was refused: %s", name, failure)
        return Outcome("not confirmed")
    return _let_in(database, door, known, token=token, csrf_token=csrf_token, at=at)


def redirect_of(origin: str, door: Door) -> str:
    """The address that the provider must be told of beforehand."""
    return f"{origin}{BACK}{door.provider.name}"


def _is_ours(database: Database, answer: Answer, *, secret: str, provider: str, at: datetime) -> bool:
    state = _made(secret, "state")
    if not hmac.compare_digest(answer.state.encode(), state.encode()):
        return False
    with database.transaction() as tx:
        return outside.take(tx, hash_token(state), provider=provider, at=at)


def _said(door: Door, answer: Answer, *, origin: str, secret: str, at: datetime) -> Said:
    """Raises NotBelieved, CodeRefused, ProviderSilent."""
    if answer.issuer is None and door.doors(at=at).names_itself:
        raise NotBelieved("issuer of the answer")
    if answer.issuer is not None and answer.issuer != door.provider.issuer:
        raise NotBelieved("issuer of the answer")
    if answer.error or not answer.code:
        raise CodeRefused("the provider said no")
    token = door.id_token(answer.code, redirect_of(origin, door), verifier=_made(secret, "verifier"), at=at)
    nonce, expected = _made(secret, "nonce"), door.provider.expected
    try:
        return said(token, expected, door.keys(at=at), nonce=nonce, at=at)
    except UnknownKey:
        return said(token, expected, door.keys(at=at, anew=True), nonce=nonce, at=at)


def _let_in(database: Database, door: Door, known: Said, *, token: str, csrf_token: str, at: datetime) -> Outcome:
    provider = door.provider
    with database.transaction() as tx:
        user_name = outside.account_of(tx, issuer=provider.issuer, subject=known.subject)
        account = None if user_name is None else accounts.find(tx, user_name)
        if account is None:
            _LOG.warning("a sign-in through %s was refused: no account is bound", provider.name)
            return Outcome("unknown", known.subject)
        why = None
        if account.disabled_at is not None:
            why = "closed"
        elif is_locked(tx, account.user_name, at=at):
            why = "locked"
        elif not known.second_factor and not provider.ask_own_factor:
            why = "no second factor"
        if why is None:
            stage = "purpose" if known.second_factor else "code"
            begin(tx, account, token=token, csrf_token=csrf_token, stage=stage, at=at, provider=provider.name)
    if why is not None:
        remember_refusal(database, account, {"provider": provider.name, "why": why}, at=at)
    return Outcome(why)


def _made(secret: str, use: str) -> str:
    """43 letters; who sees one of the three learns nothing of the others."""
    return urlsafe_b64encode(hmac.digest(secret.encode(), use.encode(), hashlib.sha256)).rstrip(b"=").decode()
