"""Passkeys (WebAuthn Level 3): add, name, remove; one that signs the house's challenge is a second factor, or both."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, cast
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from pumphandle.store.decisions import accounts, audit, passkeys, second_factors
from pumphandle.store.decisions.accounts import Account
from pumphandle.store.decisions.passkeys import Passkey
from pumphandle.store.engine import Database, Transaction
from pumphandle.vocabulary.errors import NotFound, Refused
from pumphandle.vocabulary.people import Actor

ANSWERED_WITHIN: Final = timedelta(minutes=5)
RECENT: Final = timedelta(minutes=10)
"""So fresh a sign-in must be to add or remove a passkey: an unlocked screen must not become a key of one's own."""
MOST: Final = 10
"""Passkeys of one account."""
LONGEST: Final = 32 * 1024
"""Characters of an answer."""


UNTAKEN: Final = "The passkey could not be taken. Please try again."


class NotAnswered(Refused):
    """The answer does not hold; it is never said why."""


@dataclass(frozen=True)
class Place:
    """Where passkeys hold: the console's own address, and its host name, to which browsers tie them."""

    origin: str

    @property
    def host(self) -> str:
        return urlsplit(self.origin).hostname or ""


def to_register(
    database: Database, place: Place, account: str, *, full_name: str, holder: str, chance: bytes, at: datetime
) -> str:
    """What the browser is asked to make one with, as JSON.

    holder : hash of the session's token; chance : 32 random bytes
    """
    with database.transaction() as tx:
        known = passkeys.of_account(tx, account)
        if len(known) >= MOST:
            raise Refused(f"An account has at most {MOST} passkeys. Remove one first.")
        _challenge(tx, chance, holder=holder, kind="register", at=at)
    options = generate_registration_options(
        rp_id=place.host,
        rp_name="Pumphandle",
        user_name=account,
        user_display_name=full_name,
        user_id=sha256(f"pumphandle {account}".encode()).digest(),
        challenge=chance,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in known],
    )
    return options_to_json(options)


def to_answer(
    database: Database, place: Place, account: str | None, *, holder: str, chance: bytes, at: datetime
) -> str:
    """What the browser is asked to sign, as JSON: as a second factor of an account, or without one (alone)."""
    with database.transaction() as tx:
        known = [] if account is None else [one for one in passkeys.of_account(tx, account) if one.stopped_at is None]
        _challenge(tx, chance, holder=holder, kind="alone" if account is None else "second", at=at)
    options = generate_authentication_options(
        rp_id=place.host,
        challenge=chance,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in known],
        user_verification=UserVerificationRequirement.REQUIRED
        if account is None
        else UserVerificationRequirement.PREFERRED,
    )
    return options_to_json(options)


def registered(
    database: Database, place: Place, user_name: str, answer: str, *, name: str, holder: str, at: datetime
) -> Passkey:
    """A new one, checked and not kept yet. Raises NotAnswered; Refused for a name that is none."""
    if not 1 <= len(name) <= 40 or not name.isprintable():
        raise Refused("A passkey has a name of 1 to 40 characters, such as the telephone that it is on.")
    told, challenge = _told(database, answer, holder=holder, kind="register", at=at)
    try:
        made = verify_registration_response(
            credential=told, expected_challenge=challenge, expected_rp_id=place.host, expected_origin=place.origin
        )
    except (WebAuthnException, ValueError, TypeError, KeyError):
        raise NotAnswered(UNTAKEN) from None
    return Passkey(made.credential_id, user_name, name, made.credential_public_key, made.sign_count, at)


def keep(tx: Transaction, made: Passkey, *, by: Actor, at: datetime) -> None:
    """From now on it opens its account. Raises Refused for one that is known already."""
    passkeys.add(tx, made)
    found = second_factors.find(tx, made.user_name)
    if found is not None and found.confirmed_at is None:
        second_factors.remove(tx, made.user_name)  # its secret was shown and not proved: somebody may have kept it
    audit.add(tx, deed="passkey", subject={"step": "added"}, by=by, at=at)


def answered(database: Database, place: Place, answer: str, *, alone: bool, holder: str, at: datetime) -> Account:
    """Whose passkey has signed this house's challenge; its counter goes on.

    alone : the answer is both factors, so that the authenticator must have verified the person (PIN, finger, face)
    Raises NotAnswered. A counter that went back does so too, and stops the passkey: there may be a copy of it.
    """
    told, challenge = _told(database, answer, holder=holder, kind="alone" if alone else "second", at=at)
    with database.transaction() as tx:
        known = passkeys.find(tx, _bytes(str(told.get("rawId", ""))))
        account = None if known is None else accounts.find(tx, known.user_name)
        if known is None or account is None or known.stopped_at is not None:
            raise NotAnswered(UNTAKEN)
        count = _count(told, challenge, known, place, alone=alone)
        goes_on = count > known.sign_count or count == known.sign_count == 0
        if goes_on:
            passkeys.used(tx, known.credential_id, sign_count=count, at=at)
        else:
            passkeys.stop(tx, known.credential_id, at=at)
    if not goes_on:
        by = account.actor
        with database.transaction(authority=by.authority, role=by.role) as tx:
            audit.add(tx, deed="passkey", subject={"step": "stopped"}, by=by, at=at)
        raise NotAnswered(UNTAKEN)
    return account


def _count(told: dict[str, Any], challenge: bytes, known: Passkey, place: Place, *, alone: bool) -> int:
    """What the authenticator's counter says, once its signature holds."""
    try:
        done = verify_authentication_response(
            credential=told,
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            credential_public_key=known.public_key,
            credential_current_sign_count=0,  # compared by us: a copy is more than a wrong answer
            require_user_verification=alone,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError):
        raise NotAnswered(UNTAKEN) from None
    return done.new_sign_count


def listed(database: Database, by: Actor) -> list[Passkey]:
    """One's own."""
    with database.transaction(authority=by.authority, role=by.role) as tx:
        return passkeys.of_account(tx, by.name)


def add(
    database: Database,
    place: Place,
    answer: str,
    *,
    name: str,
    holder: str,
    begun_at: datetime,
    by: Actor,
    at: datetime,
) -> None:
    """Another passkey of one's own. Raises NotAnswered, Refused."""
    check_recent(begun_at, at=at)
    made = registered(database, place, by.name, answer, name=name.strip(), holder=holder, at=at)
    with database.transaction(authority=by.authority, role=by.role) as tx:
        keep(tx, made, by=by, at=at)


def remove(database: Database, credential: str, *, begun_at: datetime, by: Actor, at: datetime) -> None:
    """One's own, named as the page names it. Raises NotFound."""
    check_recent(begun_at, at=at)
    with database.transaction(authority=by.authority, role=by.role) as tx:
        if not passkeys.remove(tx, by.name, _bytes(credential)):
            raise NotFound("There is no such passkey of yours.")
        audit.add(tx, deed="passkey", subject={"step": "removed"}, by=by, at=at)


def check_recent(begun_at: datetime, *, at: datetime) -> None:
    if at - begun_at >= RECENT:
        minutes = int(RECENT.total_seconds()) // 60
        raise Refused(f"Passkeys are added and removed within {minutes} minutes of a sign-in. Sign out, and in again.")


def text_of(credential_id: bytes) -> str:
    return urlsafe_b64encode(credential_id).rstrip(b"=").decode()


def has_any(tx: Transaction, user_name: str) -> bool:
    """Whether one that opens something is known."""
    return any(one.stopped_at is None for one in passkeys.of_account(tx, user_name))


def _challenge(tx: Transaction, chance: bytes, *, holder: str, kind: str, at: datetime) -> None:
    hashed = sha256(chance).hexdigest()
    passkeys.challenge(tx, hashed, holder=holder, kind=kind, expires_at=at + ANSWERED_WITHIN, at=at)


def _told(database: Database, answer: str, *, holder: str, kind: str, at: datetime) -> tuple[dict[str, Any], bytes]:
    """The answer, and the challenge that it claims to answer: one that waited for it; right or wrong, it is spent."""
    try:
        if len(answer) > LONGEST:
            raise ValueError
        told = cast("dict[str, Any]", json.loads(answer))
        client = cast("dict[str, Any]", json.loads(_bytes(str(told["response"]["clientDataJSON"]))))
        challenge = _bytes(str(client["challenge"]))
    except (ValueError, TypeError, KeyError):
        raise NotAnswered(UNTAKEN) from None
    with database.transaction() as tx:
        waited = passkeys.take(tx, sha256(challenge).hexdigest(), holder=holder, kind=kind, at=at)
    if not waited:
        raise NotAnswered(UNTAKEN)
    return told, challenge


def _bytes(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""
