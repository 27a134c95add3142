"""Begin, continue and end a visit to the console: password, second factor, purpose."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from pumphandle.actions import passkeys
from pumphandle.actions.passkeys import Place
from pumphandle.governance import second_factor
from pumphandle.governance.passwords import NOBODY, matches
from pumphandle.governance.roles import PURPOSES
from pumphandle.store.decisions import accounts, audit, second_factors, sessions
from pumphandle.store.decisions.accounts import Account
from pumphandle.store.decisions.passkeys import Passkey
from pumphandle.store.decisions.sessions import Session
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.reference import names
from pumphandle.vocabulary.errors import Refused
from pumphandle.vocabulary.people import Actor, Purpose

IDLE: Final = timedelta(minutes=30)
ABSOLUTE: Final = timedelta(hours=12)
TO_FINISH: Final = timedelta(minutes=10)
"""Between the password and the second factor."""
LOCKED_AFTER: Final = 5
LOCKED_FOR: Final = timedelta(minutes=15)
FIRST: Final = "First passkey"
"""Name of one that was made at the first sign-in."""
_NOTED_EVERY: Final = timedelta(seconds=30)
"""A visit's last request is written down at most this often: pages would otherwise wait for each other's row."""


@dataclass(frozen=True)
class Visit:
    """Somebody who has signed in."""

    actor: Actor
    full_name: str
    authority_name: str | None
    begun_at: datetime
    csrf_token: str = field(repr=False)
    token_hash: str = field(repr=False)
    provider: str | None = None


@dataclass(frozen=True)
class Waiting:
    """Somebody whose password was right, or whose identity another house proved; nothing is shown to them yet.

    needs_code : False if the other house has checked a second factor itself
    provider : name of that house's identity provider
    passkeys : whether a passkey of theirs opens something; then no new secret is shown
    enrolment : the secret to be scanned, for one who has none yet
    """

    actor: Actor
    full_name: str
    purposes: tuple[Purpose, ...]
    needs_code: bool
    enrolment: str | None = field(repr=False)
    csrf_token: str = field(repr=False)
    token_hash: str = field(repr=False)
    provider: str | None = None
    passkeys: bool = False


def sign_in(database: Database, *, user_name: str, password: str, token: str, csrf_token: str, at: datetime) -> bool:
    """Whether a session for `token` was begun; it waits for the second factor.

    1. The attempt is written down as failed, under a lock for the name, before anything is compared.
    2. The password is compared outside any transaction, at the same cost if there is no such account.
    3. A right password takes its own failure back; only a right code ends the count.
    Unknown, wrong, disabled and locked are one answer. Attempts while locked are not counted: else it would never end.
    """
    with database.transaction() as tx:
        account = accounts.find(tx, user_name)
        if account is not None and account.password_hash == NOBODY:
            account = None  # signs in elsewhere only: nobody can lock them out by guessing here
        locked = _attempt(tx, user_name if account else _unknown(user_name), step="password", at=at)
    right = matches(password, account.password_hash if account else NOBODY)
    if account is None:
        return False
    if locked or not right or account.disabled_at is not None:
        _refused(database, account, locked=locked, at=at)
        return False
    with database.transaction() as tx:
        sessions.add_attempt(tx, account.user_name, step="password", succeeded=True, at=at)
        begin(tx, account, token=token, csrf_token=csrf_token, stage="code", at=at)
    return True


def waiting(database: Database, *, token: str, key: bytes, chance: bytes, at: datetime) -> Waiting | None:
    """Who waits between password and code; None if nobody does or it took too long.

    key : the house's second-factor key; chance : 32 random bytes, for one who enrols
    """
    token_hash = hash_token(token)
    with database.transaction() as tx:
        session = sessions.find(tx, token_hash)
        if session is None or session.stage == "open":
            return None
        account = accounts.find(tx, session.user_name)
        if account is None or account.disabled_at is not None or at - session.created_at >= TO_FINISH:
            sessions.remove(tx, token_hash)
            return None
        needs_code = session.stage == "code"
        has_passkey = needs_code and passkeys.has_any(tx, account.user_name)
        secret = None
        if needs_code:
            secret = _enrolment(tx, account.user_name, key=key, chance=chance, at=at, begin=not has_passkey)
    actor = account.actor
    purposes = PURPOSES.get(actor.role, ())
    return Waiting(
        actor,
        account.full_name,
        purposes,
        needs_code,
        secret,
        session.csrf_token,
        token_hash,
        session.provider,
        has_passkey,
    )


def complete(
    database: Database,
    known: Waiting,
    *,
    code: str,
    answer: str,
    place: Place,
    purpose: Purpose,
    key: bytes,
    token: str,
    csrf_token: str,
    at: datetime,
) -> bool:
    """Whether the visit is open now, under a new token; False for a wrong, used or late code, or a locked name.

    code, answer : one of the two: six digits, or what a passkey signed (for one who enrols: a new passkey)
    Raises Refused for a purpose that the role cannot have.
    """
    if purpose not in known.purposes:
        raise Refused(f"The role {known.actor.role} does not open the console for this purpose.")
    name = known.actor.name
    with database.transaction() as tx:
        account = accounts.find(tx, name)
        locked = known.needs_code and _attempt(tx, name, step="code", at=at)
        if account is None:
            return False
    made = None
    proved = not known.needs_code
    if known.needs_code and answer and not locked:
        made, proved = _by_passkey(database, known, answer, place=place, at=at)
    with database.transaction(authority=known.actor.authority, role=known.actor.role) as tx:
        right = not locked and (proved or (not answer and _spend(tx, name, code, key=key, at=at)))
        if right:
            if made is not None:
                passkeys.keep(tx, made, by=known.actor, at=at)
            sessions.remove_ended(tx, at=at)
            sessions.remove(tx, known.token_hash)
            sessions.add_attempt(tx, name, step="code", succeeded=True, at=at)
            begin(
                tx,
                account,
                token=token,
                csrf_token=csrf_token,
                stage="open",
                at=at,
                purpose=purpose,
                provider=known.provider,
            )
            by = Actor(name, known.actor.role, known.actor.authority, purpose)
            audit.add(tx, deed="sign_in", subject=_through(known.provider), by=by, at=at)
    if not right:
        _refused(database, account, locked=locked, at=at)
    return right


def sign_in_alone(
    database: Database, answer: str, *, holder: str, place: Place, token: str, csrf_token: str, at: datetime
) -> bool:
    """Whether a passkey alone began a session that waits for its purpose: it is something held, and something known.

    holder : hash of the form's token
    """
    try:
        account = passkeys.answered(database, place, answer, alone=True, holder=holder, at=at)
    except passkeys.NotAnswered:
        return False
    with database.transaction() as tx:
        locked = is_locked(tx, account.user_name, at=at)
        refused = locked or account.disabled_at is not None
        if not refused:
            begin(tx, account, token=token, csrf_token=csrf_token, stage="purpose", at=at)
    if refused:
        _refused(database, account, locked=locked, at=at)
    return not refused


def visit(database: Database, *, token: str, at: datetime) -> Visit | None:
    """Whose visit this is; None if it ended, was never opened, or the account was closed."""
    token_hash = hash_token(token)
    with database.transaction() as tx:
        session = sessions.find(tx, token_hash)
        if session is None or session.stage != "open":
            return None
        account = accounts.find(tx, session.user_name)
        idle = at - session.last_seen_at
        if account is None or account.disabled_at is not None or idle >= IDLE or at >= session.expires_at:
            sessions.remove(tx, token_hash)
            return None
        if idle >= _NOTED_EVERY:
            sessions.seen(tx, token_hash, at=at)
        named = names.of_areas(tx, [account.authority]) if account.authority else {}
    known = account.actor
    return Visit(
        actor=Actor(known.name, known.role, known.authority, Purpose(str(session.purpose))),
        full_name=account.full_name,
        authority_name=named.get(account.authority, account.authority) if account.authority else None,
        begun_at=session.created_at,
        csrf_token=session.csrf_token,
        token_hash=token_hash,
        provider=session.provider,
    )


def sign_out(database: Database, ended: Visit, *, at: datetime) -> None:
    """The visit is over on the server too."""
    with database.transaction(authority=ended.actor.authority, role=ended.actor.role) as tx:
        sessions.remove(tx, ended.token_hash)
        audit.add(tx, deed="sign_out", subject={}, by=ended.actor, at=at)


def hash_token(token: str) -> str:
    """What is kept of a session's token: a stolen table opens no session."""
    return sha256(token.encode()).hexdigest()


def _attempt(tx: Transaction, name: str, *, step: str, at: datetime) -> bool:
    """Whether the name is locked; if not, the attempt is written as failed, whatever comes of it."""
    sessions.wait_for_turn(tx, name)
    locked = is_locked(tx, name, at=at)
    if not locked:
        sessions.add_attempt(tx, name, step=step, succeeded=False, at=at)
    return locked


def _by_passkey(
    database: Database, known: Waiting, answer: str, *, place: Place, at: datetime
) -> tuple[Passkey | None, bool]:
    """A new passkey of one who enrols, or None; and whether the answer holds and is this account's."""
    name, holder = known.actor.name, known.token_hash
    try:
        if known.enrolment is not None:
            made = passkeys.registered(database, place, name, answer, name=FIRST, holder=holder, at=at)
            return made, True
        account = passkeys.answered(database, place, answer, alone=False, holder=holder, at=at)
    except passkeys.NotAnswered:
        return None, False
    return None, account.user_name == name


def _spend(tx: Transaction, name: str, code: str, *, key: bytes, at: datetime) -> bool:
    """Whether the code is right; a secret that nobody has proved proves nothing beside a passkey."""
    found = second_factors.find(tx, name)
    if found is None or (found.confirmed_at is None and passkeys.has_any(tx, name)):
        return False
    secret = second_factor.opened(found.sealed_secret, key=key, user_name=name)
    step = second_factor.step_of(secret, code, at=at, after=found.last_step)
    if step is not None:
        second_factors.used(tx, name, step=step, at=at)
    return step is not None


def _enrolment(tx: Transaction, name: str, *, key: bytes, chance: bytes, at: datetime, begin: bool) -> str | None:
    """The secret that is still to be proved, the same at each look; None for one who has proved theirs.

    begin : False for one who has a passkey: a password alone must not add a second second factor
    """
    if not begin:
        return None
    found = second_factors.find(tx, name)
    if found is not None:
        opened = second_factor.opened(found.sealed_secret, key=key, user_name=name)
        return opened if found.confirmed_at is None else None
    secret = second_factor.new_secret(chance)
    kept = second_factor.sealed(secret, key=key, chance=chance[20:], user_name=name)
    second_factors.offer(tx, name, kept, at=at)
    return secret


def begin(
    tx: Transaction,
    account: Account,
    *,
    token: str,
    csrf_token: str,
    stage: str,
    at: datetime,
    purpose: Purpose | None = None,
    provider: str | None = None,
) -> None:
    """A session, at this stage; the token's hash alone is kept."""
    begun = Session(
        token_hash=hash_token(token),
        user_name=account.user_name,
        csrf_token=csrf_token,
        created_at=at,
        last_seen_at=at,
        expires_at=at + (ABSOLUTE if stage == "open" else TO_FINISH),
        stage=stage,
        purpose=purpose,
        provider=provider,
    )
    sessions.add(tx, begun)


def _refused(database: Database, account: Account, *, locked: bool, at: datetime) -> None:
    remember_refusal(database, account, {"locked": locked}, at=at)


def remember_refusal(database: Database, account: Account, why: dict[str, object], *, at: datetime) -> None:
    by = account.actor
    with database.transaction(authority=by.authority, role=by.role) as tx:
        audit.add(tx, deed="sign_in_refused", subject=why, by=by, at=at)


def is_locked(tx: Transaction, name: str, *, at: datetime) -> bool:
    """Whether five attempts failed of late; not an attempt itself."""
    return sessions.failures_since(tx, name, since=at - LOCKED_FOR) >= LOCKED_AFTER


def _through(provider: str | None) -> dict[str, object]:
    return {} if provider is None else {"provider": provider}


def _unknown(user_name: str) -> str:
    """Counted like any other name, but not kept: people type passwords into the wrong field."""
    return "unknown:" + sha256(user_name.encode()).hexdigest()[:32]
